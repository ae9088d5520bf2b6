import { GuardDutyClient } from "@aws-sdk/client-guardduty";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { formatted } from "./formatted";
import { problem } from "./problem";
import { AnswerError, ask, statusCode } from "./signed";

const client = new GuardDutyClient({ region: "eu-west-1", credentials: { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "s", sessionToken: "t" } });
const answer = vi.fn<(path: string, sent: RequestInit) => Promise<Response>>();
const json = (body: unknown, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const sent = (n: number) => answer.mock.calls[n]?.[1] as RequestInit & { headers: Record<string, string> };

beforeEach(() => {
  vi.stubGlobal("window", { location: new URL("https://picquet.example:8443/console/") });
  vi.stubGlobal("fetch", answer);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  answer.mockReset();
});

test("requests are signed for GuardDuty in the client's region, the body with them", async () => {
  answer.mockImplementation(async () => json({ settings: "" }));
  expect(await ask(client, "settings")).toEqual({ settings: "" });
  await ask(client, "dry-run", { body: { settings: "x = 1" } });
  expect(answer.mock.calls.map(([path]) => path)).toEqual(["/picquet/v1/settings", "/picquet/v1/dry-run"]);
  expect([sent(0).method, sent(0).body, sent(1).method, sent(1).body]).toEqual(["GET", undefined, "POST", '{"settings":"x = 1"}']);
  for (const n of [0, 1]) {
    expect(sent(n).headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE\/\d{8}\/eu-west-1\/guardduty\/aws4_request, SignedHeaders=[^ ]*host/);
    expect(sent(n).headers["x-amz-security-token"]).toBe("t");
    expect(sent(n).headers).not.toHaveProperty("host");
    expect(sent(n).credentials).toBe("omit");
  }
  expect(sent(1).headers["x-amz-content-sha256"]).toMatch(/^[0-9a-f]{64}$/);
  expect(sent(1).headers["x-amz-content-sha256"]).not.toBe(sent(0).headers["x-amz-content-sha256"]);
});

test("what is refused is told as the SDK tells it", async () => {
  answer.mockImplementation(async () => json({ message: "no", __type: "Inner" }, 403, { "x-amzn-errortype": "AccessDeniedException:more", "x-amzn-requestid": "r1" }));
  const error = await ask(client, "settings").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AnswerError);
  expect(statusCode(error)).toBe(403);
  expect(problem(error)).toEqual({ kind: "denied", name: "AccessDeniedException", message: "no", requestId: "r1" });
  answer.mockImplementation(async () => new Response("null", { status: 502 }));
  expect(problem(await ask(client, "settings").catch((e: unknown) => e))).toMatchObject({ kind: "failed", message: "The server answered 502." });
});

test("what came too soon is asked again, and at last told", async () => {
  vi.useFakeTimers();
  answer.mockImplementationOnce(async () => json({}, 429)).mockImplementation(async () => json({ results: [] }));
  const asked = ask(client, "look-up", { body: { values: ["a"] } });
  await vi.runAllTimersAsync();
  expect(await asked).toEqual({ results: [] });
  expect(answer).toHaveBeenCalledTimes(2);
  answer.mockReset().mockImplementation(async () => json({}, 429));
  const failed = ask(client, "look-up").catch((e: unknown) => e);
  await vi.runAllTimersAsync();
  expect(problem(await failed).kind).toBe("throttled");
  expect(answer).toHaveBeenCalledTimes(4);
});

test("a pause ends when the question is given up", async () => {
  vi.useFakeTimers();
  answer.mockImplementation(async () => json({}, 429));
  const aborter = new AbortController();
  const failed = ask(client, "settings", { signal: aborter.signal }).catch((e: unknown) => e);
  await vi.advanceTimersByTimeAsync(100);
  aborter.abort();
  expect(await failed).toMatchObject({ name: "AbortError" });
  expect(answer).toHaveBeenCalledTimes(1);
});

test("findings of several regions are written by fifty, each by its own detector", async () => {
  answer.mockImplementation(async (_, { body }) => json({ findings: (JSON.parse(String(body)) as { findingIds: string[] }).findingIds.map((id) => ({ id })) }));
  const places = ["eu-west-1", "us-east-1"].map((region) => ({ region, client, detectorId: `d-${region}` }));
  const findings = Array.from({ length: 120 }, (_, n) => ({ Id: `f${n}`, Region: n < 70 ? "eu-west-1" : "us-east-1" }));
  const progress: number[] = [];
  const all = await formatted(places, findings as never, "ocsf", (n) => progress.push(n));
  expect(all).toEqual(findings.map(({ Id }) => ({ id: Id })));
  expect(answer.mock.calls.map(([path]) => path)).toEqual([
    "/picquet/v1/detector/d-eu-west-1/findings/ocsf",
    "/picquet/v1/detector/d-eu-west-1/findings/ocsf",
    "/picquet/v1/detector/d-us-east-1/findings/ocsf",
  ]);
  expect(progress).toEqual([50, 70, 120]);
});

test("what is removed is asked for with DELETE and without a body", async () => {
  answer.mockImplementation(async () => json({}));
  await ask(client, "hunts/h", { method: "DELETE" });
  expect([sent(0).method, sent(0).body]).toEqual(["DELETE", undefined]);
});
