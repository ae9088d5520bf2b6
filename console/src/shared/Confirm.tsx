import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { problem, type Problem } from "../api/problem";

interface Props {
  title: string;
  children: ReactNode;
  action: string;
  /** A word that must be typed first. */
  word?: string;
  /** Something is missing in what was filled in. */
  incomplete?: boolean;
  run: () => Promise<void>;
  onClose: () => void;
}

/** Asks before what cannot be undone, or for what an action needs; a refusal is told in the server's words. */
export function Confirm({ title, children, action, word, incomplete, run, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Problem>();
  async function act() {
    setBusy(true);
    try {
      await run();
      onClose();
    } catch (error) {
      setFault(problem(error));
      setBusy(false);
    }
  }
  return (
    <Modal
      visible
      header={title}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>Cancel</Button>
            <Button variant="primary" loading={busy} disabled={incomplete || (word !== undefined && typed !== word)} onClick={act}>{action}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {fault && <Alert type="error">{fault.message} ({fault.name})</Alert>}
        {children}
        {word !== undefined && (
          <FormField label={`Type ${word} to confirm`}>
            <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
