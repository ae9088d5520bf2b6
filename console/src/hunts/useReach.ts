import { useScope } from "../app/region";
import { href } from "../app/router";
import { huntsOf } from "../api/hunts";
import { useQuery } from "../api/useQuery";
import type { Brief } from "../logic/hunts";
import { useSession } from "../session/SessionContext";

/** Where a finding that a detector has is shown: nothing when it is of an account that the user's detectors do not hold. */
export function useReach(): (brief: Brief) => string | undefined {
  const { session } = useSession();
  const { client } = useScope();
  // An administrator's detector has its members' findings. Links are a help: a failure leaves them out.
  const told = useQuery("hunts", (signal) => huntsOf(client, signal)).data;
  const members = told && "members" in told ? (told.members ?? []) : [];
  return ({ id, accountId, region }) =>
    (accountId === session.accountId || members.includes(accountId)) && session.detectors.some((one) => one.region === region) ? href(["findings", id], `?in=${region}`) : undefined;
}
