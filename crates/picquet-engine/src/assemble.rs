//! A signal and what is known of its resource, as a finding.

use crate::texts::{Subject, fill};
use picquet_detect::event::instance_session;
use picquet_detect::facts::signal::{ApiDetail, Detail, Direction, ProbeDetail};
use picquet_detect::net::{port_name, protocol_name};
use picquet_detect::{Env, Inventory, Signal};
use picquet_model::finding::{
    AccessKeyDetails, Action, AdditionalInfo, AwsApiCallAction, Detection, DnsRequestAction, DomainDetails, Evidence,
    InstanceDetails, LocalIpDetails, NetworkConnectionAction, NetworkInterface, PortDetails, PortProbeAction,
    PortProbeDetail, RemoteIpDetails, Resource, S3BucketDetail, Service, ThreatIntelligenceDetail,
};
use picquet_model::{Finding, ids};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Longest title; ASFF takes 256 characters.
const MAX_TITLE: usize = 200;

/// Builds the finding.
pub fn finding(signal: &Signal, inventory: &Inventory, env: &Env) -> Finding {
    let row = signal.finding_type.row();
    let (account, region) = (signal.account.as_str(), signal.region.as_str());
    let detector_id = ids::detector_id(account, region);
    let mut key = vec![signal.role.name()];
    key.extend(signal.key.iter().map(|k| k.as_str()));
    let id = ids::finding_id(&detector_id, &row.name, &key);
    let resource = resource(signal, inventory, &row.resource);
    let (action, remote) = action(signal, env);
    let subject = subject(signal, &resource);
    let (first, last) = (signal.first.to_string(), signal.last.to_string());
    let title: String = fill(&row.title, signal, &subject, remote.as_ref()).chars().take(MAX_TITLE).collect();
    Finding {
        schema_version: "2.0".into(),
        account_id: account.into(),
        region: region.into(),
        partition: ids::partition(region).into(),
        arn: ids::finding_arn(account, region, &detector_id, &id),
        id,
        finding_type: row.name.clone(),
        severity: f64::from(signal.severity_tenths) / 10.0,
        created_at: first.clone(),
        updated_at: last.clone(),
        title,
        description: fill(&row.description, signal, &subject, remote.as_ref()),
        resource,
        service: Service {
            service_name: "guardduty".into(),
            detector_id,
            action,
            evidence: evidence(signal),
            resource_role: signal.role.name().into(),
            additional_info: additional_info(signal),
            event_first_seen: first,
            event_last_seen: last,
            archived: false,
            // A count beyond the API's 32-bit integer is its maximum.
            count: i64::try_from(signal.count).unwrap_or(i64::MAX).min(i64::from(i32::MAX)),
            feature_name: (row.source == picquet_model::Source::S3Data).then(|| "S3DataEvents".into()),
            detection: match &signal.detail {
                Detail::Api(d) => d.anomaly.as_ref().map(|a| Detection { anomaly: Some(a.as_ref().clone()) }),
                _ => None,
            },
        },
    }
}

/// What the texts call the host: by what is known of it, and never by what is not.
fn subject(signal: &Signal, resource: &Resource) -> Subject {
    if let Some(id) = resource.instance_details.as_ref().and_then(|d| d.instance_id.clone()) {
        return Subject { noun: "instance", name: id };
    }
    let host = |ip: Option<IpAddr>| ip.map(|ip| Subject { noun: "host", name: ip.to_string() });
    let interface = |eni: &str| some(eni).map(|name| Subject { noun: "interface", name });
    match &signal.detail {
        Detail::Network(d) => interface(&d.interface_id).or_else(|| host(Some(d.local_ip))),
        Detail::Probe { interface_id, probes } => {
            interface(interface_id).or_else(|| host(probes.last().map(|p| p.local_ip)))
        }
        Detail::Dns(d) => {
            host(d.source).or_else(|| some(&d.vpc_id).map(|vpc| Subject { noun: "host", name: format!("of {vpc}") }))
        }
        Detail::Api(_) => None,
    }
    .unwrap_or_else(|| Subject { noun: "host", name: format!("of account {}", signal.account) })
}

