import Alert from "@cloudscape-design/components/alert";
import type { Fault } from "../api/places";
import { visible } from "../logic/visible";

/** The regions that are missing from what is shown. */
export function Faults({ faults = [] }: { faults?: readonly Fault[] }) {
  return faults.map(({ region, problem }) => (
    <Alert key={region} type="warning" header={`${region} is missing here`}>
      {visible(problem.message)} ({problem.name}) The other regions are shown.
    </Alert>
  ));
}
