// What Picquet tells of its sources, volumes and deliveries. It is none of GuardDuty's operations, so the SDK has no
// command for it; the request is signed like every other.
import type { GuardDutyClient } from "@aws-sdk/client-guardduty";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Status } from "../logic/sources";

const PATH = "/picquet/v1/status";
/** Longer answers are not parsed: the server bounds its lists. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** An answer that is no success, in the form in which the SDK tells one. */
class StatusError extends Error {
  readonly $metadata: { httpStatusCode: number; requestId?: string };

  constructor(response: Response, said: { message?: string; __type?: string }) {
    super(said.message ?? `The server answered ${response.status}.`);
    this.name = response.headers.get("x-amzn-errortype")?.split(":")[0] ?? said.__type ?? "Error";
    this.$metadata = { httpStatusCode: response.status, requestId: response.headers.get("x-amzn-requestid") ?? undefined };
  }
}

/** The status; none when the server is older than this question. */
export async function statusOf(client: GuardDutyClient, signal?: AbortSignal): Promise<Status | undefined> {
  const { credentials, sha256, systemClockOffset } = client.config;
  const { protocol, hostname, host, port } = window.location;
  const signer = new SignatureV4({ credentials, region: client.config.region, service: "guardduty", sha256 });
  const request = { method: "GET", protocol, hostname, port: port ? Number(port) : undefined, path: PATH, query: {}, headers: { host } };
  const { headers } = await signer.sign(request, { signingDate: new Date(Date.now() + systemClockOffset) });
  // The browser sets the host itself.
  const { host: _, ...sent } = headers;
  const response = await fetch(PATH, { headers: sent, signal, credentials: "omit", cache: "no-store" });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) throw new StatusError(response, (await response.json().catch(() => ({}))) as { message?: string });
  const text = await response.text();
  if (text.length > MOST_CHARACTERS) throw new Error("The status is longer than this page reads.");
  return JSON.parse(text) as Status;
}