fn resource(signal: &Signal, inventory: &Inventory, kind: &str) -> Resource {
    let region = signal.region.as_str();
    let mut resource = Resource { resource_type: kind.into(), ..Resource::default() };
    match &signal.detail {
        Detail::Api(d) => {
            resource.access_key_details = Some(access_key(d));
            // AWS shows the instance beside its credentials.
            if signal.finding_type.name().contains("/InstanceCredentialExfiltration")
                && let Some(id) = instance_session(&d.principal_id)
            {
                let home = inventory.region_of(region, id);
                let home = home.as_deref().unwrap_or(region);
                resource.instance_details = Some(inventory.details(home, Some(id), None, signal.last));
            }
            resource.s3_bucket_details = d
                .buckets
                .iter()
                .map(|b| S3BucketDetail {
                    arn: Some(format!("arn:{}:s3:::{}", ids::partition(region), b.name)),
                    name: Some(b.name.to_string()),
                    kind: Some("Destination".into()),
                    public_access: b.public_access.clone(),
                })
                .collect();
        }
        Detail::Network(d) => {
            resource.instance_details = Some(at_interface(signal, inventory, &d.interface_id, Some(d.local_ip)));
        }
        Detail::Probe { interface_id, probes } => {
            let own = probes.last().map(|p| p.local_ip);
            resource.instance_details = Some(at_interface(signal, inventory, interface_id, own));
        }
        Detail::Dns(d) => {
            let mut details = inventory.details(region, d.instance_id.as_deref(), None, signal.last);
            if details.network_interfaces.is_empty() && (d.source.is_some() || !d.vpc_id.is_empty()) {
                let mut interface = address(d.source);
                interface.vpc_id = some(&d.vpc_id);
                details.network_interfaces.push(interface);
            }
            resource.instance_details = Some(details);
        }
    }
    resource
}

/// The instance of an interface; a flow log of a custom format may name no interface but has its address.
fn at_interface(signal: &Signal, inventory: &Inventory, eni: &str, own: Option<IpAddr>) -> InstanceDetails {
    let region = signal.region.as_str();
    if !eni.is_empty() {
        let instance = inventory.instance_of(region, eni, signal.last);
        return inventory.details(region, instance.as_deref(), Some(eni), signal.last);
    }
    InstanceDetails { network_interfaces: vec![address(own)], ..InstanceDetails::default() }
}

