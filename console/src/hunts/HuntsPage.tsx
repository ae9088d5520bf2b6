import { usePlace } from "../app/router";
import { HuntFindingPage } from "./HuntFinding";
import { HuntPage } from "./HuntPage";
import { HuntsList } from "./HuntsList";
import { NewHunt } from "./NewHunt";

/** Scans of history: all of them, a new one, one, or one finding of it. */
export default function HuntsPage() {
  const { parts } = usePlace();
  const [, id, finding] = parts;
  if (id === undefined) return <HuntsList />;
  if (finding !== undefined) return <HuntFindingPage key={`${id}/${finding}`} hunt={id} id={finding} />;
  return id === "new" ? <NewHunt /> : <HuntPage key={id} id={id} />;
}
