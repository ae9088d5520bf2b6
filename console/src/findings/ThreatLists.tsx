import Box from "@cloudscape-design/components/box";
import type { Finding } from "@aws-sdk/client-guardduty";
import { Text } from "../shared/Text";

/** The lists that named what was seen. */
export function ThreatLists({ finding }: { finding: Finding }) {
  const lists = finding.Service?.Evidence?.ThreatIntelligenceDetails ?? [];
  if (lists.length === 0) return null;
  return (
    <Box>
      Threat lists:{" "}
      {lists.map(({ ThreatListName, ThreatNames = [] }, n) => (
        <span key={n}>
          {n > 0 && ", "}
          <Text>{ThreatListName}</Text>
          {ThreatNames.length > 0 && <> (<Text>{ThreatNames.join(", ")}</Text>)</>}
        </span>
      ))}
    </Box>
  );
}
