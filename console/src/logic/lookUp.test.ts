import { expect, test } from "vitest";
import { hitWords, kindOfValue, MOST_VALUES, networkName, placeName, valuesFault, valuesOf } from "./lookUp";

test("values are parted by commas, lines and spaces, each once", () => {
  expect(valuesOf(" 198.51.100.1,evil.example\n\nAKIAIOSFODNN7EXAMPLE; 198.51.100.1\t2001:db8::1 ,")).toEqual([
    "198.51.100.1",
    "evil.example",
    "AKIAIOSFODNN7EXAMPLE",
    "2001:db8::1",
  ]);
  expect(valuesOf(" ,\n ")).toEqual([]);
});

test("what reports make harmless is understood, and of a link its host", () => {
  expect(valuesOf("198.51.100[.]7 evil(.)example hxxps://a[dot]evil.example:8443/x?y https://user@evil.example [2001:db8::1] http://[2001:db8::2]:80/")).toEqual([
    "198.51.100.7",
    "evil.example",
    "a.evil.example",
    "2001:db8::1",
    "2001:db8::2",
  ]);
});

test("hostile text stays what it is", () => {
  expect(valuesOf("<script>window.stolen=1</script>")).toEqual(["<script>window.stolen=1</script>"]);
});

test("what cannot be looked up is said", () => {
  expect(valuesFault(["198.51.100.1", "evil.example"])).toBeUndefined();
  expect(valuesFault(["198.51.100.0/24"])).toMatch(/is a network/);
  expect(valuesFault(["2001:db8::/32"])).toMatch(/is a network/);
  expect(valuesFault(["evil.example/24"])).toBeUndefined();
  expect(valuesFault(Array.from({ length: MOST_VALUES + 1 }, (_, n) => `h${n}.example`))).toMatch(/101 values/);
  expect(valuesFault(["é".repeat(128)])).toBeUndefined();
  expect(valuesFault(["é".repeat(129)])).toMatch(/256 bytes/);
});

test("places, networks and lists are told as far as they are known", () => {
  const remote = { country: { countryName: "Germany" }, organization: { asn: "64500", asnOrg: "Example" } };
  expect([placeName(remote), networkName(remote)]).toEqual(["Germany", "AS64500 Example"]);
  expect([placeName(null), networkName(undefined)]).toEqual(["", ""]);
  expect(hitWords({ list: "l", category: "c2", threat: "Cobalt", port: 443, entry: "203.0.113.0/24" }, "203.0.113.9")).toBe("Cobalt, port 443, as 203.0.113.0/24");
  expect(hitWords({ list: "l", category: "c2", port: null, threat: null, entry: "evil.example" }, "evil.example")).toBe("");
  expect(["ip", "toString"].map(kindOfValue)).toEqual(["Address", "toString"]);
});
