import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { moment, type SetAside } from "../../logic/sources";
import { Text } from "../../shared/Text";
import { Time } from "../../shared/Time";

/** Objects that could not be read in several tries, and are waiting for a person. */
export function SetAsides({ objects }: { objects: readonly SetAside[] }) {
  return (
    <Table
      items={objects}
      wrapLines
      ariaLabels={{ tableLabel: "Objects set aside" }}
      header={<Header counter={`(${objects.length})`} description="They could not be read in several tries, so what they hold is not known">Objects set aside</Header>}
      empty={<Box>None: every object could be read.</Box>}
      columnDefinitions={[
        { id: "object", header: "Object", isRowHeader: true, cell: ({ object }) => <Text>{object}</Text> },
        { id: "source", header: "Source", cell: ({ source }) => <Text plain>{source}</Text> },
        { id: "why", header: "Why", cell: ({ why }) => <Text plain>{why}</Text> },
        { id: "tries", header: "Tries", cell: ({ tries }) => tries.toLocaleString("en") },
        { id: "at", header: "Last try", cell: ({ at }) => <Time at={moment(at)} /> },
      ]}
    />
  );
}
