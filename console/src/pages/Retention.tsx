// How long findings are kept: of the whole server, and for administrators to choose.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { keepFor } from "../api/retention";
import { statusOf } from "../api/status";
import { useQuery } from "../api/useQuery";
import { useSession } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";

/** Ten years: the server takes no more. */
const MOST_DAYS = 3650;

export function Retention() {
  const { client } = useDetector();
  const { session } = useSession();
  const query = useQuery("retention", async (signal) => ({ days: (await statusOf(client, signal))?.retentionDays }));
  return (
    <Container header={<Header variant="h2" description="Of this server, for all accounts and regions.">Retention</Header>}>
      <Loaded query={query} what="how long findings are kept">
        {({ days }) =>
          days === undefined ? (
            <Box>This server does not tell how long it keeps findings: it is older than this page.</Box>
          ) : session.policy === "administrator" ? (
            <Choose days={days} onChanged={query.reload} />
          ) : (
            <Box>Findings are kept for {days} days after their last update. Administrators choose how long.</Box>
          )
        }
      </Loaded>
    </Container>
  );
}

function Choose({ days, onChanged }: { days: number; onChanged: () => void }) {
  const { client } = useDetector();
  const { tell, fail } = useFlash();
  const [written, setWritten] = useState(String(days));
  const [busy, setBusy] = useState(false);
  const chosen = /^[0-9]{1,4}$/.test(written.trim()) ? Number(written) : 0;
  const isRight = chosen >= 1 && chosen <= MOST_DAYS;

  async function save() {
    if (!isRight || chosen === days) return;
    setBusy(true);
    try {
      const kept = await keepFor(client, chosen);
      tell({ type: "success", text: `Findings are kept for ${kept} days from now on.` });
      onChanged();
    } catch (error) {
      fail("How long findings are kept was not changed", error);
    }
    setBusy(false);
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <SpaceBetween size="s">
        <FormField
          label="Days after their last update that findings are kept"
          constraintText={`A whole number from 1 to ${MOST_DAYS}.`}
          errorText={isRight ? undefined : `Write a whole number from 1 to ${MOST_DAYS}.`}
          warningText={isRight && chosen < days ? `Findings older than ${chosen} days go within the hour, and do not come back.` : undefined}
        >
          <Input value={written} inputMode="numeric" onChange={({ detail }) => setWritten(detail.value)} />
        </FormField>
        <Button formAction="submit" loading={busy} disabled={!isRight || chosen === days}>
          Save retention
        </Button>
      </SpaceBetween>
    </form>
  );
}
