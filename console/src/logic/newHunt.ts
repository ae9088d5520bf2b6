// A hunt that is described: its address, and what is sent.
import { ALL_ACCOUNTS, LONGEST_NAME, MOST_LEARNED, type Field, type Hunt } from "./hunts";
import { between, clockOf, fromRangeWord, rangeTokens, toRangeWord, type Clock, type Range } from "./range";
import { query, words } from "./words";

/** What is looked at are the times of events. */
export const EVENTS: Clock = "service.eventLastSeen";

export interface Draft {
  range?: Range;
  /** Names; all when there are none. */
  sources: string[];
  /** Ids, or `["*"]`; one's own when there are none. */
  accounts: string[];
  /** Days, as they are written. */
  learn: string;
}

const ACCOUNT = /^\d{12}$/;
const list = (value: string): string[] => value.split(",").filter(Boolean);

/** A draft from its query; what is not understood is told. */
export function fromDraftSearch(search: string): { draft: Draft; faults: string[] } {
  const draft: Draft = { sources: [], accounts: [], learn: "" };
  const faults: string[] = [];
  for (const word of words(search)) {
    const [name = "", ...rest] = word.split("=");
    const value = rest.join("=");
    const range = clockOf(name) === EVENTS ? fromRangeWord(EVENTS, value) : undefined;
    if (name === "in") continue;
    if (range) draft.range = range;
    else if (name === "sources") draft.sources = list(value);
    else if (name === "accounts" && (value === ALL_ACCOUNTS || list(value).every((one) => ACCOUNT.test(one)))) draft.accounts = list(value);
    else if (name === "learn") draft.learn = value;
    else faults.push(`"${word.slice(0, 100)}" is nothing that a hunt has.`);
  }
  return { draft, faults };
}

/** The query of a draft. */
export function toDraftSearch({ range, sources, accounts, learn }: Draft, region: string): string {
  return query([
    `in=${region}`,
    ...(range ? [toRangeWord(range)] : []),
    ...(sources.length ? [`sources=${sources.join(",")}`] : []),
    ...(accounts.length ? [`accounts=${accounts.join(",")}`] : []),
    ...(learn ? [`learn=${learn}`] : []),
  ]);
}

/** The draft of the same again. */
export function draftOf({ scope }: Hunt): Draft {
  const iso = (at: number) => new Date(at).toISOString();
  const learn = typeof scope.learnDays === "number" ? String(scope.learnDays) : "";
  return { range: between(EVENTS, iso(scope.since), iso(scope.until)), sources: scope.sources, accounts: scope.accounts, learn };
}

/** What is wrong before anything is sent, by field. */
export function faultsOf({ range, learn }: Draft, name: string, now: Date): Partial<Record<Field, string>> {
  const faults: Partial<Record<Field, string>> = {};
  if (!range) faults.range = "Choose from when to when.";
  else if (Date.parse(moments(range, now).since) >= now.getTime()) faults.range = "The range begins in the future: there is nothing to read yet.";
  if (learn && !(/^\d+$/.test(learn) && Number(learn) <= MOST_LEARNED)) faults.learn = `Write a whole number from 0 to ${MOST_LEARNED}.`;
  if ([...name].length > LONGEST_NAME) faults.name = `A name has at most ${LONGEST_NAME} characters.`;
  return faults;
}

/** The first and the last moment of a range; no last one is now. */
export function moments(range: Range, now: Date): { since: string; until?: string } {
  const [since, until] = rangeTokens(range, now);
  return { since: since?.value ?? "", ...(until && { until: until.value }) };
}
