import { GetUsageStatisticsCommand, type UsageFeature, type UsageStatisticType } from "@aws-sdk/client-guardduty";
import Alert from "@cloudscape-design/components/alert";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useDetector } from "../app/region";
import { useQuery } from "../api/useQuery";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";

/** What Picquet reads. */
const FEATURES: UsageFeature[] = ["CLOUD_TRAIL", "FLOW_LOGS", "DNS_LOGS", "S3_DATA_EVENTS"];

interface Row {
  name: string;
  amount: string;
}

export default function Usage() {
  const { client, detectorId } = useDetector();
  const query = useQuery("usage", async (signal) => {
    const ask = async (type: UsageStatisticType) => {
      const command = new GetUsageStatisticsCommand({ DetectorId: detectorId, UsageStatisticType: type, UsageCriteria: { Features: FEATURES }, Unit: "USD" });
      return (await client.send(command, { abortSignal: signal })).UsageStatistics ?? {};
    };
    const [features, accounts] = await Promise.all([ask("SUM_BY_FEATURES"), ask("SUM_BY_ACCOUNT")]);
    const amount = (total: { Amount?: string; Unit?: string } | undefined) => `${total?.Amount ?? "0"} ${total?.Unit ?? "USD"}`;
    return {
      features: (features.SumByFeature ?? []).map((one): Row => ({ name: one.Feature ?? "", amount: amount(one.Total) })),
      accounts: (accounts.SumByAccount ?? []).map((one): Row => ({ name: one.AccountId ?? "", amount: amount(one.Total) })),
    };
  });
  return (
    <PageLayout title="Usage and cost" description="What the API says is charged">
      <SpaceBetween size="l">
        <Alert type="info" header="Reading logs costs nothing here">
          Picquet charges nothing by volume, so these amounts are zero. What it costs is the machine that it runs on. How much was
          read of each source is said by <code>picquet scan</code>, and not kept yet.
        </Alert>
        <Loaded query={query} what="the usage">
          {({ features, accounts }) => (
            <SpaceBetween size="l">
              <Amounts title="By data source" first="Data source" rows={features} />
              <Amounts title="By account" first="Account" rows={accounts} />
            </SpaceBetween>
          )}
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
        { id: "amount", header: "Charged", cell: ({ amount }) => amount },
      ]}
    />
  );
}
