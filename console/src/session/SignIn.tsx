import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type FormEvent } from "react";
import { signIn, type Session } from "./session";

interface Props {
  why?: string;
  onSession: (session: Session) => void;
}

export function SignIn({ why, onSession }: Props) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      onSession(await signIn(name, password));
    } catch (cause) {
      setError(cause instanceof TypeError ? "The server cannot be reached." : (cause as Error).message);
      setPassword("");
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <Container header={<Header variant="h1">Sign in to Picquet</Header>}>
          <Form actions={<Button variant="primary" formAction="submit" loading={busy}>Sign in</Button>}>
            <SpaceBetween size="m">
              {why && !error && <Alert type="info">{why}</Alert>}
              {error && <Alert type="error">{error}</Alert>}
              <FormField label="User name">
                <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus autoComplete="username" />
              </FormField>
              <FormField label="Password">
                <Input value={password} type="password" autoComplete="current-password" onChange={({ detail }) => setPassword(detail.value)} />
              </FormField>
              <Box variant="small">
                No password yet? An operator sets one: <code>picquet user set-password NAME</code>
              </Box>
            </SpaceBetween>
          </Form>
        </Container>
      </form>
    </main>
  );
}
