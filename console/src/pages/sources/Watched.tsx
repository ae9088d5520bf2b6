import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { bytes, counted, lasted, moment, sourceSign, sum, type Source } from "../../logic/sources";
import { Text } from "../../shared/Text";
import { Time } from "../../shared/Time";

/** The sources that the server watches: how each is, and how far behind. Counts are since the server's start. */
export function Watched({ sources, since }: { sources: readonly Source[]; since: number | undefined }) {
  return (
    <Table
      items={sources}
      wrapLines
      ariaLabels={{ tableLabel: "Watched sources" }}
      header={<Header counter={`(${sources.length})`} description={since ? <>Counted since the server started, <Time at={since} relative /></> : undefined}>Watched sources</Header>}
      empty={<Box><strong>No source is watched.</strong> Logs are read when <code>picquet scan LOGS --data-dir FOLDER</code> reads them.</Box>}
      columnDefinitions={[
        {
          id: "name",
          header: "Source",
          isRowHeader: true,
          cell: ({ name, kind, location }) => (
            <>
              <Text plain>{name}</Text>
              <Box variant="small" display="block">{kind} {location && <Text>{location}</Text>}</Box>
            </>
          ),
        },
        {
          id: "state",
          header: "State",
          cell: (source) => {
            const { type, text } = sourceSign(source);
            return (
              <>
                <StatusIndicator type={type}>{text}</StatusIndicator>
                {source.failing && (
                  <Box variant="small" display="block">
                    Since <Time at={moment(source.failingSince)} relative />: <Text plain>{source.failing}</Text>
                  </Box>
                )}
                {sum(source.defects) > 0 && <Box variant="small" display="block">Damaged: <Text plain>{counted(source.defects)}</Text></Box>}
              </>
            );
          },
        },
        { id: "lag", header: "Lag", minWidth: 105, cell: ({ lag }) => (typeof lag === "number" ? lasted(lag) : "-") },
        { id: "looked", header: "Last looked through", cell: ({ lastLooked }) => <Time at={moment(lastLooked)} /> },
        { id: "event", header: "Latest event", cell: ({ lastEvent }) => <Time at={moment(lastEvent)} /> },
        {
          id: "read",
          header: "Read",
          cell: ({ objects = 0, bytes: size = 0, records, passedOver = 0 }) => (
            <>
              {objects.toLocaleString("en")} objects, {bytes(size)}
              <Box variant="small" display="block">
                {sum(records).toLocaleString("en")} records{passedOver > 0 && `; ${passedOver.toLocaleString("en")} objects held no logs`}
              </Box>
            </>
          ),
        },
      ]}
    />
  );
}
