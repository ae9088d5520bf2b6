import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Pagination from "@cloudscape-design/components/pagination";
import type { PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import type { Finding } from "@aws-sdk/client-guardduty";
import { lazy, Suspense, useEffect, useMemo, useRef, useState, type MouseEvent } from "react";
import { LEAVE, useKeys } from "../app/keys";
import { useScope } from "../app/region";
import { go, href } from "../app/router";
import { total } from "../api/findings";
import { statisticsOf } from "../api/places";
import { useQuery } from "../api/useQuery";
import type { View } from "../logic/view";
import { useMayWrite } from "../session/SessionContext";
import { Faults } from "../shared/Faults";
import { ProblemAlert } from "../shared/ProblemAlert";
import { useModest, useNarrow } from "../shared/useNarrow";
import { columns, narrowColumns, SHOWN } from "./columns";
import { Filter } from "./Filter";
import { FindingPanel } from "./FindingPanel";
import { Groups } from "./Groups";
import { NoFindings } from "./NoFindings";
import { Toolbar } from "./Toolbar";
import { useActions } from "./useActions";
import { useBeside } from "./useBeside";
import { useFindings } from "./useFindings";
import { useNew } from "./useNew";

interface Props {
  view: View;
  change: (part: Partial<View>, replace?: boolean) => void;
  types: readonly string[];
  onSave: (what: "rule" | "filter") => void;
  saved: number;
}

/** Its calendar is as large as the rest of the page. */
const TimeRange = lazy(() => import("./TimeRange"));
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
  const { query, renew, criteria, asked, page, pages, openEnd, show } = useFindings(view);
  const counts = useQuery(JSON.stringify(criteria), async (signal) => (await statisticsOf(places, criteria, "SEVERITY", {}, signal)).found.GroupedBySeverity ?? []);
  const mayWrite = useMayWrite();
  const [selected, setSelected] = useState<Finding[]>([]);
  const [cursor, setCursor] = useState(-1);
  const [shown, setShown] = useState(storedColumns);
  const filter = useRef<PropertyFilterProps.Ref>(null);
  const table = useRef<HTMLDivElement>(null);
  const findings = useMemo(() => query.data?.findings ?? [], [query.data]);
  const narrow = useNarrow();
  const beside = useBeside(view, change, findings, narrow);
  const isOpen = beside.id !== undefined;
  const compact = useModest() && isOpen;
  const changed = () => {
    beside.acted();
    setSelected([]);
    query.reload();
    counts.reload();
  };
  const { archive, feedback } = useActions(changed);

  useEffect(() => {
    setSelected([]);
    setCursor(beside.at);
  }, [query.data]);
  // Keys go on from the finding that is shown beside the list, also when it is closed.
  useEffect(() => {
    if (beside.at >= 0) setCursor(beside.at);
  }, [beside.at]);

  const focus = (at: number) => table.current?.querySelectorAll<HTMLElement>("tbody tr")[at]?.querySelector<HTMLElement>("a[href]")?.focus();
  const move = (by: number) => {
    const at = Math.max(0, Math.min(findings.length - 1, cursor + by));
    setCursor(at);
    focus(at);
    if (isOpen) beside.show(findings[at], true);
  };
  // The table has other columns beside a panel: what had the focus is gone then, and its row has it again.
  const kept = useRef(-1);
  useEffect(() => {
    focus(kept.current);
    kept.current = -1;
  }, [isOpen]);
  const close = () => {
    kept.current = cursor;
    beside.close();
  };
  const open = (finding: Finding | undefined) => {
    kept.current = finding ? findings.indexOf(finding) : -1;
    beside.show(finding, isOpen);
  };
  const toggle = () => (isOpen ? close() : open(at ?? selected[0] ?? findings[0]));
  /** Arrows scroll the page, except in the list and while a finding is beside it. */
  const arrow = (by: number) => (event: KeyboardEvent) => {
    const { target } = event;
    if (!(target instanceof HTMLElement)) return LEAVE;
    const idle = target === document.body || target.id === "content";
    const inList = target.closest("tbody") !== null && table.current?.contains(target);
    return (isOpen && idle) || inList ? move(by) : LEAVE;
  };
  /** A click on a row, and not on something in it that has a meaning of its own. */
  const pick = ({ target }: MouseEvent) => {
    if (narrow || !(target instanceof Element) || target.closest("a, button, input, label, td:first-child")) return;
    if (window.getSelection()?.isCollapsed === false) return;
    const row = target.closest("tbody tr");
    open(findings[[...(table.current?.querySelectorAll("tbody tr") ?? [])].findIndex((one) => one === row)]);
  };
  const at = findings[cursor];
  useKeys({
    "/": () => filter.current?.focus(),
    j: () => move(1),
    k: () => move(-1),
    x: () => at && setSelected((all) => (all.includes(at) ? all.filter((one) => one !== at) : [...all, at])),
    e: () => mayWrite && void archive(selected.length ? selected : at ? [at] : [], view.tab !== "archived"),
    ArrowDown: arrow(1),
    ArrowUp: arrow(-1),
    o: () => (narrow ? LEAVE : toggle()),
    Escape: () => (isOpen ? close() : LEAVE),
    Enter: () => at?.Id && go(href(["findings", at.Id], `?in=${regionOf(at)}`)),
  });

  const regionOf = (finding: Finding) => (all ? (finding.Region ?? region) : region);
  const slim = narrow || compact;
  const definitions = useMemo(() => (slim ? narrowColumns : columns)(all, region, beside.id), [slim, all, region, beside.id]);
  const count = counts.data && total(counts.data);
  const added = useNew(places, criteria, count);
  const reload = () => {
    renew();
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
    <div className="filters">
      <Filter
        focus={filter}
        tokens={view.tokens}
        types={types}
        count={count === undefined ? undefined : `${count.toLocaleString("en")} ${count === 1 ? "finding" : "findings"}`}
        onChange={(tokens) => change({ tokens })}
      />
      <Suspense fallback={<div className="time-range" />}><TimeRange range={view.range} onChange={(range) => change({ range })} /></Suspense>
    </div>
  );
  const toolbar = (
    <Toolbar
      view={view}
      asked={asked}
      count={count}
      selected={selected}
      saved={saved}
      loading={query.loading}
      beside={narrow || view.group || findings.length === 0 ? undefined : isOpen}
      onBeside={toggle}
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
    <>
      <div ref={table} onClick={pick}>
        {news}
        {(query.problem || (query.data?.faults.length ?? 0) > 0) && (
          <Box padding={{ bottom: "s" }}>
            <SpaceBetween size="s">
              <Faults faults={query.data?.faults} />
              {query.problem && <ProblemAlert problem={query.problem} what="the findings" onRetry={query.reload} />}
            </SpaceBetween>
          </Box>
        )}
        <Table
          items={findings}
          trackBy="Id"
          columnDefinitions={definitions}
          columnDisplay={definitions.map(({ id = "" }) => ({ id, visible: shown.includes(id) }))}
          variant="container"
          resizableColumns={!slim}
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
          empty={query.data ? <NoFindings view={view} onChange={change} /> : <Box>Which findings there are is not known.</Box>}
          ariaLabels={{
            tableLabel: "Findings",
            selectionGroupLabel: "Selection of findings",
            allItemsSelectionLabel: () => "Select all of this page",
            itemSelectionLabel: (_, finding) => `Select ${finding.Type} (${finding.Id})`,
          }}
          header={toolbar}
          filter={head}
          pagination={slim && pages === 1 ? undefined : (
            <Pagination
              currentPageIndex={page}
              pagesCount={pages}
              openEnd={openEnd}
              disabled={query.loading}
              onChange={({ detail }) => show(detail.currentPageIndex)}
              onNextPageClick={({ detail }) => detail.requestedPageAvailable || show(detail.requestedPageIndex)}
              ariaLabels={{ nextPageLabel: "Next page", previousPageLabel: "Previous page", pageLabel: (n) => `Page ${n}` }}
            />
          )}
          preferences={slim ? undefined : (
            <CollectionPreferences
              title="Columns"
              confirmLabel="Confirm"
              cancelLabel="Cancel"
              preferences={{ contentDisplay: definitions.map(({ id = "" }) => ({ id, visible: shown.includes(id) })) }}
              contentDisplayPreference={{
                options: definitions.map(({ id = "", header }) => ({ id, label: String(header), alwaysVisible: id === "type" })),
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
      {beside.id !== undefined && !narrow && (
        <FindingPanel
          id={beside.id}
          region={beside.region}
          listed={findings[beside.at]}
          at={beside.at}
          count={findings.length}
          onMove={move}
          onClose={close}
          onChanged={changed}
        />
      )}
    </>
  );
}
