import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { createFilter, FILTER_NAME } from "../api/filters";
import { problem, type Problem } from "../api/problem";
import { toCriteria } from "../logic/criteria";
import { toWord, type Token } from "../logic/token";
import { Text } from "../shared/Text";
import { Preview } from "./Preview";

interface Props {
  tokens: readonly Token[];
  /** A suppression rule, which archives what is found from now on; otherwise a saved filter. */
  suppress: boolean;
  /** The list is narrowed by time, which a filter does not keep. */
  timed?: boolean;
  onClose: () => void;
  onSaved: () => void;
}

export function SaveFilter({ tokens, suppress, timed, onClose, onSaved }: Props) {
  const place = useDetector();
  const { tell } = useFlash();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Problem>();
  const [touched, setTouched] = useState(false);
  const wrong = FILTER_NAME.test(name) ? undefined : "3 to 64 letters, digits, dots, hyphens or underscores";
  const what = suppress ? "Suppression rule" : "Saved filter";

  async function save() {
    setTouched(true);
    if (wrong) return;
    setBusy(true);
    try {
      await createFilter(place, name, description, toCriteria(tokens), suppress);
      tell({ type: "success", text: `${what} ${name} is kept.` });
      onSaved();
      onClose();
    } catch (error) {
      setFault(problem(error));
      setBusy(false);
    }
  }

  return (
    <Modal
      visible
      size="large"
      header={suppress ? "Suppress findings like these" : "Save this filter"}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>Cancel</Button>
            <Button variant="primary" loading={busy} disabled={tokens.length === 0} onClick={save}>
              {suppress ? "Create the rule" : "Save"}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {fault && <Alert type="error">{fault.message} ({fault.name})</Alert>}
        {tokens.length === 0 && <Alert type="warning">Filter the findings first: without criteria it would be about every finding.</Alert>}
        <Box>
          <Box variant="awsui-key-label">Criteria</Box>
          <ul>{tokens.map((token) => <li key={toWord(token)}><Text>{toWord(token)}</Text></li>)}</ul>
          {timed && <Box variant="small">The range of time is not part of it: what it meets is of any time.</Box>}
        </Box>
        {suppress && tokens.length > 0 && <Preview tokens={tokens} />}
        <FormField label="Name" errorText={touched ? wrong : undefined} constraintText="3 to 64 letters, digits, . - _">
          <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus />
        </FormField>
        <FormField label="Description" constraintText="Why it is there, for whoever comes after you">
          <Input value={description} onChange={({ detail }) => setDescription(detail.value.slice(0, 512))} />
        </FormField>
        {suppress && <Box variant="small">New findings that meet the criteria are archived as they come. They stay in the store and can be seen under Archived.</Box>}
      </SpaceBetween>
    </Modal>
  );
}
