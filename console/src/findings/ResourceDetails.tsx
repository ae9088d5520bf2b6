import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs, { type KeyValuePairsProps } from "@cloudscape-design/components/key-value-pairs";
import type { Finding } from "@aws-sdk/client-guardduty";
import { Text } from "../shared/Text";

/** Tags, buckets and the like: so many are shown. */
const MOST = 20;

function pair(label: string, value: string | undefined): KeyValuePairsProps.Item[] {
  return value ? [{ label, value: <Text>{value}</Text> }] : [];
}

const ROLES: Record<string, string> = { TARGET: "Target", ACTOR: "Actor" };

export function ResourceDetails({ finding }: { finding: Finding }) {
  const resource = finding.Resource;
  const instance = resource?.InstanceDetails;
  const key = resource?.AccessKeyDetails;
  const [card] = instance?.NetworkInterfaces ?? [];
  const tags = (instance?.Tags ?? []).slice(0, MOST).map(({ Key, Value }) => `${Key}=${Value}`);
  const items = [
    ...pair("Type", resource?.ResourceType),
    ...pair("Role in the finding", ROLES[finding.Service?.ResourceRole ?? ""]),
    ...pair("Instance", instance?.InstanceId),
    ...pair("Instance type", instance?.InstanceType),
    ...pair("Image", instance?.ImageId),
    ...pair("Availability zone", instance?.AvailabilityZone),
    ...pair("Instance profile", instance?.IamInstanceProfile?.Arn),
    ...pair("Private address", card?.PrivateIpAddress),
    ...pair("Public address", card?.PublicIp),
    ...pair("Interface", card?.NetworkInterfaceId),
    ...pair("VPC and subnet", [card?.VpcId, card?.SubnetId].filter(Boolean).join(" ")),
    ...pair("Security groups", (card?.SecurityGroups ?? []).slice(0, MOST).map((g) => `${g.GroupId} ${g.GroupName ?? ""}`).join(", ")),
    ...pair("Tags", tags.join(", ")),
    ...pair("User", key?.UserName),
    ...pair("User type", key?.UserType),
    ...pair("Principal", key?.PrincipalId),
    ...pair("Access key", key?.AccessKeyId),
    ...(resource?.S3BucketDetails ?? []).slice(0, MOST).flatMap((bucket) => pair("Bucket", bucket.Arn ?? bucket.Name)),
    ...pair("EKS cluster", resource?.EksClusterDetails?.Name),
    ...pair("ECS cluster", resource?.EcsClusterDetails?.Name),
    ...pair("RDS instance", resource?.RdsDbInstanceDetails?.DbInstanceIdentifier),
    ...pair("Lambda function", resource?.LambdaDetails?.FunctionName),
  ];
  return (
    <Container fitHeight header={<Header variant="h2">Resource</Header>}>
      <KeyValuePairs columns={2} items={items} />
    </Container>
  );
}
