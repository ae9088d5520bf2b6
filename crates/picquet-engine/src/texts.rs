//! Fills the placeholders of a catalogue row's title and description.

use picquet_detect::Signal;
use picquet_detect::facts::signal::Detail;
use picquet_detect::net::{port_name, protocol_name};
use picquet_model::finding::RemoteIpDetails;

/// Longest text of a value: longer names tell no more in a sentence.
const MAX_VALUE: usize = 160;

/// Replaces `{name}` by what the signal has for it; "unknown" where it has nothing.
pub fn fill(template: &str, signal: &Signal, instance: &str, remote: Option<&RemoteIpDetails>) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let Some(close) = after.find('}') else {
            out.push_str(&rest[open..]);
            return out;
        };
        let value = value(&after[..close], signal, instance, remote);
        out.extend(value.chars().take(MAX_VALUE));
        rest = &after[close + 1..];
    }
    out.push_str(rest);
    out
}

fn value(name: &str, signal: &Signal, instance: &str, remote: Option<&RemoteIpDetails>) -> String {
    let found = match name {
        "account" => Some(signal.account.to_string()),
        "region" => Some(signal.region.to_string()),
        "count" => Some(signal.count.to_string()),
        "list" => signal.lists.first().map(|l| l.list.to_string()),
        "threat" => signal.lists.iter().map(|l| l.threat.to_string()).find(|t| !t.is_empty()),
        "country" => remote
            .and_then(|r| r.country.as_ref())
            .and_then(|c| c.country_name.clone().or_else(|| c.country_code.clone())),
        "instance" => Some(instance.to_owned()),
        _ => match &signal.detail {
            Detail::Api(d) => match name {
                "user" => Some(d.user_name.to_string()),
                "user_type" => Some(d.user_type.to_string()),
                "principal" => {
                    Some(d.principal_arn.to_string()).filter(|p| !p.is_empty()).or(Some(d.principal_id.to_string()))
                }
                "access_key" => Some(d.access_key_id.to_string()),
                "api" => Some(d.api.to_string()),
                "service" => Some(d.service.to_string()),
                "caller" => Some(d.source.to_string()),
                "user_agent" => Some(d.user_agent.to_string()),
                "bucket" => d.buckets.first().map(|b| b.name.to_string()),
                _ => None,
            },
            Detail::Network(d) => match name {
                "interface" => Some(d.interface_id.to_string()),
                "local_ip" => Some(d.local_ip.to_string()),
                "local_port" => Some(d.local_port.to_string()),
                "remote_ip" => Some(d.remote_ip.to_string()),
                "remote_port" => Some(d.remote_port.to_string()),
                "port_name" => Some(named(service_port(d.local_port, d.remote_port, d.direction))),
                "protocol" => Some(protocol_name(d.protocol)),
                "direction" => Some(d.direction.name().to_ascii_lowercase()),
                _ => None,
            },
            Detail::Dns(d) => match name {
                "domain" => Some(d.domain.to_string()),
                _ => None,
            },
            Detail::Probe { interface_id, probes } => match name {
                "interface" => Some(interface_id.to_string()),
                "remote_ip" => probes.last().map(|p| p.remote_ip.to_string()),
                "local_port" => probes.last().map(|p| p.local_port.to_string()),
                "port_name" => probes.last().map(|p| named(p.local_port)),
                _ => None,
            },
        },
    };
    found.filter(|v| !v.is_empty()).unwrap_or_else(|| "unknown".into())
}

fn service_port(local: u16, remote: u16, direction: picquet_detect::facts::signal::Direction) -> u16 {
    if direction == picquet_detect::facts::signal::Direction::Inbound { local } else { remote }
}

fn named(port: u16) -> String {
    match port_name(port) {
        "Unknown" => format!("port {port}"),
        name => name.to_owned(),
    }
}
