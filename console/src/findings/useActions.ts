// What is done to findings, with a way back.
import { UpdateFindingsFeedbackCommand } from "@aws-sdk/client-guardduty";
import { useFlash } from "../app/flash";
import type { Finding } from "@aws-sdk/client-guardduty";
import { useScope } from "../app/region";
import { setArchived } from "../api/findings";
import type { Place } from "../api/places";

/** Ids of findings; which region each is of is only asked when several are looked at. */
type Some = readonly Pick<Finding, "Id" | "Region">[];

export function useActions(onChanged: () => void) {
  const { places } = useScope();
  const { tell, fail } = useFlash();

  async function atEach(some: Some, run: (place: Place, ids: string[]) => Promise<unknown>): Promise<void> {
    for (const place of places) {
      const ids = some.filter(({ Region }) => places.length === 1 || Region === place.region).flatMap(({ Id }) => Id ?? []);
      if (ids.length > 0) await run(place, ids);
    }
  }

  async function archive(some: Some, archived: boolean, mayUndo = true): Promise<void> {
    if (some.length === 0) return;
    const what = `${some.length} ${some.length === 1 ? "finding" : "findings"}`;
    const done = archived ? "archived" : "put back";
    try {
      await atEach(some, (place, ids) => setArchived(place, ids, archived));
      const action = mayUndo ? { label: "Undo", run: () => void archive(some, !archived, false) } : undefined;
      tell({ type: "success", text: `${what} ${some.length === 1 ? "is" : "are"} ${done}.`, action, id: "archive" });
    } catch (error) {
      fail(`${what} could not be ${done}`, error);
    }
    onChanged();
  }

  async function feedback(some: Some, useful: boolean): Promise<void> {
    try {
      const Feedback = useful ? "USEFUL" : "NOT_USEFUL";
      await atEach(some, ({ client, detectorId }, FindingIds) =>
        client.send(new UpdateFindingsFeedbackCommand({ DetectorId: detectorId, FindingIds, Feedback })),
      );
      tell({ type: "success", text: `Marked as ${useful ? "useful" : "not useful"}.`, id: "feedback" });
    } catch (error) {
      fail("The feedback was not kept", error);
    }
    onChanged();
  }

  return { archive, feedback };
}
