import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import { useScope } from "../app/region";
import { promote, type Promoted } from "../api/hunts";
import type { Found } from "../logic/hunts";
import { visible } from "../logic/visible";
import { Confirm } from "../shared/Confirm";
import { Text } from "../shared/Text";
import { TypeName } from "../shared/TypeName";

interface Props {
  hunt: string;
  findings: readonly Found[];
  onDone: (promoted: Promoted) => void;
  onClose: () => void;
}

/** Asks before findings of a hunt become findings like any other. */
export function Promote({ hunt, findings, onDone, onClose }: Props) {
  const { client } = useScope();
  const n = findings.length;
  return (
    <Confirm
      title={n === 1 ? "Promote the finding?" : `Promote ${n.toLocaleString("en")} findings?`}
      action="Promote"
      run={async () => onDone(await promote(client, hunt, findings.map(({ id }) => id)))}
      onClose={onClose}
    >
      <Box>
        {n === 1 ? "It is" : "They are"} taken into the {n === 1 ? "detector of its account and region" : "detectors of their accounts and regions"}, and {n === 1 ? "is a finding" : "are findings"} like
        any other from then on.
      </Box>
      <ul className="observed">
        <li>Suppression rules apply: what one matches is archived at once.</li>
        <li>What is not archived is published: to EventBridge, S3, webhooks and whatever else the server is set to.</li>
        <li>To undo it, archive {n === 1 ? "it" : "them"}.</li>
      </ul>
    </Confirm>
  );
}

interface RefusedProps {
  refused: Promoted["refused"];
  findings: readonly Found[];
  onClose: () => void;
}

/** Which findings were not taken, and why. */
export function Refused({ refused, findings, onClose }: RefusedProps) {
  if (refused.length === 0) return null;
  return (
    <Alert type="warning" dismissible dismissAriaLabel="Dismiss" onDismiss={onClose} header={`${refused.length.toLocaleString("en")} ${refused.length === 1 ? "finding was" : "findings were"} not promoted`}>
      <ul className="observed">
        {refused.map(({ id, why }) => (
          <li key={id}><TypeName type={findings.find((one) => one.id === id)?.type ?? "Finding"} /> (<Text>{id}</Text>): {visible(why)}</li>
        ))}
      </ul>
    </Alert>
  );
}
