// What is known of an address, a name or an access key.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useDetector } from "../app/region";
import { go, usePlace } from "../app/router";
import { statusCode } from "../api/signed";
import { lookUp } from "../api/lookUp";
import { problem } from "../api/problem";
import { useQuery } from "../api/useQuery";
import { hitWords, kindOfValue, networkName, placeName, valuesFault, valuesOf, type Known } from "../logic/lookUp";
import { visible } from "../logic/visible";
import { value, withValue } from "../logic/words";
import { Loaded } from "../shared/Loaded";
import { Text } from "../shared/Text";
import { useNarrow } from "../shared/useNarrow";

/** A longer question is not written into the address. */
const LONGEST = 2000;

type Told = { known: Known[] } | { none: string };

export function LookUp() {
  const { client, region } = useDetector();
  const { search } = usePlace();
  const [held, setHeld] = useState<string>();
  const asked = held ?? value(search, "look") ?? "";
  const [text, setText] = useState(asked.replaceAll(",", "\n"));
  const [fault, setFault] = useState<string>();
  // An address may have been written by anybody.
  const values = valuesOf(asked);
  const wrong = valuesFault(values);
  const query = useQuery(values.length && !wrong ? values.join() : undefined, async (signal): Promise<Told> => {
    try {
      return { known: await lookUp(client, values, signal) };
    } catch (error) {
      if (statusCode(error) === 400) return { none: problem(error).message };
      if (statusCode(error) === 404) return { none: "This server looks nothing up: it is older than this page." };
      throw error;
    }
  });

  function run() {
    const wanted = valuesOf(text);
    const why = wanted.length === 0 ? "Write an address, a name or an access key." : valuesFault(wanted);
    setFault(why);
    if (why) return;
    const joined = wanted.join(",");
    const long = joined.length > LONGEST;
    setHeld(long ? joined : undefined);
    go(window.location.pathname + withValue(search, "look", long ? undefined : joined));
    // The same again is asked again.
    if (joined === asked) query.reload();
  }

  return (
    <Container header={<Header variant="h2" description={`Which lists of ${region} an address, a name or an access key is on, the bundled ones and feeds among them`}>Look up</Header>}>
      <SpaceBetween size="m">
        <form onSubmit={(event) => { event.preventDefault(); run(); }}>
          <SpaceBetween size="s">
            <FormField
              stretch
              label="Addresses, names or access keys"
              constraintText="One or several, with commas or lines between. What reports write as evil[.]example is understood."
              errorText={(fault ?? wrong) && visible(fault ?? wrong ?? "")}
            >
              <Textarea value={text} rows={3} spellcheck={false} disableBrowserAutocorrect onChange={({ detail }) => setText(detail.value)} />
            </FormField>
            <Button formAction="submit" loading={query.loading}>Look up</Button>
          </SpaceBetween>
        </form>
        <div aria-live="polite">
          {values.length > 0 && !wrong && (
            <Loaded query={query} what="what is known">
              {(told) => ("none" in told ? <Alert type="info">{visible(told.none)}</Alert> : <Results known={told.known} />)}
            </Loaded>
          )}
        </div>
      </SpaceBetween>
    </Container>
  );
}

function Results({ known }: { known: readonly Known[] }) {
  const narrow = useNarrow();
  return (
    <Table
      variant="embedded"
      items={known}
      wrapLines
      ariaLabels={{ tableLabel: "What is known" }}
      columnDefinitions={[
        {
          id: "value",
          header: "Value",
          minWidth: 150,
          maxWidth: 320,
          isRowHeader: true,
          cell: (one) => <><Text>{one.value}</Text><Box variant="small" display="block">{kindOfValue(one.kind)}</Box></>,
        },
        ...(narrow
          ? [{ id: "known", header: "What is known", cell: (one: Known) => <><Verdict known={one} /><OnLists known={one} /><Where known={one} /></> }]
          : [
              { id: "state", header: "Verdict", minWidth: 130, cell: (one: Known) => <Verdict known={one} /> },
              { id: "lists", header: "Lists", minWidth: 200, cell: (one: Known) => <OnLists known={one} none="-" /> },
              { id: "where", header: "Country and network", minWidth: 150, cell: (one: Known) => <Where known={one} none="-" /> },
            ]),
      ]}
    />
  );
}

function Verdict({ known }: { known: Known }) {
  if (known.trusted) return <StatusIndicator type="success">Trusted{known.hits.length > 0 && ": its lists count for nothing"}</StatusIndicator>;
  if (known.hits.length === 0) return <StatusIndicator type="stopped">On no list</StatusIndicator>;
  return <StatusIndicator type="warning">On {known.hits.length} {known.hits.length === 1 ? "list" : "lists"}</StatusIndicator>;
}

/** What is known, and what stands there when nothing is. */
interface CellProps {
  known: Known;
  none?: string;
}

function OnLists({ known, none }: CellProps) {
  // On which lists a trusted name is all the same is not told.
  if (known.hits.length === 0) return known.trusted && known.kind === "domain" ? <div>Not told of what is trusted</div> : none;
  return (
    <ul className="regions">
      {known.hits.map((hit, n) => {
        const more = hitWords(hit, known.value);
        return (
          <li key={n}>
            <Text plain>{hit.list}</Text>: <Text plain>{hit.category}</Text>
            {more && <Box variant="small" display="block"><Text plain>{more}</Text></Box>}
          </li>
        );
      })}
    </ul>
  );
}

function Where({ known, none }: CellProps) {
  if (known.kind !== "ip") return none;
  const [place, network] = [placeName(known.remote), networkName(known.remote)];
  if (!place && !network) return <>Country not known</>;
  return <>{place && <div><Text plain>{place}</Text></div>}{network && <Box variant="small" display="block"><Text plain>{network}</Text></Box>}</>;
}
