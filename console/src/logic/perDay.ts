// Counts per day and severity, as the API groups them, as the series of a chart.
import { severityName, SEVERITIES, type SeverityName } from "./severity";

export interface DayGroup {
  Date?: Date;
  Severity?: number;
  TotalFindings?: number;
}

export interface PerDay {
  days: Date[];
  counts: Record<SeverityName, number[]>;
}

const DAY = 86_400_000;
/** So many days have a bar of their own; a longer time shows its last days. */
export const MOST_DAYS = 60;
/** So many are shown at least, so that one day is no wall. */
export const LEAST_DAYS = 14;

/** Every day from the first to the last has a place, those without findings too, unless there are too many. */
export function perDay(groups: readonly DayGroup[]): PerDay {
  const at = groups.flatMap(({ Date: date }) => (date ? [Math.floor(date.getTime() / DAY)] : []));
  const empty = { days: [], counts: { Critical: [], High: [], Medium: [], Low: [] } };
  if (at.length === 0) return empty;
  const last = at.reduce((a, b) => Math.max(a, b));
  const earliest = Math.min(at.reduce((a, b) => Math.min(a, b)), last - LEAST_DAYS + 1);
  const first = Math.max(earliest, last - MOST_DAYS + 1);
  const length = last - first + 1;
  const zeros = () => new Array<number>(length).fill(0);
  const counts: PerDay["counts"] = { Critical: zeros(), High: zeros(), Medium: zeros(), Low: zeros() };
  for (const { Date: date, Severity = 0, TotalFindings = 0 } of groups) {
    const day = date ? Math.floor(date.getTime() / DAY) - first : -1;
    const series = counts[severityName(Severity)];
    if (day >= 0) series[day] = (series[day] ?? 0) + TotalFindings;
  }
  return { days: Array.from({ length }, (_, n) => new Date((first + n) * DAY)), counts };
}

/** The sum of each severity. */
export function bySeverityName(groups: readonly { Severity?: number; TotalFindings?: number }[]): [SeverityName, number][] {
  return SEVERITIES.map((name) => [
    name,
    groups.filter((group) => severityName(group.Severity ?? 0) === name).reduce((sum, group) => sum + (group.TotalFindings ?? 0), 0),
  ]);
}
