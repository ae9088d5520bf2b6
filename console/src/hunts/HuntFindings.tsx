import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useEffect, useMemo, useState } from "react";
import { useScope } from "../app/region";
import { go, href, usePlace } from "../app/router";
import { useFlash } from "../app/flash";
import { foundBy, type Promoted } from "../api/hunts";
import { useQuery } from "../api/useQuery";
import { downloadJson, downloadTable } from "../findings/download";
import { briefsCsv } from "../logic/briefs";
import { isPromotable, LIVE, type Brief, type Compared, type Hunt, type LiveState } from "../logic/hunts";
import { huntSearch, huntView, PLAIN_HUNT, ROWS, shown, standings, type HuntView, type Sort } from "../logic/huntView";
import { visible } from "../logic/visible";
import { useMayWrite } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { useModest, useNarrow } from "../shared/useNarrow";
import { columns } from "./columns";
import { HuntFindingBeside } from "./HuntFinding";
import { OnlyLive } from "./OnlyLive";
import { Promote, Refused } from "./Promote";
import { useReach } from "./useReach";

/** What a hunt found, beside what its detectors have. */
export function HuntFindings({ hunt }: { hunt: Hunt }) {
  const { client } = useScope();
  const reach = useReach();
  const query = useQuery(`${hunt.id}/findings`, (signal) => foundBy(client, hunt.id, signal));
  return (
    <Loaded query={query} what="what the hunt found">
      {(compared) => (
        <SpaceBetween size="l">
          <All hunt={hunt} compared={compared} loading={query.loading} reach={reach} onReload={query.reload} />
          <OnlyLive briefs={compared.onlyLive} more={compared.onlyLiveMore === true} reach={reach} />
        </SpaceBetween>
      )}
    </Loaded>
  );
}

interface Props {
  hunt: Hunt;
  compared: Compared;
  loading: boolean;
  reach: (brief: Brief) => string | undefined;
  onReload: () => void;
}

