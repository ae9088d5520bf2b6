import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Table from "@cloudscape-design/components/table";
import type { Finding } from "@aws-sdk/client-guardduty";
import { useDetector } from "../app/region";
import { follow, href } from "../app/router";
import { findingsPage } from "../api/findings";
import { useQuery } from "../api/useQuery";
import { PLAIN, toSearch } from "../logic/view";
import { remotes } from "../logic/actor";
import { toCriteria } from "../logic/criteria";
import type { Token } from "../logic/token";
import { resourceOf } from "../logic/resource";
import { Loaded } from "../shared/Loaded";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";

/** So many are shown; a link leads to the others. */
const MOST = 8;

/** Other findings about the same resource, and from the same address. */
export function Related({ finding }: { finding: Finding }) {
  const place = useDetector();
  const { id, path } = resourceOf(finding);
  const [remote] = remotes(finding);
  const address = remote?.ip.IpAddressV4;
  const questions: [string, Token][] = [];
  if (path) questions.push([`the resource ${id}`, { path, operator: "=", value: id }]);
  if (remote && address) questions.push([`the address ${address}`, { path: remote.path, operator: "=", value: address }]);
  const query = useQuery(`related/${finding.Id}`, async (signal) => {
    const pages = await Promise.all(
      questions.map(([, token]) =>
        findingsPage(place, { criteria: toCriteria([token]), sort: "service.eventLastSeen", descending: true }, undefined, signal),
      ),
    );
    const seen = new Set([finding.Id]);
    return pages.flatMap((page) => page.findings).filter((one) => !seen.has(one.Id) && seen.add(one.Id));
  });
  return (
    <Container header={<Header variant="h2" description="Of the same resource, or from the same address">Related findings</Header>}>
      <Loaded query={query} what="related findings">
        {(all) =>
          all.length === 0 ? (
            <Box>There are no others.</Box>
          ) : (
            <Table
              variant="embedded"
              wrapLines
              items={all.slice(0, MOST)}
              ariaLabels={{ tableLabel: "Related findings" }}
              columnDefinitions={[
                { id: "severity", header: "Severity", cell: (one) => <Severity value={one.Severity} /> },
                {
                  id: "type",
                  header: "Finding",
                  isRowHeader: true,
                  cell: (one) => (
                    <Link href={href(["findings", one.Id ?? ""], `?in=${place.region}`)} onFollow={follow}><Text plain brief>{one.Title ?? one.Type}</Text></Link>
                  ),
                },
                { id: "last", header: "Last seen", cell: (one) => <Time at={one.Service?.EventLastSeen} /> },
              ]}
              footer={questions.map(([name, token]) => (
                <div key={name}>
                  <Link href={href(["findings"], toSearch({ ...PLAIN, tab: "all", tokens: [token] }, place.region))} onFollow={follow}>
                    All findings of <Text brief>{name}</Text>
                  </Link>
                </div>
              ))}
            />
          )
        }
      </Loaded>
    </Container>
  );
}
