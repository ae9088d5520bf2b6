import { DeletePublishingDestinationCommand, type DescribePublishingDestinationResponse } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useDetector } from "../app/region";
import { useMayWrite } from "../session/SessionContext";
import { Confirm } from "../shared/Confirm";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { DestinationForm } from "./DestinationForm";

type Destination = DescribePublishingDestinationResponse;

export function Destinations({ destinations, onChanged }: { destinations: readonly Destination[]; onChanged: () => void }) {
  const { client, detectorId } = useDetector();
  const mayWrite = useMayWrite();
  const [removing, setRemoving] = useState<string>();
  const [editing, setEditing] = useState<Destination | "new">();
  return (
    <>
      <Table
        items={destinations}
        ariaLabels={{ tableLabel: "Publishing destinations" }}
        wrapLines
        header={
          <Header
            counter={`(${destinations.length})`}
            description="The bucket that findings are exported to: one for each detector"
            actions={mayWrite && destinations.length === 0 && <Button onClick={() => setEditing("new")}>Add a destination</Button>}
          >
            Publishing
          </Header>
        }
        empty={<Box>There is no destination: findings stay here.</Box>}
        columnDefinitions={[
          { id: "bucket", header: "Destination", cell: ({ DestinationProperties: to }) => <Text>{to?.DestinationArn}</Text>, isRowHeader: true },
          { id: "key", header: "Key", cell: ({ DestinationProperties: to }) => <Text>{to?.KmsKeyArn}</Text> },
          {
            id: "status",
            header: "Status",
            cell: ({ Status, PublishingFailureStartTimestamp: since }) =>
              since ? <StatusIndicator type="error">{Status} since <Time at={since} /></StatusIndicator> : <StatusIndicator type="info">{Status}</StatusIndicator>,
          },
          ...(mayWrite
            ? [
                {
                  id: "actions",
                  header: "Actions",
                  cell: (one: Destination) => (
                    <SpaceBetween direction="horizontal" size="s">
                      <Button variant="inline-link" ariaLabel="Edit the destination" onClick={() => setEditing(one)}>Edit</Button>
                      <Button variant="inline-link" ariaLabel="Delete the destination" onClick={() => setRemoving(one.DestinationId)}>Delete</Button>
                    </SpaceBetween>
                  ),
                },
              ]
            : []),
        ]}
      />
      {editing && (
        <DestinationForm destination={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} onChanged={onChanged} />
      )}
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
