// What other settings would find, beside what those in effect find.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useDetector } from "../app/region";
import { follow, href } from "../app/router";
import { idsThere } from "../api/tuning";
import { useQuery } from "../api/useQuery";
import { byType, hasFacts, hours, inWords, isSame, MOST, settingWords, signed, type Brief, type Difference, type OfType } from "../logic/dryRun";
import { often } from "../logic/sentence";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { TypeName } from "../shared/TypeName";
import { useNarrow } from "../shared/useNarrow";

export default function DryRunResult({ difference, stale }: { difference: Difference; stale: boolean }) {
  const place = useDetector();
  const { appear, disappear, change } = difference;
  const ids = [...new Set([...appear, ...disappear, ...change].map(({ id }) => id))];
  // Links are a help: a failure leaves them out.
  const there = useQuery(ids.length ? ids.join() : undefined, (signal) => idsThere(place, ids, signal)).data;
  const types = byType(difference);
  const narrow = useNarrow();
  return (
    <SpaceBetween size="m">
      <Alert type={isSame(difference) && difference.notJudged.length === 0 ? "success" : "info"} header="What these settings would find">
        <div>{hasFacts(difference) || types.length > 0 ? inWords(difference) : "There is nothing to judge."}{stale && " The text has changed since it was tried."}</div>
        <Period difference={difference} />
      </Alert>
      <NotJudged names={difference.notJudged} />
      {types.length > 0 && (
        <Table
          variant="embedded"
          items={types}
          trackBy="type"
          wrapLines
          ariaLabels={{ tableLabel: "Findings by type" }}
          header={<Header variant="h3" counter={`(${types.length})`}>By type</Header>}
          columnDefinitions={[
            { id: "type", header: "Finding type", minWidth: narrow ? 150 : 200, cell: ({ type }) => <TypeName type={type} />, isRowHeader: true },
            ...(narrow
              ? [{ id: "counts", header: "In effect, and with these", cell: ({ before, after }: OfType) => <>{before.toLocaleString("en")} and {after.toLocaleString("en")}{after !== before && <>, {more(before, after)}</>}</> }]
              : [
                  { id: "before", header: "In effect", cell: ({ before }: OfType) => before.toLocaleString("en") },
                  { id: "after", header: "With these", cell: ({ after }: OfType) => after.toLocaleString("en") },
                  { id: "more", header: "Difference", cell: ({ before, after }: OfType) => more(before, after) || "-" },
                ]),
          ]}
        />
      )}
      <Some title="Would appear" of="Findings that would appear" briefs={appear} there={there} />
      <Some title="Would not be there" of="Findings that would not be there" briefs={disappear} there={there} />
      <Some title="Would be of another severity" of="Findings that would be of another severity" briefs={change} there={there} />
    </SpaceBetween>
  );
}

const more = (before: number, after: number) => after !== before && <b>{signed(after - before)}</b>;

/** Of when the facts are. */
function Period({ difference }: { difference: Difference }) {
  const { since, until } = difference;
  if (typeof since !== "number") return <Box padding={{ top: "xs" }}>No hours are kept of this account that could be judged: what comes in is judged once an hour is over.</Box>;
  const long = hours(difference);
  return (
    <Box padding={{ top: "xs" }}>
      Judged was what is kept from <Time at={since} /> to <Time at={until ?? undefined} />{long && ` (${long})`}, and what was learned before. Some types are
      judged at once, and beyond that.
    </Box>
  );
}

function NotJudged({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <Alert type="warning" header="Part of the change cannot be tried">
      Some settings act on logs while they are read, and what is kept was read with those in effect. Not told is what these would change:
      <ul className="observed">
        {names.map((name) => <li key={name}><Text>{name}</Text>{settingWords(name) && `: ${settingWords(name)}`}</li>)}
      </ul>
    </Alert>
  );
}

interface SomeProps {
  title: string;
  of: string;
  briefs: readonly Brief[];
  there: Set<string> | undefined;
}

function Some({ title, of, briefs, there }: SomeProps) {
  const { region } = useDetector();
  const narrow = useNarrow();
  if (briefs.length === 0) return null;
  const changes = briefs.some(({ was }) => was !== undefined);
  const finding = ({ id, type, title: said }: Brief) => (
    <>
      {there?.has(id) ? <Link href={href(["findings", id], `?in=${region}`)} onFollow={follow}><TypeName type={type} /></Link> : <TypeName type={type} />}
      <Box variant="small" display="block"><Text plain>{said}</Text></Box>
    </>
  );
  const all: TableProps.ColumnDefinition<Brief>[] = [
    ...(changes ? [{ id: "was", header: "Was", cell: ({ was }: Brief) => <Graded value={was ?? 0} /> }] : []),
    { id: "severity", header: changes ? "Would be" : "Severity", cell: ({ severity }) => <Graded value={severity} /> },
    { id: "type", header: "Finding", minWidth: 220, isRowHeader: true, cell: finding },
    { id: "count", header: "Count", cell: ({ count }) => count.toLocaleString("en") },
    { id: "last", header: "Last seen", cell: ({ lastSeen }) => <Time at={lastSeen} /> },
  ];
  const one: TableProps.ColumnDefinition<Brief>[] = [
    {
      id: "type",
      header: "Finding",
      isRowHeader: true,
      cell: (brief) => (
        <div className="wrap">
          {brief.was !== undefined && <>Was <Graded value={brief.was} />, would be </>}<Graded value={brief.severity} />
          <div>{finding(brief)}</div>
          <Box variant="small">{often(brief.count)}, {brief.count > 1 && "last "}<Time at={brief.lastSeen} /></Box>
        </div>
      ),
    },
  ];
  return (
    <Table
      variant="embedded"
      items={briefs}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: of }}
      header={<Header variant="h3" counter={`(${briefs.length})`} description={briefs.length < MOST ? undefined : `The ${MOST} severest are shown.`}>{title}</Header>}
      columnDefinitions={narrow ? one : all}
    />
  );
}

/** The word and the number: severities may differ within a word. */
function Graded({ value }: { value: number }) {
  return <span className="whole"><Severity value={value} /> {value}</span>;
}
