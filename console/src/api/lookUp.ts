// On which lists addresses, names and access keys are.
import type { GuardDutyClient } from "@aws-sdk/client-guardduty";
import type { Known } from "../logic/lookUp";
import { ask } from "./signed";

export async function lookUp(client: GuardDutyClient, values: readonly string[], signal?: AbortSignal): Promise<Known[]> {
  return (await ask<{ results: Known[] }>(client, "look-up", { body: { values }, signal })).results;
}
