// What other settings of detection would find, and what is said of it.
import { span } from "./time";

export interface Brief {
  /** The id in the detector, when it is there. */
  id: string;
  type: string;
  /** With the other settings, or with those in effect when the others do not find it. */
  severity: number;
  /** With the settings in effect, when it differs. */
  was?: number;
  title: string;
  lastSeen: string;
  count: number;
}

/** What the server answers. Times are milliseconds since the epoch; lists have at most `MOST` members. */
export interface Difference {
  since?: number | null;
  until?: number | null;
  types: Record<string, { before: number; after: number }>;
  appear: Brief[];
  disappear: Brief[];
  change: Brief[];
  /** Settings that act on logs while they are read. */
  notJudged: string[];
}

/** The server tells so many findings of each kind. */
export const MOST = 100;

export interface OfType {
  type: string;
  before: number;
  after: number;
}

/** Counts by type: those that differ most first. */
export function byType({ types }: Difference): OfType[] {
  const all = Object.entries(types).map(([type, counts]) => ({ type, ...counts }));
  const by = ({ before, after }: OfType) => Math.abs(after - before);
  return all.sort((a, b) => by(b) - by(a) || (a.type < b.type ? -1 : 1));
}

export function totals({ types }: Difference): { before: number; after: number } {
  const all = Object.values(types);
  return { before: all.reduce((sum, one) => sum + one.before, 0), after: all.reduce((sum, one) => sum + one.after, 0) };
}

/** Whether there were facts that settings can be held against. */
export const hasFacts = ({ since }: Difference): boolean => typeof since === "number";

/** Whether both settings find the same. */
export function isSame(difference: Difference): boolean {
  const { appear, disappear, change } = difference;
  return appear.length + disappear.length + change.length === 0;
}

/** "+3", "-2", "0". */
export const signed = (n: number): string => (n > 0 ? `+${n.toLocaleString("en")}` : n.toLocaleString("en"));

const findings = (n: number) => `${n.toLocaleString("en")} ${n === 1 ? "finding" : "findings"}`;
/** A list that is full may have been longer. */
const atLeast = (n: number) => (n < MOST ? n.toLocaleString("en") : `at least ${MOST}`);

/** The whole in a sentence or two. */
export function inWords(difference: Difference): string {
  const { before, after } = totals(difference);
  const nothing = difference.notJudged.length === 0 ? "Nothing would change" : "Nothing would change in what can be tried";
  if (isSame(difference)) return `${nothing}: ${findings(before)} with either settings.`;
  const parts = [
    [difference.appear.length, "would appear"],
    [difference.disappear.length, "would not be there"],
    [difference.change.length, "would be of another severity"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${atLeast(n)} ${what}`);
  return `${findings(before)} with the settings in effect, ${after.toLocaleString("en")} with these: ${said.join(", ")}.`;
}

/** How long the hours were that were judged. */
export function hours({ since, until }: Difference): string {
  if (typeof since !== "number" || typeof until !== "number" || until <= since) return "";
  const n = Math.round((until - since) / 3_600_000);
  return n < 72 ? `${n} ${n === 1 ? "hour" : "hours"}` : span(new Date(since), new Date(until));
}

const WORDS: Record<string, string> = {
  "detection.s3_data_events": "whether data events of S3 are looked at",
  "detection.retired_types": "whether types that GuardDuty has retired are raised",
  "detection.api_behavior": "whether it is learned what is usual for identities",
  "dns_exfiltration.min_name_octets": "from which length on names are looked at for data in them",
  "dns_exfiltration.min_data_octets": "from which length on names of queries that carry data are looked at",
};

/** What a setting is about; a name that is not known has no words. */
export function settingWords(name: string): string | undefined {
  if (/^types\."[^"]+"\.enabled$/.test(name)) return "what one record raises was not kept while the type was off";
  return Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
}

/** The line of the text that a message of the server's is about, from 1. */
export function lineOf(message: string): number | undefined {
  const found = /\bline (\d{1,7})\b/.exec(message)?.[1];
  return found ? Number(found) : undefined;
}

/** Where a line of a text begins and ends. */
export function placeOf(text: string, line: number): [number, number] {
  const lines = text.split("\n");
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  return [start, start + (lines[at]?.length ?? 0)];
}
