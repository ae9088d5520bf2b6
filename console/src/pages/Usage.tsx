import { GetUsageStatisticsCommand, type UsageFeature, type UsageStatisticType } from "@aws-sdk/client-guardduty";
import Alert from "@cloudscape-design/components/alert";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useDetector } from "../app/region";
import { statusOf } from "../api/status";
import { useQuery } from "../api/useQuery";
import { bytes, kindName, money, volumesBy, type Volume } from "../logic/sources";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { Costs } from "./Costs";

/** What Picquet reads. */
const FEATURES: UsageFeature[] = ["CLOUD_TRAIL", "FLOW_LOGS", "DNS_LOGS", "S3_DATA_EVENTS"];

interface Row {
  name: string;
  amount: string;
}

export default function Usage() {
  const { client, detectorId, region } = useDetector();
  const query = useQuery("usage", async (signal) => {
    const ask = async (type: UsageStatisticType) => {
      const command = new GetUsageStatisticsCommand({ DetectorId: detectorId, UsageStatisticType: type, UsageCriteria: { Features: FEATURES }, Unit: "USD" });
      return (await client.send(command, { abortSignal: signal })).UsageStatistics ?? {};
    };
    const [features, accounts] = await Promise.all([ask("SUM_BY_FEATURES"), ask("SUM_BY_ACCOUNT")]);
    const amount = (total: { Amount?: string; Unit?: string } | undefined) => money(total?.Amount, total?.Unit);
    return {
      total: (features.SumByFeature ?? []).map(({ Total }) => Total),
      features: (features.SumByFeature ?? []).map((one): Row => ({ name: kindName(one.Feature ?? ""), amount: amount(one.Total) })),
      accounts: (accounts.SumByAccount ?? []).map((one): Row => ({ name: one.AccountId ?? "", amount: amount(one.Total) })),
    };
  });
  const status = useQuery("status", async (signal) => ({ told: await statusOf(client, signal) }));
  return (
    <PageLayout title="Usage and cost" description="What was read, and what GuardDuty would charge for it">
      <SpaceBetween size="l">
        <Alert type="info" header="Reading logs costs nothing here">
          Picquet charges nothing by volume: it costs the machine that it runs on. The amounts are what GuardDuty would charge for
          what was read in the last 30 days, at its list prices in us-east-1. Volumes are those of continuous reading; what{" "}
          <code>picquet scan</code> reads, it says itself.
        </Alert>
        <Loaded query={query} what="the usage">
          {({ total, features, accounts }) => (
            <SpaceBetween size="l">
              <Costs totals={total} status={status} region={region} />
              <Amounts title="GuardDuty's price by data source" first="Data source" rows={features} />
              <Amounts title="GuardDuty's price by account" first="Account" rows={accounts} />
            </SpaceBetween>
          )}
        </Loaded>
        <Loaded query={status} what="the volumes">
          {({ told }) =>
            told ? (
              <SpaceBetween size="l">
                <VolumesBy title="Volume by data source" first="Data source" volumes={told.volumes ?? []} of={({ kind }) => kindName(kind)} />
                <VolumesBy title="Volume by account" first="Account" volumes={told.volumes ?? []} of={({ account }) => account} />
              </SpaceBetween>
            ) : (
              <Alert type="info">This server does not tell how much it has read: it is older than this page.</Alert>
            )
          }
        </Loaded>
      </SpaceBetween>
    </PageLayout>
  );
}

function Amounts({ title, first, rows }: { title: string; first: string; rows: readonly Row[] }) {
  return (
    <Table
      items={rows}
      ariaLabels={{ tableLabel: title }}
      header={<Header counter={`(${rows.length})`}>{title}</Header>}
      empty="Nothing is counted."
      columnDefinitions={[
        { id: "name", header: first, cell: ({ name }) => name, isRowHeader: true },
        { id: "amount", header: "Would be charged", cell: ({ amount }) => amount },
      ]}
    />
  );
}

interface VolumesProps {
  title: string;
  first: string;
  volumes: readonly Volume[];
  of: (volume: Volume) => string;
}

function VolumesBy({ title, first, volumes, of }: VolumesProps) {
  const rows = volumesBy(volumes, of);
  return (
    <Table
      items={rows}
      ariaLabels={{ tableLabel: title }}
      header={<Header counter={`(${rows.length})`}>{title}</Header>}
      empty="Nothing has been read continuously."
      columnDefinitions={[
        { id: "name", header: first, cell: ({ name }) => <Text plain>{name}</Text>, isRowHeader: true },
        { id: "bytes", header: "Volume", cell: (row) => bytes(row.bytes) },
        { id: "objects", header: "Objects", cell: ({ objects }) => objects.toLocaleString("en") },
        { id: "records", header: "Records", cell: ({ records }) => records.toLocaleString("en") },
      ]}
    />
  );
}
