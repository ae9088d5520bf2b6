import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Pagination from "@cloudscape-design/components/pagination";
import type { PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import type { Finding } from "@aws-sdk/client-guardduty";
import { useEffect, useMemo, useRef, useState } from "react";
import { useKeys } from "../app/keys";
import { useScope } from "../app/region";
import { go, href } from "../app/router";
import { total } from "../api/findings";
import { statisticsOf } from "../api/places";
import { useQuery } from "../api/useQuery";
import type { View } from "../logic/address";
import { Faults } from "../shared/Faults";
import { ProblemAlert } from "../shared/ProblemAlert";
import { useNarrow } from "../shared/useNarrow";
import { columns, narrowColumns, SHOWN } from "./columns";
import { Filter } from "./Filter";
import { Groups } from "./Groups";
import { Toolbar } from "./Toolbar";
import { useActions } from "./useActions";
import { useFindings } from "./useFindings";
import { useNew } from "./useNew";

interface Props {
  view: View;
  change: (part: Partial<View>) => void;
  types: readonly string[];
  onSave: (what: "rule" | "filter") => void;
  saved: number;
}

const COLUMNS_KEY = "picquet-columns";

function storedColumns(): string[] {
  try {
    const stored: unknown = JSON.parse(window.localStorage.getItem(COLUMNS_KEY) ?? "null");
    return Array.isArray(stored) && stored.includes("type") ? (stored as string[]) : SHOWN;
  } catch {
    return SHOWN;
  }
}

export function FindingsTable({ view, change, types, onSave, saved }: Props) {
  const { places, region, all } = useScope();
  const { query, criteria, asked, page, pages, openEnd, show } = useFindings(view);
  const counts = useQuery(JSON.stringify(criteria), async (signal) => (await statisticsOf(places, criteria, "SEVERITY", {}, signal)).found.GroupedBySeverity ?? []);
  const [selected, setSelected] = useState<Finding[]>([]);
  const [cursor, setCursor] = useState(-1);
  const [shown, setShown] = useState(storedColumns);
  const filter = useRef<PropertyFilterProps.Ref>(null);
  const table = useRef<HTMLDivElement>(null);
  const findings = useMemo(() => query.data?.findings ?? [], [query.data]);
  const { archive, feedback } = useActions(() => {
    setSelected([]);
    query.reload();
    counts.reload();
  });

  useEffect(() => {
    setSelected([]);
    setCursor(-1);
  }, [query.data]);

  const move = (by: number) => {
    const at = Math.max(0, Math.min(findings.length - 1, cursor + by));
    setCursor(at);
    table.current?.querySelectorAll<HTMLElement>("tbody tr")[at]?.querySelector<HTMLElement>("a[href]")?.focus();
  };
  const at = findings[cursor];
  useKeys({
    "/": () => filter.current?.focus(),
    j: () => move(1),
    k: () => move(-1),
    x: () => at && setSelected((all) => (all.includes(at) ? all.filter((one) => one !== at) : [...all, at])),
    e: () => void archive(selected.length ? selected : at ? [at] : [], view.tab !== "archived"),
    Enter: () => at?.Id && go(href(["findings", at.Id], `?in=${regionOf(at)}`)),
  });

  const regionOf = (finding: Finding) => (all ? (finding.Region ?? region) : region);
  const narrow = useNarrow();
  const definitions = useMemo(() => (narrow ? narrowColumns : columns)(all, region), [narrow, all, region]);
  const count = counts.data && total(counts.data);
  const added = useNew(places, criteria, count);
  const reload = () => {
    query.reload();
    counts.reload();
  };
  const news = (
    <div role="status">
      {added > 0 && (
        <Box padding={{ bottom: "s" }}>
          <Button
            iconName="refresh"
            onClick={() => {
              show(1);
              reload();
            }}
          >
            {added.toLocaleString("en")} new, show
          </Button>
        </Box>
      )}
    </div>
  );
  const head = (
    <Filter
      focus={filter}
      tokens={view.tokens}
      types={types}
      count={count === undefined ? undefined : `${count.toLocaleString("en")} ${count === 1 ? "finding" : "findings"}`}
      onChange={(tokens) => change({ tokens })}
    />
  );
  const toolbar = (
    <Toolbar
      view={view}
      asked={asked}
      count={count}
      selected={selected}
      saved={saved}
      loading={query.loading}
      onReload={reload}
      onChange={change}
      onSave={onSave}
      onArchive={(archived) => void archive(selected, archived)}
      onFeedback={(useful) => void feedback(selected, useful)}
    />
  );
  if (view.group) {
    return (
      <SpaceBetween size="s">
        {toolbar}
        {head}
        <Groups key={view.group} view={{ ...view, group: view.group }} criteria={criteria} />
      </SpaceBetween>
    );
  }
  return (
    <div ref={table}>
      {news}
      <Faults faults={query.data?.faults} />
      {query.problem && <ProblemAlert problem={query.problem} what="the findings" onRetry={query.reload} />}
      <Table
        items={findings}
        trackBy="Id"
        columnDefinitions={definitions}
        columnDisplay={definitions.map(({ id = "" }) => ({ id, visible: shown.includes(id) || id === "region" }))}
        variant="container"
        resizableColumns={!narrow}
        stickyHeader={!narrow}
        wrapLines
        selectionType="multi"
        selectedItems={selected}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        sortingColumn={{ sortingField: view.sort }}
        sortingDescending={view.descending}
        onSortingChange={({ detail }) => change({ sort: detail.sortingColumn.sortingField ?? view.sort, descending: detail.isDescending ?? false })}
        loading={query.loading && findings.length === 0}
        loadingText="Loading the findings"
        empty={<Empty view={view} onClear={() => change({ tokens: [] })} />}
        ariaLabels={{
          tableLabel: "Findings",
          selectionGroupLabel: "Selection of findings",
          allItemsSelectionLabel: () => "Select all of this page",
          itemSelectionLabel: (_, finding) => `Select ${finding.Type} (${finding.Id})`,
        }}
        header={toolbar}
        filter={head}
        pagination={
          <Pagination
            currentPageIndex={page}
            pagesCount={pages}
            openEnd={openEnd}
            disabled={query.loading}
            onChange={({ detail }) => show(detail.currentPageIndex)}
            onNextPageClick={({ detail }) => detail.requestedPageAvailable || show(detail.requestedPageIndex)}
            ariaLabels={{ nextPageLabel: "Next page", previousPageLabel: "Previous page", pageLabel: (n) => `Page ${n}` }}
          />
        }
        preferences={narrow ? undefined : (
          <CollectionPreferences
            title="Columns"
            confirmLabel="Confirm"
            cancelLabel="Cancel"
            preferences={{ contentDisplay: definitions.map(({ id = "" }) => ({ id, visible: shown.includes(id) || id === "region" })) }}
            contentDisplayPreference={{
              options: definitions.map(({ id = "", header }) => ({ id, label: String(header), alwaysVisible: id === "type" || id === "region" })),
            }}
            onConfirm={({ detail }) => {
              const chosen = (detail.contentDisplay ?? []).filter((one) => one.visible).map((one) => one.id);
              window.localStorage.setItem(COLUMNS_KEY, JSON.stringify(chosen));
              setShown(chosen);
            }}
          />
        )}
      />
    </div>
  );
}

/** There is nothing yet, or the filter hides it: two different things. */
function Empty({ view, onClear }: { view: View; onClear: () => void }) {
  if (view.tokens.length > 0) {
    return (
      <SpaceBetween size="s" alignItems="center">
        <Box>No finding meets the filter.</Box>
        <Button onClick={onClear}>Clear the filter</Button>
      </SpaceBetween>
    );
  }
  if (view.tab === "archived") return <Box>Nothing is archived.</Box>;
  return (
    <Box>
      <strong>No findings.</strong> Nothing has been found yet, or no logs were read: <code>picquet scan LOGS --data-dir FOLDER</code>{" "}
      fills this detector. Sample findings can be made in Settings.
    </Box>
  );
}
