import HelpPanel from "@cloudscape-design/components/help-panel";
import { KEYS } from "./keys";

export function Help() {
  return (
    <HelpPanel header={<h2>Keys</h2>}>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>Filters</h3>
      <p>
        <code>=</code> equals, <code>:</code> matches with <code>*</code> and <code>?</code>, <code>!=</code> and{" "}
        <code>!:</code> are their opposites. Several <code>=</code> of one attribute are alternatives; all else must
        hold together. The address of a page holds its filter: a copied link shows the same.
      </p>
    </HelpPanel>
  );
}
