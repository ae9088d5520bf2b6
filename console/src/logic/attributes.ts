// The attributes of findings that can be filtered by: all of the API's, the usual ones first and with a name.
import all from "./attributes.json";

/** How the values of an attribute are compared. */
export type Kind = "text" | "number" | "time";

export interface Attribute {
  path: string;
  label: string;
  kind: Kind;
  usual: boolean;
}

const USUAL: [string, string, Kind?][] = [
  ["type", "Finding type"],
  ["severity", "Severity", "number"],
  ["resource.resourceType", "Resource type"],
  ["resource.instanceDetails.instanceId", "Instance id"],
  ["resource.accessKeyDetails.userName", "User name"],
  ["resource.accessKeyDetails.accessKeyId", "Access key id"],
  ["resource.accessKeyDetails.principalId", "Principal id"],
  ["resource.s3BucketDetails.name", "S3 bucket"],
  ["accountId", "Account id"],
  ["region", "Region"],
  ["id", "Finding id"],
  ["updatedAt", "Updated at", "time"],
  ["createdAt", "Created at", "time"],
  ["service.eventLastSeen", "Last seen", "time"],
  ["service.eventFirstSeen", "First seen", "time"],
  ["service.count", "Count", "number"],
  ["service.resourceRole", "Resource role"],
  ["service.action.actionType", "Action type"],
  ["service.action.awsApiCallAction.api", "API call"],
  ["service.action.awsApiCallAction.serviceName", "API service"],
  ["service.action.awsApiCallAction.remoteIpDetails.ipAddressV4", "API caller IPv4 address"],
  ["service.action.awsApiCallAction.remoteIpDetails.country.countryName", "API caller country"],
  ["service.action.awsApiCallAction.userAgent", "API caller user agent"],
  ["service.action.dnsRequestAction.domain", "DNS domain"],
  ["service.action.networkConnectionAction.remoteIpDetails.ipAddressV4", "Connection remote IPv4 address"],
  ["service.action.networkConnectionAction.localPortDetails.port", "Connection local port", "number"],
  ["service.action.networkConnectionAction.remotePortDetails.port", "Connection remote port", "number"],
  ["service.action.networkConnectionAction.connectionDirection", "Connection direction"],
  ["service.action.portProbeAction.portProbeDetails.remoteIpDetails.ipAddressV4", "Probe remote IPv4 address"],
  ["service.additionalInfo.threatListName", "Threat list"],
  ["service.additionalInfo.picquet.detector", "Picquet's detector"],
  ["service.additionalInfo.sample", "Sample finding"],
];

/** What the store keeps but does not look for: long texts, and what all findings of a detector share. */
const UNSEARCHED = new Set([
  "arn",
  "title",
  "description",
  "schemaVersion",
  "partition",
  "service.detectorId",
  "service.serviceName",
  "service.additionalInfo.value",
  "service.additionalInfo.type",
]);

const TIMES = /(At|Seen|Time|Date)$/;
const NUMBERS = /(port|count|severity|score|probability|number|bytes)$/i;

const known = new Set<string>(all);
const usual: Attribute[] = USUAL.filter(([path]) => known.has(path) || path.startsWith("service.additionalInfo.")).map(
  ([path, label, kind]) => ({ path, label, kind: kind ?? "text", usual: true }),
);
const named = new Set(usual.map((attribute) => attribute.path));

/** All attributes that can be filtered by. Those without a name of their own are called by their path. */
export const ATTRIBUTES: readonly Attribute[] = [
  ...usual,
  ...(all as string[])
    .filter((path) => !named.has(path) && path !== "service.archived" && !UNSEARCHED.has(path))
    .map((path): Attribute => ({ path, label: path, kind: kindOf(path), usual: false })),
];

const byPath = new Map(ATTRIBUTES.map((attribute) => [attribute.path, attribute]));

export function kindOf(path: string): Kind {
  if (TIMES.test(path)) return "time";
  return NUMBERS.test(path) ? "number" : "text";
}

export function attribute(path: string): Attribute | undefined {
  return byPath.get(path);
}
