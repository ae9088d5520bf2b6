import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useScope } from "../app/region";
import { follow, href } from "../app/router";
import { huntsOf } from "../api/hunts";
import { useQuery } from "../api/useQuery";
import { useWhileVisible } from "../api/useWhileVisible";
import { announced, goesOn, huntName, type Hunt } from "../logic/hunts";
import { visible } from "../logic/visible";
import { useMayWrite } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { useNarrow } from "../shared/useNarrow";
import { BySeverity } from "./BySeverity";
import { HuntActions } from "./HuntActions";
import { HuntState } from "./HuntState";
import { useNow } from "./useNow";

/** Asked so often while a hunt goes on, in milliseconds. */
const EVERY = 3000;

export function HuntsList() {
  const { client, region } = useScope();
  const mayWrite = useMayWrite();
  const query = useQuery("hunts", (signal) => huntsOf(client, signal));
  const { data } = query;
  const none = data && "none" in data;
  const begin = mayWrite && !none && <Button variant="primary" href={href(["hunts", "new"], `?in=${region}`)} onFollow={follow}>New hunt</Button>;
  return (
    <PageLayout title="Hunts" description="History is read again, with the lists, feeds and detectors of today" actions={begin}>
      <Loaded query={query} what="the hunts">
        {(told) =>
          "none" in told ? (
            <Alert type="info" header="There is nothing to hunt through">
              {visible(told.none)} A hunt reads what the sources of the server's settings hold: folders and buckets, named in <code>[[source]]</code>.
            </Alert>
          ) : (
            <>
              {told.hunts.some(goesOn) && <Refresh ask={async () => { const fresh = await huntsOf(client); query.set(() => fresh); }} />}
              <All hunts={told.hunts} most={told.most} onChanged={query.reload} />
            </>
          )
        }
      </Loaded>
    </PageLayout>
  );
}

function Refresh({ ask }: { ask: () => Promise<unknown> }) {
  useWhileVisible(EVERY, ask);
  return null;
}

interface AllProps {
  hunts: readonly Hunt[];
  most: number | undefined;
  onChanged: () => void;
}

function All({ hunts, most, onChanged }: AllProps) {
  const { region } = useScope();
  const mayWrite = useMayWrite();
  const narrow = useNarrow();
  const now = useNow(hunts);
  const name = (hunt: Hunt) => <Link href={href(["hunts", hunt.id], `?in=${region}`)} onFollow={follow}><Text plain brief>{huntName(hunt)}</Text></Link>;
  const range = ({ scope }: Hunt) => <Box variant="small" display="block"><Time at={scope.since} /> to <Time at={scope.until} />{scope.settings && ", with settings to try"}</Box>;
  const actions = (hunt: Hunt) => <HuntActions hunt={hunt} inline onChanged={onChanged} onRemoved={onChanged} />;
  const found = ({ findings }: Hunt) => (findings ? <BySeverity findings={findings} /> : "-");
  const wide: TableProps.ColumnDefinition<Hunt>[] = [
    { id: "name", header: "Hunt", isRowHeader: true, minWidth: 200, cell: (hunt) => <>{name(hunt)}{range(hunt)}</> },
    { id: "state", header: "State", minWidth: 220, cell: (hunt) => <HuntState hunt={hunt} now={now} /> },
    { id: "findings", header: "Findings", minWidth: 120, cell: found },
    { id: "who", header: "Begun", minWidth: 130, cell: (hunt) => <><Text plain brief>{hunt.createdBy}</Text><Box variant="small" display="block"><Time at={hunt.createdAt} /></Box></> },
    ...(mayWrite ? [{ id: "actions", header: "Actions", minWidth: 130, cell: actions }] : []),
  ];
  const one: TableProps.ColumnDefinition<Hunt>[] = [
    {
      id: "name",
      header: "Hunt",
      isRowHeader: true,
      cell: (hunt) => (
        <div className="wrap">
          {name(hunt)}
          {range(hunt)}
          <HuntState hunt={hunt} now={now} />
          {hunt.findings && <BySeverity findings={hunt.findings} />}
          <Box variant="small" display="block">By <Text plain brief>{hunt.createdBy}</Text>, <Time at={hunt.createdAt} /></Box>
          {actions(hunt)}
        </div>
      ),
    },
  ];
  return (
    <>
      <div className="visually-hidden" aria-live="polite">{hunts.filter(goesOn).map((hunt) => `${visible(huntName(hunt))}. ${announced(hunt)}.`).join(" ")}</div>
      <Table
        items={hunts}
        trackBy="id"
        wrapLines
        ariaLabels={{ tableLabel: "Hunts" }}
        header={<Header counter={`(${hunts.length})`} description={most && hunts.length >= most ? `As many as are kept: the oldest makes room for a new one.` : undefined}>Hunts</Header>}
        empty={<NoHunts />}
        columnDefinitions={narrow ? one : wide}
      />
    </>
  );
}

/** What a hunt is, and what it is for. */
function NoHunts() {
  const { region } = useScope();
  const mayWrite = useMayWrite();
  return (
    <Box textAlign="center" padding={{ vertical: "m" }}>
      <SpaceBetween size="s">
        <Box variant="strong">There is no hunt yet.</Box>
        <Box>
          A hunt reads logs of weeks or years that your sources still hold, and looks in them with what is known today. It answers whether an address that a
          report names was ever seen, what happened before Picquet was there, and what other settings would have found.
        </Box>
        <Box>Findings of a hunt stay with it: nothing is alerted, until you take one into the detector.</Box>
        {mayWrite ? <Button href={href(["hunts", "new"], `?in=${region}`)} onFollow={follow}>Begin a hunt</Button> : <Box>Your user may only read. Ask an administrator to begin one.</Box>}
      </SpaceBetween>
    </Box>
  );
}
