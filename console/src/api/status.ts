// What Picquet tells of its sources, volumes and deliveries.
import type { GuardDutyClient } from "@aws-sdk/client-guardduty";
import type { Status } from "../logic/sources";
import { ask, statusCode } from "./signed";

/** The status; none when the server is older than this question. */
export async function statusOf(client: GuardDutyClient, signal?: AbortSignal): Promise<Status | undefined> {
  try {
    return await ask<Status>(client, "status", { signal });
  } catch (error) {
    if (statusCode(error) === 404) return undefined;
    throw error;
  }
}
