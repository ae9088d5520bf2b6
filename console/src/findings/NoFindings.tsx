import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { CLOCKS, rangeName } from "../logic/range";
import { local } from "../logic/time";
import type { View } from "../logic/view";

/** There is nothing yet, or the filter or the range of time hides it: different things. */
export function NoFindings({ view: { tokens, range, tab }, onChange }: { view: View; onChange: (part: Partial<View>) => void }) {
  if (tokens.length > 0 || range) {
    const when = range && `${CLOCKS[range.of].verb} ${rangeName(range, local)}`;
    const which = tokens.length > 0 ? (when ? `meets the filter and ${when}` : "meets the filter") : when;
    return (
      <SpaceBetween size="s" alignItems="center">
        <Box>No finding {which}.</Box>
        <SpaceBetween size="xs" direction="horizontal">
          {tokens.length > 0 && <Button onClick={() => onChange({ tokens: [] })}>Clear the filter</Button>}
          {range && <Button onClick={() => onChange({ range: undefined })}>Any time</Button>}
        </SpaceBetween>
      </SpaceBetween>
    );
  }
  if (tab === "archived") return <Box>Nothing is archived.</Box>;
  return (
    <Box>
      <strong>No findings.</strong> Nothing has been found yet, or no logs were read: <code>picquet scan LOGS --data-dir FOLDER</code>{" "}
      fills this detector. Sample findings can be made in Settings.
    </Box>
  );
}
