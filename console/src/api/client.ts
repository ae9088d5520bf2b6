// One client of the API for each region, signed with the keys of the session.
import { GuardDutyClient } from "@aws-sdk/client-guardduty";
import { session } from "../session/session";

const clients = new Map<string, GuardDutyClient>();

export function clientOf(region: string): GuardDutyClient {
  let client = clients.get(region);
  if (!client) {
    client = new GuardDutyClient({
      region,
      endpoint: window.location.origin,
      maxAttempts: 3,
      credentials: async () => {
        const keys = await session();
        return {
          accessKeyId: keys.accessKeyId,
          secretAccessKey: keys.secretAccessKey,
          sessionToken: keys.sessionToken,
          expiration: new Date(keys.expiration),
        };
      },
    });
    clients.set(region, client);
  }
  return client;
}

/** The keys of another user must not be used: clients remember theirs. */
export function forgetClients(): void {
  clients.clear();
}
