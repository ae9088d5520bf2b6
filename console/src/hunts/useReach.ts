import { href } from "../app/router";
import type { Brief } from "../logic/hunts";
import { useSession } from "../session/SessionContext";

/** Where a finding that a detector has is shown: nothing when the detector is of an account that the user does not look at. */
export function useReach(): (brief: Brief) => string | undefined {
  const { session } = useSession();
  return ({ id, accountId, region }) =>
    accountId === session.accountId && session.detectors.some((one) => one.region === region) ? href(["findings", id], `?in=${region}`) : undefined;
}
