import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { goesOn, isPartial, placeWords, type Hunt, type Progress } from "../logic/hunts";
import { bytes, counted, sum } from "../logic/sources";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";

/** What a hunt has read, and what it could not read. */
export function WhatWasRead({ hunt }: { hunt: Hunt }) {
  const { progress } = hunt;
  const { objects, objectsRead, bytesRead, records, signals, firstEvent, lastEvent, recordsASecond } = progress;
  if (!objects && !objectsRead) {
    return goesOn(hunt) || hunt.state === "failed" ? null : (
      <Container header={<Header variant="h2">What was read</Header>}>
        <Box>Nothing: the sources hold no object of this time and these accounts.</Box>
      </Container>
    );
  }
  return (
    <Container header={<Header variant="h2">What was read</Header>}>
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Objects", value: <>{(objectsRead ?? 0).toLocaleString("en")} of {(objects ?? 0).toLocaleString("en")}<Box variant="small" display="block">{bytes(bytesRead ?? 0)}</Box></> },
            {
              label: "Records",
              value: (
                <>
                  {sum(records ?? undefined).toLocaleString("en")}
                  <Box variant="small" display="block"><Text plain>{counted(records ?? undefined)}</Text></Box>
                  {recordsASecond ? <Box variant="small" display="block">{Math.round(recordsASecond).toLocaleString("en")} a second</Box> : null}
                </>
              ),
            },
            { label: "Events", value: firstEvent ? <><Time at={firstEvent} /> to <Time at={lastEvent ?? undefined} /></> : "None" },
            { label: "Signals", value: (signals ?? 0).toLocaleString("en") },
          ]}
        />
        {isPartial(progress) && <NotRead progress={progress} />}
      </SpaceBetween>
    </Container>
  );
}

interface Cause {
  cause: string;
  what: string;
  count: number;
}

/** What is damaged, what could not be opened, and what was left out: the findings say nothing of it. */
function NotRead({ progress }: { progress: Progress }) {
  const { defects, skipped, unreadable, unreadableMore, places } = progress;
  const of = (counts: Record<string, number> | null | undefined, what: string): Cause[] => Object.entries(counts ?? {}).filter(([, n]) => n > 0).map(([cause, count]) => ({ cause, what, count }));
  const causes = [...of(defects, "Damaged records"), ...of(skipped, "Left out")].sort((a, b) => b.count - a.count);
  const closed = (unreadable?.length ?? 0) + (unreadableMore ?? 0);
  const more = unreadableMore ?? 0;
  return (
    <ExpandableSection headerText="What could not be read" headerCounter={closed > 0 ? `(${closed.toLocaleString("en")} ${closed === 1 ? "object" : "objects"})` : undefined}>
      <SpaceBetween size="m">
        {causes.length > 0 && (
          <Table
            variant="embedded"
            wrapLines
            items={causes}
            ariaLabels={{ tableLabel: "Causes" }}
            header={<Header variant="h3">By cause</Header>}
            columnDefinitions={[
              { id: "cause", header: "Cause", isRowHeader: true, cell: ({ cause }) => <Text plain>{cause}</Text> },
              { id: "what", header: "What", cell: ({ what }) => what },
              { id: "count", header: "Count", cell: ({ count }) => count.toLocaleString("en") },
            ]}
          />
        )}
        {(places?.length ?? 0) > 0 && (
          <Table
            variant="embedded"
            wrapLines
            items={places ?? []}
            ariaLabels={{ tableLabel: "Places of damaged records" }}
            header={<Header variant="h3" description="The first of them">Where they are damaged</Header>}
            columnDefinitions={[
              { id: "object", header: "Object", isRowHeader: true, cell: ({ object }) => <Text>{object}</Text> },
              { id: "place", header: "Place", cell: (place) => placeWords(place) || "-" },
              { id: "cause", header: "Cause", cell: ({ cause }) => <Text plain>{cause}</Text> },
            ]}
          />
        )}
        {closed > 0 && (
          <div>
            <Box variant="h3">Objects that could not be opened</Box>
            <ul className="observed">
              {unreadable?.map((one, n) => <li key={n}><Text>{one}</Text></li>)}
              {more > 0 && <li>and {more.toLocaleString("en")} more</li>}
            </ul>
          </div>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}
