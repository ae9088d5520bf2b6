import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useScope } from "../app/region";
import { follow, go, href } from "../app/router";
import { huntOf } from "../api/hunts";
import { useQuery } from "../api/useQuery";
import { useWhileVisible } from "../api/useWhileVisible";
import { accountsWords, announced, goesOn, huntName, type Hunt } from "../logic/hunts";
import { draftOf, toDraftSearch } from "../logic/newHunt";
import { visible } from "../logic/visible";
import { useMayWrite } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { BySeverity } from "./BySeverity";
import { HuntActions } from "./HuntActions";
import { HuntFindings } from "./HuntFindings";
import { HuntState } from "./HuntState";
import { useNow } from "./useNow";
import { WhatWasRead } from "./WhatWasRead";

/** Asked so often while it goes on, in milliseconds. */
const EVERY = 2000;

/** A hunt: how far it is, what it read and what it found. */
export function HuntPage({ id }: { id: string }) {
  const { client, region } = useScope();
  const mayWrite = useMayWrite();
  const query = useQuery(`hunt/${id}`, async (signal) => ({ hunt: await huntOf(client, id, signal) }));
  const hunt = query.data?.hunt;
  const all = href(["hunts"], `?in=${region}`);
  return (
    <PageLayout
      title="Hunt"
      description={hunt && <Text plain>{huntName(hunt)}</Text>}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button href={all} onFollow={follow}>All hunts</Button>
          {hunt && mayWrite && <Button href={href(["hunts", "new"], toDraftSearch(draftOf(hunt), region))} onFollow={follow}>Hunt again</Button>}
          {hunt && <HuntActions hunt={hunt} onChanged={(changed) => query.set(() => ({ hunt: changed }))} onRemoved={() => go(all)} />}
        </SpaceBetween>
      }
    >
      <Loaded query={query} what="the hunt">
        {({ hunt: one }) =>
          one ? (
            <SpaceBetween size="l">
              {goesOn(one) && <Refresh ask={async () => { const fresh = await huntOf(client, id); query.set(() => ({ hunt: fresh })); }} />}
              <div className="visually-hidden" aria-live="polite">{announced(one)}</div>
              <Overview hunt={one} />
              <WhatWasRead hunt={one} />
              {one.state === "done" && <HuntFindings hunt={one} />}
            </SpaceBetween>
          ) : (
            <Container><Box>There is no hunt <Text>{id}</Text>. It may be of another account, or deleted.</Box></Container>
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

function Overview({ hunt }: { hunt: Hunt }) {
  const { scope, findings, state, why } = hunt;
  const now = useNow(hunt);
  return (
    <SpaceBetween size="s">
      {state === "failed" && <Alert type="error" header="The hunt failed"><Text plain>{why ?? "The server does not say why."}</Text></Alert>}
      {state === "cancelled" && <Alert type="info" header="The hunt was cancelled">What it had read was not judged: it has no findings.</Alert>}
      <Container header={<Header variant="h2">What is hunted through</Header>}>
        <SpaceBetween size="m">
          <KeyValuePairs
            columns={4}
            items={[
              { label: "State", value: <><HuntState hunt={state === "failed" ? { ...hunt, why: undefined } : hunt} now={now} />{findings && <BySeverity findings={findings} />}</> },
              {
                label: "Range",
                value: (
                  <>
                    <Time at={scope.since} /> to <Time at={scope.until} />
                    {typeof scope.learnDays === "number" && <Box variant="small" display="block">Learned from {days(scope.learnDays)} before</Box>}
                  </>
                ),
              },
              { label: "Sources and accounts", value: <><Text plain>{scope.sources.join(", ")}</Text><Box variant="small" display="block"><Text plain>{accountsWords(scope.accounts)}</Text></Box></> },
              { label: "Begun", value: <><Text plain>{hunt.createdBy}</Text><Box variant="small" display="block"><Time at={hunt.createdAt} /></Box></> },
            ]}
          />
          {scope.settings && (
            <ExpandableSection headerText="Settings that were tried">
              <pre className="raw" tabIndex={0} aria-label="Settings that were tried">{scope.settings.split("\n").map(visible).join("\n")}</pre>
            </ExpandableSection>
          )}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

const days = (n: number) => `${n} ${n === 1 ? "day" : "days"}`;
