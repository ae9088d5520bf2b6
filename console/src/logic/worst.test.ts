import type { Finding } from "@aws-sdk/client-guardduty";
import { expect, test } from "vitest";
import { troubles } from "./worst";

const of = (Id: string, InstanceId: string | undefined, Severity: number, last = "2024-01-01T00:00:00Z"): Finding => ({
  Id,
  Severity,
  AccountId: "111122223333",
  Region: "eu-west-1",
  Resource: InstanceId ? { ResourceType: "Instance", InstanceDetails: { InstanceId } } : { ResourceType: "Instance" },
  Service: { EventLastSeen: last },
} as Finding);

test("one severe finding comes before many mild ones, and two severe ones before one", () => {
  const found = troubles([of("1", "mild", 2), of("2", "mild", 2), of("3", "mild", 2), of("4", "one", 8), of("5", "two", 8), of("6", "two", 8), of("7", "two", 2)]);
  expect(found.map(({ resource }) => resource.id)).toEqual(["two", "one", "mild"]);
  expect(found[0]?.findings.map(({ Id }) => Id).at(-1)).toBe("7");
});

test("of equals the latest comes first", () => {
  const found = troubles([of("1", "old", 8), of("2", "new", 8, "2024-02-01T00:00:00Z")]);
  expect(found.map(({ resource }) => resource.id)).toEqual(["new", "old"]);
});

test("findings without a resource are not put together", () => {
  expect(troubles([of("1", undefined, 8), of("2", undefined, 8)])).toHaveLength(2);
});
