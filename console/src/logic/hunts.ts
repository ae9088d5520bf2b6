// Hunts: scans of what the sources hold of a time, and what is said of them.
import { span } from "./time";

/** Times are milliseconds since the epoch. */
type Millis = number | null;
type Counts = Record<string, number>;

/** How far a hunt is. */
export type HuntState = "queued" | "listing" | "reading" | "judging" | "done" | "cancelled" | "failed";

export interface Scope {
  sources: string[];
  /** `["*"]` are all that its caller may hunt. */
  accounts: string[];
  since: number;
  until: number;
  /** Days before `since` that are read to learn what is usual. */
  learnDays?: number | null;
  /** Settings of detection that were tried in the place of those in effect. */
  settings?: string | null;
}

/** Where a record is damaged. */
export interface Place {
  object: string;
  line?: number | null;
  offset?: number | null;
  cause: string;
}

export interface Progress {
  objects?: number | null;
  objectsRead?: number | null;
  bytes?: number | null;
  bytesRead?: number | null;
  records?: Counts | null;
  recordsASecond?: number | null;
  /** How long it has read. */
  readingSeconds?: number | null;
  signals?: number | null;
  skipped?: Counts | null;
  unreadable?: string[] | null;
  unreadableMore?: number | null;
  defects?: Counts | null;
  places?: Place[] | null;
  firstEvent?: string | null;
  lastEvent?: string | null;
}

export interface Hunt {
  id: string;
  name?: string | null;
  createdBy: string;
  createdAt: number;
  startedAt?: Millis;
  endedAt?: Millis;
  state: HuntState;
  why?: string | null;
  scope: Scope;
  progress: Progress;
  /** Once it is done. */
  findings?: { total: number; kept: number; types: Counts; bySeverity: Counts } | null;
}

/** How a finding of a hunt stands in the detector of its account and region. */
export type LiveState = "absent" | "current" | "archived" | "no-detector";

export interface Brief {
  id: string;
  type: string;
  severity: number;
  title: string;
  accountId: string;
  region: string;
  resource?: string | null;
  count: number;
  firstSeen: string;
  lastSeen: string;
}

export interface Found extends Brief {
  live: { state: LiveState; count?: number | null; severity?: number | null; lastSeen?: string | null };
}

/** What a hunt found, and what only the detectors have. */
export interface Compared {
  findings: Found[];
  onlyLive: Brief[];
  onlyLiveMore?: boolean;
}

/** The hunts of an account, and what may be hunted through. */
export interface Hunts {
  hunts: Hunt[];
  sources: { name: string; kind: string }[];
  /** So many are kept. */
  most?: number;
  /** Accounts that may be hunted beside one's own. */
  members?: string[];
  /** Whether all accounts of the sources may be hunted. */
  all?: boolean;
  /** Days that are read to learn from, unless a hunt says otherwise. */
  learnDays?: number;
}

/** All accounts that one may hunt. */
export const ALL_ACCOUNTS = "*";

const STATES: Record<HuntState, { text: string; type: "pending" | "in-progress" | "success" | "stopped" | "error" }> = {
  queued: { text: "Waits for others", type: "pending" },
  listing: { text: "Looks for objects", type: "in-progress" },
  reading: { text: "Reads", type: "in-progress" },
  judging: { text: "Judges", type: "in-progress" },
  done: { text: "Done", type: "success" },
  cancelled: { text: "Cancelled", type: "stopped" },
  failed: { text: "Failed", type: "error" },
};

/** A state in words; one that is not known stays as it is. */
export const stateSign = (state: string) => (Object.hasOwn(STATES, state) ? STATES[state as HuntState] : { text: state, type: "pending" as const });

/** Whether more is to come. */
export const goesOn = ({ state }: Pick<Hunt, "state">): boolean => !["done", "cancelled", "failed"].includes(state);

const number = (n: number) => n.toLocaleString("en");
const some = (n: number, one: string) => `${number(n)} ${one}${n === 1 ? "" : "s"}`;

/** How much of it is read, from 0 to 1; unknown before the objects are listed. */
export function share({ state, progress }: Pick<Hunt, "state" | "progress">): number | undefined {
  const { bytes, bytesRead, objects, objectsRead } = progress;
  if (state !== "reading" && state !== "judging") return undefined;
  const [done, all] = bytes ? [bytesRead ?? 0, bytes] : [objectsRead ?? 0, objects ?? 0];
  return all > 0 ? Math.min(1, Math.max(0, done / all)) : undefined;
}

/** Less than this is read too soon to tell, in milliseconds and as a share. */
const SOON = { elapsed: 3000, share: 0.01 };

