// How long findings are kept.
import type { GuardDutyClient } from "@aws-sdk/client-guardduty";
import { ask } from "./signed";

/** Keeps findings for so many days after their last update. */
export async function keepFor(client: GuardDutyClient, days: number): Promise<number> {
  return (await ask<{ retentionDays: number }>(client, "retention", { method: "PUT", body: { days } })).retentionDays;
}
