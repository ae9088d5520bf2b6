import { GetCoverageStatisticsCommand, GetDetectorCommand, ListCoverageCommand } from "@aws-sdk/client-guardduty";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useDetector } from "../app/region";
import { statusOf } from "../api/status";
import { useQuery } from "../api/useQuery";
import { useWhileVisible } from "../api/useWhileVisible";
import { stateName } from "../logic/sentences";
import { health, moment, type Status } from "../logic/sources";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { Deliveries, Targets } from "./sources/Deliveries";
import { Feeds } from "./sources/Feeds";
import { SetAsides } from "./sources/SetAsides";
import { Volumes } from "./sources/Volumes";
import { Watched } from "./sources/Watched";

/** The state is asked for so often, in milliseconds. */
const EVERY = 30_000;

interface Row {
  name: string;
  /** What the API says of the feature. */
  status: string;
  state: StatusIndicatorProps.Type;
  says: string;
}

/** What Picquet reads, and how. Everything else that the API knows is not covered, whatever its switch says. */
const READ: Record<string, string> = {
  CLOUD_TRAIL: "CloudTrail management events",
  FLOW_LOGS: "VPC Flow Logs",
  DNS_LOGS: "Route 53 Resolver query logs",
  S3_DATA_EVENTS: "CloudTrail data events of S3",
};

/** What else the API knows. */
const OTHERS: Record<string, string> = {
  EKS_AUDIT_LOGS: "EKS audit logs",
  EBS_MALWARE_PROTECTION: "Malware protection of EBS",
  RDS_LOGIN_EVENTS: "RDS login events",
  EKS_RUNTIME_MONITORING: "Runtime monitoring of EKS",
  LAMBDA_NETWORK_LOGS: "Lambda network logs",
  RUNTIME_MONITORING: "Runtime monitoring",
};

function row(name: string, status: string): Row {
  const read = Object.hasOwn(READ, name);
  if (!read) return { name: Object.hasOwn(OTHERS, name) ? (OTHERS[name] ?? name) : name, status, state: "stopped", says: "Not covered: Picquet does not run it" };
  if (status !== "ENABLED") return { name: READ[name] ?? name, status, state: "stopped", says: "Switched off" };
  return { name: READ[name] ?? name, status, state: "info", says: "Read wherever it is found in the logs" };
}

export default function Coverage() {
  const { client, detectorId } = useDetector();
  const query = useQuery("coverage", async (signal) => {
    const options = { abortSignal: signal };
    const [detector, resources, counts] = await Promise.all([
      client.send(new GetDetectorCommand({ DetectorId: detectorId }), options),
      client.send(new ListCoverageCommand({ DetectorId: detectorId, MaxResults: 50 }), options),
      client.send(new GetCoverageStatisticsCommand({ DetectorId: detectorId, StatisticsType: ["COUNT_BY_COVERAGE_STATUS"] }), options),
    ]);
    const features = (detector.Features ?? []).map((feature) => row(feature.Name ?? "", feature.Status ?? ""));
    const read = features.filter((one) => Object.values(READ).includes(one.name));
    return {
      features: [...read, ...features.filter((one) => !read.includes(one))],
      resources: resources.Resources ?? [],
      counts: counts.CoverageStatistics?.CountByCoverageStatus ?? {},
    };
  });
  // A server without the question answers `undefined`, which is no state of a query.
  const status = useQuery("status", async (signal) => ({ told: await statusOf(client, signal) }));
  useWhileVisible(EVERY, async () => status.reload());
  return (
    <PageLayout
      title="Sources and coverage"
      description="What is looked at, and what is not"
      actions={<Button iconName="refresh" ariaLabel="Load again" loading={status.loading} onClick={() => { status.reload(); query.reload(); }} />}
    >
      <SpaceBetween size="l">
        <Loaded query={status} what="the state of the sources">{({ told }) => <Reading status={told} />}</Loaded>
        <Loaded query={query} what="the coverage">
          {({ features, resources, counts }) => (
            <SpaceBetween size="l">
              <Table
                items={features}
                wrapLines
                ariaLabels={{ tableLabel: "Coverage" }}
                header={<Header description="Switches that the API has, and which of them Picquet covers">Coverage</Header>}
                columnDefinitions={[
                  { id: "name", header: "Source", cell: ({ name }) => name, isRowHeader: true },
                  { id: "says", header: "State", cell: ({ state, says }) => <StatusIndicator type={state}>{says}</StatusIndicator> },
                  { id: "status", header: "Switch of the API", cell: ({ status }) => stateName(status) },
                ]}
              />
              <Table
                items={resources}
                wrapLines
                ariaLabels={{ tableLabel: "Covered resources" }}
                header={
                  <Header counter={`(${resources.length})`} description={`Healthy ${counts.HEALTHY ?? 0}, unhealthy ${counts.UNHEALTHY ?? 0}`}>
                    Resources with a runtime agent
                  </Header>
                }
                empty={<Box>There are none: Picquet has no runtime agents.</Box>}
                columnDefinitions={[
                  { id: "id", header: "Resource", cell: ({ ResourceId }) => <Text>{ResourceId}</Text>, isRowHeader: true },
                  { id: "status", header: "Status", cell: ({ CoverageStatus }) => CoverageStatus ?? "" },
                  { id: "issue", header: "Issue", cell: ({ Issue }) => <Text plain>{Issue}</Text> },
                ]}
              />
            </SpaceBetween>
          )}
        </Loaded>
      </SpaceBetween>
    </PageLayout>
  );
}

/** What the server tells of its reading and delivering; parts that it does not tell are said to be missing. */
function Reading({ status }: { status: Status | undefined }) {
  if (!status) {
    return (
      <Alert type="info" header="This server does not tell how its sources are">
        It is older than this page. What it reads is below; when it read last is not known.
      </Alert>
    );
  }
  const { type, text } = health(status);
  return (
    <SpaceBetween size="l">
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {(status.notices ?? []).map(({ at, text: said }, n) => (
        <Alert key={n} type="warning"><Time at={moment(at)} relative />: <Text plain>{said}</Text></Alert>
      ))}
      {status.sources && <Watched sources={status.sources} since={moment(status.startedAt)} />}
      <Volumes volumes={status.volumes ?? []} />
      {status.feeds && <Feeds feeds={status.feeds} />}
      {status.setAside && <SetAsides objects={status.setAside} />}
      {status.targets && <Targets targets={status.targets} />}
      <Deliveries deliveries={status.deliveries ?? []} />
    </SpaceBetween>
  );
}
