import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ALL, useScope } from "../app/region";
import { href } from "../app/router";
import { total } from "../api/findings";
import { MOST_GROUPS, statisticsOf, type Fault } from "../api/places";
import { worstOf } from "../api/worst";
import { useQuery } from "../api/useQuery";
import { resourceKind, pathOf } from "../logic/resource";
import { CURRENT, type Token } from "../logic/token";
import { PLAIN, toSearch } from "../logic/view";
import { Faults } from "../shared/Faults";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Tally } from "../shared/Tally";
import { Time } from "../shared/Time";
import { LookFirst } from "./LookFirst";
import { PerDayChart } from "./PerDayChart";
import { SeverityCounts } from "./SeverityCounts";
import { SourceHealth } from "./SourceHealth";

const TOP = 6;

/** Where things stand. All counts are of current findings, kept by the server as they come. */
export default function Summary() {
  const { places, region } = useScope();
  const query = useQuery("summary", async (signal) => {
    const missing = new Map<string, Fault>();
    const note = (faults: readonly Fault[]) => faults.forEach((fault) => missing.set(fault.region, fault));
    const ask = async (by: "SEVERITY" | "DATE" | "FINDING_TYPE" | "RESOURCE" | "ACCOUNT", more: object = {}) => {
      const { found, faults } = await statisticsOf(places, CURRENT, by, more, signal);
      note(faults);
      return found;
    };
    const worst = worstOf(places, CURRENT, signal).then((found) => {
      note(found.faults);
      return found.findings;
    });
    const [findings, severities, days, top, least, resources, accounts] = await Promise.all([
      worst,
      ask("SEVERITY").then((s) => s.GroupedBySeverity ?? []),
      ask("DATE", { OrderBy: "DESC", MaxResults: MOST_GROUPS }).then((s) => s.GroupedByDate ?? []),
      ask("FINDING_TYPE", { OrderBy: "DESC", MaxResults: TOP }).then((s) => s.GroupedByFindingType ?? []),
      ask("FINDING_TYPE", { OrderBy: "ASC", MaxResults: 2 * TOP }).then((s) => s.GroupedByFindingType ?? []),
      ask("RESOURCE", { OrderBy: "DESC", MaxResults: TOP }).then((s) => s.GroupedByResource ?? []),
      ask("ACCOUNT", { OrderBy: "DESC", MaxResults: TOP }).then((s) => s.GroupedByAccount ?? []),
    ]);
    // Of few types the least seen would be the most seen once more.
    const others = least.filter((g) => !top.some((one) => one.FindingType === g.FindingType)).slice(0, TOP);
    return { findings, faults: [...missing.values()], severities, days, top, least: others, resources, accounts };
  });
  const filtered = (...tokens: Token[]) => href(["findings"], toSearch({ ...PLAIN, tokens }, region));
  const equals = (path: string | undefined, value: string | undefined) =>
    path && value ? filtered({ path, operator: "=", value }) : undefined;
  return (
    <PageLayout
      title="Summary"
      description={region === ALL ? `Current findings of ${places.length} regions` : `Current findings of ${region}`}
      actions={<Button iconName="refresh" ariaLabel="Load again" loading={query.loading} onClick={query.reload} />}
    >
      <Loaded query={query} what="the summary">
        {({ findings, faults, severities, days, top, least, resources, accounts }) => (
          <SpaceBetween size="l">
            <Faults faults={faults} />
            <SourceHealth />
            <SeverityCounts groups={severities} />
            {total(severities) > 0 && <LookFirst findings={findings} />}
            {total(severities) === 0 && (
              <Box>
                <strong>No current findings.</strong> Nothing has been found, all of it is archived, or no logs were read yet:{" "}
                <code>picquet scan LOGS --data-dir FOLDER</code> reads them.
              </Box>
            )}
            <PerDayChart groups={days} cut={days.length >= MOST_GROUPS} />
            <ColumnLayout columns={2} minColumnWidth={300}>
              <Tally title="Top finding types" empty="None." rows={top.map((g) => ({ name: g.FindingType ?? "", count: g.TotalFindings ?? 0, to: equals("type", g.FindingType) }))} />
              <Tally title="Least-seen finding types" empty="There are no others." rows={least.map((g) => ({ name: g.FindingType ?? "", count: g.TotalFindings ?? 0, to: equals("type", g.FindingType) }))} />
              <Tally
                title="Top resources"
                empty="None."
                rows={resources.map((g) => ({
                  name: g.ResourceId || "(no name)",
                  note: `${resourceKind(g.ResourceType)} of account ${g.AccountId ?? ""}`,
                  count: g.TotalFindings ?? 0,
                  to: equals(pathOf(g.ResourceType ?? ""), g.ResourceId),
                }))}
              />
              <Tally title="Top accounts" empty="None." rows={accounts.map((g) => ({ name: g.AccountId ?? "", count: g.TotalFindings ?? 0, to: equals("accountId", g.AccountId) }))} />
            </ColumnLayout>
            <Box variant="small">
              Latest update: <Time at={accounts.map((g) => g.LastGeneratedAt).sort((a, b) => Number(b) - Number(a))[0]} />.
            </Box>
          </SpaceBetween>
        )}
      </Loaded>
    </PageLayout>
  );
}
