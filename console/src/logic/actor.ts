// Who did what a finding is about, as far as the logs say.
import type { Finding, RemoteIpDetails } from "@aws-sdk/client-guardduty";

/** The remote addresses of a finding with the attribute that holds them: several for probes. */
export function remotes(finding: Finding): { path: string; ip: RemoteIpDetails }[] {
  const action = finding.Service?.Action;
  const at = "service.action.";
  const probes = action?.PortProbeAction?.PortProbeDetails ?? [];
  const all: [string, RemoteIpDetails | undefined][] = [
    [`${at}awsApiCallAction.remoteIpDetails.ipAddressV4`, action?.AwsApiCallAction?.RemoteIpDetails],
    [`${at}networkConnectionAction.remoteIpDetails.ipAddressV4`, action?.NetworkConnectionAction?.RemoteIpDetails],
    [`${at}kubernetesApiCallAction.remoteIpDetails.ipAddressV4`, action?.KubernetesApiCallAction?.RemoteIpDetails],
    [`${at}rdsLoginAttemptAction.remoteIpDetails.ipAddressV4`, action?.RdsLoginAttemptAction?.RemoteIpDetails],
    ...probes.map((probe): [string, RemoteIpDetails | undefined] => [
      `${at}portProbeAction.portProbeDetails.remoteIpDetails.ipAddressV4`,
      probe.RemoteIpDetails,
    ]),
  ];
  return all.flatMap(([path, ip]) => (ip ? [{ path, ip }] : []));
}

export function remoteOf(finding: Finding): RemoteIpDetails | undefined {
  return remotes(finding)[0]?.ip;
}

/** The place of an address; nothing when it is not known. */
export function where(ip: RemoteIpDetails): string {
  const country = ip.Country?.CountryName ?? ip.Country?.CountryCode;
  return [ip.City?.CityName, country].filter(Boolean).join(", ");
}

/** Whose network it is of; nothing when that is not known. */
export function network(ip: RemoteIpDetails): string {
  const { Asn, AsnOrg, Org, Isp } = ip.Organization ?? {};
  return [Asn && `AS${Asn}`, AsnOrg ?? Org ?? Isp].filter(Boolean).join(" ");
}

/** One line for a table: an address with its country, a domain, a caller. */
export function actorLine(finding: Finding): string {
  const all = remotes(finding);
  const ip = all[0]?.ip;
  const address = ip?.IpAddressV4 ?? ip?.IpAddressV6;
  if (address) {
    const country = ip?.Country?.CountryName;
    const more = all.length > 1 ? ` and ${all.length - 1} more` : "";
    return `${address}${country ? ` (${country})` : ""}${more}`;
  }
  const action = finding.Service?.Action;
  return action?.DnsRequestAction?.Domain ?? action?.AwsApiCallAction?.DomainDetails?.Domain ?? "";
}
