// The settings of detection that are in effect, and what others would find.
import { ListFindingsCommand, type GuardDutyClient } from "@aws-sdk/client-guardduty";
import type { Difference } from "../logic/dryRun";
import { PAGE } from "./findings";
import { ask, statusCode } from "./signed";
import { problem } from "./problem";

/** The settings as TOML, or why this server has none. */
export type InEffect = { settings: string } | { none: string };

export async function settingsOf(client: GuardDutyClient, signal?: AbortSignal): Promise<InEffect> {
  try {
    return await ask<{ settings: string }>(client, "settings", { signal });
  } catch (error) {
    // Nothing is sent that could be wrong: what is refused is to tell settings that nothing uses.
    if (statusCode(error) === 400) return { none: problem(error).message };
    if (statusCode(error) === 404) return { none: "This server does not tell its settings: it is older than this page." };
    throw error;
  }
}

export function dryRun(client: GuardDutyClient, settings: string, signal?: AbortSignal): Promise<Difference> {
  return ask<Difference>(client, "dry-run", { body: { settings }, signal });
}

/** Which of these findings a detector has, current or archived. */
export async function idsThere(place: { client: GuardDutyClient; detectorId: string }, ids: readonly string[], signal?: AbortSignal): Promise<Set<string>> {
  const there = new Set<string>();
  for (let at = 0; at < ids.length; at += PAGE) {
    const FindingCriteria = { Criterion: { id: { Equals: ids.slice(at, at + PAGE) } } };
    const command = new ListFindingsCommand({ DetectorId: place.detectorId, FindingCriteria, MaxResults: PAGE });
    const { FindingIds = [] } = await place.client.send(command, { abortSignal: signal });
    FindingIds.forEach((id) => there.add(id));
  }
  return there;
}
