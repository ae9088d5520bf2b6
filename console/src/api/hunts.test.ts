import { GuardDutyClient } from "@aws-sdk/client-guardduty";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findingOf, huntOf, huntsOf, promote } from "./hunts";

const client = new GuardDutyClient({ region: "eu-west-1", credentials: { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "s" } });
const answer = vi.fn<(path: string, sent: RequestInit) => Promise<Response>>();
const json = (body: unknown, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });

beforeEach(() => {
  vi.stubGlobal("window", { location: new URL("https://picquet.example/console/") });
  vi.stubGlobal("fetch", answer);
});
afterEach(() => {
  vi.unstubAllGlobals();
  answer.mockReset();
});

test("a finding of a hunt is read as the SDK reads one of a detector", async () => {
  const finding = { id: "f", severity: 8, service: { count: 2, additionalInfo: { value: "{}" }, action: { networkConnectionAction: { remoteIpDetails: { geoLocation: { lat: 1, lon: 2 } } } } } };
  answer.mockResolvedValue(json({ finding }));
  const read = await findingOf(client, "h", "f");
  expect(answer.mock.calls[0]?.[0]).toBe("/picquet/v1/hunts/h/findings/f");
  expect(read).toMatchObject({ Id: "f", Severity: 8, Service: { Count: 2, AdditionalInfo: { Value: "{}" } } });
  expect(read.Service?.Action?.NetworkConnectionAction?.RemoteIpDetails?.GeoLocation).toEqual({ Lat: 1, Lon: 2 });
});

test("an id of an address stays one part of the path", async () => {
  answer.mockResolvedValue(json({ message: "no such hunt" }, 404));
  expect(await huntOf(client, "../findings?x")).toBeUndefined();
  expect(answer.mock.calls[0]?.[0]).toBe("/picquet/v1/hunts/..%2Ffindings%3Fx");
});

test("a server without sources, and one that does not hunt, are told apart from one that fails", async () => {
  answer.mockResolvedValueOnce(json({ message: "there are no sources" }, 400, { "x-amzn-errortype": "BadRequestException" }));
  expect(await huntsOf(client)).toEqual({ none: "there are no sources" });
  answer.mockResolvedValueOnce(json({ message: "no" }, 404));
  expect(await huntsOf(client)).toEqual({ none: expect.stringContaining("older") });
  answer.mockResolvedValueOnce(json({ message: "no" }, 500));
  await expect(huntsOf(client)).rejects.toThrow("no");
});

test("many are promoted in turns, and what was done before a failure is not forgotten", async () => {
  const ids = Array.from({ length: 120 }, (_, n) => `f${n}`);
  answer.mockImplementation(async (_, { body }) => {
    const { findingIds } = JSON.parse(String(body)) as { findingIds: string[] };
    return findingIds.includes("f100") ? json({ message: "the store is full" }, 500) : json({ promoted: findingIds.slice(1), refused: [{ id: findingIds[0], why: "no detector" }] });
  });
  const { promoted, refused } = await promote(client, "h", ids);
  expect([promoted.length, refused.length]).toEqual([98, 22]);
  expect(refused[0]).toEqual({ id: "f0", why: "no detector" });
  expect(refused.at(-1)).toEqual({ id: "f119", why: "the store is full" });
  await expect(promote(client, "h", ["f100"])).rejects.toThrow("the store is full");
});
