import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useRef, useState } from "react";
import { useScope } from "../app/region";
import { follow, go, href, usePlace } from "../app/router";
import { beginHunt, huntsOf } from "../api/hunts";
import { problem, type Problem } from "../api/problem";
import { useQuery } from "../api/useQuery";
import { lineOf, placeOf } from "../logic/dryRun";
import { fieldOf, MOST_LEARNED, type Field, type Hunts } from "../logic/hunts";
import { EVENTS, faultsOf, fromDraftSearch, moments, toDraftSearch, type Draft } from "../logic/newHunt";
import type { Unit } from "../logic/range";
import { visible } from "../logic/visible";
import { useMayWrite, useSession } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { RangePicker, type Usual } from "../shared/RangePicker";
import { Accounts } from "./Accounts";

const USUAL: readonly Usual[] = [
  { amount: 7, unit: "day" },
  { amount: 30, unit: "day" },
  { amount: 3, unit: "month" },
  { amount: 1, unit: "year" },
  { amount: 2, unit: "year" },
];
const UNITS: readonly Unit[] = ["hour", "day", "week", "month", "year"];

/** A hunt is described; what is wrong is told at its field. */
export function NewHunt() {
  const { client, region } = useScope();
  const mayWrite = useMayWrite();
  const query = useQuery("hunts", (signal) => huntsOf(client, signal));
  return (
    <PageLayout title="New hunt" description="Logs that your sources still hold are read again" actions={<Button href={href(["hunts"], `?in=${region}`)} onFollow={follow}>All hunts</Button>}>
      {mayWrite ? (
        <Loaded query={query} what="what may be hunted through">
          {(told) => ("none" in told ? <Alert type="info" header="There is nothing to hunt through">{visible(told.none)}</Alert> : <Form may={told} />)}
        </Loaded>
      ) : (
        <Alert type="info">Your user may only read. Ask an administrator to begin a hunt.</Alert>
      )}
    </PageLayout>
  );
}

type Faults = Partial<Record<Field, string>>;

