import { expect, test } from "vitest";
import { compare, first, mergeGroups, ordered, valueAt } from "./merge";

test("groups of regions are summed, with their latest time", () => {
  const late = new Date(2000);
  const key = ({ name }: { name: string }) => name;
  const merged = mergeGroups(
    [[{ name: "a", TotalFindings: 1, LastGeneratedAt: new Date(1000) }], [{ name: "b", TotalFindings: 2 }, { name: "a", TotalFindings: 3, LastGeneratedAt: late }]],
    key,
  );
  expect(merged).toEqual([{ name: "a", TotalFindings: 4, LastGeneratedAt: late }, { name: "b", TotalFindings: 2 }]);
  expect(ordered(merged, key, false).map(key)).toEqual(["b", "a"]);
  expect(ordered([{ name: "z", TotalFindings: 1 }, { name: "y", TotalFindings: 1 }], key, true).map(key)).toEqual(["y", "z"]);
});

test("attributes are found by the API's names", () => {
  const finding = { Severity: 8, Service: { EventLastSeen: "2024" }, Resource: { S3BucketDetails: [{ Name: "b" }] } };
  expect(valueAt(finding, "severity")).toBe(8);
  expect(valueAt(finding, "service.eventLastSeen")).toBe("2024");
  expect(valueAt(finding, "resource.s3BucketDetails.name")).toBe("b");
  expect(valueAt(finding, "service.constructor")).toBeUndefined();
});

test("numbers are ordered as numbers, and what is missing comes last either way", () => {
  expect(compare(10, 9, false)).toBeGreaterThan(0);
  expect(compare(10, 9, true)).toBeLessThan(0);
  expect(compare("a", "b", true)).toBeGreaterThan(0);
  for (const descending of [true, false]) expect(compare(undefined, 1, descending)).toBeGreaterThan(0);
});

test("sorted queues become one sorted sequence without loss", () => {
  const queues = [[1, 4, 4], [2, 3, 9], []];
  const out: number[] = [];
  for (let at = first(queues, (a, b) => a - b); at !== undefined; at = first(queues, (a, b) => a - b)) out.push(queues[at]?.shift() ?? NaN);
  expect(out).toEqual([1, 2, 3, 4, 4, 9]);
});
