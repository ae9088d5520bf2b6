import { CreateDetectorCommand } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useMayWrite, useSession } from "../session/SessionContext";
import { useFlash } from "./flash";
import { useScope } from "./region";

/** What a region without a detector shows: the one step that leads on. */
export function NoDetector() {
  const { region, client } = useScope();
  const { renew } = useSession();
  const mayWrite = useMayWrite();
  const { tell, fail } = useFlash();
  const [busy, setBusy] = useState(false);

  async function create() {
    setBusy(true);
    try {
      await client.send(new CreateDetectorCommand({ Enable: true }));
      await renew();
      tell({ type: "success", text: `There is a detector in ${region} now.` });
    } catch (error) {
      fail("The detector was not created", error);
      setBusy(false);
    }
  }

  return (
    <ContentLayout header={<Header variant="h1">No detector in {region}</Header>}>
      <Container>
        <SpaceBetween size="m">
          <Box>
            Findings are kept by a detector, one for each account and region. {region} has none, so there is nothing to
            show here.
          </Box>
          {mayWrite ? (
            <Button variant="primary" loading={busy} onClick={create}>Create a detector in {region}</Button>
          ) : (
            <Box>Your user may only read. Ask an administrator to create it.</Box>
          )}
          <Box variant="small">
            Then <code>picquet scan LOGS --data-dir FOLDER</code> fills it.
          </Box>
        </SpaceBetween>
      </Container>
    </ContentLayout>
  );
}
