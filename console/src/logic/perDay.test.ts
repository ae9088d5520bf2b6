import { expect, test } from "vitest";
import { bySeverityName, LEAST_DAYS, MOST_DAYS, perDay } from "./perDay";

const group = (day: string, Severity: number, TotalFindings: number) => ({ Date: new Date(`${day}T00:00:00Z`), Severity, TotalFindings });

test("days between have a place, severities are summed by name", () => {
  const { days, counts } = perDay([group("2026-01-03", 8, 2), group("2026-01-01", 7.5, 1), group("2026-01-01", 8.9, 4), group("2026-01-03", 2, 5)]);
  expect(days).toHaveLength(LEAST_DAYS);
  expect(days.slice(-3).map((day) => day.toISOString().slice(0, 10))).toEqual(["2026-01-01", "2026-01-02", "2026-01-03"]);
  const latest = Object.values(counts).map((series) => series.slice(-3));
  expect(latest).toEqual([[0, 0, 0], [5, 0, 2], [0, 0, 0], [0, 0, 5]]);
});

test("a long time shows its last days", () => {
  const { days, counts } = perDay([group("2024-06-12", 5, 1), group("2026-06-12", 5, 3)]);
  expect(days).toHaveLength(MOST_DAYS);
  expect(counts.Medium.at(-1)).toBe(3);
  expect(perDay([]).days).toEqual([]);
});

test("severities have their sums", () => {
  expect(bySeverityName([{ Severity: 9, TotalFindings: 1 }, { Severity: 4, TotalFindings: 2 }, { Severity: 5, TotalFindings: 3 }])).toEqual([
    ["Critical", 1],
    ["High", 0],
    ["Medium", 5],
    ["Low", 0],
  ]);
});
