import { expect, test } from "vitest";
import { briefsCsv } from "./briefs";
import type { Found, LiveState } from "./hunts";
import { huntSearch, huntView, PLAIN_HUNT, shown, standings } from "./huntView";

const found = (id: string, state: LiveState, more: Partial<Found> = {}): Found => ({
  id,
  type: "Stealth:IAMUser/CloudTrailLoggingDisabled",
  severity: 2,
  title: "A trail was switched off",
  accountId: "111122223333",
  region: "eu-west-1",
  count: 1,
  firstSeen: "2026-01-01T00:00:00Z",
  lastSeen: "2026-01-01T00:00:00Z",
  live: { state },
  ...more,
});
const ids = (all: readonly Found[]) => all.map(({ id }) => id).join("");

test("a view is its address and back, and what is as usual is not written", () => {
  expect(huntSearch(PLAIN_HUNT, "eu-west-1")).toBe("?in=eu-west-1");
  const view = { show: "no-detector", text: "role/a b=c&d", sort: "lastSeen", descending: false, page: 3, open: "abc" } as const;
  const search = huntSearch(view, "eu-west-1");
  expect(huntView(search)).toEqual({ view, faults: [] });
  expect(huntView("?in=all&show=absent").view.show).toBe("absent");
});

test("what an address says and no view has is told", () => {
  const { view, faults } = huntView("?show=gone&sort=constructor&page=0&open=../x&what&show=toString");
  expect(view).toEqual(PLAIN_HUNT);
  expect(faults).toHaveLength(6);
});

test("findings are left by their standing and by every word", () => {
  const all = [found("a", "absent"), found("b", "current", { resource: "i-0Guessed" }), found("c", "archived", { region: "us-east-1" }), found("d", "no-detector")];
  const left = (part: object) => ids(shown(all, { ...PLAIN_HUNT, ...part }));
  expect(standings(all)).toEqual({ all: 4, absent: 1, current: 1, archived: 1, "no-detector": 1 });
  expect([left({}), left({ show: "absent" }), left({ show: "archived" })]).toEqual(["abcd", "a", "c"]);
  expect([left({ text: "GUESSED" }), left({ text: " us-east stealth " }), left({ text: "guessed us-east" }), left({ text: ".*" })]).toEqual(["b", "c", "", ""]);
});

test("the order is that of the column, and the latest come first of those that are alike", () => {
  const all = [
    found("a", "current", { severity: 8, count: 9, lastSeen: "2026-01-02T00:00:00.5Z" }),
    found("b", "absent", { severity: 8, count: 100, lastSeen: "2026-01-02T00:00:00Z" }),
    found("c", "archived", { severity: 2, count: 9, lastSeen: "2026-03-01T00:00:00Z" }),
  ];
  const order = (sort: string, descending: boolean) => ids(shown(all, { ...PLAIN_HUNT, sort: sort as "type", descending }));
  expect([order("severity", true), order("severity", false), order("count", true), order("lastSeen", false), order("live", false)]).toEqual(["abc", "cab", "bca", "bac", "bac"]);
});

test("a table for spreadsheets runs nothing", () => {
  const [head, line] = briefsCsv([found("a", "absent", { severity: 8.5, title: "=HYPERLINK(\"x\")", resource: "gpj\u202e" })]).split("\r\n");
  expect(head).toBe("id,severity,severity_name,type,title,account,region,resource,count,first_seen,last_seen,in_the_detector");
  expect(line).toContain(`a,8.5,High,`);
  expect(line).toContain(`"'=HYPERLINK(""x"")"`);
  expect(line).toContain("gpj<U+202E>");
  expect(line).toMatch(/,absent$/);
});
