import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import type { Finding } from "@aws-sdk/client-guardduty";
import { comparisons, explanationOf } from "../logic/explanation";
import { Text } from "../shared/Text";
import { Compared } from "./Compared";
import { ThreatLists } from "./ThreatLists";

/** Why it is unusual: the reason, what was observed, and what it was held against. */
export function Why({ finding }: { finding: Finding }) {
  const explanation = explanationOf(finding);
  return (
    <Container header={<Header variant="h2" description={explanation && <>Detector <Text>{explanation.detector}</Text></>}>Why it was raised</Header>}>
      <SpaceBetween size="m">
        {explanation ? (
          <Box><Text plain>{explanation.why}</Text></Box>
        ) : (
          <Box>The finding carries no explanation: it is a sample, or it was not found by Picquet.</Box>
        )}
        <ThreatLists finding={finding} />
        {explanation && comparisons(explanation).length > 0 && <Compared comparisons={comparisons(explanation)} />}
        {explanation && explanation.observations.length > 0 && (
          <Table
            variant="embedded"
            items={explanation.observations}
            ariaLabels={{ tableLabel: "Observations" }}
            wrapLines
            columnDefinitions={[
              { id: "name", header: "What", cell: ({ name }) => <Text plain>{name}</Text>, isRowHeader: true },
              { id: "observed", header: "Observed", cell: ({ observed }) => <Text>{observed}</Text> },
              { id: "against", header: "Held against", cell: ({ against }) => (against ? <Text>{against}</Text> : "-") },
            ]}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}
