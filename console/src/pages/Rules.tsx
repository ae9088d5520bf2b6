import { DeleteFilterCommand, UpdateFilterCommand, type GetFilterResponse } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { follow, go, href } from "../app/router";
import { bySeverity, total } from "../api/findings";
import { listFilters } from "../api/filters";
import { useQuery } from "../api/useQuery";
import { PLAIN, toSearch } from "../logic/view";
import { fromCriteria, toCriteria } from "../logic/criteria";
import { toWord } from "../logic/token";
import { useMayWrite } from "../session/SessionContext";
import { Confirm } from "../shared/Confirm";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";

interface Row extends GetFilterResponse {
  /** Findings that meet it now, archived ones too. */
  hits: number;
}

export default function Rules() {
  const place = useDetector();
  const { client, detectorId, region } = place;
  const mayWrite = useMayWrite();
  const { tell, fail } = useFlash();
  const [removing, setRemoving] = useState<Row>();
  const query = useQuery("rules", async (signal): Promise<Row[]> => {
    const filters = await listFilters(place, signal);
    const hits = await Promise.all(filters.map((filter) => bySeverity(place, toCriteria(fromCriteria(filter.FindingCriteria)), signal)));
    return filters.map((filter, n) => ({ ...filter, hits: total(hits[n] ?? []) }));
  });

  async function turn(row: Row) {
    const suppress = row.Action !== "ARCHIVE";
    try {
      await client.send(new UpdateFilterCommand({ DetectorId: detectorId, FilterName: row.Name, Action: suppress ? "ARCHIVE" : "NOOP" }));
      tell({ type: "success", text: `${row.Name} ${suppress ? "suppresses findings now" : "is only a saved filter now"}.` });
      query.reload();
    } catch (error) {
      fail(`${row.Name} was not changed`, error);
    }
  }

  async function remove(row: Row) {
    await client.send(new DeleteFilterCommand({ DetectorId: detectorId, FilterName: row.Name }));
    tell({ type: "success", text: `${row.Name} is deleted.${row.Action === "ARCHIVE" ? " What it archived stays archived." : ""}` });
    query.reload();
  }

  const shown = (row: Row) => href(["findings"], toSearch({ ...PLAIN, tab: "all", tokens: fromCriteria(row.FindingCriteria) }, region));
  return (
    <PageLayout title="Suppression rules" description="They archive new findings that meet their criteria. Saved filters change nothing.">
      <Loaded query={query} what="the rules">
        {(rows) => (
          <Table
            items={rows}
            wrapLines
            loading={query.loading && rows.length === 0}
            ariaLabels={{ tableLabel: "Rules and saved filters" }}
            header={
              <Header
                counter={`(${rows.length})`}
                actions={mayWrite && <Button onClick={() => go(href(["findings"], `?in=${region}`))}>Filter findings to make one</Button>}
              >
                Rules and saved filters
              </Header>
            }
            empty={<Box>There are none. Filter the findings, then choose Suppress findings like these: it shows first what it would have hidden.</Box>}
            columnDefinitions={[
              {
                id: "name",
                header: "Name",
                minWidth: 150,
                isRowHeader: true,
                cell: (row) => (
                  <>
                    <Link href={shown(row)} onFollow={follow}><Text brief>{row.Name}</Text></Link>
                    {row.Description && <Box variant="small" display="block"><Text plain brief>{row.Description}</Text></Box>}
                  </>
                ),
              },
              {
                id: "action",
                header: "Does",
                minWidth: 150,
                cell: ({ Action }) =>
                  Action === "ARCHIVE" ? <StatusIndicator type="success">Suppresses</StatusIndicator> : <StatusIndicator type="stopped">Saved filter</StatusIndicator>,
              },
              { id: "criteria", header: "Criteria", cell: (row) => fromCriteria(row.FindingCriteria).map((token) => <div key={toWord(token)}><Text brief>{toWord(token)}</Text></div>) },
              { id: "rank", header: "Rank", cell: ({ Rank }) => Rank ?? "" },
              { id: "hits", header: "Findings that meet it", cell: ({ hits }) => hits.toLocaleString("en") },
              ...(mayWrite
                ? [
                    {
                      id: "actions",
                      header: "Actions",
                      cell: (row: Row) => (
                        <SpaceBetween direction="horizontal" size="xs">
                          <Button variant="inline-link" ariaLabel={`${row.Action === "ARCHIVE" ? "Pause" : "Suppress with"} ${row.Name}`} onClick={() => void turn(row)}>
                            {row.Action === "ARCHIVE" ? "Pause" : "Suppress"}
                          </Button>
                          <Button variant="inline-link" ariaLabel={`Delete ${row.Name}`} onClick={() => setRemoving(row)}>Delete</Button>
                        </SpaceBetween>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Loaded>
      {removing && (
        <Confirm title={`Delete ${removing.Name}?`} action="Delete" run={() => remove(removing)} onClose={() => setRemoving(undefined)}>
          <Box>
            {removing.Action === "ARCHIVE"
              ? "New findings that meet it will be current again. What it archived stays archived."
              : "It archives nothing: only the filter is gone."}
          </Box>
        </Confirm>
      )}
    </PageLayout>
  );
}
