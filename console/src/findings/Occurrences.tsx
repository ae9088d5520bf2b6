import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Finding } from "@aws-sdk/client-guardduty";
import { often } from "../logic/sentence";
import { parse, span, utc } from "../logic/time";
import { Time } from "../shared/Time";

interface Props {
  finding: Finding;
  /** Whether a detector has it. */
  stored: boolean;
}

/** When it happened: from the first to the last, and when the store was told. The API keeps no moment between them. */
export function Occurrences({ finding, stored }: Props) {
  const service = finding.Service;
  const [first, last] = [parse(service?.EventFirstSeen), parse(service?.EventLastSeen)];
  const count = service?.Count ?? 1;
  return (
    <Container header={<Header variant="h2">When it happened</Header>}>
      <SpaceBetween size="s">
        {first && last && last > first && (
          <>
            <Box>
              {often(count)}
              {` within ${span(first, last)}.`}
            </Box>
            <svg className="timeline" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label={`From ${utc(first)} to ${utc(last)}`}>
              <line x1="2" y1="6" x2="98" y2="6" vectorEffect="non-scaling-stroke" />
              <rect x="1.6" y="2" width="0.8" height="8" fill="currentcolor" />
              <rect x="97.600" y="2" width="0.8" height="8" fill="currentcolor" />
            </svg>
          </>
        )}
        <KeyValuePairs
          columns={4}
          items={[
            { label: "First seen", value: <Time at={service?.EventFirstSeen} relative /> },
            { label: "Last seen", value: <Time at={service?.EventLastSeen} relative /> },
            ...(stored
              ? [
                  { label: "Came into the store", value: <Time at={finding.CreatedAt} /> },
                  { label: "Updated", value: <Time at={finding.UpdatedAt} /> },
                ]
              : []),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}
