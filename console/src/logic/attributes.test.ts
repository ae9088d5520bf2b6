import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ATTRIBUTES, attribute, kindOf } from "./attributes";
import list from "./attributes.json";

test("the list is that of the API", () => {
  const path = new URL("../../../crates/picquet-api-model/src/generated/attributes.rs", import.meta.url);
  const rust = [...readFileSync(path, "utf8").matchAll(/"([^"]+)",/g)].map((found) => found[1]);
  expect(list).toEqual(rust);
});

test("every attribute is there once", () => {
  expect(new Set(ATTRIBUTES.map((a) => a.path)).size).toBe(ATTRIBUTES.length);
  expect(ATTRIBUTES.length).toBeGreaterThan(590);
  expect(attribute("severity")).toMatchObject({ kind: "number", label: "Severity", usual: true });
  expect(attribute("title")).toBeUndefined();
  expect(kindOf("service.eventLastSeen")).toBe("time");
});
