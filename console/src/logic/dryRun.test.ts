import { expect, test } from "vitest";
import { byType, hasFacts, hours, inWords, isSame, lineOf, MOST, placeOf, settingWords, signed, totals, type Brief, type Difference } from "./dryRun";

const brief = (more: Partial<Brief> = {}): Brief => ({ id: "a", type: "T", severity: 5, title: "t", lastSeen: "2026-01-01T00:00:00Z", count: 1, ...more });
const difference = (more: Partial<Difference> = {}): Difference => ({ types: {}, appear: [], disappear: [], change: [], notJudged: [], ...more });

test("types that differ most come first, the others by name", () => {
  const types = { B: { before: 1, after: 1 }, A: { before: 2, after: 2 }, D: { before: 5, after: 1 }, C: { before: 0, after: 3 } };
  expect(byType(difference({ types })).map(({ type }) => type)).toEqual(["D", "C", "A", "B"]);
  expect(totals(difference({ types }))).toEqual({ before: 8, after: 7 });
});

test("the whole is said in words", () => {
  const types = { A: { before: 12, after: 13 } };
  expect(inWords(difference({ types, appear: [brief(), brief()], disappear: [brief()], change: [brief({ was: 3 })] }))).toBe(
    "12 findings with the settings in effect, 13 with these: 2 would appear, 1 would not be there, 1 would be of another severity.",
  );
  const many = Array.from({ length: MOST }, () => brief());
  expect(inWords(difference({ types: { A: { before: 1, after: 5000 } }, appear: many }))).toBe(
    "1 finding with the settings in effect, 5,000 with these: at least 100 would appear.",
  );
  expect(inWords(difference({ types: { A: { before: 1, after: 1 } } }))).toBe("Nothing would change: 1 finding with either settings.");
  expect(inWords(difference({ notJudged: ["detection.s3_data_events"] }))).toBe("Nothing would change in what can be tried: 0 findings with either settings.");
});

test("the same counts of other findings are a change", () => {
  const swapped = difference({ types: { A: { before: 1, after: 1 } }, appear: [brief()], disappear: [brief({ id: "b" })] });
  expect(isSame(swapped)).toBe(false);
  expect(isSame(difference())).toBe(true);
});

test("hours are told, and that there are none", () => {
  const hour = 3_600_000;
  expect(hours(difference({ since: 10 * hour, until: 11 * hour }))).toBe("1 hour");
  expect(hours(difference({ since: 0, until: 48 * hour }))).toBe("48 hours");
  expect(hours(difference({ since: 0, until: 240 * hour }))).toBe("10 days");
  expect(hours(difference({ since: 5, until: 5 }))).toBe("");
  expect([hasFacts(difference()), hasFacts(difference({ since: null })), hasFacts(difference({ since: 0 }))]).toEqual([false, false, true]);
});

test("the line of a mistake is found in the message and in the text", () => {
  expect(lineOf("TOML parse error at line 12, column 3\n   |\n12 | x = 1")).toBe(12);
  expect(lineOf('[types."Recon:EC2/Portscam"]: no such finding type')).toBeUndefined();
  const text = "[a]\nb = 1\n\nc = 2";
  expect(text.slice(...placeOf(text, 2))).toBe("b = 1");
  expect(text.slice(...placeOf(text, 4))).toBe("c = 2");
  expect(placeOf(text, 3)).toEqual([10, 10]);
  expect([placeOf(text, 0), placeOf(text, 99)]).toEqual([[0, 3], [11, 16]]);
});

test("settings have words, and names of objects are none", () => {
  expect(settingWords("detection.s3_data_events")).toMatch(/S3/);
  expect(settingWords('types."Policy:IAMUser/RootCredentialUsage".enabled')).toMatch(/not kept/);
  expect([settingWords("detection.other"), settingWords("constructor")]).toEqual([undefined, undefined]);
  expect([3, 0, -2000].map(signed)).toEqual(["+3", "0", "-2,000"]);
});
