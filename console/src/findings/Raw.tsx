import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { visible } from "../logic/visible";

/** A document as text. What would not be seen is written out in the page and copied as it is. */
export function Raw({ value }: { value: unknown }) {
  const json = JSON.stringify(value, null, 2);
  const shown = json.split("\n").map(visible).join("\n");
  return (
    <SpaceBetween size="s">
      <CopyToClipboard copyButtonText="Copy" copySuccessText="Copied" copyErrorText="The browser does not let this page copy" textToCopy={json} />
      <pre className="raw" tabIndex={0} aria-label="Raw JSON">{shown}</pre>
    </SpaceBetween>
  );
}