function Form({ may }: { may: Hunts }) {
  const { client, region } = useScope();
  const { ended } = useSession();
  const { parts, search } = usePlace();
  const { draft, faults: notUnderstood } = fromDraftSearch(search);
  const [name, setName] = useState("");
  const [settings, setSettings] = useState("");
  const [faults, setFaults] = useState<Faults>({});
  const [refused, setRefused] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  function change(part: Partial<Draft>, ...of: Field[]) {
    setFaults((all) => Object.fromEntries(Object.entries(all).filter(([field]) => !of.includes(field as Field))));
    go(href(parts, toDraftSearch({ ...draft, ...part }, region)), true);
  }

  /** Tells what is wrong, and goes there. */
  function wrong(found: Faults) {
    setFaults(found);
    if (found.settings) setOpen(true);
    const [first] = Object.keys(found);
    setTimeout(() => form.current?.querySelector<HTMLElement>(`[data-field="${first}"] :is(button, input, textarea)`)?.focus());
  }

  async function begin() {
    setRefused(undefined);
    const now = new Date(Date.now() + client.config.systemClockOffset);
    const found = faultsOf(draft, name.trim(), now);
    if (Object.keys(found).length > 0 || !draft.range) return wrong(found);
    setFaults({});
    setBusy(true);
    try {
      const { sources, accounts, learn } = draft;
      const hunt = await beginHunt(client, {
        ...(name.trim() && { name: name.trim() }),
        ...(sources.length > 0 && { sources }),
        ...(accounts.length > 0 && { accounts }),
        ...moments(draft.range, now),
        ...(learn && { learnDays: Number(learn) }),
        ...(settings.trim() && { settings }),
      });
      return go(href(["hunts", hunt.id], `?in=${region}`));
    } catch (error) {
      const told = problem(error);
      const field = told.name === "BadRequestException" ? fieldOf(told.message) : undefined;
      if (told.kind === "signed-out") ended();
      if (field) wrong({ [field]: told.message });
      else setRefused(told);
    }
    return setBusy(false);
  }

  /** Selects a line of the settings and brings it into sight. */
  function show(line: number) {
    const area = form.current?.querySelector("textarea");
    if (!area) return;
    area.focus();
    area.setSelectionRange(...placeOf(settings, line));
    area.scrollTop = Math.max(0, line - 4) * (Number.parseFloat(getComputedStyle(area).lineHeight) || 20);
  }

  const line = faults.settings && lineOf(faults.settings);
  const options = may.sources.map(({ name: value, kind }) => ({ value, label: visible(value), description: kind === "bucket" ? "A bucket" : "A folder" }));
  const told = (field: Field) => faults[field] && visible(faults[field]);
  return (
    <form ref={form} noValidate onSubmit={(event) => { event.preventDefault(); void begin(); }}>
      <SpaceBetween size="l">
        {notUnderstood.length > 0 && (
          <Alert type="warning" header="Part of the address was not understood">{notUnderstood.map((fault) => <div key={fault}>{visible(fault)}</div>)}</Alert>
        )}
        {may.most !== undefined && may.hunts.length >= may.most && (
          <Alert type="info">There are {may.hunts.length} hunts, which is as many as are kept: the oldest that has ended makes room for this one.</Alert>
        )}
        <Container>
          <SpaceBetween size="l">
            <div data-field="range">
              <FormField
                label="From when to when"
                constraintText="By the times of the events. Years are fine: times for which the sources hold nothing cost nothing."
                errorText={told("range")}
              >
                <RangePicker of={EVENTS} range={draft.range} usual={USUAL} units={UNITS} placeholder="Choose a range" needed onChange={(range) => change({ range }, "range")} />
              </FormField>
            </div>
            <div data-field="learn">
              <FormField
                label={<>Days before that to learn from <i>- optional</i></>}
                constraintText={`What is usual for an identity or an instance is learned from them; what happened in them is not told. With less than 7, much is not known to be unusual. 0 to ${MOST_LEARNED}.`}
                errorText={told("learn")}
              >
                <Input value={draft.learn} inputMode="numeric" placeholder={may.learnDays === undefined ? undefined : String(may.learnDays)} onChange={({ detail }) => change({ learn: detail.value.trim().slice(0, 4) }, "learn")} />
              </FormField>
            </div>
            <div data-field="sources">
              <FormField label="Sources" constraintText="All of them when none is chosen." errorText={told("sources")}>
                <Multiselect
                  options={options}
                  selectedOptions={draft.sources.map((value) => options.find((one) => one.value === value) ?? { value, label: visible(value), description: "Not a source of this server" })}
                  placeholder={options.length === 1 ? `The only source: ${options[0]?.label}` : `All ${options.length} sources`}
                  onChange={({ detail }) => change({ sources: detail.selectedOptions.flatMap(({ value }) => value ?? []) }, "sources")}
                  deselectAriaLabel={(option) => `Leave out ${option.label}`}
                />
              </FormField>
            </div>
            <div data-field="accounts">
              <Accounts may={may} accounts={draft.accounts} fault={told("accounts")} onChange={(accounts) => change({ accounts }, "accounts")} />
            </div>
            <div data-field="name">
              <FormField label={<>Name <i>- optional</i></>} constraintText="What you will look for it by." errorText={told("name")}>
                <Input value={name} placeholder="Before the incident of May" onChange={({ detail }) => setName(detail.value)} />
              </FormField>
            </div>
            <ExpandableSection headerText="Settings to try" expanded={open} onChange={({ detail }) => setOpen(detail.expanded)}>
              <div className="code" data-field="settings">
                <SpaceBetween size="s">
                  <FormField
                    stretch
                    label={<>Detection settings (TOML) <i>- optional</i></>}
                    description={
                      <>
                        In the place of those in effect, which stay as they are: what is left out is the default. Left empty, it is those in effect, which
                        are in <Link fontSize="inherit" href={href(["settings"], `?in=${region}`)} onFollow={follow}>Settings</Link>.
                      </>
                    }
                    errorText={faults.settings && <span className="code-fault">{faults.settings.split("\n").map(visible).join("\n")}</span>}
                  >
                    <Textarea value={settings} rows={10} spellcheck={false} disableBrowserAutocorrect onChange={({ detail }) => setSettings(detail.value)} />
                  </FormField>
                  {line && <Button formAction="none" onClick={() => show(line)}>Go to line {line}</Button>}
                </SpaceBetween>
              </div>
            </ExpandableSection>
          </SpaceBetween>
        </Container>
        {refused && (
          <Alert type={refused.kind === "denied" ? "warning" : "error"} header={refused.kind === "denied" ? "You may not begin a hunt" : "The hunt was not begun"}>
            {visible(refused.message)} ({refused.name}{refused.requestId && `, request ${refused.requestId}`})
          </Alert>
        )}
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" href={href(["hunts"], `?in=${region}`)} onFollow={follow}>Back</Button>
            <Button variant="primary" formAction="submit" loading={busy}>Begin the hunt</Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </form>
  );
}
