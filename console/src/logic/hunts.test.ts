import { expect, test } from "vitest";
import { accountsWords, announced, doing, fieldOf, goesOn, huntName, isPartial, isPromotable, placeWords, share, stateSign, timeLeft, took, type Found, type Hunt } from "./hunts";

const hunt = (more: Partial<Hunt> = {}): Hunt => ({
  id: "h",
  createdBy: "ann",
  createdAt: 0,
  startedAt: 0,
  state: "reading",
  scope: { sources: ["trail"], accounts: ["111122223333"], since: 0, until: 1 },
  progress: { objects: 40, objectsRead: 10, bytes: 1000, bytesRead: 250, recordsASecond: 4999.6, readingSeconds: 60 },
  ...more,
});

test("states have words, and those that are not known stay as they are", () => {
  expect([stateSign("queued").text, stateSign("reading").text, stateSign("resting").text, stateSign("constructor").text]).toEqual(["Waits for others", "Reads", "resting", "constructor"]);
  expect((["queued", "listing", "reading", "judging", "done", "cancelled", "failed"] as const).map((state) => goesOn({ state }))).toEqual([true, true, true, true, false, false, false]);
});

test("how much is read is told by bytes, by objects without them, and not before they are listed", () => {
  expect(share(hunt())).toBe(0.25);
  expect(share(hunt({ progress: { objects: 4, objectsRead: 1, bytes: 0 } }))).toBe(0.25);
  expect(share(hunt({ progress: { objects: 0 } }))).toBeUndefined();
  expect(share(hunt({ state: "listing" }))).toBeUndefined();
  expect(share(hunt({ progress: { bytes: 10, bytesRead: 12 } }))).toBe(1);
});

test("the time left is told once enough is read, and only while it is read", () => {
  const read = (bytesRead: number, readingSeconds?: number) => timeLeft(hunt({ progress: { bytes: 1000, bytesRead, readingSeconds } }));
  expect(read(250, 60)).toBe("about 3 minutes left");
  expect(read(999, 60)).toBe("about a second left");
  expect([read(250, 2), read(5, 60), read(250)]).toEqual([undefined, undefined, undefined]);
  expect(timeLeft(hunt({ state: "judging" }))).toBeUndefined();
});

test("what goes on is said in a line", () => {
  expect(doing(hunt())).toBe("10 of 40 objects, 5,000 records a second, about 3 minutes left");
  expect(doing(hunt({ progress: {} }))).toBe("0 of 0 objects");
  expect(doing(hunt({ state: "listing", progress: { objects: 1 } }))).toBe("1 object so far");
  expect(doing(hunt({ state: "done" }))).toBe("");
  expect(announced(hunt({ progress: { bytes: 100, bytesRead: 24 } }))).toBe("Reads");
  expect([50, 74, 75].map((bytesRead) => announced(hunt({ progress: { bytes: 100, bytesRead } })))).toEqual(["Reads: 50 percent", "Reads: 50 percent", "Reads: 75 percent"]);
  expect(announced(hunt({ state: "done", findings: { total: 1, kept: 1, types: {}, bySeverity: {} } }))).toBe("Done: 1 finding");
  expect([took(hunt({ endedAt: 90_000 }), 0), took(hunt({ startedAt: undefined }), 5), took(hunt(), 5000), took(hunt({ endedAt: 40 }), 0)]).toEqual(["2 minutes", undefined, "5 seconds", "less than a second"]);
});

test("a hunt without a name is called by what it reads", () => {
  expect(huntName(hunt({ name: "May" }))).toBe("May");
  expect(huntName(hunt())).toBe("trail of account 111122223333");
  const scope = { sources: ["a", "b", "c", "d"], accounts: ["*"], since: 0, until: 1 };
  expect(huntName(hunt({ name: null, scope }))).toBe("4 sources of all accounts");
  expect([accountsWords(["1", "2"]), accountsWords(["1", "2", "3", "4"])]).toEqual(["accounts 1, 2", "4 accounts"]);
});

test("what was left out is noticed, wherever it is told", () => {
  expect([{}, { defects: { json: 0 }, unreadable: [] }, { skipped: null }].map(isPartial)).toEqual([false, false, false]);
  expect([{ defects: { json: 1 } }, { skipped: { "not a log": 2 } }, { unreadable: ["a"] }, { unreadableMore: 3 }].map(isPartial)).toEqual([true, true, true, true]);
  expect([placeWords({ object: "o", line: 1200, offset: null, cause: "c" }), placeWords({ object: "o", line: 2, offset: 0, cause: "c" }), placeWords({ object: "o", cause: "c" })]).toEqual(["line 1,200", "line 2, byte 0", ""]);
});

test("a refusal is about the field that it begins with", () => {
  const told = [
    ["since: give a date as 2024-05-01 or a moment as 2024-05-01T12:00:00Z.", "range"],
    ["until: give a date", "range"],
    ["since must be before until.", "range"],
    ["sources: there is no source `accounts`.", "sources"],
    ["accounts: 999988887777 is neither yours nor a member's.", "accounts"],
    ["learnDays must be from 0 to 92.", "learn"],
    ["name must have at most 64 characters.", "name"],
    ["settings must have at most 262144 bytes.", "settings"],
    ["TOML parse error at line 4, column 1\nname = 1", "settings"],
    ['[types."Recon:EC2/Portscam"]: no such finding type', "settings"],
    ["Too many hunts wait.", undefined],
  ] as const;
  for (const [message, field] of told) expect(fieldOf(message), message).toBe(field);
});

test("only what a detector lacks can be taken into it", () => {
  const promotable = (["absent", "current", "archived", "no-detector"] as const).map((state) => isPromotable({ live: { state } } as Found));
  expect(promotable).toEqual([true, false, false, false]);
});
