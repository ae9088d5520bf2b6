import { GetInvestigationCommand } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useDetector } from "../app/region";
import { go, href } from "../app/router";
import { useQuery } from "../api/useQuery";
import { stateName } from "../logic/sentences";
import { Raw } from "../findings/Raw";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { Timed } from "../shared/Timed";

export function InvestigationView({ id }: { id: string }) {
  const { client, detectorId, region } = useDetector();
  const query = useQuery(id, (signal) =>
    client.send(new GetInvestigationCommand({ DetectorId: detectorId, InvestigationId: id, SummaryFormat: "STRUCTURED" }), { abortSignal: signal }),
  );
  return (
    <PageLayout title="Investigation" actions={<Button onClick={() => go(href(["investigations"], `?in=${region}`))}>All investigations</Button>}>
      <Loaded query={query} what="the investigation">
        {({ Investigation: one }) => (
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">What it says</Header>}>
              <SpaceBetween size="m">
                <KeyValuePairs
                  columns={4}
                  items={[
                    { label: "Status", value: stateName(one?.Status) || "-" },
                    { label: "Risk", value: stateName(one?.RiskLevel) || "-" },
                    { label: "Confidence", value: stateName(one?.Confidence) || "-" },
                    { label: "Asked", value: <Text plain>{one?.TriggerPrompt}</Text> },
                  ]}
                />
                {one?.Risk && <Box><Text plain>{one.Risk}</Text></Box>}
                {one?.Summary && <pre className="raw" tabIndex={0} aria-label="Summary"><Text plain>{one.Summary}</Text></pre>}
              </SpaceBetween>
            </Container>
            {(one?.SummaryData?.ThreatAssessment?.AttackProgression ?? []).length > 0 && (
              <Container header={<Header variant="h2">How it went on</Header>}>
                <ol>
                  {one?.SummaryData?.ThreatAssessment?.AttackProgression?.map((phase, n) => (
                    <li key={n}><strong>{phase.Phase}</strong>: <Timed>{phase.Description}</Timed></li>
                  ))}
                </ol>
              </Container>
            )}
            {(one?.SummaryData?.Countermeasures ?? []).length > 0 && (
              <Container header={<Header variant="h2">What to do</Header>}>
                <ul>
                  {one?.SummaryData?.Countermeasures?.flatMap((measure) => measure.Actions ?? []).map((action, n) => (
                    <li key={n}><strong><Text plain>{action.Title}</Text></strong> <Text plain>{action.Description}</Text></li>
                  ))}
                </ul>
              </Container>
            )}
            <ExpandableSection variant="container" headerText="Raw JSON"><Raw value={one} /></ExpandableSection>
          </SpaceBetween>
        )}
      </Loaded>
    </PageLayout>
  );
}
