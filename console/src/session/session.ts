// The browser's session: a cookie that scripts cannot read, and keys for minutes that stay in this module's memory.

/** What the server tells a page that is signed in. */
export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: string;
  userName: string;
  accountId: string;
  /** "administrator", "read-only", or "custom" for a policy of its own. */
  policy: string;
  detectors: { region: string; detectorId: string; enabled: boolean }[];
}

/** There is no session, or no more. */
export class SignedOut extends Error {}

/** Keys are renewed so long before they end, in milliseconds. */
const EARLY = 60_000;

let current: Session | undefined;
let pending: Promise<Session> | undefined;

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(path, {
    method,
    headers: { "content-type": "application/json", "x-picquet-console": "1" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  });
}

async function refused(response: Response): Promise<string> {
  const said = (await response.json().catch(() => ({}))) as { message?: string };
  return said.message ?? `The server answered ${response.status}.`;
}

/** Signs in; an error says what the server said. */
export async function signIn(userName: string, password: string): Promise<Session> {
  const response = await send("POST", "/session", { userName, password });
  if (response.status === 429) throw new Error("Too many attempts. Wait a minute, then try again.");
  if (!response.ok) throw new Error(await refused(response));
  current = (await response.json()) as Session;
  return current;
}

/** Keys that are valid now; throws `SignedOut` when there is no session. */
export async function session(fresh = false): Promise<Session> {
  if (!fresh && current && Date.parse(current.expiration) - Date.now() > EARLY) return current;
  pending ??= renew().finally(() => {
    pending = undefined;
  });
  return pending;
}

async function renew(): Promise<Session> {
  const response = await send("POST", "/session/credentials");
  if (response.status === 403) {
    current = undefined;
    throw new SignedOut(await refused(response));
  }
  if (!response.ok) throw new Error(await refused(response));
  current = (await response.json()) as Session;
  return current;
}

export async function signOut(): Promise<void> {
  current = undefined;
  const response = await send("DELETE", "/session");
  // A session that is over already is what was wanted.
  if (!response.ok && response.status !== 403) throw new Error(await refused(response));
}
