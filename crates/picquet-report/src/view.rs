//! A finding as people look at it: which resource, what happened, by whom, when, why.
//!
//! All renderers for people read a finding through this, so that a resource or an actor has the same name
//! everywhere. Nothing is made safe to show here: that depends on where it is shown.

use picquet_model::finding::{Action, Finding, PortDetails, RemoteIpDetails};
use picquet_model::{EventTime, FindingType, Severity, TypeId};
use serde_json::{Map, Value};
use std::cmp::Reverse;

/// A finding, seen through the questions that people ask.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) finding: &'a Finding,
}

/// Why a finding was raised: the `picquet` member of its `additionalInfo`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Why {
    pub(crate) detector: String,
    pub(crate) reason: String,
    pub(crate) observations: Vec<Observed>,
}

/// One observation.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Observed {
    pub(crate) name: String,
    pub(crate) observed: String,
    pub(crate) against: Option<String>,
}

impl<'a> View<'a> {
    pub(crate) fn new(finding: &'a Finding) -> Self {
        Self { finding }
    }

    pub(crate) fn severity(&self) -> Severity {
        Severity::of(self.finding.severity)
    }

    /// The catalogue's row, where the type is one of the catalogue.
    pub(crate) fn row(&self) -> Option<&'static FindingType> {
        TypeId::of(&self.finding.finding_type).map(TypeId::row)
    }

    pub(crate) fn action(&self) -> &'a Action {
        &self.finding.service.action
    }

    /// The first activity, or what comes nearest to it.
    pub(crate) fn first(&self) -> Option<EventTime> {
        EventTime::parse_rfc3339(&self.finding.service.event_first_seen)
            .or_else(|| EventTime::parse_rfc3339(&self.finding.created_at))
    }

    /// The last activity, or what comes nearest to it.
    pub(crate) fn last(&self) -> Option<EventTime> {
        EventTime::parse_rfc3339(&self.finding.service.event_last_seen)
            .or_else(|| EventTime::parse_rfc3339(&self.finding.updated_at))
            .or_else(|| self.first())
    }

    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.finding.service.count).unwrap_or(0).max(1)
    }

    /// What is affected, in the word that says most: the instance, the user, the bucket; else the account.
    pub(crate) fn resource(&self) -> String {
        let resource = &self.finding.resource;
        let instance = resource.instance_details.as_ref().and_then(|i| {
            let eni = i.network_interfaces.first();
            present(&i.instance_id)
                .or_else(|| eni.and_then(|e| present(&e.network_interface_id)))
                .or_else(|| eni.and_then(|e| present(&e.private_ip_address)))
        });
        let key = resource.access_key_details.as_ref().and_then(|k| {
            present(&k.user_name).or_else(|| present(&k.principal_id)).or_else(|| present(&k.access_key_id))
        });
        let bucket = resource.s3_bucket_details.iter().find_map(|b| present(&b.name).or_else(|| present(&b.arn)));
        let best = match resource.resource_type.as_str() {
            "S3Bucket" => bucket.or(key).or(instance),
            "AccessKey" => key.or(instance).or(bucket),
            _ => instance.or(key).or(bucket),
        };
        best.map_or_else(|| format!("account {}", self.finding.account_id), str::to_owned)
    }

    /// The remote addresses, the latest first.
    pub(crate) fn remotes(&self) -> Vec<&'a RemoteIpDetails> {
        let action = self.action();
        let api = action.aws_api_call_action.as_ref().and_then(|a| a.remote_ip_details.as_ref());
        let network = action.network_connection_action.as_ref().map(|a| &a.remote_ip_details);
        let probes = action.port_probe_action.iter().flat_map(|a| &a.port_probe_details).map(|d| &d.remote_ip_details);
        api.into_iter().chain(network).chain(probes).filter(|r| address(r).is_some()).collect()
    }

    /// What was done, short enough for a cell: remote address, port, country, domain or API.
    pub(crate) fn what(&self) -> String {
        let action = self.action();
        if let Some(call) = &action.aws_api_call_action {
            let service = call.service_name.split('.').next().unwrap_or_default();
            let api = if service.is_empty() { call.api.clone() } else { format!("{service}:{}", call.api) };
            let caller = match (&call.remote_ip_details, &call.domain_details) {
                (Some(remote), _) if address(remote).is_some() => format!(" from {}", place(remote)),
                (_, Some(domain)) => format!(" from {}", domain.domain),
                _ => String::new(),
            };
            let error = call.error_code.as_ref().map(|code| format!(", {code}")).unwrap_or_default();
            return format!("{api}{caller}{error}");
        }
        if let Some(query) = &action.dns_request_action {
            return format!("DNS query for {}{}", query.domain, blocked(query.blocked));
        }
        if let Some(net) = &action.network_connection_action {
            let remote = address(&net.remote_ip_details).map_or("unknown address", |a| a);
            let country = country(&net.remote_ip_details).map(|c| format!(" ({c})")).unwrap_or_default();
            let (local, far) = (port(&net.local_port_details), port(&net.remote_port_details));
            let text = match net.connection_direction.as_str() {
                "INBOUND" => format!("{remote}{country} to port {local}/{}", net.protocol),
                "OUTBOUND" => format!("to {remote}{country} port {far}/{}", net.protocol),
                _ => format!("{remote}{country} port {far}/{}, local port {local}", net.protocol),
            };
            return text + blocked(net.blocked);
        }
        if let Some(probe) = &action.port_probe_action {
            let mut ports: Vec<_> = probe.port_probe_details.iter().map(|d| d.local_port_details.port).collect();
            ports.sort_unstable();
            ports.dedup();
            let list: Vec<_> = ports.iter().take(4).map(i32::to_string).collect();
            let more = if ports.len() > 4 { format!(" and {} more", ports.len() - 4) } else { String::new() };
            let word = if ports.len() == 1 { "port" } else { "ports" };
            let from = match self.remotes().as_slice() {
                [] => String::new(),
                [one] => format!(" probed from {}", place(one)),
                [one, rest @ ..] => format!(" probed from {} and {} more", place(one), rest.len()),
            };
            return format!("{word} {}{more}{from}{}", list.join(", "), blocked(probe.blocked));
        }
        action.action_type.clone()
    }

    /// The finding's own sentence: its description, its title, or one that is made of the parts.
    pub(crate) fn sentence(&self) -> String {
        [&self.finding.description, &self.finding.title]
            .into_iter()
            .find(|text| is_written(text))
            .cloned()
            .unwrap_or_else(|| format!("{}: {}", self.resource(), self.what()))
    }

    /// One line: the title, or what comes nearest to it.
    pub(crate) fn headline(&self) -> String {
        if is_written(&self.finding.title) { self.finding.title.clone() } else { self.sentence() }
    }

    /// Why it was raised; empty where the finding does not say.
    pub(crate) fn why(&self) -> Why {
        let members = self.finding.service.additional_info.members();
        let Some(picquet) = members.get("picquet") else { return Why::default() };
        let observations = picquet["observations"].as_array().map(Vec::as_slice).unwrap_or_default();
        Why {
            detector: text(&picquet["detector"]),
            reason: text(&picquet["why"]),
            observations: observations
                .iter()
                .map(|o| Observed {
                    name: text(&o["name"]),
                    observed: text(&o["observed"]),
                    against: o.get("against").filter(|a| !a.is_null()).map(text),
                })
                .collect(),
        }
    }

    /// The other members of `additionalInfo`: threat list, unusual values, lists of evidence.
    pub(crate) fn evidence(&self) -> Map<String, Value> {
        let mut members = self.finding.service.additional_info.members();
        members.remove("picquet");
        members
    }

    /// Orders findings by what to look at first: severity, then repetition, then time and id.
    pub(crate) fn urgency(&self) -> impl Ord + use<'a> {
        // Scores are 1.0 to 10.0; thousandths are more than the scale has.
        let score = (self.finding.severity * 1000.0) as i64;
        (Reverse(score), Reverse(self.count()), self.first(), self.finding.id.as_str())
    }
}