/// An interface of which only an address is known.
fn address(ip: Option<IpAddr>) -> NetworkInterface {
    match ip {
        Some(IpAddr::V6(ip)) => {
            NetworkInterface { ipv6_addresses: vec![ip.to_string()], ..NetworkInterface::default() }
        }
        ip => NetworkInterface { private_ip_address: ip.map(|ip| ip.to_string()), ..NetworkInterface::default() },
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn access_key(d: &ApiDetail) -> AccessKeyDetails {
    AccessKeyDetails {
        access_key_id: some(&d.access_key_id),
        principal_id: some(&d.principal_id),
        user_name: some(&d.user_name),
        user_type: some(&d.user_type),
    }
}

/// The action, and the remote side that the texts speak of.
fn action(signal: &Signal, env: &Env) -> (Action, Option<RemoteIpDetails>) {
    let mut action = Action { action_type: signal.finding_type.row().action.clone(), ..Action::default() };
    let remote = match &signal.detail {
        Detail::Api(d) => {
            let (call, remote) = api_call(d, env);
            action.action_type = "AWS_API_CALL".into();
            action.aws_api_call_action = Some(call);
            remote
        }
        Detail::Network(d) => {
            let remote = env.remote(d.remote_ip);
            action.action_type = "NETWORK_CONNECTION".into();
            action.network_connection_action = Some(NetworkConnectionAction {
                blocked: d.blocked,
                connection_direction: d.direction.name().into(),
                local_port_details: port(d.local_port, d.direction != Direction::Outbound),
                protocol: protocol_name(d.protocol),
                local_ip_details: Some(local(d.local_ip)),
                local_network_interface: some(&d.interface_id),
                remote_ip_details: remote.clone(),
                remote_port_details: port(d.remote_port, d.direction != Direction::Inbound),
            });
            Some(remote)
        }
        Detail::Dns(d) => {
            action.action_type = "DNS_REQUEST".into();
            action.dns_request_action = Some(DnsRequestAction {
                domain: d.domain.to_string(),
                domain_with_suffix: picquet_intel::registrable_domain(&d.domain).map(str::to_owned),
                protocol: d.transport.to_string(),
                blocked: d.blocked,
                vpc_owner_account_id: Some(signal.account.to_string()),
            });
            None
        }
        Detail::Probe { probes, .. } => {
            action.action_type = "PORT_PROBE".into();
            action.port_probe_action = Some(PortProbeAction {
                blocked: false,
                // The newest first, as a reader looks for it.
                port_probe_details: probes.iter().rev().map(|p| probe(p, env)).collect(),
            });
            probes.last().map(|p| env.remote(p.remote_ip))
        }
    };
    (action, remote)
}

fn api_call(d: &ApiDetail, env: &Env) -> (AwsApiCallAction, Option<RemoteIpDetails>) {
    let ip: Option<IpAddr> = d.source.parse().ok();
    // Anonymized logs have addresses that are none; they are still addresses to a reader.
    let looks_like_ip =
        ip.is_some() || (!d.source.is_empty() && d.source.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let remote = match ip {
        Some(ip) => Some(env.remote(ip)),
        None if looks_like_ip => {
            Some(RemoteIpDetails { ip_address_v4: Some(d.source.to_string()), ..RemoteIpDetails::default() })
        }
        None => None,
    };
    let mut affected: BTreeMap<String, String> =
        d.affected.iter().map(|(k, v)| (k.to_string(), v.to_string())).filter(|(_, v)| !v.is_empty()).collect();
    if let Some(bucket) = d.buckets.first() {
        affected.insert("AWS::S3::Bucket".into(), bucket.name.to_string());
    }
    let call = AwsApiCallAction {
        api: d.api.to_string(),
        service_name: d.service.to_string(),
        caller_type: if looks_like_ip { "Remote IP" } else { "Domain" }.into(),
        remote_ip_details: remote.clone(),
        domain_details: (!looks_like_ip && !d.source.is_empty())
            .then(|| DomainDetails { domain: d.source.to_string() }),
        user_agent: some(&d.user_agent),
        error_code: some(&d.error_code),
        remote_account_details: d.remote_account.as_ref().map(Into::into),
        affected_resources: affected,
    };
    (call, remote)
}

/// A port; the name only where the port is a service's and not a client's.
fn port(port: u16, service: bool) -> PortDetails {
    PortDetails { port: i32::from(port), port_name: if service { port_name(port) } else { "Unknown" }.into() }
}

fn local(ip: IpAddr) -> LocalIpDetails {
    match ip {
        IpAddr::V4(_) => LocalIpDetails { ip_address_v4: Some(ip.to_string()), ip_address_v6: None },
        IpAddr::V6(_) => LocalIpDetails { ip_address_v4: None, ip_address_v6: Some(ip.to_string()) },
    }
}

fn probe(p: &ProbeDetail, env: &Env) -> PortProbeDetail {
    PortProbeDetail {
        local_port_details: port(p.local_port, true),
        local_ip_details: Some(local(p.local_ip)),
        remote_ip_details: env.remote(p.remote_ip),
    }
}

fn evidence(signal: &Signal) -> Option<Evidence> {
    let mut by_list: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for m in &signal.lists {
        let names = by_list.entry(&m.list).or_default();
        if !m.threat.is_empty() {
            names.push(m.threat.to_string());
        }
    }
    let details: Vec<ThreatIntelligenceDetail> = by_list
        .into_iter()
        .map(|(list, threat_names)| ThreatIntelligenceDetail { threat_list_name: list.into(), threat_names })
        .collect();
    (!details.is_empty()).then_some(Evidence { threat_intelligence_details: details })
}

fn additional_info(signal: &Signal) -> AdditionalInfo {
    // Lists and objects stand as such in JSON.
    let value = |k: &str, v: &str| match k {
        "portsScannedSample" | "anomalies" | "profiledBehavior" | "unusualBehavior" | "userAgent" | "sessionChain" => {
            serde_json::from_str(v).unwrap_or_else(|_| json!(v))
        }
        _ => json!(v),
    };
    let mut members: Map<String, Value> = signal.extra.iter().map(|(k, v)| (k.clone(), value(k, v))).collect();
    members.insert("picquet".into(), signal.explanation.to_json(&signal.detector));
    if let Some(m) = signal.lists.first() {
        members.insert("threatListName".into(), json!(m.list.as_str()));
        if !m.threat.is_empty() {
            members.insert("threatName".into(), json!(m.threat.as_str()));
        }
    }
    match &signal.detail {
        Detail::Dns(d) => {
            members.insert("domain".into(), json!(d.domain.as_str()));
        }
        Detail::Api(d) => {
            let calls: Vec<Value> =
                signal.apis.iter().take(50).map(|(api, n)| json!({"api": api.as_str(), "count": n})).collect();
            if calls.len() > 1 || signal.finding_type.name().ends_with("/CompromisedCredentials") {
                members.insert("recentApiCalls".into(), json!(calls));
            }
            if signal.finding_type.name().starts_with("PenTest:") {
                members.insert(
                    "userAgent".into(),
                    json!({"fullUserAgent": d.user_agent.as_str(), "userAgentCategory": "Pentest"}),
                );
            }
        }
        Detail::Network(d) => {
            members.insert("localPort".into(), json!(d.local_port.to_string()));
        }
        Detail::Probe { .. } => {}
    }
    AdditionalInfo::from_members(&members)
}
