//! What was done, in ASFF: the action, the connection and the indicators behind it.

use crate::view::{View, address, present, text};
use picquet_model::Finding;
use picquet_model::finding::{Action, PortDetails, RemoteIpDetails};
use serde_json::{Value, json};

/// The action block. Members that are unknown are null, and left out by the caller.
pub(super) fn action(action: &Action) -> Value {
    json!({
        "ActionType": action.action_type,
        "AwsApiCallAction": action.aws_api_call_action.as_ref().map(|a| json!({
            "Api": a.api,
            "ServiceName": a.service_name,
            "CallerType": a.caller_type,
            "RemoteIpDetails": a.remote_ip_details.as_ref().map(remote),
            "DomainDetails": a.domain_details.as_ref().map(|d| json!({"Domain": d.domain})),
            "AffectedResources": a.affected_resources,
        })),
        "DnsRequestAction": action.dns_request_action.as_ref().map(|a| json!({
            "Domain": a.domain,
            "Protocol": a.protocol,
            "Blocked": a.blocked,
        })),
        "NetworkConnectionAction": action.network_connection_action.as_ref().map(|a| json!({
            "ConnectionDirection": a.connection_direction,
            "Protocol": a.protocol,
            "Blocked": a.blocked,
            "RemoteIpDetails": remote(&a.remote_ip_details),
            "RemotePortDetails": port(&a.remote_port_details),
            "LocalPortDetails": port(&a.local_port_details),
        })),
        "PortProbeAction": action.port_probe_action.as_ref().map(|a| json!({
            "Blocked": a.blocked,
            "PortProbeDetails": a.port_probe_details.iter().map(|d| json!({
                "LocalPortDetails": port(&d.local_port_details),
                "LocalIpDetails": {"IpAddressV4": d.local_ip_details.as_ref().and_then(|l| l.ip_address_v4.as_ref())},
                "RemoteIpDetails": remote(&d.remote_ip_details),
            })).collect::<Vec<_>>(),
        })),
    })
}

/// A remote address. ASFF has no member for IPv6 here; the `Network` block has.
fn remote(r: &RemoteIpDetails) -> Value {
    let organization = r.organization.as_ref();
    json!({
        "IpAddressV4": r.ip_address_v4,
        "Country": r.country.as_ref().map(|c| json!({"CountryCode": c.country_code, "CountryName": c.country_name})),
        "City": r.city.as_ref().map(|c| json!({"CityName": c.city_name})),
        "GeoLocation": r.geo_location.map(|g| json!({"Lat": g.lat, "Lon": g.lon})),
        "Organization": organization.map(|o| json!({
            "Asn": o.asn.as_deref().and_then(|asn| asn.parse::<i32>().ok()),
            "AsnOrg": o.asn_org,
            "Isp": o.isp,
            "Org": o.org,
        })),
    })
}

fn port(p: &PortDetails) -> Value {
    json!({"Port": p.port, "PortName": p.port_name})
}

/// The connection, from its source to its destination.
pub(super) fn network(finding: &Finding) -> Value {
    let Some(net) = &finding.service.action.network_connection_action else { return Value::Null };
    let inbound = match net.connection_direction.as_str() {
        "INBOUND" => true,
        "OUTBOUND" => false,
        _ => return Value::Null,
    };
    let local = net.local_ip_details.as_ref();
    let near = [local.and_then(|l| present(&l.ip_address_v4)), local.and_then(|l| present(&l.ip_address_v6))];
    let far = [present(&net.remote_ip_details.ip_address_v4), present(&net.remote_ip_details.ip_address_v6)];
    let (near_port, far_port) = (net.local_port_details.port, net.remote_port_details.port);
    let ((from, from_port), (to, to_port)) =
        if inbound { ((far, far_port), (near, near_port)) } else { ((near, near_port), (far, far_port)) };
    json!({
        "Direction": if inbound { "IN" } else { "OUT" },
        "Protocol": net.protocol,
        "SourceIpV4": from[0],
        "SourceIpV6": from[1],
        "SourcePort": from_port,
        "DestinationIpV4": to[0],
        "DestinationIpV6": to[1],
        "DestinationPort": to_port,
    })
}

/// What a threat list matched on: the remote addresses or the domain, five at most.
pub(super) fn indicators(v: View<'_>) -> Value {
    let finding = v.finding;
    let listed = v.evidence().get("threatListName").map(text);
    let evidence = finding.service.evidence.as_ref().and_then(|e| e.threat_intelligence_details.first());
    let Some(source) = evidence.map(|d| d.threat_list_name.clone()).or(listed) else { return Value::Null };
    let category = match finding.finding_type.as_str() {
        kind if kind.contains("C&CActivity") => Some("COMMAND_AND_CONTROL"),
        kind if kind.contains("DropPoint") => Some("DROP_SITE"),
        kind if kind.starts_with("Backdoor:") => Some("BACKDOOR"),
        _ => None,
    };
    let indicator = |kind: &str, value: &str| {
        json!({
            "Type": kind,
            "Value": value,
            "Category": category,
            "LastObservedAt": finding.service.event_last_seen,
            "Source": source,
        })
    };
    if let Some(query) = &v.action().dns_request_action {
        return json!([indicator("DOMAIN", &query.domain)]);
    }
    let mut addresses: Vec<_> = v.remotes().into_iter().filter_map(address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let kind = |ip: &str| if ip.contains(':') { "IPV6_ADDRESS" } else { "IPV4_ADDRESS" };
    addresses.iter().take(5).map(|ip| indicator(kind(ip), ip)).collect()
}
