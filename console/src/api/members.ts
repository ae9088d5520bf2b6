// Members of a detector's account.
import {
  CreateMembersCommand,
  DeleteMembersCommand,
  DisassociateMembersCommand,
  InviteMembersCommand,
  type UnprocessedAccount,
} from "@aws-sdk/client-guardduty";
import type { Place } from "./places";

/** Accounts that the API left out are no success, though the call was one. */
function all({ UnprocessedAccounts = [] }: { UnprocessedAccounts?: UnprocessedAccount[] }): void {
  const [one] = UnprocessedAccounts;
  if (one) throw new Error(`${one.AccountId}: ${one.Result}`);
}

/** What the API takes as an account's id. */
export const ACCOUNT = /^\d{12}$/;

export async function invite({ client, detectorId: DetectorId }: Place, account: string, email: string): Promise<void> {
  all(await client.send(new CreateMembersCommand({ DetectorId, AccountDetails: [{ AccountId: account, Email: email }] })));
  all(await client.send(new InviteMembersCommand({ DetectorId, AccountIds: [account], DisableEmailNotification: true })));
}

/** Who is associated or invited is disassociated first; the API deletes no others. */
export async function remove({ client, detectorId: DetectorId }: Place, account: string, relation: string): Promise<void> {
  const AccountIds = [account];
  if (!["Created", "Removed", "Resigned"].includes(relation)) all(await client.send(new DisassociateMembersCommand({ DetectorId, AccountIds })));
  all(await client.send(new DeleteMembersCommand({ DetectorId, AccountIds })));
}
