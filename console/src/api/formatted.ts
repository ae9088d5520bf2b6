// Findings in other formats than GuardDuty's. They are made where findings are: a second mapping here would come to say
// something else.
import type { Finding } from "@aws-sdk/client-guardduty";
import { PAGE } from "./findings";
import type { Place } from "./places";
import { ask, statusCode } from "./signed";

/** OCSF, and Security Hub's ASFF. */
export type Format = "ocsf" | "asff";

/** Findings in a format, in their order as far as they are of one region; those that are gone meanwhile are missing. */
export async function formatted(places: readonly Place[], findings: readonly Finding[], format: Format, onProgress: (count: number) => void): Promise<object[]> {
  const all: object[] = [];
  for (const { region, client, detectorId } of places) {
    const ids = findings.filter(({ Region }) => places.length === 1 || Region === region).flatMap(({ Id }) => Id ?? []);
    for (let at = 0; at < ids.length; at += PAGE) {
      const body = { findingIds: ids.slice(at, at + PAGE) };
      const path = `detector/${encodeURIComponent(detectorId)}/findings/${format}`;
      try {
        all.push(...(await ask<{ findings: object[] }>(client, path, { body })).findings);
      } catch (error) {
        if (statusCode(error) === 404) throw new Error(`This server does not write ${format.toUpperCase()}: it is older than this page.`);
        throw error;
      }
      onProgress(all.length);
    }
  }
  return all;
}
