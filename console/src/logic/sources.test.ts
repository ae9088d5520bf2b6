import { expect, test } from "vitest";
import { bytes, counted, feedSign, health, money, type Source, sourceSign, type Volume, volumesBy } from "./sources";

const source = (more: Partial<Source> = {}): Source => ({ name: "a", lastLooked: 1, lastObject: 1, ...more });
const volume = (more: Partial<Volume> = {}): Volume => ({ account: "1", region: "r", kind: "DNS_LOGS", objects: 1, bytes: 10, records: 2, ...more });

test("amounts keep a number before the point", () => {
  expect([0, 1023, 1024, 1536, 200 * 1024, 3 * 1024 ** 4].map(bytes)).toEqual(["0 bytes", "1,023 bytes", "1.0 KiB", "1.5 KiB", "200 KiB", "3.0 TiB"]);
});

test("counts are told largest first, without zeros", () => {
  expect(counted({ a: 1, b: 2000, c: 0 })).toBe("b 2,000, a 1");
  expect(counted(undefined)).toBe("");
});

test("a failure is told before everything else of a source", () => {
  expect(sourceSign(source({ failing: "denied", defects: { json: 1 } })).type).toBe("error");
  expect(sourceSign(source({ lastLooked: null })).type).toBe("pending");
  expect(sourceSign(source({ lastObject: null })).type).toBe("info");
  expect(sourceSign(source({ defects: { json: 1 } })).type).toBe("warning");
  expect(sourceSign(source({ defects: { json: 0 } })).type).toBe("success");
  expect(sourceSign(source({ lastLooked: null, watch: false })).text).toBe("Read by hunts alone");
});

test("the line of all sources says the worst", () => {
  expect(health(undefined).type).toBe("info");
  expect(health({ volumes: [volume({ lastEvent: Date.UTC(2024, 5, 12, 9, 30) })] }).text).toMatch(/administrators.*2024-06-12 09:30 UTC/);
  expect(health({ sources: [] }).text).toMatch(/picquet scan/);
  expect(health({ sources: [source({ watch: false })] }).text).toMatch(/No source is watched/);
  expect(health({ sources: [source({ watch: false, lastLooked: null }), source()] }).text).toBe("The source is read.");
  const failing = source({ name: "b", failing: "denied" });
  expect(health({ sources: [source(), failing], setAside: [{ source: "a", object: "o", tries: 3, why: "w", at: 1 }] })).toEqual({
    type: "error",
    text: "1 of 2 sources cannot be read: b.",
  });
  expect(health({ sources: [source({ lag: 120_000 })], setAside: [{ source: "a", object: "o", tries: 3, why: "w", at: 1 }] })).toEqual({
    type: "warning",
    text: "1 object could not be read and was set aside. The longest lag is 2 minutes.",
  });
  expect(health({ sources: [source({ lastLooked: null }), source()] }).text).toBe("1 of 2 sources was not looked through yet.");
  expect(health({ sources: [source({ lag: 120_000 }), source({ lag: 7_200_000 })] })).toEqual({
    type: "success",
    text: "All 2 sources are read. The longest lag is 2 hours.",
  });
});

test("a feed that is old is told, of itself and of all", () => {
  const feed = { name: "ips", kind: "c2", freshAt: 1, stale: false };
  expect([feed, { ...feed, why: "no" }, { ...feed, stale: true }, { ...feed, freshAt: null, stale: true }].map((of) => feedSign(of).text)).toEqual([
    "Fresh", "The last try failed", "Stale", "Missing",
  ]);
  expect(health({ sources: [source()], feeds: [feed, { ...feed, name: "asn", stale: true }] })).toEqual({
    type: "warning", text: "1 feed of threat intelligence is stale or missing: asn.",
  });
});

test("volumes are summed by name, the largest first", () => {
  const groups = volumesBy([volume(), volume({ account: "2", bytes: 50 }), volume({ records: 5 })], ({ account }) => account);
  expect(groups).toEqual([
    { name: "2", objects: 1, bytes: 50, records: 2 },
    { name: "1", objects: 2, bytes: 20, records: 7 },
  ]);
});

test("amounts are money", () => {
  expect([money(undefined, undefined), money("0.0004", "USD"), money("1234.5678", "USD"), money("much", "EUR")]).toEqual([
    "0.00 USD",
    "less than 0.01 USD",
    "1,234.57 USD",
    "much EUR",
  ]);
});
