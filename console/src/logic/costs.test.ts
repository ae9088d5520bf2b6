import { expect, test } from "vitest";
import { machineCost, sumOf } from "./costs";

test("amounts of one unit are summed", () => {
  expect(sumOf([{ Amount: "1.25", Unit: "USD" }, { Amount: "2", Unit: "USD" }, undefined, { Amount: "much", Unit: "USD" }, { Amount: "9", Unit: "EUR" }])).toEqual({ amount: 3.25, unit: "USD" });
  expect(sumOf([])).toEqual({ amount: 0, unit: "USD" });
});

test("what the machine costs is told, or why not", () => {
  expect(machineCost({ sources: [], machine: { dollarsPerMonth: 0 } })).toEqual({ at: "told", dollars: 0 });
  expect(machineCost({ sources: [], machine: null })).toEqual({ at: "untold" });
  expect(machineCost({})).toEqual({ at: "hidden" });
  expect(machineCost(undefined)).toEqual({ at: "old" });
});
