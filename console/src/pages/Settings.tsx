import { DescribePublishingDestinationCommand, GetDetectorCommand, ListPublishingDestinationsCommand } from "@aws-sdk/client-guardduty";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { NoDetector } from "../app/NoDetector";
import { useDetector, useScope } from "../app/region";
import { useQuery } from "../api/useQuery";
import { useSession } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { DetectionSettings } from "./DetectionSettings";
import { DetectorForm } from "./DetectorForm";
import { DetectorDanger } from "./DetectorDanger";
import { Destinations } from "./Destinations";
import { Retention } from "./Retention";
import { SampleFindings } from "./SampleFindings";

export default function Settings() {
  const { detectorId } = useScope();
  return detectorId ? <OfDetector /> : <NoDetector />;
}

function OfDetector() {
  const { client, detectorId, region } = useDetector();
  const { session } = useSession();
  const query = useQuery("settings", async (signal) => {
    const options = { abortSignal: signal };
    const [detector, destinations] = await Promise.all([
      client.send(new GetDetectorCommand({ DetectorId: detectorId }), options),
      client.send(new ListPublishingDestinationsCommand({ DetectorId: detectorId, MaxResults: 50 }), options),
    ]);
    const described = (destinations.Destinations ?? []).map(({ DestinationId }) =>
      client.send(new DescribePublishingDestinationCommand({ DetectorId: detectorId, DestinationId }), options),
    );
    return { detector, destinations: await Promise.all(described) };
  });
  return (
    <PageLayout title="Settings" description={`Detector of ${region}`}>
      <Loaded query={query} what="the settings">
        {({ detector, destinations }) => (
          <SpaceBetween size="l">
            <DetectorForm key={detector.UpdatedAt} detector={detector} onChanged={query.reload} />
            <Destinations destinations={destinations} onChanged={query.reload} />
            <DetectionSettings />
            <Retention />
            <Container header={<Header variant="h2">You</Header>}>
              <KeyValuePairs
                columns={3}
                items={[
                  { label: "User", value: <Text>{session.userName}</Text> },
                  { label: "Account", value: session.accountId },
                  { label: "Policy", value: session.policy },
                  { label: "Detector id", value: <Text>{detectorId}</Text> },
                ]}
              />
            </Container>
            <SampleFindings />
            <DetectorDanger />
          </SpaceBetween>
        )}
      </Loaded>
    </PageLayout>
  );
}
