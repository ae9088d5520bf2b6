// What happened, in one sentence, from what the finding says of the action.
import type { Finding } from "@aws-sdk/client-guardduty";
import { remotes } from "./actor";
import { resourceOf } from "./resource";

/** How often, where nothing is said before. */
export function often(count = 1): string {
  return count === 1 ? "Once" : `${count.toLocaleString("en")} times`;
}

function times(count: number | undefined): string {
  if (!count || count < 2) return "";
  return ` ${count.toLocaleString("en")} times`;
}

function address(finding: Finding): string {
  const all = remotes(finding);
  const ip = all[0]?.ip;
  const text = ip?.IpAddressV4 ?? ip?.IpAddressV6;
  if (!text) return "";
  const where = [ip?.City?.CityName, ip?.Country?.CountryName].filter(Boolean).join(", ");
  const others = new Set(all.map((one) => one.ip.IpAddressV4 ?? one.ip.IpAddressV6)).size - 1;
  return `${text}${where ? ` (${where})` : ""}${others > 0 ? ` and ${others} other${others > 1 ? "s" : ""}` : ""}`;
}

const port = (details: { Port?: number; PortName?: string } | undefined) =>
  details?.Port === undefined
    ? ""
    : ` port ${details.Port}${details.PortName && details.PortName !== "Unknown" ? ` (${details.PortName})` : ""}`;

/** A sentence; the finding's own description where the action is none that is known. */
export function sentence(finding: Finding): string {
  const action = finding.Service?.Action;
  const { id } = resourceOf(finding);
  const remote = address(finding);
  const repeated = times(finding.Service?.Count);
  const call = action?.AwsApiCallAction;
  if (call?.Api) {
    const service = call.ServiceName ? ` of ${call.ServiceName}` : "";
    const failed = call.ErrorCode ? `, and was answered ${call.ErrorCode}` : "";
    const calls = repeated ? `, among ${finding.Service?.Count?.toLocaleString("en")} calls` : "";
    return `${id || "Somebody"} called ${call.Api}${service}${remote ? ` from ${remote}` : ""}${failed}${calls}.`;
  }
  const connection = action?.NetworkConnectionAction;
  if (connection) {
    const inbound = connection.ConnectionDirection === "INBOUND";
    const [from, to] = inbound ? [remote || "Somebody", id] : [id || "An instance", remote || "a remote host"];
    const at = inbound ? connection.LocalPortDetails : connection.RemotePortDetails;
    const blocked = connection.Blocked ? "; it was blocked" : "";
    return `${from} connected to${port(at)}${at?.Port === undefined ? "" : " of"} ${to || "an instance"}${repeated}${blocked}.`;
  }
  const dns = action?.DnsRequestAction;
  if (dns?.Domain) return `${id || "A host"} asked for ${dns.Domain}${repeated}${dns.Blocked ? "; it was blocked" : ""}.`;
  const probe = action?.PortProbeAction;
  if (probe) {
    const at = port(probe.PortProbeDetails?.[0]?.LocalPortDetails);
    return `${remote || "Somebody"} probed${at}${at ? " of" : ""} ${id || "an instance"}${repeated}${probe.Blocked ? "; it was blocked" : ""}.`;
  }
  return finding.Description ?? finding.Title ?? finding.Type ?? "";
}
