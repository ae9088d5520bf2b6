import { expect, test } from "vitest";
import { asWords, stateName, withoutCommonEnd } from "./sentences";

test("what all texts say at their end is left out", () => {
  expect(withoutCommonEnd(["A role is made. It is kept. No more.", "A user is made. It is kept. No more."])).toEqual(["A role is made.", "A user is made."]);
  expect(withoutCommonEnd(["A. B.", "A. B."])).toEqual(["A.", "A."]);
  expect(withoutCommonEnd(["One.", "Two."])).toEqual(["One.", "Two."]);
  expect(withoutCommonEnd(["Alone. It stays."])).toEqual(["Alone. It stays."]);
  expect(withoutCommonEnd([])).toEqual([]);
});

test("names become words", () => {
  expect(["PrivilegeEscalation", "Exfiltration", "IAM", "DefenseEvasion"].map(asWords)).toEqual(["Privilege escalation", "Exfiltration", "IAM", "Defense evasion"]);
  expect(["DELETE_PENDING", "ACTIVE", ""].map(stateName)).toEqual(["Delete pending", "Active", ""]);
});
