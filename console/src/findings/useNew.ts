// Findings that came since the list was loaded: told, and shown only when a person asks for them, so that no row moves.
import type { FindingCriteria } from "@aws-sdk/client-guardduty";
import { useEffect, useState } from "react";
import { total } from "../api/findings";
import { statisticsOf, type Place } from "../api/places";
import { useWhileVisible } from "../api/useWhileVisible";

/** Asked so often, in milliseconds. */
const EVERY = 20_000;

/** How many more there are than `count`, as far as counting tells: one that was archived meanwhile hides one that came. */
export function useNew(places: readonly Place[], criteria: FindingCriteria, count: number | undefined): number {
  const [now, setNow] = useState<number>();
  // What was counted before the list was loaded is about another list.
  useEffect(() => setNow(undefined), [count, criteria]);
  useWhileVisible(EVERY, async () => {
    if (count === undefined) return;
    const { found, faults } = await statisticsOf(places, criteria, "SEVERITY");
    // A region that is silent would look like findings that are gone.
    if (faults.length === 0) setNow(total(found.GroupedBySeverity ?? []));
  });
  return count === undefined || now === undefined ? 0 : Math.max(0, now - count);
}
