import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "../api/useQuery";
import { Loaded } from "../shared/Loaded";

/** The sentences of a text, each a step. */
function steps(text: string): string[] {
  return text.split(/(?<=[.?!])\s+(?=[A-Z])/);
}

/** What to do, and what raises the type here: from the catalogue that the detectors are built from. */
export function Remediation({ type }: { type: string }) {
  const query = useQuery("catalogue", async () => (await import("virtual:catalogue")).default);
  return (
    <Container header={<Header variant="h2">What to do</Header>}>
      <Loaded query={query} what="the remediation">
        {(types) => {
          const info = Object.hasOwn(types, type) ? types[type] : undefined;
          if (!info) return <Box>Picquet has no advice for this finding type.</Box>;
          return (
            <SpaceBetween size="m">
              <ol>{steps(info.remediation).map((step) => <li key={step}>{step}</li>)}</ol>
              <Box>
                <Box variant="awsui-key-label">What raises it here</Box>
                {info.trigger}
              </Box>
              {info.attack && info.attack.length > 0 && (
                <Box><Box variant="awsui-key-label">MITRE ATT&amp;CK</Box>{info.attack.join(", ")}</Box>
              )}
            </SpaceBetween>
          );
        }}
      </Loaded>
    </Container>
  );
}
