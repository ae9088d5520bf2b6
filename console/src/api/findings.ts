// Findings by the page, and what is done to them.
import {
  ArchiveFindingsCommand,
  GetFindingsCommand,
  GetFindingsStatisticsCommand,
  ListFindingsCommand,
  UnarchiveFindingsCommand,
  type Finding,
  type FindingCriteria,
  type GroupByType,
  type GuardDutyClient,
} from "@aws-sdk/client-guardduty";

/** GetFindings takes as many (GuardDuty API reference). */
export const PAGE = 50;

interface Place {
  client: GuardDutyClient;
  detectorId: string;
}

export interface Asked {
  criteria: FindingCriteria;
  sort: string;
  descending: boolean;
}

export interface FindingsPage {
  findings: Finding[];
  next?: string;
}

/** Findings in the order of their ids: the API does not promise it. */
async function get({ client, detectorId }: Place, ids: string[], signal?: AbortSignal): Promise<Finding[]> {
  if (ids.length === 0) return [];
  const command = new GetFindingsCommand({ DetectorId: detectorId, FindingIds: ids });
  const { Findings = [] } = await client.send(command, { abortSignal: signal });
  const byId = new Map(Findings.map((finding) => [finding.Id, finding]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export async function findingsPage(place: Place, asked: Asked, token?: string, signal?: AbortSignal, most = PAGE): Promise<FindingsPage> {
  const { FindingIds = [], NextToken } = await place.client.send(
    new ListFindingsCommand({
      DetectorId: place.detectorId,
      FindingCriteria: asked.criteria,
      SortCriteria: { AttributeName: asked.sort, OrderBy: asked.descending ? "DESC" : "ASC" },
      MaxResults: most,
      NextToken: token,
    }),
    { abortSignal: signal },
  );
  return { findings: await get(place, FindingIds, signal), next: NextToken || undefined };
}

export async function finding(place: Place, id: string, signal?: AbortSignal): Promise<Finding | undefined> {
  return (await get(place, [id], signal))[0];
}

export async function setArchived({ client, detectorId }: Place, ids: string[], archived: boolean): Promise<void> {
  const input = (some: string[]) => ({ DetectorId: detectorId, FindingIds: some });
  for (let at = 0; at < ids.length; at += PAGE) {
    const some = input(ids.slice(at, at + PAGE));
    if (archived) await client.send(new ArchiveFindingsCommand(some));
    else await client.send(new UnarchiveFindingsCommand(some));
  }
}

/** How many findings there are of each severity: GuardDuty's own number for each. */
export async function bySeverity(place: Place, criteria: FindingCriteria, signal?: AbortSignal) {
  const all = await statistics(place, criteria, "SEVERITY", {}, signal);
  return all.GroupedBySeverity ?? [];
}

export async function statistics(
  { client, detectorId }: Place,
  criteria: FindingCriteria,
  by: GroupByType,
  more: { OrderBy?: "ASC" | "DESC"; MaxResults?: number } = {},
  signal?: AbortSignal,
) {
  const command = new GetFindingsStatisticsCommand({ DetectorId: detectorId, FindingCriteria: criteria, GroupBy: by, ...more });
  return (await client.send(command, { abortSignal: signal })).FindingStatistics ?? {};
}

export function total(groups: readonly { TotalFindings?: number }[]): number {
  return groups.reduce((sum, group) => sum + (group.TotalFindings ?? 0), 0);
}
