import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Finding } from "@aws-sdk/client-guardduty";
import type { ReactNode } from "react";
import { useScope } from "../app/region";
import { sentence } from "../logic/sentence";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { TypeName } from "../shared/TypeName";
import { Actor } from "./Actor";
import { Occurrences } from "./Occurrences";
import { Raw } from "./Raw";
import { Related } from "./Related";
import { Remediation } from "./Remediation";
import { ResourceDetails } from "./ResourceDetails";
import { State } from "./State";
import { Why } from "./Why";

const FEEDBACK: Record<string, string> = { USEFUL: "Useful", NOT_USEFUL: "Not useful" };

interface Props {
  finding: Finding;
  /** How it stands in a detector, for one that is of none. */
  standing?: ReactNode;
}

/** What a finding says, from what happened to the raw document. */
export function FindingView({ finding, standing }: Props) {
  const { detectorId } = useScope();
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">What happened</Header>}>
        <SpaceBetween size="m">
          <Box fontSize="heading-m"><Text plain>{sentence(finding)}</Text></Box>
          <Box><Text plain>{finding.Description}</Text></Box>
          <KeyValuePairs
            columns={4}
            items={[
              { label: "Severity", value: <><Severity value={finding.Severity} /> {finding.Severity}</> },
              { label: "Finding type", value: <TypeName type={finding.Type ?? ""} /> },
              standing ? { label: "In the detector", value: standing } : { label: "State", value: <State finding={finding} /> },
              { label: "Account and region", value: `${finding.AccountId} ${finding.Region}` },
              { label: "Finding id", value: <Text>{finding.Id}</Text> },
              ...(standing ? [] : [{ label: "Feedback", value: FEEDBACK[finding.Service?.UserFeedback ?? ""] ?? "None" }]),
            ]}
          />
        </SpaceBetween>
      </Container>
      <Why finding={finding} />
      <Occurrences finding={finding} stored={!standing} />
      <ColumnLayout columns={2} minColumnWidth={320}>
        <Actor finding={finding} />
        <ResourceDetails finding={finding} />
      </ColumnLayout>
      <Remediation type={finding.Type ?? ""} />
      {detectorId && <Related finding={finding} />}
      <ExpandableSection variant="container" headerText="Raw JSON"><Raw value={finding} /></ExpandableSection>
    </SpaceBetween>
  );
}
