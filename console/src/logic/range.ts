// A range of time of findings: how it is written in an address, and the API's own criteria for it.
import type { Token } from "./token";

/** Which of a finding's times is meant: when Picquet last changed it, or when what it is about last happened. */
export type Clock = "updatedAt" | "service.eventLastSeen";

export type Unit = "minute" | "hour" | "day" | "week" | "month" | "year";

/** Up to now, or from one moment to another (ISO 8601, UTC). */
export type Range = { of: Clock } & ({ amount: number; unit: Unit } | { from: string; to: string });

/** The word of each in an address: `updated=7d`. */
export const CLOCKS: Record<Clock, { word: string; name: string; verb: string }> = {
  updatedAt: { word: "updated", name: "Updated", verb: "was updated" },
  "service.eventLastSeen": { word: "seen", name: "Last seen", verb: "was last seen" },
};

const UNITS: Record<string, Unit> = { min: "minute", h: "hour", d: "day", w: "week", mo: "month", y: "year" };
/** More of a unit than this is a slip. */
const MOST = 10_000;

export const isRelative = (range: Range): range is Range & { amount: number; unit: Unit } => "amount" in range;

/** Seconds are as fine as times are chosen. */
const iso = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");

/** From the start to the end; nothing when one of them is no time, or they are the wrong way round. */
export function between(of: Clock, start: string, end: string): Range | undefined {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  return from <= to ? { of, from: iso(from), to: iso(to) } : undefined;
}

/** The last so many units; nothing when the number is none that can be meant. */
export function last(of: Clock, amount: number, unit: Unit): Range | undefined {
  return Number.isInteger(amount) && amount > 0 && amount <= MOST ? { of, amount, unit } : undefined;
}

/** A range as words of an address: `updated=7d`, `seen=2026-01-01T00:00:00Z/2026-01-08T00:00:00Z`. */
export function toRangeWord(range: Range): string {
  const { word } = CLOCKS[range.of];
  if (!isRelative(range)) return `${word}=${range.from}/${range.to}`;
  const short = Object.keys(UNITS).find((key) => UNITS[key] === range.unit) ?? "";
  return `${word}=${range.amount}${short}`;
}

/** Which time a name of an address is about, if it is one of them. */
export const clockOf = (name: string): Clock | undefined => (Object.keys(CLOCKS) as Clock[]).find((clock) => CLOCKS[clock].word === name);

/** The range of a value of an address. */
export function fromRangeWord(of: Clock, value: string): Range | undefined {
  const relative = /^(\d{1,5})([a-z]+)$/.exec(value);
  const unit = relative?.[2] === undefined || !Object.hasOwn(UNITS, relative[2]) ? undefined : UNITS[relative[2]];
  if (unit) return last(of, Number(relative?.[1]), unit);
  const [start = "", end = "", ...more] = value.split("/");
  return more.length === 0 ? between(of, start, end) : undefined;
}

const LENGTHS = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/** When a relative range begins. Months and years are those of the calendar. */
function start(now: Date, amount: number, unit: Unit): Date {
  if (unit !== "month" && unit !== "year") return new Date(now.getTime() - amount * LENGTHS[unit]);
  const then = new Date(now);
  const day = then.getUTCDate();
  then.setUTCDate(1);
  then.setUTCMonth(then.getUTCMonth() - amount * (unit === "year" ? 12 : 1));
  const days = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate();
  then.setUTCDate(Math.min(day, days));
  return then;
}

/** A range as tests of an attribute. Before 1970 the API knows no time. */
export function rangeTokens(range: Range | undefined, now: Date): Token[] {
  if (!range) return [];
  const path = range.of;
  if (!isRelative(range)) {
    return [
      { path, operator: ">=", value: range.from },
      { path, operator: "<=", value: range.to },
    ];
  }
  return [{ path, operator: ">=", value: iso(Math.max(0, start(now, range.amount, range.unit).getTime())) }];
}

/** A range in words: "in the last 7 days", "between 1 Jan 2026, 10:00 and ...". `local` writes a time. */
export function rangeName(range: Range, local: (date: Date) => string): string {
  if (!isRelative(range)) return `between ${local(new Date(range.from))} and ${local(new Date(range.to))}`;
  return `in the last ${range.amount === 1 ? range.unit : `${range.amount} ${range.unit}s`}`;
}
