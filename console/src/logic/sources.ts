// What the server tells of its sources, and what a person makes of it. Times are milliseconds since the epoch.
import { span } from "./time";

type Millis = number | null;

export interface Source {
  name: string;
  kind?: string;
  location?: string;
  /** When it was looked through without a failure. */
  lastLooked?: Millis;
  lastObject?: Millis;
  lastEvent?: Millis;
  /** From the latest event to its being read, of the last object. */
  lag?: Millis;
  objects?: number;
  bytes?: number;
  records?: Record<string, number>;
  defects?: Record<string, number>;
  passedOver?: number;
  failures?: number;
  failing?: string | null;
  failingSince?: Millis;
  /** Whether it is watched: one that is not is read by hunts alone. A server that does not say watches all. */
  watch?: boolean;
}

export interface Volume {
  account: string;
  region: string;
  kind: string;
  objects: number;
  bytes: number;
  records: number;
  lastEvent?: Millis;
  lastRead?: Millis;
}

export interface Target {
  name: string;
  waiting?: number;
  failing?: string | null;
  since?: Millis;
}

export interface Delivery {
  target: string;
  finding: string;
  at: number;
  /** "sent", or why it was not. */
  outcome: string;
}

export interface SetAside {
  source: string;
  object: string;
  tries: number;
  why: string;
  at: Millis;
}

/** A feed that the server keeps fresh. */
export interface Feed {
  name: string;
  kind: string;
  location?: string | null;
  /** When it was last known to be its publisher's latest; nothing when there is none yet. */
  freshAt?: Millis;
  entries?: number | null;
  stale: boolean;
  /** Why the last try failed. */
  why?: string | null;
}

/** `sources`, `targets`, `setAside`, `feeds` and `machine` are for administrators. */
export interface Status {
  version?: string;
  startedAt?: Millis;
  sources?: Source[];
  volumes?: Volume[];
  /** How many days findings are kept after their last update. */
  retentionDays?: number;
  targets?: Target[];
  deliveries?: Delivery[];
  setAside?: SetAside[];
  feeds?: Feed[];
  notices?: { at: Millis; text: string }[];
  /** What the operator tells of the machine. */
  machine?: { dollarsPerMonth: number } | null;
}

/** Cloudscape's names of what a sign says. */
export interface Sign {
  type: "success" | "warning" | "error" | "info" | "pending" | "stopped";
  text: string;
}

/** A time as the pages take it. */
export const moment = (at: Millis | undefined): number | undefined => at ?? undefined;

