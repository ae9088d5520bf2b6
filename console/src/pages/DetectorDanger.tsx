import { DeleteDetectorCommand } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { useMayWrite, useSession } from "../session/SessionContext";
import { Confirm } from "../shared/Confirm";

export function DetectorDanger() {
  const { client, detectorId, region } = useDetector();
  const { renew } = useSession();
  const mayWrite = useMayWrite();
  const { tell } = useFlash();
  const [asking, setAsking] = useState(false);
  if (!mayWrite) return null;
  return (
    <Container header={<Header variant="h2" actions={<Button onClick={() => setAsking(true)}>Delete the detector</Button>}>Delete</Header>}>
      <Box>Removes the detector of {region} with its findings, rules and lists. It cannot be undone.</Box>
      {asking && (
        <Confirm
          title={`Delete the detector of ${region}?`}
          action="Delete"
          word={detectorId}
          onClose={() => setAsking(false)}
          run={async () => {
            await client.send(new DeleteDetectorCommand({ DetectorId: detectorId }));
            tell({ type: "success", text: `The detector of ${region} is deleted.` });
            await renew();
          }}
        >
          <Box>Its findings, rules and lists go with it, for everybody.</Box>
        </Confirm>
      )}
    </Container>
  );
}
