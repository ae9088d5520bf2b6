import Box from "@cloudscape-design/components/box";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { doing, goesOn, share, stateSign, took, type Hunt } from "../logic/hunts";
import { bytes } from "../logic/sources";
import { visible } from "../logic/visible";
import { Text } from "../shared/Text";

/** How far a hunt is. `now` is in milliseconds. */
export function HuntState({ hunt, now }: { hunt: Hunt; now: number }) {
  const { type, text } = stateSign(hunt.state);
  const read = share(hunt);
  const line = doing(hunt);
  const lasted = took(hunt, now);
  return (
    <>
      <StatusIndicator type={type}>{visible(text)}</StatusIndicator>
      {hunt.state === "reading" && read !== undefined && (
        <ProgressBar value={Math.floor(read * 100)} ariaLabel="Read" additionalInfo={amounts(hunt)} />
      )}
      {line && <Box variant="small" display="block">{line}</Box>}
      {!goesOn(hunt) && lasted && <Box variant="small" display="block">Took {lasted}</Box>}
      {hunt.why && <Box variant="small" display="block"><Text plain>{hunt.why}</Text></Box>}
    </>
  );
}

function amounts({ progress }: Hunt): string | undefined {
  return progress.bytes ? `${bytes(progress.bytesRead ?? 0)} of ${bytes(progress.bytes)}` : undefined;
}
