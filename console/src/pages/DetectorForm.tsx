import { UpdateDetectorCommand, type FindingPublishingFrequency, type GetDetectorResponse } from "@aws-sdk/client-guardduty";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { useMayWrite, useSession } from "../session/SessionContext";

const FREQUENCIES = [
  { value: "FIFTEEN_MINUTES", label: "Every 15 minutes" },
  { value: "ONE_HOUR", label: "Every hour" },
  { value: "SIX_HOURS", label: "Every 6 hours" },
];

export function DetectorForm({ detector, onChanged }: { detector: GetDetectorResponse; onChanged: () => void }) {
  const { client, detectorId } = useDetector();
  const { renew } = useSession();
  const mayWrite = useMayWrite();
  const { tell, fail } = useFlash();
  const [enabled, setEnabled] = useState(detector.Status === "ENABLED");
  const [frequency, setFrequency] = useState<string>(detector.FindingPublishingFrequency ?? "SIX_HOURS");
  const [busy, setBusy] = useState(false);
  const same = enabled === (detector.Status === "ENABLED") && frequency === detector.FindingPublishingFrequency;

  async function save() {
    setBusy(true);
    try {
      const change = { DetectorId: detectorId, Enable: enabled, FindingPublishingFrequency: frequency as FindingPublishingFrequency };
      await client.send(new UpdateDetectorCommand(change));
      tell({ type: "success", text: "The detector is changed." });
      await renew();
      onChanged();
    } catch (error) {
      fail("The detector was not changed", error);
    }
    setBusy(false);
  }

  return (
    <Container
      header={
        <Header variant="h2" actions={mayWrite && <Button loading={busy} disabled={same} onClick={save}>Save</Button>}>
          Detector
        </Header>
      }
    >
      <SpaceBetween size="m">
        <FormField label="State" description="A disabled detector takes no new findings. Those that it has stay.">
          <Toggle checked={enabled} disabled={!mayWrite} onChange={({ detail }) => setEnabled(detail.checked)}>Enabled</Toggle>
        </FormField>
        <FormField label="How often updates of findings are published" description="Of findings that went on. New findings are published at once.">
          <Select
            options={FREQUENCIES}
            disabled={!mayWrite}
            selectedOption={FREQUENCIES.find(({ value }) => value === frequency) ?? null}
            onChange={({ detail }) => setFrequency(detail.selectedOption.value ?? frequency)}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
