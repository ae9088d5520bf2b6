import { CreateInvestigationCommand, ListInvestigationsCommand } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { follow, go, href, usePlace } from "../app/router";
import { useQuery } from "../api/useQuery";
import { stateName } from "../logic/sentences";
import { useMayWrite } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { InvestigationView } from "./InvestigationView";

export default function Investigations() {
  const { parts } = usePlace();
  return parts[1] ? <InvestigationView id={parts[1]} /> : <All />;
}

function All() {
  const { client, detectorId, region } = useDetector();
  const query = useQuery("investigations", async (signal) => {
    const command = new ListInvestigationsCommand({ DetectorId: detectorId, MaxResults: 50 });
    const page = await client.send(command, { abortSignal: signal });
    return { rows: page.Investigations ?? [], more: Boolean(page.NextToken) };
  });
  return (
    <PageLayout title="Investigations" description="What the findings of an account, or one finding, say together">
      <SpaceBetween size="l">
        <Begin />
        <Loaded query={query} what="the investigations">
          {({ rows, more }) => (
            <Table
              items={rows}
              wrapLines
              ariaLabels={{ tableLabel: "Investigations" }}
              header={<Header counter={`(${rows.length}${more ? "+" : ""})`}>Investigations</Header>}
              empty={<Box>There is none yet.</Box>}
              columnDefinitions={[
                {
                  id: "title",
                  header: "Investigation",
                  isRowHeader: true,
                  cell: (one) => (
                    <Link href={href(["investigations", one.InvestigationId ?? ""], `?in=${region}`)} onFollow={follow}>
                      <Text plain brief>{one.Title ?? one.TriggerPrompt ?? one.InvestigationId}</Text>
                    </Link>
                  ),
                },
                { id: "status", header: "Status", cell: ({ Status }) => <StatusIndicator type={Status === "COMPLETED" ? "success" : Status === "FAILED" ? "error" : "in-progress"}>{stateName(Status)}</StatusIndicator> },
                { id: "risk", header: "Risk", cell: ({ RiskLevel }) => stateName(RiskLevel) || "-" },
                { id: "begun", header: "Begun", cell: ({ StartTime }) => <Time at={StartTime} /> },
              ]}
            />
          )}
        </Loaded>
      </SpaceBetween>
    </PageLayout>
  );
}

function Begin() {
  const { client, detectorId, region } = useDetector();
  const mayWrite = useMayWrite();
  const { fail } = useFlash();
  const [prompt, setPrompt] = useState("");
  const [busy, setBusy] = useState(false);
  if (!mayWrite) return null;

  async function begin() {
    setBusy(true);
    try {
      const { InvestigationId } = await client.send(new CreateInvestigationCommand({ DetectorId: detectorId, TriggerPrompt: prompt }));
      if (InvestigationId) go(href(["investigations", InvestigationId], `?in=${region}`));
    } catch (error) {
      fail("The investigation was not begun", error);
    }
    setBusy(false);
  }

  return (
    <Container header={<Header variant="h2">Begin one</Header>}>
      <SpaceBetween size="m">
        <FormField label="What to look into" constraintText="Name a finding by its id, or an account. What is answered is put together from stored findings by rules; no model writes it.">
          <Textarea value={prompt} rows={2} onChange={({ detail }) => setPrompt(detail.value)} />
        </FormField>
        <Button loading={busy} disabled={prompt.trim() === ""} onClick={begin}>Investigate</Button>
      </SpaceBetween>
    </Container>
  );
}
