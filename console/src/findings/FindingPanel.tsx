import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Finding } from "@aws-sdk/client-guardduty";
import { InPanel } from "../app/panel";
import { useScope, Within } from "../app/region";
import { follow, href } from "../app/router";
import { finding as get } from "../api/findings";
import { useQuery } from "../api/useQuery";
import { Loaded } from "../shared/Loaded";
import { Text } from "../shared/Text";
import { FindingActions } from "./FindingActions";
import { FindingBrief } from "./FindingBrief";

interface Props {
  id: string;
  region: string;
  /** The finding, where the list has it. */
  listed?: Finding;
  /** Its place in the page of the list, from 0, and how many there are. */
  at: number;
  count: number;
  onMove: (by: 1 | -1) => void;
  onClose: () => void;
  onChanged: () => void;
}

/** A finding beside the list. */
export function FindingPanel({ region, onClose, ...props }: Props) {
  return (
    <InPanel title="Finding" onClose={onClose}>
      <Within region={region}>
        <Shown key={`${region}/${props.listed ? "" : props.id}`} region={region} onClose={onClose} {...props} />
      </Within>
    </InPanel>
  );
}

function Shown({ id, region, listed, at, count, onMove, onClose, onChanged }: Props) {
  const { places } = useScope();
  const [place] = places;
  // One that the list does not show is fetched: of another page, or of an address that was sent to somebody.
  const query = useQuery(listed || !place ? undefined : id, async (signal) => ({ found: place && (await get(place, id, signal)) }));
  const page = href(["findings", id], `?in=${region}`);
  const changed = () => {
    query.reload();
    onChanged();
  };
  const show = (one: Finding) => (
    <SpaceBetween size="m">
      <div className="panel-actions">
        <FindingActions finding={one} onChanged={changed} beside />
        <span>
          <Button variant="icon" iconName="angle-up" ariaLabel="Previous finding" disabled={at <= 0} onClick={() => onMove(-1)} />
          <Button variant="icon" iconName="angle-down" ariaLabel="Next finding" disabled={at >= count - 1} onClick={() => onMove(1)} />
        </span>
      </div>
      <FindingBrief finding={one} />
      <Link href={page} onFollow={follow}>All about this finding</Link>
    </SpaceBetween>
  );
  const none = (
    <SpaceBetween size="s">
      <Box>
        There is no finding <Text>{id}</Text> in {region}. It may be older than what is kept, or of another region.
      </Box>
      <Button onClick={onClose}>Close</Button>
    </SpaceBetween>
  );
  if (listed) return show(listed);
  if (!place) return none;
  return <Loaded query={query} what="the finding">{({ found }) => (found ? show(found) : none)}</Loaded>;
}
