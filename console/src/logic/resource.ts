// What a finding is about, in a word, and the attribute by which others about the same are found.
import type { Finding } from "@aws-sdk/client-guardduty";

export interface ResourceName {
  kind: string;
  id: string;
  /** The attribute that holds the id; none when there is no such attribute. */
  path?: string;
}

/** Where the name of each type of resource is. The order is that in which the API names resources in its statistics. */
const PLACES: [string, (finding: Finding) => string | undefined][] = [
  ["resource.instanceDetails.instanceId", (f) => f.Resource?.InstanceDetails?.InstanceId],
  ["resource.s3BucketDetails.name", (f) => f.Resource?.S3BucketDetails?.[0]?.Name],
  ["resource.eksClusterDetails.name", (f) => f.Resource?.EksClusterDetails?.Name],
  ["resource.ecsClusterDetails.name", (f) => f.Resource?.EcsClusterDetails?.Name],
  ["resource.rdsDbInstanceDetails.dbInstanceIdentifier", (f) => f.Resource?.RdsDbInstanceDetails?.DbInstanceIdentifier],
  ["resource.lambdaDetails.functionName", (f) => f.Resource?.LambdaDetails?.FunctionName],
  ["resource.containerDetails.id", (f) => f.Resource?.ContainerDetails?.Id],
  ["resource.accessKeyDetails.userName", (f) => f.Resource?.AccessKeyDetails?.UserName],
  ["resource.accessKeyDetails.accessKeyId", (f) => f.Resource?.AccessKeyDetails?.AccessKeyId],
];

/** AWS's names of types, as a person writes them. */
const KINDS: Record<string, string> = {
  AccessKey: "Access key",
  S3Bucket: "S3 bucket",
  S3Object: "S3 object",
  EKSCluster: "EKS cluster",
  KubernetesCluster: "Kubernetes cluster",
  ECSCluster: "ECS cluster",
  RDSDBInstance: "RDS instance",
  RDSLimitlessDB: "RDS Limitless database",
};

export const resourceKind = (kind: string | undefined): string => (kind && Object.hasOwn(KINDS, kind) ? (KINDS[kind] ?? kind) : (kind ?? ""));

/** Where a type's own name is, whatever else the finding names. */
const FIRST: Record<string, string> = {
  AccessKey: "resource.accessKeyDetails.userName",
  S3Bucket: "resource.s3BucketDetails.name",
};

export function resourceOf(finding: Finding): ResourceName {
  const kind = finding.Resource?.ResourceType ?? "";
  const first = PLACES.filter(([path]) => path === FIRST[kind]);
  for (const [path, of] of [...first, ...PLACES]) {
    const id = of(finding);
    if (id) return { kind, id, path };
  }
  return { kind, id: "" };
}

/** The attribute by which findings about a resource of a type are found: what the statistics name comes without one. */
export function pathOf(kind: string): string | undefined {
  const KINDS: Record<string, string> = {
    ...FIRST,
    Instance: "resource.instanceDetails.instanceId",
    EKSCluster: "resource.eksClusterDetails.name",
    ECSCluster: "resource.ecsClusterDetails.name",
    RDSDBInstance: "resource.rdsDbInstanceDetails.dbInstanceIdentifier",
    Lambda: "resource.lambdaDetails.functionName",
    Container: "resource.containerDetails.id",
  };
  return KINDS[kind];
}
