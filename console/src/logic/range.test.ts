import { expect, test } from "vitest";
import { fromSearch } from "./address";
import { toCriteria } from "./criteria";
import { between, fromRangeWord, last, rangeName, rangeTokens, toRangeWord, type Range } from "./range";
import { PLAIN, toSearch } from "./view";

const NOW = new Date("2026-03-31T12:00:00.500Z");
const criteria = (range: Range | undefined) => toCriteria(rangeTokens(range, NOW)).Criterion;

test("a range is criteria of the API", () => {
  expect(criteria(last("updatedAt", 7, "day"))).toEqual({ updatedAt: { GreaterThanOrEqual: Date.parse("2026-03-24T12:00:00Z") } });
  expect(criteria(between("service.eventLastSeen", "2026-01-01T02:00:00+02:00", "2026-01-08T00:00:00Z"))).toEqual({
    "service.eventLastSeen": { GreaterThanOrEqual: Date.UTC(2026, 0, 1), LessThanOrEqual: Date.UTC(2026, 0, 8) },
  });
  expect(criteria(undefined)).toEqual({});
});

test("months and years are those of the calendar, and nothing is before 1970", () => {
  const from = (amount: number, unit: "month" | "year") => rangeTokens(last("updatedAt", amount, unit), NOW)[0]?.value;
  expect(from(1, "month")).toBe("2026-02-28T12:00:00Z");
  expect(from(13, "month")).toBe("2025-02-28T12:00:00Z");
  expect(from(2, "year")).toBe("2024-03-31T12:00:00Z");
  expect(from(10_000, "year")).toBe("1970-01-01T00:00:00Z");
});

test("with a bound of the filter the stricter one holds", () => {
  const tokens = [{ path: "updatedAt", operator: ">=" as const, value: "2026-03-30T00:00:00Z" }, ...rangeTokens(last("updatedAt", 7, "day"), NOW)];
  expect(toCriteria(tokens).Criterion).toEqual({ updatedAt: { GreaterThanOrEqual: Date.UTC(2026, 2, 30) } });
});

test("a range is a word of the address and comes back", () => {
  const ranges = [last("updatedAt", 1, "hour"), last("service.eventLastSeen", 3, "month"), between("updatedAt", "2026-01-01", "2026-01-08")];
  expect(ranges.map((range) => range && toRangeWord(range))).toEqual(["updated=1h", "seen=3mo", "updated=2026-01-01T00:00:00Z/2026-01-08T00:00:00Z"]);
  for (const range of ranges) {
    expect(fromSearch(toSearch({ ...PLAIN, range }))).toEqual({ view: { ...PLAIN, range }, faults: [] });
  }
});

test("what is no range is told", () => {
  for (const value of ["", "7", "d", "0d", "99999d", "7toString", "2026-01-08/2026-01-01", "2026-01-01", "a/b", "2026-01-01/2026-01-02/2026-01-03"]) {
    expect(fromRangeWord("updatedAt", value), value).toBeUndefined();
  }
  const { view, faults } = fromSearch("?updated=yesterday&seen=1w");
  expect(view.range).toEqual({ of: "service.eventLastSeen", amount: 1, unit: "week" });
  expect(faults).toHaveLength(1);
});

test("of two ranges one holds, and that is told", () => {
  const { view, faults } = fromSearch("?updated=1d&seen=1w");
  expect(view.range).toEqual({ of: "updatedAt", amount: 1, unit: "day" });
  expect(faults).toHaveLength(1);
});

test("a range is said in words", () => {
  const name = (range: Range | undefined) => range && rangeName(range, (date) => date.toISOString().slice(0, 10));
  expect(name(last("updatedAt", 1, "hour"))).toBe("in the last hour");
  expect(name(last("updatedAt", 30, "day"))).toBe("in the last 30 days");
  expect(name(between("updatedAt", "2026-01-01", "2026-01-08"))).toBe("between 2026-01-01 and 2026-01-08");
});
