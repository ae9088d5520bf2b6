import { CreateSampleFindingsCommand } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { go, href } from "../app/router";
import { useMayWrite } from "../session/SessionContext";

export function SampleFindings() {
  const { client, detectorId, region } = useDetector();
  const mayWrite = useMayWrite();
  const { tell, fail } = useFlash();
  const [busy, setBusy] = useState(false);
  if (!mayWrite) return null;

  async function make() {
    setBusy(true);
    try {
      await client.send(new CreateSampleFindingsCommand({ DetectorId: detectorId }));
      const show = () => go(href(["findings"], `?in=${region}&service.additionalInfo.sample=true`));
      tell({ type: "success", text: "Sample findings are made, one of each type. Their titles begin with [SAMPLE].", action: { label: "Show", run: show } });
    } catch (error) {
      fail("Sample findings were not made", error);
    }
    setBusy(false);
  }

  return (
    <Container header={<Header variant="h2" actions={<Button loading={busy} onClick={make}>Make sample findings</Button>}>Sample findings</Header>}>
      <Box>One of each type, with made-up details, to see what findings look like and to try rules and exports.</Box>
    </Container>
  );
}
