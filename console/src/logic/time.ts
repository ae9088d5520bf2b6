// Times: local in the page, with UTC at hand.

export function parse(time: string | number | Date | undefined): Date | undefined {
  if (time === undefined || time === "") return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** The day and the time, between which a line may be broken. */
export function localParts(date: Date): [string, string] {
  return [`${DAY.format(date)},`, TIME.format(date)];
}

export function local(date: Date): string {
  return localParts(date).join(" ");
}

const MINUTES = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** From one moment to another, without saying the day twice. */
export function localRange(from: Date, to: Date): string {
  return MINUTES.formatRange(from, to);
}

export function utc(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** How long ago, roughly. */
export function ago(date: Date, now: Date): string {
  const seconds = (date.getTime() - now.getTime()) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/** How long something lasted. */
export function span(from: Date, to: Date): string {
  const seconds = Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
  const n = Math.round(seconds / size);
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
}
