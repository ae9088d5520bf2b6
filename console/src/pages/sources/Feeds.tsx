import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { feedSign, moment, type Feed } from "../../logic/sources";
import { Text } from "../../shared/Text";
import { Time } from "../../shared/Time";

/** Feeds that the server keeps fresh, and how old each is. */
export function Feeds({ feeds }: { feeds: readonly Feed[] }) {
  return (
    <Table
      items={feeds}
      wrapLines
      ariaLabels={{ tableLabel: "Feeds" }}
      header={<Header counter={`(${feeds.length})`} description="Threat intelligence and address data that are fetched again and again">Feeds</Header>}
      empty={<Box>None is configured: the bundled lists serve, which are as old as this version of Picquet.</Box>}
      columnDefinitions={[
        { id: "name", header: "Feed", isRowHeader: true, cell: ({ name }) => <Text>{name}</Text> },
        { id: "state", header: "State", cell: (feed) => <StatusIndicator type={feedSign(feed).type}>{feedSign(feed).text}</StatusIndicator> },
        { id: "fresh", header: "As of", cell: ({ freshAt }) => <Time at={moment(freshAt)} relative /> },
        { id: "kind", header: "Kind", cell: ({ kind }) => kind },
        { id: "entries", header: "Entries", cell: ({ entries }) => entries?.toLocaleString("en") ?? "" },
        { id: "location", header: "From", cell: ({ location }) => (location ? <Text plain>{location}</Text> : "Imported by hand") },
        { id: "why", header: "Last failure", cell: ({ why }) => <Text plain>{why ?? ""}</Text> },
      ]}
    />
  );
}
