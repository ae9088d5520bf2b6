// Several regions as one: each is asked with its own client, since a signature names the region.
import type { Finding, FindingCriteria, FindingStatistics, GroupByType, GuardDutyClient } from "@aws-sdk/client-guardduty";
import { compare, first, mergeGroups, ordered, valueAt } from "../logic/merge";
import { findingsPage, PAGE, statistics, type Asked } from "./findings";
import { problem, type Problem } from "./problem";

export interface Place {
  region: string;
  client: GuardDutyClient;
  detectorId: string;
}

/** A region that did not answer. */
export interface Fault {
  region: string;
  problem: Problem;
}

/** Asks every region. Some may fail and are told; when all do, or the session is over, the first failure is thrown. */
export async function everywhere<T>(places: readonly Place[], ask: (place: Place) => Promise<T>): Promise<{ answers: T[]; faults: Fault[] }> {
  const all = await Promise.allSettled(places.map(ask));
  const failed = all.flatMap((one, n) => (one.status === "rejected" ? [{ region: places[n]?.region ?? "", reason: one.reason as unknown }] : []));
  const faults = failed.map(({ region, reason }) => ({ region, problem: problem(reason) }));
  const over = faults.findIndex((fault) => fault.problem.kind === "signed-out");
  if (over >= 0) throw failed[over]?.reason;
  if (failed.length === all.length && failed[0]) throw failed[0].reason;
  return { answers: all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])), faults };
}

/** The API gives so many groups at most. */
export const MOST_GROUPS = 100;

type More = { OrderBy?: "ASC" | "DESC"; MaxResults?: number };

/** Statistics of all places, summed. Of several regions all groups are asked for, since the first of each need not be the first of all. */
export async function statisticsOf(places: readonly Place[], criteria: FindingCriteria, by: GroupByType, more: More = {}, signal?: AbortSignal) {
  const [only] = places;
  if (only && places.length === 1) return { found: await statistics(only, criteria, by, more, signal), faults: [] as Fault[] };
  const wide = by === "SEVERITY" ? {} : { ...more, MaxResults: MOST_GROUPS };
  const { answers, faults } = await everywhere(places, (place) => statistics(place, criteria, by, wide, signal));
  const descending = more.OrderBy !== "ASC";
  const merge = <G extends { TotalFindings?: number; LastGeneratedAt?: Date }>(lists: readonly (readonly G[] | undefined)[], key: (group: G) => string): G[] =>
    ordered(mergeGroups(lists.map((list) => list ?? []), key), key, descending).slice(0, by === "DATE" ? undefined : more.MaxResults);
  const found: FindingStatistics = {
    GroupedBySeverity: merge(answers.map((one) => one.GroupedBySeverity), (g) => String(g.Severity)),
    GroupedByFindingType: merge(answers.map((one) => one.GroupedByFindingType), (g) => g.FindingType ?? ""),
    GroupedByAccount: merge(answers.map((one) => one.GroupedByAccount), (g) => g.AccountId ?? ""),
    GroupedByResource: merge(answers.map((one) => one.GroupedByResource), (g) => `${g.ResourceType}/${g.AccountId}/${g.ResourceId}`),
    GroupedByDate: merge(answers.map((one) => one.GroupedByDate), (g) => `${g.Date?.getTime()}/${g.Severity}`),
  };
  return { found, faults };
}

/** Where a page ended in each region: what was fetched and not shown, and where to go on. */
export interface Cursor {
  queue: Finding[];
  token?: string;
  end: boolean;
}

export interface Page {
  findings: Finding[];
  next?: Cursor[];
  faults: Fault[];
}

/** Of several regions so many are fetched at a time: an equal share, and a few at least. */
const share = (most: number, regions: number): number => Math.max(Math.ceil(most / regions), Math.min(most, 3));

/** A page of the findings of all places in one order. */
export async function findingsOf(places: readonly Place[], asked: Asked, from?: readonly Cursor[], signal?: AbortSignal, most = PAGE): Promise<Page> {
  const at: Cursor[] = from ? from.map((cursor) => ({ ...cursor, queue: [...cursor.queue] })) : places.map(() => ({ queue: [], end: false }));
  const size = share(most, places.length);
  const faults: Fault[] = [];
  const findings: Finding[] = [];
  const order = (a: Finding, b: Finding) => compare(valueAt(a, asked.sort), valueAt(b, asked.sort), asked.descending);
  while (findings.length < most) {
    const empty = places.filter((_, n) => at[n]?.queue.length === 0 && !at[n].end);
    if (empty.length > 0) {
      const answered = await everywhere(empty, async (place) => ({ place, page: await findingsPage(place, asked, at[places.indexOf(place)]?.token, signal, size) }));
      faults.push(...answered.faults);
      for (const place of empty) {
        const page = answered.answers.find((one) => one.place === place)?.page;
        at[places.indexOf(place)] = { queue: page?.findings ?? [], token: page?.next, end: page?.next === undefined };
      }
      continue;
    }
    const best = first(at.map(({ queue }) => queue), order);
    const taken = best === undefined ? undefined : at[best]?.queue.shift();
    if (!taken) break;
    findings.push(taken);
  }
  const more = at.some(({ queue, end }) => queue.length > 0 || !end);
  return { findings, next: more ? at : undefined, faults };
}

/** All findings of a question up to a number; `more` when there are others. A region that fails makes the whole fail. */
export async function allFindings(places: readonly Place[], asked: Asked, most: number, onProgress: (count: number) => void) {
  const findings: Finding[] = [];
  let cursor: Cursor[] | undefined;
  do {
    const page = await findingsOf(places, asked, cursor);
    const fault = page.faults[0];
    if (fault) throw new Error(`${fault.region} does not answer: ${fault.problem.message}`);
    findings.push(...page.findings);
    onProgress(findings.length);
    cursor = page.next;
  } while (cursor && findings.length < most);
  return { findings: findings.slice(0, most), more: cursor !== undefined || findings.length > most };
}
