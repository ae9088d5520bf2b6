import Link from "@cloudscape-design/components/link";
import Table from "@cloudscape-design/components/table";
import type { FindingCriteria, GroupByType } from "@aws-sdk/client-guardduty";
import { useScope } from "../app/region";
import { follow, href } from "../app/router";
import { MOST_GROUPS, statisticsOf } from "../api/places";
import { useQuery } from "../api/useQuery";
import { toSearch, type View } from "../logic/view";
import type { Token } from "../logic/token";
import { resourceKind, pathOf } from "../logic/resource";
import { Faults } from "../shared/Faults";
import { Loaded } from "../shared/Loaded";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";

interface Row {
  name: string;
  kind?: string;
  count: number;
  last?: Date;
  /** The filter that shows its findings. */
  token?: Token;
}

const BY: Record<NonNullable<View["group"]>, GroupByType> = {
  type: "FINDING_TYPE",
  resource: "RESOURCE",
  account: "ACCOUNT",
  severity: "SEVERITY",
};

const equals = (path: string | undefined, value: string): Token | undefined =>
  path && value ? { path, operator: "=", value } : undefined;

/** Findings of a filter, counted by what they have in common. */
export function Groups({ view, criteria }: { view: View & { group: NonNullable<View["group"]> }; criteria: FindingCriteria }) {
  const { places, region } = useScope();
  const by = view.group;
  const query = useQuery(`groups/${by}/${JSON.stringify(criteria)}`, async (signal) => {
    const { found, faults } = await statisticsOf(places, criteria, BY[by], { OrderBy: "DESC", MaxResults: MOST_GROUPS }, signal);
    const rows: Row[] = [
      ...(found.GroupedByFindingType ?? []).map((g) => row(g.FindingType, g, equals("type", g.FindingType ?? ""))),
      ...(found.GroupedByAccount ?? []).map((g) => row(g.AccountId, g, equals("accountId", g.AccountId ?? ""))),
      ...(found.GroupedBySeverity ?? []).map((g) => row(String(g.Severity), g, equals("severity", String(g.Severity)))),
      ...(found.GroupedByResource ?? []).map((g) => ({
        ...row(g.ResourceId, g, equals(pathOf(g.ResourceType ?? ""), g.ResourceId ?? "")),
        kind: resourceKind(g.ResourceType),
      })),
    ];
    return { rows, faults };
  });
  const to = (token: Token) => href(["findings"], toSearch({ ...view, group: undefined, tokens: [...view.tokens, token] }, region));
  return (
    <Loaded query={query} what="the groups">
      {({ rows, faults }) => (
        <>
          <Faults faults={faults} />
          <Table
            items={rows}
            loading={query.loading}
            variant="borderless"
            ariaLabels={{ tableLabel: `Findings by ${by}` }}
            empty="No finding meets the filter."
            footer={rows.length >= MOST_GROUPS ? `The ${MOST_GROUPS} largest groups are shown.` : undefined}
            columnDefinitions={[
              {
                id: "name",
                header: by === "type" ? "Finding type" : by[0]?.toUpperCase() + by.slice(1),
                isRowHeader: true,
                cell: ({ name, token }) =>
                  token ? <Link href={to(token)} onFollow={follow}><Text brief>{name || "(none)"}</Text></Link> : <Text brief>{name || "(none)"}</Text>,
              },
              ...(by === "resource" ? [{ id: "kind", header: "Resource type", cell: ({ kind }: Row) => kind ?? "" }] : []),
              { id: "count", header: "Findings", cell: ({ count }) => count.toLocaleString("en") },
              { id: "last", header: "Last updated", cell: ({ last }) => <Time at={last} /> },
            ]}
          />
        </>
      )}
    </Loaded>
  );
}

function row(name: string | undefined, group: { TotalFindings?: number; LastGeneratedAt?: Date }, token?: Token): Row {
  return { name: name ?? "", count: group.TotalFindings ?? 0, last: group.LastGeneratedAt, token };
}