function All({ hunt, compared: { findings }, loading, reach, onReload }: Props) {
  const { region } = useScope();
  const { parts, search } = usePlace();
  const { tell } = useFlash();
  const { view, faults } = useMemo(() => huntView(search), [search]);
  const mayWrite = useMayWrite();
  const narrow = useNarrow();
  const [text, setText] = useState(view.text);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [promoting, setPromoting] = useState(false);
  const [refused, setRefused] = useState<Promoted["refused"]>([]);
  const compact = useModest() && view.open !== undefined;
  useEffect(() => setText(view.text), [view.text]);

  const change = (part: Partial<HuntView>, replace = false) => go(href(parts, huntSearch({ ...view, page: 1, ...part }, region)), replace);
  const left = useMemo(() => shown(findings, view), [findings, view]);
  const counts = useMemo(() => standings(findings), [findings]);
  const pages = Math.max(1, Math.ceil(left.length / ROWS));
  const page = Math.min(view.page, pages);
  const rows = left.slice((page - 1) * ROWS, page * ROWS);
  // What is chosen may be on another page, and not what the filter hides.
  const selected = left.filter((one) => chosen.includes(one.id));
  const open = findings.find(({ id }) => id === view.open);
  const definitions = columns({ narrow: narrow || compact, open: view.open, reach, whole: (id) => href(["hunts", hunt.id, id], `?in=${region}`), beside: (id) => (narrow ? go(href(["hunts", hunt.id, id], `?in=${region}`)) : change({ open: id, page }, view.open !== undefined)) });

  // There is no room beside a narrow list.
  useEffect(() => {
    if (narrow && view.open) go(href(["hunts", hunt.id, view.open], `?in=${region}`), true);
  }, [narrow, view.open, hunt.id, region]);

  function exportAs(format: string) {
    const some = selected.length > 0 ? selected : left;
    if (format === "csv") downloadTable(briefsCsv(some), new Date());
    else downloadJson(some, "json", new Date());
    tell({ id: "export", type: "success", text: `${some.length.toLocaleString("en")} ${some.length === 1 ? "finding was" : "findings were"} exported.` });
  }

  const options = (["all", ...Object.keys(LIVE)] as HuntView["show"][])
    .filter((value) => value === "all" || value === view.show || counts[value] > 0 || value !== "no-detector")
    .map((value) => ({ value, label: `${value === "all" ? "All" : LIVE[value as LiveState].text} (${counts[value].toLocaleString("en")})` }));
  const { total = findings.length, kept = findings.length } = hunt.findings ?? {};
  return (
    <SpaceBetween size="s">
      {faults.length > 0 && (
        <Alert type="warning" header="Part of the address was not understood">{faults.map((fault) => <div key={fault}>{visible(fault)}</div>)}</Alert>
      )}
      <Refused refused={refused} findings={findings} onClose={() => setRefused([])} />
      <Table
        items={rows}
        trackBy="id"
        wrapLines
        columnDefinitions={definitions}
        selectionType={mayWrite ? "multi" : undefined}
        selectedItems={selected}
        isItemDisabled={(one) => !isPromotable(one)}
        onSelectionChange={({ detail }) => {
          const here = new Set(rows.map(({ id }) => id));
          setChosen([...chosen.filter((id) => !here.has(id)), ...detail.selectedItems.map(({ id }) => id)]);
        }}
        sortingColumn={{ sortingField: view.sort }}
        sortingDescending={view.descending}
        onSortingChange={({ detail }) => change({ sort: (detail.sortingColumn.sortingField ?? view.sort) as Sort, descending: detail.isDescending ?? false })}
        ariaLabels={{
          tableLabel: "What the hunt found",
          selectionGroupLabel: "Selection of findings",
          allItemsSelectionLabel: () => "Select all of this page that are not there",
          itemSelectionLabel: (_, { type, id }) => `Select ${visible(type)} (${visible(id)})`,
        }}
        header={
          <Header
            counter={`(${selected.length ? `${selected.length}/` : ""}${left.length.toLocaleString("en")})`}
            description={kept < total ? `The ${kept.toLocaleString("en")} severest of ${total.toLocaleString("en")} are kept.` : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Compare again" loading={loading} onClick={onReload} />
                <ButtonDropdown
                  items={[{ id: "json", text: "JSON" }, { id: "csv", text: "CSV" }]}
                  disabled={left.length === 0}
                  onItemClick={({ detail }) => exportAs(detail.id)}
                >
                  {selected.length > 0 ? "Export selected" : "Export"}
                </ButtonDropdown>
                {mayWrite && <Button disabled={selected.length === 0} onClick={() => setPromoting(true)}>Promote to findings</Button>}
              </SpaceBetween>
            }
          >
            What the hunt found
          </Header>
        }
        filter={
          <div className="filters labelled">
            <TextFilter
              filteringText={text}
              filteringPlaceholder="Type, title, resource, account or region"
              filteringAriaLabel="Filter the findings"
              filteringClearAriaLabel="Clear the filter"
              countText={view.text ? `${left.length.toLocaleString("en")} ${left.length === 1 ? "finding" : "findings"}` : undefined}
              onChange={({ detail }) => setText(detail.filteringText)}
              onDelayedChange={({ detail }) => change({ text: detail.filteringText.slice(0, 200) }, true)}
            />
            <div className="time-range">
              <Select
                inlineLabelText="In the detector"
                options={options}
                selectedOption={options.find(({ value }) => value === view.show) ?? null}
                expandToViewport
                onChange={({ detail }) => change({ show: detail.selectedOption.value as HuntView["show"] })}
              />
            </div>
          </div>
        }
        pagination={pages > 1 && (
          <Pagination
            currentPageIndex={page}
            pagesCount={pages}
            onChange={({ detail }) => change({ page: detail.currentPageIndex })}
            ariaLabels={{ nextPageLabel: "Next page", previousPageLabel: "Previous page", pageLabel: (n) => `Page ${n}` }}
          />
        )}
        empty={<Nothing hunt={hunt} hidden={findings.length} onClear={() => change(PLAIN_HUNT)} />}
      />
      {open && !narrow && <HuntFindingBeside hunt={hunt.id} found={open} onClose={() => change({ open: undefined, page })} />}
      {promoting && (
        <Promote
          hunt={hunt.id}
          findings={selected}
          onClose={() => setPromoting(false)}
          onDone={({ promoted, refused: not }) => {
            setRefused(not);
            setChosen([]);
            if (promoted.length > 0) tell({ id: "promote", type: "success", text: `${promoted.length.toLocaleString("en")} ${promoted.length === 1 ? "finding is" : "findings are"} in ${promoted.length === 1 ? "its detector" : "their detectors"} now.` });
            onReload();
          }}
        />
      )}
    </SpaceBetween>
  );
}

interface NothingProps {
  hunt: Hunt;
  hidden: number;
  onClear: () => void;
}

function Nothing({ hunt, hidden, onClear }: NothingProps) {
  const { objectsRead, records } = hunt.progress;
  const read = Object.values(records ?? {}).reduce((a, b) => a + b, 0);
  if (hidden > 0) {
    return (
      <SpaceBetween size="s">
        <Box>The filter hides all {hidden.toLocaleString("en")}.</Box>
        <Button onClick={onClear}>Clear the filter</Button>
      </SpaceBetween>
    );
  }
  return <Box>Nothing was found in {read.toLocaleString("en")} {read === 1 ? "record" : "records"} of {(objectsRead ?? 0).toLocaleString("en")} {objectsRead === 1 ? "object" : "objects"}.</Box>;
}