/** How long, in one unit. */
export const lasted = (millis: number): string => span(new Date(0), new Date(Math.max(0, millis)));

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** An amount of bytes in the largest unit that leaves a number before the point. */
export function bytes(n: number): string {
  let unit = 0;
  let left = n;
  while (left >= 1024 && unit < UNITS.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${unit === 0 || left >= 100 ? Math.round(left).toLocaleString("en") : left.toFixed(1)} ${UNITS[unit]}`;
}

export const sum = (counts: Record<string, number> | undefined): number => Object.values(counts ?? {}).reduce((a, b) => a + b, 0);

/** Counts by name, the largest first: "flow 12, dns 3". */
export function counted(counts: Record<string, number> | undefined): string {
  const all = Object.entries(counts ?? {}).filter(([, n]) => n > 0);
  return all.sort(([, a], [, b]) => b - a).map(([name, n]) => `${name} ${n.toLocaleString("en")}`).join(", ");
}

/** How a source is. */
export function sourceSign(source: Source): Sign {
  if (source.failing) return { type: "error", text: "Failing" };
  if (source.watch === false) return { type: "info", text: "Read by hunts alone" };
  if (!source.lastLooked) return { type: "pending", text: "Not looked through yet" };
  if (!source.lastObject) return { type: "info", text: "Works; nothing to read yet" };
  if (sum(source.defects) > 0) return { type: "warning", text: "Read, with damaged records" };
  return { type: "success", text: "Read" };
}

/** How a feed is. */
export function feedSign(feed: Feed): Sign {
  if (!feed.freshAt) return { type: "error", text: "Missing" };
  if (feed.stale) return { type: "error", text: "Stale" };
  if (feed.why) return { type: "warning", text: "The last try failed" };
  return { type: "success", text: "Fresh" };
}

const some = (n: number, one: string) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;

/** All sources in a line; `undefined` is a server that does not tell. */
export function health(status: Status | undefined): Sign {
  if (!status) return { type: "info", text: "This server does not tell how its sources are." };
  const latest = (status.volumes ?? []).reduce((last, volume) => Math.max(last, volume.lastEvent ?? 0), 0);
  const until = latest ? ` The latest event that was read is of ${new Date(latest).toISOString().slice(0, 16).replace("T", " ")} UTC.` : "";
  if (!status.sources) return { type: "info", text: `How sources are is shown to administrators.${until}` };
  const watched = status.sources.filter((source) => source.watch !== false);
  if (watched.length === 0) return { type: "info", text: `No source is watched: logs are read by picquet scan.${until}` };
  const failing = watched.filter((source) => source.failing);
  const aside = status.setAside?.length ?? 0;
  const all = some(watched.length, "source");
  if (failing.length > 0) return { type: "error", text: `${failing.length} of ${all} cannot be read: ${failing.map(({ name }) => name).join(", ")}.` };
  const lags = watched.flatMap(({ lag }) => (typeof lag === "number" ? [lag] : []));
  const lag = lags.length ? ` The longest lag is ${lasted(Math.max(...lags))}.` : "";
  if (aside > 0) return { type: "warning", text: `${some(aside, "object")} could not be read and ${aside === 1 ? "was" : "were"} set aside.${lag}` };
  const old = (status.feeds ?? []).filter((feed) => feed.stale).map(({ name }) => name);
  if (old.length > 0) return { type: "warning", text: `${some(old.length, "feed")} of threat intelligence ${old.length === 1 ? "is" : "are"} stale or missing: ${old.join(", ")}.${lag}` };
  const waiting = watched.filter((source) => !source.lastLooked).length;
  if (waiting > 0) return { type: "pending", text: `${waiting} of ${all} ${waiting === 1 ? "was" : "were"} not looked through yet.${lag}` };
  return { type: "success", text: `${watched.length === 1 ? "The source is" : `All ${all} are`} read.${lag}` };
}

/** Volumes of one account or kind, together. */
export function volumesBy(volumes: readonly Volume[], of: (volume: Volume) => string) {
  const groups = new Map<string, { name: string; objects: number; bytes: number; records: number }>();
  for (const volume of volumes) {
    const name = of(volume);
    const group = groups.get(name) ?? { name, objects: 0, bytes: 0, records: 0 };
    group.objects += volume.objects;
    group.bytes += volume.bytes;
    group.records += volume.records;
    groups.set(name, group);
  }
  return [...groups.values()].sort((a, b) => b.bytes - a.bytes);
}

const KINDS: Record<string, string> = {
  CLOUD_TRAIL: "CloudTrail",
  FLOW_LOGS: "VPC Flow Logs",
  DNS_LOGS: "Route 53 Resolver query logs",
  S3_DATA_EVENTS: "CloudTrail data events of S3",
};

/** A kind of logs in words; a name that is not known stays as it is. */
export const kindName = (kind: string): string => (Object.hasOwn(KINDS, kind) ? (KINDS[kind] ?? kind) : kind);

/** An amount of money that the API says as a decimal number. What is none stays as it is. */
export function money(amount = "0", unit = "USD"): string {
  const number = Number(amount);
  if (Number.isNaN(number)) return `${amount} ${unit}`;
  if (number > 0 && number < 0.01) return `less than 0.01 ${unit}`;
  return `${number.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${unit}`;
}
