import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Finding } from "@aws-sdk/client-guardduty";

/** Whether it still waits for somebody. */
export function State({ finding }: { finding: Finding }) {
  return finding.Service?.Archived === true ? <StatusIndicator type="stopped">Archived</StatusIndicator> : <StatusIndicator type="warning">Current</StatusIndicator>;
}
