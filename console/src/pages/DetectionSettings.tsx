// The settings of detection that are in effect, and a try of others: nothing is changed here.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { problem, type Problem } from "../api/problem";
import { dryRun, settingsOf } from "../api/tuning";
import { useQuery } from "../api/useQuery";
import { lineOf, placeOf, type Difference } from "../logic/dryRun";
import { visible } from "../logic/visible";
import { useSession } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { ProblemAlert } from "../shared/ProblemAlert";

const DryRunResult = lazy(() => import("./DryRunResult"));

/** A hint and the text; those who may not see it are told so, and nothing is asked for them. */
export function DetectionSettings() {
  const { client } = useDetector();
  const { session } = useSession();
  const isAdministrator = session.policy === "administrator";
  const query = useQuery(isAdministrator ? "detection-settings" : undefined, (signal) => settingsOf(client, signal));
  return (
    <Container
      header={
        <Header variant="h2" description="Switches and thresholds of all accounts. Other ones can be tried on the facts that are kept: nothing is changed by that.">
          Detection settings
        </Header>
      }
    >
      {isAdministrator ? (
        <Loaded query={query} what="the detection settings">
          {(told) => ("none" in told ? <Alert type="info">{visible(told.none)}</Alert> : <Try settings={told.settings} onReload={query.reload} />)}
        </Loaded>
      ) : (
        <Box>They are of all accounts, and shown to administrators.</Box>
      )}
    </Container>
  );
}

interface Tried {
  text: string;
  difference: Difference;
}

function Try({ settings, onReload }: { settings: string; onReload: () => void }) {
  const { client, region } = useDetector();
  const { ended } = useSession();
  const { tell, fail } = useFlash();
  const [written, setWritten] = useState<string>();
  const [tried, setTried] = useState<Tried>();
  const [fault, setFault] = useState<Problem>();
  const [busy, setBusy] = useState<AbortController>();
  const field = useRef<HTMLDivElement>(null);
  const text = written ?? settings;
  useEffect(() => () => busy?.abort(), [busy]);

  async function run() {
    const aborter = new AbortController();
    setBusy(aborter);
    setFault(undefined);
    try {
      setTried({ text, difference: await dryRun(client, text, aborter.signal) });
    } catch (error) {
      if (aborter.signal.aborted) return;
      const told = problem(error);
      if (told.kind === "signed-out") ended();
      setTried(undefined);
      setFault(told);
    }
    setBusy(undefined);
  }

  function again() {
    busy?.abort();
    setBusy(undefined);
    setWritten(undefined);
    setTried(undefined);
    setFault(undefined);
    onReload();
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      tell({ type: "success", text: "The settings are copied.", id: "copy" });
    } catch (error) {
      fail("The browser does not let this page copy", error);
    }
  }

  /** Selects a line and brings it into sight. */
  function show(line: number) {
    const area = field.current?.querySelector("textarea");
    if (!area) return;
    const [start, end] = placeOf(text, line);
    area.focus();
    area.setSelectionRange(start, end);
    area.scrollTop = Math.max(0, line - 4) * (Number.parseFloat(getComputedStyle(area).lineHeight) || 20);
  }

  // What is wrong with the text is told where it is; that the server fails, or the user may not, is not about the text.
  const wrong = fault?.name === "BadRequestException" ? fault.message : undefined;
  const line = wrong && lineOf(wrong);
  return (
    <SpaceBetween size="m">
      <Box>
        The file that <code>picquet serve</code> was given with <code className="whole">--config</code> is what counts. It is looked at while{" "}
        <code>serve</code> runs, and changes are taken in. To keep what you have tried, copy it to that file.
      </Box>
      <div ref={field} className="code">
        <FormField
          stretch
          label="Settings to try (TOML)"
          description={written === undefined || written === settings ? "These are in effect. Change what you want to try." : "Changed. What is in effect stays as it is."}
          constraintText={`Tried on what is kept of this account in ${region}: of the last 48 hours unless the file says otherwise, and what was learned before. What is left out is the default.`}
          errorText={wrong && <span className="code-fault">{wrong.split("\n").map(visible).join("\n")}</span>}
        >
          <Textarea value={text} rows={16} spellcheck={false} disableBrowserAutocorrect readOnly={busy !== undefined} onChange={({ detail }) => setWritten(detail.value)} />
        </FormField>
      </div>
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="primary" loading={busy !== undefined} loadingText="Trying" onClick={() => void run()}>Try</Button>
        {line && <Button onClick={() => show(line)}>Go to line {line}</Button>}
        <Button iconName="copy" onClick={() => void copy()}>Copy</Button>
        <Button onClick={again}>Start again</Button>
      </SpaceBetween>
      {fault && !wrong && <ProblemAlert problem={fault} what="what these settings would find" onRetry={() => void run()} />}
      <div aria-live="polite">
        {busy && <StatusIndicator type="in-progress">The facts are judged twice, with either settings: that may take some seconds.</StatusIndicator>}
        {tried && !busy && (
          <Suspense fallback={<StatusIndicator type="loading">Loading the result</StatusIndicator>}>
            <DryRunResult difference={tried.difference} stale={tried.text !== text} />
          </Suspense>
        )}
      </div>
    </SpaceBetween>
  );
}
