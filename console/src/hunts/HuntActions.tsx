import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useScope } from "../app/region";
import { cancelHunt, removeHunt } from "../api/hunts";
import { goesOn, huntName, type Hunt } from "../logic/hunts";
import { visible } from "../logic/visible";
import { useMayWrite } from "../session/SessionContext";
import { Confirm } from "../shared/Confirm";
import { Text } from "../shared/Text";

interface Props {
  hunt: Hunt;
  /** In a row of a table, whose buttons are told apart by their labels. */
  inline?: boolean;
  onChanged: (hunt: Hunt) => void;
  onRemoved: () => void;
}

/** Ends a hunt or forgets it. */
export function HuntActions({ hunt, inline, onChanged, onRemoved }: Props) {
  const { client } = useScope();
  const mayWrite = useMayWrite();
  const { tell } = useFlash();
  const [asking, setAsking] = useState<"cancel" | "remove">();
  if (!mayWrite) return null;
  const name = huntName(hunt);
  const on = goesOn(hunt);
  const variant = inline ? "inline-link" : "normal";
  return (
    <>
      <SpaceBetween direction="horizontal" size={inline ? "s" : "xs"}>
        {on && <Button variant={variant} ariaLabel={`Cancel ${visible(name)}`} onClick={() => setAsking("cancel")}>Cancel</Button>}
        <Button variant={variant} ariaLabel={`Delete ${visible(name)}`} onClick={() => setAsking("remove")}>Delete</Button>
      </SpaceBetween>
      {asking === "cancel" && (
        <Confirm
          title="Cancel the hunt?"
          action="Cancel the hunt"
          run={async () => onChanged(await cancelHunt(client, hunt.id))}
          onClose={() => setAsking(undefined)}
        >
          <Box><Text plain>{name}</Text> stops reading. What it has read is not judged: it has no findings.</Box>
        </Confirm>
      )}
      {asking === "remove" && (
        <Confirm
          title="Delete the hunt?"
          action="Delete"
          run={async () => {
            await removeHunt(client, hunt.id);
            tell({ type: "success", text: "The hunt is deleted.", id: "hunt" });
            onRemoved();
          }}
          onClose={() => setAsking(undefined)}
        >
          <Box>
            <Text plain>{name}</Text> and what it found are forgotten{on && "; it is cancelled first"}. Findings that were promoted stay in their detectors.
          </Box>
        </Confirm>
      )}
    </>
  );
}
