import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { IpSetFormat } from "@aws-sdk/client-guardduty";
import { useState } from "react";
import { useDetector } from "../app/region";
import { createList, FORMATS, KINDS, type ListKind } from "../api/lists";
import { problem, type Problem } from "../api/problem";

const kinds = (Object.keys(KINDS) as ListKind[]).map((value) => ({ value, label: KINDS[value].name, description: KINDS[value].what }));
const formats = FORMATS.map((value) => ({ value, label: value }));

export function NewListForm({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const place = useDetector();
  const [kind, setKind] = useState<ListKind>("ThreatEntitySet");
  const [format, setFormat] = useState<string>("TXT");
  const [name, setName] = useState("");
  const [location, setLocation] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Problem>();

  async function add() {
    setBusy(true);
    try {
      await createList(place, kind, { name, format: format as IpSetFormat, location });
      onAdded();
      onClose();
    } catch (error) {
      setFault(problem(error));
      setBusy(false);
    }
  }

  return (
    <Modal
      visible
      header="Add a list"
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>Cancel</Button>
            <Button variant="primary" loading={busy} disabled={!name || !location} onClick={add}>Add and activate</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {fault && <Alert type="error">{fault.message} ({fault.name})</Alert>}
        <FormField label="Kind">
          <Select options={kinds} selectedOption={kinds.find(({ value }) => value === kind) ?? null} onChange={({ detail }) => setKind(detail.selectedOption.value as ListKind)} />
        </FormField>
        <FormField label="Name"><Input value={name} onChange={({ detail }) => setName(detail.value)} /></FormField>
        <FormField label="Location" constraintText="An https:// address, or file:// in a folder that the operator named with --list-folder. S3 is not read yet.">
          <Input value={location} inputMode="url" onChange={({ detail }) => setLocation(detail.value)} />
        </FormField>
        <FormField label="Format">
          <Select options={formats} selectedOption={formats.find(({ value }) => value === format) ?? null} onChange={({ detail }) => setFormat(detail.selectedOption.value ?? "TXT")} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
