// What is done to findings, with a way back.
import { UpdateFindingsFeedbackCommand } from "@aws-sdk/client-guardduty";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { setArchived } from "../api/findings";

export function useActions(onChanged: () => void) {
  const place = useDetector();
  const { tell, fail } = useFlash();

  async function archive(ids: string[], archived: boolean, mayUndo = true): Promise<void> {
    if (ids.length === 0) return;
    const what = `${ids.length} ${ids.length === 1 ? "finding" : "findings"}`;
    const done = archived ? "archived" : "put back";
    try {
      await setArchived(place, ids, archived);
      const action = mayUndo ? { label: "Undo", run: () => void archive(ids, !archived, false) } : undefined;
      tell({ type: "success", text: `${what} ${ids.length === 1 ? "is" : "are"} ${done}.`, action, id: "archive" });
    } catch (error) {
      fail(`${what} could not be ${done}`, error);
    }
    onChanged();
  }

  async function feedback(ids: string[], useful: boolean): Promise<void> {
    try {
      await place.client.send(
        new UpdateFindingsFeedbackCommand({
          DetectorId: place.detectorId,
          FindingIds: ids,
          Feedback: useful ? "USEFUL" : "NOT_USEFUL",
        }),
      );
      tell({ type: "success", text: `Marked as ${useful ? "useful" : "not useful"}.`, id: "feedback" });
    } catch (error) {
      fail("The feedback was not kept", error);
    }
    onChanged();
  }

  return { archive, feedback };
}
