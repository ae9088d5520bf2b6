import { expect, test } from "vitest";
import type { Hunt } from "./hunts";
import { draftOf, faultsOf, fromDraftSearch, moments, toDraftSearch } from "./newHunt";

const NOW = new Date("2026-11-28T03:00:00Z");

test("a draft is its address and back", () => {
  const search = "?in=eu-west-1&seen=2025-01-01T00:00:00Z/2026-01-01T00:00:00Z&sources=trail,flow&accounts=*&learn=14";
  const { draft, faults } = fromDraftSearch(search);
  expect(faults).toEqual([]);
  expect(draft).toMatchObject({ sources: ["trail", "flow"], accounts: ["*"], learn: "14" });
  expect(toDraftSearch(draft, "eu-west-1")).toBe(search);
  expect(toDraftSearch({ sources: [], accounts: [], learn: "" }, "all")).toBe("?in=all");
  expect(fromDraftSearch("?seen=90d&accounts=111122223333").draft).toMatchObject({ range: { amount: 90, unit: "day" }, accounts: ["111122223333"] });
});

test("what an address says and no hunt has is told", () => {
  expect(fromDraftSearch("?updated=7d&accounts=me&seen=soon&name=x").faults).toHaveLength(4);
});

test("the same again has the same scope", () => {
  const scope = { sources: ["trail"], accounts: ["111122223333"], since: Date.UTC(2025, 0, 1), until: Date.UTC(2025, 1, 1), learnDays: 7 };
  expect(toDraftSearch(draftOf({ scope } as Hunt), "eu-west-1")).toBe("?in=eu-west-1&seen=2025-01-01T00:00:00Z/2025-02-01T00:00:00Z&sources=trail&accounts=111122223333&learn=7");
});

test("what is wrong is told by field before it is sent", () => {
  const draft = (search: string) => fromDraftSearch(search).draft;
  expect(Object.keys(faultsOf(draft(""), "", NOW))).toEqual(["range"]);
  expect(faultsOf(draft("?seen=2027-01-01T00:00:00Z/2027-02-01T00:00:00Z"), "", NOW).range).toMatch(/future/);
  expect(faultsOf(draft("?seen=1y&learn=93"), "x".repeat(65), NOW)).toEqual({ learn: expect.stringContaining("92"), name: expect.stringContaining("64") });
  expect(["-1", "1.5", "x"].map((learn) => faultsOf({ ...draft("?seen=1y"), learn }, "", NOW).learn !== undefined)).toEqual([true, true, true]);
  expect(faultsOf(draft("?seen=2y&learn=0"), "x".repeat(64), NOW)).toEqual({});
});

test("a range up to now has no end, and years are those of the calendar", () => {
  const range = (search: string) => fromDraftSearch(search).draft.range as NonNullable<ReturnType<typeof fromDraftSearch>["draft"]["range"]>;
  expect(moments(range("?seen=2y"), NOW)).toEqual({ since: "2024-11-28T03:00:00Z" });
  expect(moments(range("?seen=2025-01-01/2025-01-31"), NOW)).toEqual({ since: "2025-01-01T00:00:00Z", until: "2025-01-31T00:00:00Z" });
});
