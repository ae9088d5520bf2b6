import { GetCoverageStatisticsCommand, GetDetectorCommand, ListCoverageCommand } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useDetector } from "../app/region";
import { useQuery } from "../api/useQuery";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";

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

function row(name: string, status: string): Row {
  const read = Object.hasOwn(READ, name);
  if (!read) return { name, status, state: "stopped", says: "Not covered: Picquet does not run it" };
  if (status !== "ENABLED") return { name: READ[name] ?? name, status, state: "stopped", says: "Switched off" };
  return { name: READ[name] ?? name, status, state: "info", says: "Read when picquet scan reads logs; lag is not measured yet" };
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
  return (
    <PageLayout title="Sources and coverage" description="What is looked at, and what is not">
      <Loaded query={query} what="the coverage">
        {({ features, resources, counts }) => (
          <SpaceBetween size="l">
            <Table
              items={features}
              wrapLines
              ariaLabels={{ tableLabel: "Sources" }}
              header={<Header description="Continuous reading is not there yet: logs are read by picquet scan">Sources</Header>}
              columnDefinitions={[
                { id: "name", header: "Source", cell: ({ name }) => name, isRowHeader: true },
                { id: "says", header: "State", cell: ({ state, says }) => <StatusIndicator type={state}>{says}</StatusIndicator> },
                { id: "status", header: "Switch of the API", cell: ({ status }) => status.toLowerCase() },
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
    </PageLayout>
  );
}
