// Asks for what is none of GuardDuty's operations, below /picquet/v1/: the SDK has no command for it. Requests are signed,
// and answers that are no success told, as the SDK does.
import type { GuardDutyClient } from "@aws-sdk/client-guardduty";
import { SignatureV4 } from "@smithy/signature-v4";

const BELOW = "/picquet/v1/";
/** Longer answers are not parsed: the server bounds its lists. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** How long it is waited before a request that came too soon is made again, in milliseconds. */
const PAUSES = [500, 1500, 4000];

/** An answer that is no success, in the form in which the SDK tells one. */
export class AnswerError extends Error {
  readonly $metadata: { httpStatusCode: number; requestId?: string };

  constructor(response: Response, said: { message?: string; __type?: string }) {
    super(said.message ?? `The server answered ${response.status}.`);
    this.name = response.headers.get("x-amzn-errortype")?.split(":")[0] ?? said.__type ?? "Error";
    this.$metadata = { httpStatusCode: response.status, requestId: response.headers.get("x-amzn-requestid") ?? undefined };
  }
}

/** The status of an answer that is no success. */
export const statusCode = (error: unknown): number | undefined => (error instanceof AnswerError ? error.$metadata.httpStatusCode : undefined);

interface Options {
  /** What is sent as JSON; without it the request is a GET. */
  body?: object;
  /** Otherwise what is sent is a POST. */
  method?: "PUT" | "DELETE";
  signal?: AbortSignal;
}

/** The answer to a request, by its path below /picquet/v1/. */
export async function ask<T>(client: GuardDutyClient, path: string, { body, method, signal }: Options = {}): Promise<T> {
  for (const pause of [...PAUSES, undefined]) {
    const response = await send(client, { method: method ?? (body ? "POST" : "GET"), path: BELOW + path, body: body && JSON.stringify(body) }, signal);
    if (response.status === 429 && pause !== undefined) {
      await response.body?.cancel();
      await waited(pause, signal);
      continue;
    }
    if (!response.ok) throw new AnswerError(response, ((await response.json().catch(() => undefined)) ?? {}) as { message?: string });
    const text = await response.text();
    if (text.length > MOST_CHARACTERS) throw new Error("The answer is longer than this page reads.");
    return JSON.parse(text) as T;
  }
  throw new Error("unreachable: the last turn has no pause");
}

interface Sent {
  method: string;
  path: string;
  body: string | undefined;
}

async function send(client: GuardDutyClient, { method, path, body }: Sent, signal: AbortSignal | undefined): Promise<Response> {
  const { credentials, sha256, systemClockOffset } = client.config;
  const { protocol, hostname, host, port } = window.location;
  const signer = new SignatureV4({ credentials, region: client.config.region, service: "guardduty", sha256 });
  const kind: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const request = { method, protocol, hostname, port: port ? Number(port) : undefined, path, query: {}, headers: { host, ...kind }, body };
  const { headers } = await signer.sign(request, { signingDate: new Date(Date.now() + systemClockOffset) });
  // The browser sets the host itself.
  const { host: _, ...sent } = headers;
  return fetch(path, { method, headers: sent, body, signal, credentials: "omit", cache: "no-store" });
}

function waited(millis: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((done, failed) => {
    const timer = setTimeout(done, millis);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      failed(signal.reason as Error);
    }, { once: true });
  });
}
