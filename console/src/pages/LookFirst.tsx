import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import type { Finding } from "@aws-sdk/client-guardduty";
import { useScope } from "../app/region";
import { follow, href } from "../app/router";
import { PLAIN, toSearch } from "../logic/view";
import { resourceKind } from "../logic/resource";
import { shortened, visible } from "../logic/visible";
import { troubles, type Trouble } from "../logic/worst";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";

/** So many resources, and so many findings of each. */
const RESOURCES = 3;
const FINDINGS = 3;
/** Longer names of resources are cut. */
const LONGEST = 60;

/** The worst of what is current, in sentences, by resource. */
export function LookFirst({ findings }: { findings: readonly Finding[] }) {
  return (
    <Container header={<Header variant="h2" description="The resources with the most severe findings, the worst first">Look at this first</Header>}>
      {findings.length === 0 && <Box>Among the most severe findings there are only samples.</Box>}
      <ol className="first">
        {troubles(findings).slice(0, RESOURCES).map((trouble) => <Of key={trouble.findings[0]?.Id} trouble={trouble} />)}
      </ol>
    </Container>
  );
}

function Of({ trouble: { resource, account, region, severity, findings } }: { trouble: Trouble }) {
  const { region: scope } = useScope();
  const filter = resource.path ? toSearch({ ...PLAIN, sort: "severity", tokens: [{ path: resource.path, operator: "=", value: resource.id }] }, scope) : undefined;
  const last = findings.map((one) => one.Service?.EventLastSeen ?? "").reduce((a, b) => (a > b ? a : b), "");
  return (
    <li>
      <div>
        <Severity value={severity} /> <strong><Text plain brief>{resource.id || "No resource is named"}</Text></strong>{" "}
        <Box variant="small">{visible(resourceKind(resource.kind))} of account {account} in {region}, last <Time at={last} relative /></Box>
      </div>
      <ul>
        {findings.slice(0, FINDINGS).map((finding) => (
          <li key={finding.Id}>
            <Link href={href(["findings", finding.Id ?? ""], `?in=${scope === "all" ? region : scope}`)} onFollow={follow}>
              <Text plain>{finding.Title ?? finding.Type}</Text>
            </Link>
          </li>
        ))}
        {filter && (
          <li><Link variant="secondary" href={href(["findings"], filter)} onFollow={follow}>All findings of {shortened(visible(resource.id), LONGEST)}</Link></li>
        )}
      </ul>
    </li>
  );
}
