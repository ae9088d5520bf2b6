import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useScope } from "../app/region";
import { follow, href } from "../app/router";
import { statusOf } from "../api/status";
import { useQuery } from "../api/useQuery";
import { query as words } from "../logic/words";
import { health } from "../logic/sources";
import { visible } from "../logic/visible";

/** How the sources are, in a line; the rest of the page does not wait for it. */
export function SourceHealth() {
  const { client, region } = useScope();
  const query = useQuery("status", async (signal) => ({ told: await statusOf(client, signal) }));
  const sign = query.data && health(query.data.told);
  return (
    <div>
      {sign ? (
        <StatusIndicator type={sign.type} colorOverride={sign.type === "info" ? "grey" : undefined}>{visible(sign.text)}</StatusIndicator>
      ) : query.problem ? (
        <StatusIndicator type="warning">How the sources are is not known: {visible(query.problem.message)}</StatusIndicator>
      ) : (
        <StatusIndicator type="loading">Asking how the sources are</StatusIndicator>
      )}{" "}
      <Link variant="secondary" href={href(["coverage"], words([`in=${region}`]))} onFollow={follow}>Sources and coverage</Link>
    </div>
  );
}
