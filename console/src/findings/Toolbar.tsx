import Button from "@cloudscape-design/components/button";
import ButtonDropdown, { type ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import ToggleButton from "@cloudscape-design/components/toggle-button";
import type { Finding } from "@aws-sdk/client-guardduty";
import { useScope } from "../app/region";
import type { Asked } from "../api/findings";
import { listFilters } from "../api/filters";
import { useQuery } from "../api/useQuery";
import type { View } from "../logic/view";
import { fromCriteria } from "../logic/criteria";
import { useMayWrite } from "../session/SessionContext";
import { FORMATS, isFormat, useExport } from "./useExport";

interface Props {
  view: View;
  asked: Asked;
  count?: number;
  selected: readonly Finding[];
  saved: number;
  loading: boolean;
  /** Whether a finding is shown beside the list; unknown where there is no room for one. */
  beside?: boolean;
  onBeside: () => void;
  onReload: () => void;
  onChange: (part: Partial<View>) => void;
  onSave: (what: "rule" | "filter") => void;
  onArchive: (archived: boolean) => void;
  onFeedback: (useful: boolean) => void;
}

const GROUPS: { id: NonNullable<View["group"]>; text: string }[] = [
  { id: "type", text: "By finding type" },
  { id: "resource", text: "By resource" },
  { id: "account", text: "By account" },
  { id: "severity", text: "By severity" },
];

export function Toolbar(props: Props) {
  const { view, asked, count, selected, saved, loading, beside, onBeside, onReload, onChange, onSave, onArchive, onFeedback } = props;
  const { places } = useScope();
  // Filters are of one detector.
  const only = places.length === 1 ? places[0] : undefined;
  const mayWrite = useMayWrite();
  const exportAs = useExport(asked, selected);
  const filters = useQuery(only && `filters/${saved}`, async (signal) =>
    (only ? await listFilters(only, signal) : []).filter((filter) => filter.Action !== "ARCHIVE"),
  );

  const act: ButtonDropdownProps["onItemClick"] = ({ detail: { id } }) => {
    if (isFormat(id)) void exportAs(id);
    else if (id === "rule" || id === "filter") onSave(id);
    else if (id === "useful" || id === "useless") onFeedback(id === "useful");
    else if (id === "none") onChange({ group: undefined });
    else if (id.startsWith("group-")) onChange({ group: id.slice(6) as View["group"] });
    else {
      const filter = filters.data?.find((one) => `filter-${one.Name}` === id);
      if (filter) onChange({ tokens: fromCriteria(filter.FindingCriteria) });
    }
  };
  const none = selected.length === 0;
  const kept = (filters.data ?? []).map(({ Name = "" }) => ({ id: `filter-${Name}`, text: Name }));
  return (
    <Header
      counter={count === undefined ? undefined : view.group ? `(${count.toLocaleString("en")} ${count === 1 ? "finding" : "findings"})` : `(${selected.length ? `${selected.length}/` : ""}${count.toLocaleString("en")})`}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Load again" loading={loading} onClick={onReload} />
          {beside !== undefined && (
            <ToggleButton iconName="view-vertical" pressedIconName="view-vertical" ariaLabel="Show a finding beside the list" pressed={beside} onChange={onBeside} />
          )}
          {mayWrite && view.tab !== "archived" && <Button disabled={none} onClick={() => onArchive(true)}>Archive</Button>}
          {mayWrite && view.tab === "archived" && <Button disabled={none} onClick={() => onArchive(false)}>Unarchive</Button>}
          <ButtonDropdown
            items={[
              { id: "groups", text: "Group", items: [...GROUPS.map(({ id, text }) => ({ id: `group-${id}`, text })), { id: "none", text: "Not grouped", disabled: !view.group }] },
              ...(kept.length ? [{ id: "kept", text: "Saved filters", items: kept }] : []),
              ...(mayWrite && only
                ? [{ id: "keep", text: "This filter", items: [{ id: "filter", text: "Save this filter" }, { id: "rule", text: "Suppress findings like these" }] }]
                : []),
              ...(mayWrite
                ? [{ id: "feedback", text: "Feedback on selected", items: [{ id: "useful", text: "Useful", disabled: none }, { id: "useless", text: "Not useful", disabled: none }] }]
                : []),
              { id: "export", text: none ? "Export all" : "Export selected", items: FORMATS },
            ]}
            onItemClick={act}
          >
            Actions
          </ButtonDropdown>
        </SpaceBetween>
      }
    >
      {view.group ? GROUPS.find(({ id }) => id === view.group)?.text : "Findings"}
    </Header>
  );
}
