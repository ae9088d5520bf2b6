import Box from "@cloudscape-design/components/box";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { LIVE, type Found } from "../logic/hunts";
import { severityName } from "../logic/severity";
import { Text } from "../shared/Text";

/** How a finding of a hunt stands in its detector, and in what it differs there. */
export function Standing({ found: { live, count, severity } }: { found: Found }) {
  const { text, type } = Object.hasOwn(LIVE, live.state) ? LIVE[live.state] : { text: live.state, type: "info" as const };
  const differs = [
    typeof live.severity === "number" && live.severity !== severity && `${severityName(live.severity)} ${live.severity}`,
    typeof live.count === "number" && live.count !== count && `${live.count.toLocaleString("en")} times`,
  ].filter(Boolean);
  return (
    <>
      <StatusIndicator type={type}><Text plain>{text}</Text></StatusIndicator>
      {differs.length > 0 && <Box variant="small" display="block">{differs.join(", ")} there</Box>}
    </>
  );
}
