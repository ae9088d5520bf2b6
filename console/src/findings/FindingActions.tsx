import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Finding } from "@aws-sdk/client-guardduty";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useKeys } from "../app/keys";
import { useDetector } from "../app/region";
import { command } from "../logic/cli";
import type { Token } from "../logic/token";
import { resourceOf } from "../logic/resource";
import { useMayWrite } from "../session/SessionContext";
import { SaveFilter } from "./SaveFilter";
import { useActions } from "./useActions";

interface Props {
  finding: Finding;
  onChanged: () => void;
  /** Beside a list, whose keys are its own. */
  beside?: boolean;
}

/** The type and the resource: what "findings like this" means. */
function like(finding: Finding): Token[] {
  const { id, path } = resourceOf(finding);
  const type: Token = { path: "type", operator: "=", value: finding.Type ?? "" };
  return path ? [type, { path, operator: "=", value: id }] : [type];
}

export function FindingActions({ finding, onChanged, beside }: Props) {
  const { region, detectorId } = useDetector();
  const mayWrite = useMayWrite();
  const { tell, fail } = useFlash();
  const { archive, feedback } = useActions(onChanged);
  const [suppressing, setSuppressing] = useState(false);
  const id = finding.Id ?? "";
  const archived = finding.Service?.Archived === true;

  async function copy(what: string, text: string) {
    try {
      await navigator.clipboard.writeText(text);
      tell({ type: "success", text: `${what} is copied.`, id: "copy" });
    } catch (error) {
      fail("The browser does not let this page copy", error);
    }
  }

  const named = { "detector-id": detectorId, "finding-ids": id };
  useKeys(beside ? {} : { e: () => void (mayWrite && archive([finding], !archived)) });
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {mayWrite && <Button onClick={() => void archive([finding], !archived)}>{archived ? "Unarchive" : "Archive"}</Button>}
      <ButtonDropdown
        items={[
          ...(mayWrite
            ? [
                { id: "suppress", text: "Suppress findings like this" },
                { id: "useful", text: "Useful" },
                { id: "useless", text: "Not useful" },
              ]
            : []),
          { id: "cli", text: "Copy as CLI: get this finding" },
          { id: "cli-archive", text: "Copy as CLI: archive it" },
          { id: "json", text: "Copy JSON" },
        ]}
        onItemClick={({ detail }) => {
          switch (detail.id) {
            case "suppress":
              return setSuppressing(true);
            case "useful":
            case "useless":
              return void feedback([finding], detail.id === "useful");
            case "cli":
              return void copy("The command", command("get-findings", region, named));
            case "cli-archive":
              return void copy("The command", command("archive-findings", region, named));
            default:
              return void copy("The JSON", JSON.stringify(finding, null, 2));
          }
        }}
      >
        Actions
      </ButtonDropdown>
      {suppressing && <SaveFilter tokens={like(finding)} suppress onClose={() => setSuppressing(false)} onSaved={onChanged} />}
    </SpaceBetween>
  );
}
