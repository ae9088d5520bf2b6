import { expect, test } from "vitest";
import { fault, fromCriteria, fromWord, toCriteria } from "./criteria";
import { CURRENT, toWord, type Token } from "./token";

const tokens: Token[] = [
  { path: "severity", operator: ">=", value: "7" },
  { path: "type", operator: ":", value: "Recon:*" },
  { path: "accountId", operator: "=", value: "111122223333" },
  { path: "accountId", operator: "=", value: "444455556666" },
  { path: "resource.instanceDetails.instanceId", operator: "!=", value: "i-1=2&x" },
  { path: "service.eventLastSeen", operator: "<", value: "2026-01-31T00:00:00.000Z" },
];

test("tokens become criteria and come back", () => {
  const criteria = toCriteria(tokens, false);
  expect(criteria.Criterion).toEqual({
    severity: { GreaterThanOrEqual: 7 },
    type: { Matches: ["Recon:*"] },
    accountId: { Equals: ["111122223333", "444455556666"] },
    "resource.instanceDetails.instanceId": { NotEquals: ["i-1=2&x"] },
    "service.eventLastSeen": { LessThan: Date.UTC(2026, 0, 31) },
    "service.archived": { Equals: ["false"] },
  });
  expect(fromCriteria(criteria)).toEqual(tokens);
});

test("without tokens only what is current is asked for", () => {
  expect(toCriteria([], false)).toEqual(CURRENT);
});

test("the older spelling of criteria is read", () => {
  const old = { Criterion: { severity: { Gte: 4, Lt: 8 }, type: { Eq: ["a"], Neq: ["b"] } } };
  expect(fromCriteria(old).map(toWord)).toEqual(["severity>=4", "severity<8", "type=a", "type!=b"]);
});

test("of two bounds the stricter one holds", () => {
  const two: Token[] = ["4", "7"].map((value) => ({ path: "severity", operator: ">=", value }));
  expect(toCriteria(two).Criterion).toEqual({ severity: { GreaterThanOrEqual: 7 } });
});

test("words become tokens and come back", () => {
  for (const token of tokens) expect(fromWord(toWord(token))).toEqual(token);
  expect(fromWord("type=>=")).toEqual({ path: "type", operator: "=", value: ">=" });
  for (const word of ["", "=x", "severity", "<script>"]) expect(fromWord(word)).toBeUndefined();
});

test("what cannot be asked is said and left out", () => {
  const bad: Token[] = [
    { path: "nothing.such", operator: "=", value: "x" },
    { path: "severity", operator: ">=", value: "high" },
    { path: "updatedAt", operator: ">=", value: "yesterday" },
    { path: "type", operator: "=", value: "" },
  ];
  for (const token of bad) expect(fault(token)).toBeTruthy();
  expect(toCriteria(bad).Criterion).toEqual({});
  expect(fault({ path: "service.additionalInfo.domain", operator: "=", value: "x" })).toBeUndefined();
});