/** How long reading goes on, in words; nothing while that cannot be told. Looking for the objects is no part of it. */
export function timeLeft(hunt: Pick<Hunt, "state" | "progress">): string | undefined {
  const read = share(hunt);
  if (hunt.state !== "reading" || read === undefined) return undefined;
  const elapsed = 1000 * (hunt.progress.readingSeconds ?? 0);
  if (elapsed < SOON.elapsed || read < SOON.share) return undefined;
  const left = (elapsed / read) * (1 - read);
  return left < 1000 ? "about a second left" : `about ${span(new Date(0), new Date(left))} left`;
}

/** What a hunt does, in a line for those who wait: "12 of 40 objects, 5,000 records a second, about 2 minutes left". */
export function doing(hunt: Hunt): string {
  const { objects, objectsRead, recordsASecond } = hunt.progress;
  switch (hunt.state) {
    case "queued":
      return "It begins when another hunt has ended.";
    case "listing":
      return objects ? `${some(objects, "object")} so far` : "The sources are asked what they hold.";
    case "judging":
      return `${some(objectsRead ?? 0, "object")} read; what they showed is judged.`;
    case "reading":
      return [
        `${number(objectsRead ?? 0)} of ${some(objects ?? 0, "object")}`,
        recordsASecond ? `${some(Math.round(recordsASecond), "record")} a second` : undefined,
        timeLeft(hunt),
      ].filter(Boolean).join(", ");
    default:
      return "";
  }
}

/** What is announced to who does not see it: the state, and every quarter that is read. */
export function announced(hunt: Hunt): string {
  const { text } = stateSign(hunt.state);
  const quarters = Math.floor((share(hunt) ?? 0) * 4) * 25;
  if (hunt.state === "reading" && quarters > 0) return `${text}: ${quarters} percent`;
  return hunt.findings ? `${text}: ${some(hunt.findings.total, "finding")}` : text;
}

/** Whose logs are read. */
export function accountsWords(accounts: readonly string[]): string {
  if (accounts.includes(ALL_ACCOUNTS)) return "all accounts";
  return accounts.length > 3 ? `${number(accounts.length)} accounts` : `${accounts.length === 1 ? "account" : "accounts"} ${accounts.join(", ")}`;
}

/** What a hunt without a name is called. */
export function huntName({ name, scope }: Pick<Hunt, "name" | "scope">): string {
  if (name) return name;
  const sources = scope.sources.length > 3 ? some(scope.sources.length, "source") : scope.sources.join(", ");
  return `${sources || "All sources"} of ${accountsWords(scope.accounts)}`;
}

/** How long a hunt took, or has taken; nothing before it began. */
export function took({ startedAt, endedAt }: Pick<Hunt, "startedAt" | "endedAt">, now: number): string | undefined {
  if (typeof startedAt !== "number") return undefined;
  const millis = (endedAt ?? now) - startedAt;
  return millis < 1000 ? "less than a second" : span(new Date(0), new Date(millis));
}

export const LIVE: Record<LiveState, { text: string; type: "info" | "success" | "stopped" | "warning" }> = {
  absent: { text: "Not there", type: "info" },
  current: { text: "There", type: "success" },
  archived: { text: "Archived", type: "stopped" },
  "no-detector": { text: "No detector", type: "warning" },
};

/** Only what a detector could have and has not can be taken into it. */
export const isPromotable = ({ live }: Found): boolean => live.state === "absent";

/** The server takes so many at a time. */
export const MOST_PROMOTED = 50;
/** Characters of a name. */
export const LONGEST_NAME = 64;
/** Days to learn from: a quarter. */
export const MOST_LEARNED = 92;

/** Whether objects or records were left out. */
export function isPartial({ unreadable, unreadableMore, defects, skipped }: Progress): boolean {
  const any = (counts: Counts | null | undefined) => Object.values(counts ?? {}).some((n) => n > 0);
  return (unreadable?.length ?? 0) > 0 || (unreadableMore ?? 0) > 0 || any(defects) || any(skipped);
}

/** Where a damaged record is: "line 3", "byte 120". */
export function placeWords({ line, offset }: Place): string {
  return [typeof line === "number" && `line ${number(line)}`, typeof offset === "number" && `byte ${number(offset)}`].filter(Boolean).join(", ");
}

export type Field = "range" | "sources" | "accounts" | "learn" | "name" | "settings";

const FIELDS: [RegExp, Field][] = [
  [/\bTOML\b|^\[|^settings\b/, "settings"],
  [/^(?:since|until)\b/, "range"],
  [/^sources?\b/, "sources"],
  [/^accounts?\b/, "accounts"],
  [/^learnDays\b/, "learn"],
  [/^name\b/, "name"],
];

/** The field that a refusal is about, by the name with which the server begins it. */
export const fieldOf = (message: string): Field | undefined => FIELDS.find(([about]) => about.test(message))?.[1];
