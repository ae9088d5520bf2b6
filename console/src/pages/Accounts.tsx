import { ListMembersCommand, type Member } from "@aws-sdk/client-guardduty";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { clientOf } from "../api/client";
import { bySeverity } from "../api/findings";
import { problem } from "../api/problem";
import { useQuery } from "../api/useQuery";
import { follow, href } from "../app/router";
import { CURRENT } from "../logic/token";
import { query as words } from "../logic/words";
import { bySeverityName } from "../logic/perDay";
import { SEVERITIES, severityWords, type SeverityName } from "../logic/severity";
import { useSession } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Members } from "./Members";

interface Row {
  region: string;
  detectorId: string;
  enabled: boolean;
  counts?: Map<SeverityName, number>;
  members: Member[];
  /** Why nothing is known of it. */
  fault?: string;
}

/** All regions in one view; one that fails does not hide the others. */
export default function Accounts() {
  const { session } = useSession();
  const query = useQuery("accounts", (signal) =>
    Promise.all(
      session.detectors.map(async (detector): Promise<Row> => {
        const place = { client: clientOf(detector.region), detectorId: detector.detectorId };
        try {
          const [groups, members] = await Promise.all([
            bySeverity(place, CURRENT, signal),
            place.client.send(new ListMembersCommand({ DetectorId: detector.detectorId, OnlyAssociated: "false", MaxResults: 50 }), { abortSignal: signal }),
          ]);
          return { ...detector, counts: new Map(bySeverityName(groups)), members: members.Members ?? [] };
        } catch (error) {
          const told = problem(error);
          if (told.kind === "signed-out") throw error;
          return { ...detector, members: [], fault: told.message };
        }
      }),
    ),
  );
  return (
    <PageLayout title="Accounts and regions" description={`Every region in which account ${session.accountId} has a detector`}>
      <Loaded query={query} what="the regions">
        {(rows) => (
          <SpaceBetween size="l">
            {rows.filter((row) => row.fault).map((row) => <Alert type="warning" key={row.region} header={`${row.region} cannot be shown`}>{row.fault}</Alert>)}
            <Regions rows={rows} />
            <Members
              places={rows.map(({ region, detectorId }) => ({ region, detectorId, client: clientOf(region) }))}
              rows={rows.flatMap(({ region, detectorId, members }) => members.map((member) => ({ member, place: { region, detectorId, client: clientOf(region) } })))}
              onChanged={query.reload}
            />
          </SpaceBetween>
        )}
      </Loaded>
    </PageLayout>
  );
}

function Regions({ rows }: { rows: readonly Row[] }) {
  return (
    <Table
      items={rows}
      wrapLines
      ariaLabels={{ tableLabel: "Regions" }}
      header={<Header counter={`(${rows.length})`} description="Current findings">Regions</Header>}
      empty={<Box>The account has no detector. Choose a region at the top and create one in Settings.</Box>}
      columnDefinitions={[
        { id: "region", header: "Region", isRowHeader: true, cell: ({ region }) => <Link href={href([], words([`in=${region}`]))} onFollow={follow}>{region}</Link> },
        { id: "state", header: "Detector", cell: ({ enabled }) => <StatusIndicator type={enabled ? "success" : "stopped"}>{enabled ? "Enabled" : "Disabled"}</StatusIndicator> },
        ...SEVERITIES.map((name) => ({
          id: name,
          header: name,
          cell: ({ region, counts }: Row) => {
            const count = counts?.get(name);
            if (count === undefined) return "-";
            const to = href(["findings"], words([`in=${region}`, ...severityWords(name)]));
            return <Link href={to} onFollow={follow} ariaLabel={`${count} findings of severity ${name} in ${region}`}>{count.toLocaleString("en")}</Link>;
          },
        })),
      ]}
    />
  );
}