/// All findings as views, the worst first.
pub(crate) fn worst_first(findings: &[Finding]) -> Vec<View<'_>> {
    let mut views: Vec<_> = findings.iter().map(View::new).collect();
    views.sort_by_cached_key(View::urgency);
    views
}

/// A remote address.
pub(crate) fn address(remote: &RemoteIpDetails) -> Option<&str> {
    present(&remote.ip_address_v4).or_else(|| present(&remote.ip_address_v6))
}

/// The country's code, else its name.
pub(crate) fn country(remote: &RemoteIpDetails) -> Option<&str> {
    let country = remote.country.as_ref()?;
    present(&country.country_code).or_else(|| present(&country.country_name))
}

/// `AS64500 Example Networks`.
pub(crate) fn network(remote: &RemoteIpDetails) -> Option<String> {
    let organization = remote.organization.as_ref()?;
    let asn = present(&organization.asn).map(|asn| format!("AS{}", asn.trim_start_matches("AS")));
    let name = present(&organization.asn_org).or_else(|| present(&organization.org)).map(str::to_owned);
    match (asn, name) {
        (Some(asn), Some(name)) => Some(format!("{asn} {name}")),
        (asn, name) => asn.or(name),
    }
}

/// An address with its country.
fn place(remote: &RemoteIpDetails) -> String {
    let address = address(remote).unwrap_or("unknown address");
    country(remote).map_or_else(|| address.to_owned(), |code| format!("{address} ({code})"))
}

/// `22 SSH`, or the number alone where the port has no usual service.
fn port(details: &PortDetails) -> String {
    match details.port_name.as_str() {
        "" | "Unknown" => details.port.to_string(),
        name => format!("{} {name}", details.port),
    }
}

fn blocked(blocked: bool) -> &'static str {
    if blocked { ", blocked" } else { "" }
}

/// A text that is there and not empty.
pub(crate) fn present(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// Whether a text of the catalogue has been written yet.
pub(crate) fn is_written(text: &str) -> bool {
    !text.is_empty() && text != "TBD"
}

/// A JSON value as text: strings without quotes.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
