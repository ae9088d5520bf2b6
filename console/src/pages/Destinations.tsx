import { DeletePublishingDestinationCommand, type Destination } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useDetector } from "../app/region";
import { useMayWrite } from "../session/SessionContext";
import { Confirm } from "../shared/Confirm";
import { Text } from "../shared/Text";

export function Destinations({ destinations, onChanged }: { destinations: readonly Destination[]; onChanged: () => void }) {
  const { client, detectorId } = useDetector();
  const mayWrite = useMayWrite();
  const [removing, setRemoving] = useState<string>();
  return (
    <>
      <Table
        items={destinations}
        ariaLabels={{ tableLabel: "Publishing destinations" }}
        header={<Header counter={`(${destinations.length})`} description="Where findings are to be exported to. They are kept; nothing is delivered yet.">Publishing</Header>}
        empty={<Box>There is no destination. <code>aws guardduty create-publishing-destination</code> makes one.</Box>}
        columnDefinitions={[
          { id: "id", header: "Destination", cell: ({ DestinationId }) => <Text>{DestinationId}</Text>, isRowHeader: true },
          { id: "type", header: "Type", cell: ({ DestinationType }) => DestinationType },
          { id: "status", header: "Status", cell: ({ Status }) => Status },
          ...(mayWrite
            ? [
                {
                  id: "actions",
                  header: "Actions",
                  cell: ({ DestinationId }: Destination) => (
                    <Button variant="inline-link" ariaLabel={`Delete ${DestinationId}`} onClick={() => setRemoving(DestinationId)}>Delete</Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {removing && (
        <Confirm
          title="Delete the destination?"
          action="Delete"
          onClose={() => setRemoving(undefined)}
          run={async () => {
            await client.send(new DeletePublishingDestinationCommand({ DetectorId: detectorId, DestinationId: removing }));
            onChanged();
          }}
        >
          <Box>Destination <Text>{removing}</Text> is forgotten. What was exported stays where it is.</Box>
        </Confirm>
      )}
    </>
  );
}
