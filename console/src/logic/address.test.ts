import { expect, test } from "vitest";
import { fromSearch } from "./address";
import { PLAIN, toSearch, type View } from "./view";
import { value, withValue } from "./words";

const view: View = {
  tokens: [
    { path: "severity", operator: ">=", value: "7" },
    { path: "type", operator: ":", value: "Recon:*" },
    { path: "resource.accessKeyDetails.userName", operator: "=", value: "a&b=c #?%20+é\u202e" },
  ],
  tab: "archived",
  sort: "service.count",
  descending: false,
  group: "type",
};

test("a view is its address", () => {
  const search = toSearch(view, "eu-west-1");
  expect(search).toContain("?in=eu-west-1&tab=archived&group=type&sort=service.count&severity>=7&type:Recon:*&");
  expect(fromSearch(search)).toEqual({ view, faults: [] });
});

test("a browser may encode an address", () => {
  expect(fromSearch("?severity%3E%3D7").view.tokens).toEqual([{ path: "severity", operator: ">=", value: "7" }]);
});

test("what is usual is not written", () => {
  expect(toSearch(PLAIN)).toBe("");
  expect(fromSearch("")).toEqual({ view: PLAIN, faults: [] });
});

test("what is not understood is told", () => {
  const { view, faults } = fromSearch("?tab=none&severity>=x&nothing=1&%&severity>=4");
  expect(view.tokens).toEqual([{ path: "severity", operator: ">=", value: "4" }]);
  expect(faults).toHaveLength(4);
});

test("one word is set and taken out", () => {
  expect(value("?a=1&in=eu-west-1", "in")).toBe("eu-west-1");
  expect(withValue("?in=us-east-1&severity>=4", "in", "eu-west-1")).toBe("?in=eu-west-1&severity>=4");
  expect(withValue("?in=us-east-1", "in", undefined)).toBe("");
});
