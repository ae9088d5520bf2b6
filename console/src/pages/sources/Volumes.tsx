import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { bytes, kindName, moment, type Volume } from "../../logic/sources";
import { Text } from "../../shared/Text";
import { Time } from "../../shared/Time";

/** What was read of each account, region and kind of logs, since the store was made. */
export function Volumes({ volumes }: { volumes: readonly Volume[] }) {
  return (
    <Table
      items={volumes}
      wrapLines
      ariaLabels={{ tableLabel: "Volumes" }}
      header={<Header counter={`(${volumes.length})`} description="What continuous reading has read; bytes are uncompressed">Volumes by account, region and source</Header>}
      empty={<Box>Nothing is counted: what <code>picquet scan</code> reads is not kept here.</Box>}
      columnDefinitions={[
        { id: "account", header: "Account", isRowHeader: true, minWidth: 135, cell: ({ account }) => <Text plain>{account}</Text> },
        { id: "region", header: "Region", minWidth: 125, cell: ({ region }) => <Text plain>{region || "-"}</Text> },
        { id: "kind", header: "Source", cell: ({ kind }) => <Text plain>{kindName(kind)}</Text> },
        { id: "objects", header: "Objects", cell: ({ objects }) => objects.toLocaleString("en") },
        { id: "records", header: "Records", cell: ({ records }) => records.toLocaleString("en") },
        { id: "bytes", header: "Volume", minWidth: 110, cell: (volume) => bytes(volume.bytes) },
        { id: "event", header: "Latest event", cell: ({ lastEvent }) => <Time at={moment(lastEvent)} /> },
        { id: "read", header: "Last read", cell: ({ lastRead }) => <Time at={moment(lastRead)} /> },
      ]}
    />
  );
}
