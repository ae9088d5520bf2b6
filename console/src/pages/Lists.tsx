import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useEffect, useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { activateList, allLists, KINDS, removeList, type ListRow } from "../api/lists";
import { useQuery } from "../api/useQuery";
import { stateName } from "../logic/sentences";
import { useMayWrite } from "../session/SessionContext";
import { Confirm } from "../shared/Confirm";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { LookUp } from "./LookUp";
import { NewListForm } from "./NewListForm";

const STATES: Record<string, StatusIndicatorProps.Type> = {
  ACTIVE: "success",
  INACTIVE: "stopped",
  ACTIVATING: "in-progress",
  DEACTIVATING: "in-progress",
  DELETE_PENDING: "in-progress",
  ERROR: "error",
};
/** A list that is being fetched is looked at again after so long, in milliseconds. */
const AGAIN = 2000;

const isOn = (row: ListRow) => row.status === "ACTIVE" || row.status === "ACTIVATING";

export default function Lists() {
  const place = useDetector();
  const mayWrite = useMayWrite();
  const { tell, fail } = useFlash();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<ListRow>();
  const query = useQuery("lists", () => allLists(place));
  const { data, reload } = query;
  const waiting = data?.some((row) => STATES[row.status] === "in-progress") ?? false;
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(reload, AGAIN);
    return () => clearTimeout(timer);
  }, [waiting, data, reload]);

  async function turn(row: ListRow) {
    try {
      await activateList(place, row, !isOn(row));
      reload();
    } catch (error) {
      fail(`${row.name} was not changed`, error);
    }
  }

  return (
    <PageLayout title="Lists" description="Addresses and domains that raise findings, or never do. A trusted entry wins over every threat list.">
      <SpaceBetween size="l">
        <Loaded query={query} what="the lists">
          {(rows) => (
            <Table
              items={rows}
              wrapLines
              ariaLabels={{ tableLabel: "Lists" }}
              header={
                <Header counter={`(${rows.length})`} actions={mayWrite && <Button variant="primary" onClick={() => setAdding(true)}>Add a list</Button>}>
                  Lists of {place.region}
                </Header>
              }
              empty={<Box>There is no list of your own. Picquet's bundled lists are used all the same.</Box>}
              columnDefinitions={[
                { id: "name", header: "Name", minWidth: 120, cell: (row) => <Text brief>{row.name}</Text>, isRowHeader: true },
                { id: "kind", header: "Kind", minWidth: 125, cell: (row) => KINDS[row.kind].name },
                {
                  id: "status",
                  header: "Status",
                  minWidth: 130,
                  cell: (row) => (
                    <>
                      <StatusIndicator type={STATES[row.status] ?? "info"}>{stateName(row.status)}</StatusIndicator>
                      {row.error && <Box variant="small" display="block"><Text plain>{row.error}</Text></Box>}
                    </>
                  ),
                },
                { id: "location", header: "Location", cell: (row) => <Text>{row.location}</Text> },
                { id: "format", header: "Format", cell: (row) => row.format },
                { id: "updated", header: "Updated", cell: (row) => <Time at={row.updatedAt} /> },
                ...(mayWrite
                  ? [
                      {
                        id: "actions",
                        header: "Actions",
                        cell: (row: ListRow) => (
                          <SpaceBetween direction="horizontal" size="xs">
                            <Button variant="inline-link" ariaLabel={`${isOn(row) ? "Deactivate" : "Activate"} ${row.name}`} onClick={() => void turn(row)}>
                              {isOn(row) ? "Deactivate" : "Activate"}
                            </Button>
                            <Button variant="inline-link" ariaLabel={`Delete ${row.name}`} onClick={() => setRemoving(row)}>Delete</Button>
                          </SpaceBetween>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
          )}
        </Loaded>
        <LookUp />
      </SpaceBetween>
      {adding && <NewListForm onClose={() => setAdding(false)} onAdded={reload} />}
      {removing && (
        <Confirm
          title={`Delete ${removing.name}?`}
          action="Delete"
          onClose={() => setRemoving(undefined)}
          run={async () => {
            await removeList(place, removing);
            tell({ type: "success", text: `${removing.name} is deleted.` });
            reload();
          }}
        >
          <Box>What it lists is no longer looked for. The file that it came from stays.</Box>
        </Confirm>
      )}
    </PageLayout>
  );
}
