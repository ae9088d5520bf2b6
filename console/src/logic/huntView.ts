// What is shown of a hunt's findings: its address, and the findings that it leaves.
import { LIVE, type Found, type LiveState } from "./hunts";
import { query, words } from "./words";

const SORTS = ["severity", "type", "accountId", "region", "count", "firstSeen", "lastSeen", "live"] as const;
export type Sort = (typeof SORTS)[number];

export interface HuntView {
  /** How the findings stand in their detectors. */
  show: "all" | LiveState;
  /** Words that are in the type, title, resource, account or region. */
  text: string;
  sort: Sort;
  descending: boolean;
  /** From 1. */
  page: number;
  /** The finding that is shown beside the list. */
  open?: string;
}

export const PLAIN_HUNT: HuntView = { show: "all", text: "", sort: "severity", descending: true, page: 1 };
export const ROWS = 50;

/** A view from its query; what is not understood is told. `in` is the region, which is the shell's. */
export function huntView(search: string): { view: HuntView; faults: string[] } {
  const view: HuntView = { ...PLAIN_HUNT };
  const faults: string[] = [];
  for (const word of words(search)) {
    const [name = "", ...rest] = word.split("=");
    const value = rest.join("=");
    const sort = SORTS.find((known) => known === value.replace(/^-/, ""));
    if (name === "in") continue;
    if (name === "show" && (value === "all" || Object.hasOwn(LIVE, value))) view.show = value as HuntView["show"];
    else if (name === "text") view.text = value;
    else if (name === "sort" && sort) [view.sort, view.descending] = [sort, value.startsWith("-")];
    else if (name === "page" && /^[1-9]\d{0,3}$/.test(value)) view.page = Number(value);
    else if (name === "open" && /^[0-9A-Za-z-]{1,64}$/.test(value)) view.open = value;
    else faults.push(`"${word.slice(0, 100)}" is nothing that this page shows.`);
  }
  return { view, faults };
}

/** The query of a view. What is as usual is not written. */
export function huntSearch(view: HuntView, region: string): string {
  const all = [`in=${region}`];
  if (view.show !== PLAIN_HUNT.show) all.push(`show=${view.show}`);
  if (view.text) all.push(`text=${view.text}`);
  if (view.sort !== PLAIN_HUNT.sort || view.descending !== PLAIN_HUNT.descending) all.push(`sort=${view.descending ? "-" : ""}${view.sort}`);
  if (view.page > 1) all.push(`page=${view.page}`);
  if (view.open) all.push(`open=${view.open}`);
  return query(all);
}

/** Whether every word is somewhere in what a row says. */
function says({ type, title, resource, accountId, region, id }: Found, text: string): boolean {
  const said = [type, title, resource ?? "", accountId, region, id].join("\n").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}

/** How many findings there are of each standing. */
export function standings(findings: readonly Found[]): Record<HuntView["show"], number> {
  const counts = { all: findings.length, absent: 0, current: 0, archived: 0, "no-detector": 0 };
  for (const { live } of findings) if (Object.hasOwn(counts, live.state)) counts[live.state] += 1;
  return counts;
}

const ORDER: LiveState[] = ["absent", "no-detector", "current", "archived"];

/** The findings that a view leaves, in its order; of those that are alike in it, the latest first. */
export function shown(findings: readonly Found[], { show, text, sort, descending }: HuntView): Found[] {
  const left = findings.filter((one) => (show === "all" || one.live.state === show) && says(one, text.trim()));
  const key = (one: Found): number | string => {
    if (sort === "live") return ORDER.indexOf(one.live.state);
    if (sort === "firstSeen" || sort === "lastSeen") return Date.parse(one[sort]) || 0;
    return one[sort];
  };
  const before = (a: Found, b: Found) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
  const latest = (a: Found, b: Found) => (Date.parse(b.lastSeen) || 0) - (Date.parse(a.lastSeen) || 0);
  return left.sort((a, b) => (descending ? before(b, a) : before(a, b)) || latest(a, b));
}
