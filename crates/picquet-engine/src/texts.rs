//! Fills the placeholders of a catalogue row's title and description.

use picquet_detect::Signal;
use picquet_detect::facts::signal::{ApiDetail, Detail, Direction};
use picquet_detect::net::{port_name, protocol_name};
use picquet_model::finding::RemoteIpDetails;

/// Longest text of a value: longer names tell no more in a sentence.
const MAX_VALUE: usize = 160;

/// What logs and lists often do not tell. It stands in brackets, and is left out with them.
const OPTIONAL: [&str; 2] = ["country", "threat"];

/// What a finding about a host calls it: the instance, where it is known.
pub struct Subject {
    /// "instance", "interface" or "host".
    pub noun: &'static str,
    /// Its id or address.
    pub name: String,
}

/// Replaces `{name}` by what the signal has for it; "unknown" where it has nothing.
pub fn fill(template: &str, signal: &Signal, subject: &Subject, remote: Option<&RemoteIpDetails>) -> String {
    let mut template = template.to_owned();
    for name in OPTIONAL {
        if found(name, signal, subject, remote).is_none() {
            template = template.replace(&format!(" ({{{name}}})"), "").replace(&format!(", {{{name}}})"), ")");
        }
    }
    if subject.noun != "instance" {
        let capital = capitalized(subject.noun);
        template = template
            .replace("Instance {instance}", &format!("{capital} {{instance}}"))
            .replace("instance {instance}", &format!("{} {{instance}}", subject.noun));
    }
    let text = replaced(&template, signal, subject, remote);
    // A name keeps its letters; a description such as "an anonymous caller" begins the sentence.
    if text.starts_with("a ") || text.starts_with("an ") { capitalized(&text) } else { text }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn replaced(template: &str, signal: &Signal, subject: &Subject, remote: Option<&RemoteIpDetails>) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let Some(close) = after.find('}') else {
            out.push_str(&rest[open..]);
            return out;
        };
        let value = found(&after[..close], signal, subject, remote).unwrap_or_else(|| "unknown".into());
        out.extend(value.chars().take(MAX_VALUE));
        rest = &after[close + 1..];
    }
    out.push_str(rest);
    out
}

fn found(name: &str, signal: &Signal, subject: &Subject, remote: Option<&RemoteIpDetails>) -> Option<String> {
    let found = match name {
        "account" => Some(signal.account.to_string()),
        "region" => Some(signal.region.to_string()),
        "count" => Some(signal.count.to_string()),
        // Names of lists are free text: quotes show where they end.
        "list" => signal.lists.first().map(|l| format!("'{}'", l.list)),
        "threat" => signal.lists.iter().map(|l| l.threat.to_string()).find(|t| !t.is_empty()),
        "country" => remote
            .and_then(|r| r.country.as_ref())
            .and_then(|c| c.country_name.clone().or_else(|| c.country_code.clone())),
        "instance" => Some(subject.name.clone()),
        _ => match &signal.detail {
            Detail::Api(d) => match name {
                "user" => Some(user(d)),
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
                "direction" => Some(match d.direction {
                    Direction::Inbound => "inbound".into(),
                    Direction::Outbound => "outbound".into(),
                    Direction::Unknown => "direction unclear".into(),
                }),
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
    found.filter(|v| !v.is_empty())
}

/// Who called, as a person would say it: not every kind of identity has a name.
fn user(d: &ApiDetail) -> String {
    if !d.user_name.is_empty() {
        return d.user_name.to_string();
    }
    match (d.user_type.as_str(), d.principal_id.as_str(), &d.remote_account) {
        ("AWSService", ..) if !d.source.is_empty() => d.source.to_string(),
        ("IdentityCenterUser", "", _) => "an IAM Identity Center user".into(),
        ("IdentityCenterUser", id, _) => format!("IAM Identity Center user {id}"),
        ("AWSAccount", "", _) => "an anonymous caller".into(),
        (_, _, Some(other)) => format!("a principal of account {}", other.account_id),
        (_, "", None) => "a caller without a name".into(),
        (_, id, None) => id.to_owned(),
    }
}

fn service_port(local: u16, remote: u16, direction: Direction) -> u16 {
    if direction == Direction::Inbound { local } else { remote }
}

fn named(port: u16) -> String {
    match port_name(port) {
        "Unknown" => format!("port {port}"),
        name => name.to_owned(),
    }
}
