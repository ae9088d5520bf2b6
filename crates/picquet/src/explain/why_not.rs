//! Says why a type was not raised for an entity: what was looked at, and where it fell short.

use super::{paragraph, state};
use crate::cli::InputArgs;
use crate::exit::{Code, Failure, Outcome};
use crate::scan::{Scanned, scan_with};
use picquet_detect::facts::{AttemptFacts, Class, Fact, FactKey, PeerFacts};
use picquet_detect::tuning::{BruteForce, is_behavior};
use picquet_detect::{Env, Str};
use picquet_logs::RecordKind;
use picquet_model::{Finding, Source, TypeId};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What was found about the entity.
#[derive(Default)]
struct Trace {
    /// The entity and the interfaces that belong to it.
    names: BTreeSet<Str>,
    lines: Vec<String>,
    facts: u64,
}

/// How many facts are printed.
const SHOWN: usize = 20;

/// Scans, and explains.
pub fn run(finding_type: TypeId, entity: &str, input: &InputArgs) -> Outcome {
    if input.paths.is_empty() {
        return Err(Failure::new(Code::Input, "--why-not needs the logs to look at")
            .help("add the paths that you gave to `picquet scan`"));
    }
    let mut trace = Trace { names: BTreeSet::from([entity.into()]), ..Trace::default() };
    let scanned = scan_with(input, true, &mut |key, fact, env| trace.look(key, fact, finding_type, env))?;
    let about = |f: &&Finding| mentions(f, entity);
    let raised: Vec<&Finding> =
        scanned.findings.iter().filter(about).filter(|f| f.finding_type == finding_type.name()).collect();
    let mut out = String::new();
    if let Some(f) = raised.first() {
        out.push_str(&paragraph(
            "Raised",
            &format!("It was: {} in {} ({} times). {}", f.id, f.region, f.service.count, f.title),
        ));
        say!("{out}");
        return Ok(Code::Done);
    }
    for reason in reasons(finding_type, entity, &scanned, &trace) {
        out.push_str(&paragraph("Not raised", &reason));
    }
    out.push_str(&paragraph("Raised when", &finding_type.row().trigger));
    for line in trace.lines.iter().take(SHOWN) {
        out.push_str(&paragraph("Seen", line));
    }
    let others: BTreeSet<&str> = scanned.findings.iter().filter(about).map(|f| f.finding_type.as_str()).collect();
    if !others.is_empty() {
        out.push_str(&paragraph("Raised instead", &others.into_iter().collect::<Vec<_>>().join(", ")));
    }
    say!("{out}");
    Ok(Code::Done)
}

/// Whether a finding names the entity anywhere.
fn mentions(f: &Finding, entity: &str) -> bool {
    serde_json::to_string(f).is_ok_and(|json| json.contains(&format!("\"{entity}\"")) || f.description.contains(entity))
}

fn reasons(finding_type: TypeId, entity: &str, scanned: &Scanned, trace: &Trace) -> Vec<String> {
    let row = finding_type.row();
    let tuning = &scanned.env.tuning;
    let mut reasons = Vec::new();
    match state(row, tuning) {
        "not yet" => reasons.push("This version of Picquet has no detector for the type.".to_owned()),
        "retired" => {
            reasons.push("AWS has retired the type; set [detection] retired_types = true to raise it.".to_owned())
        }
        "off" if is_behavior(row) && !tuning.detection.api_behavior => {
            reasons.push("The settings switch all learning of identities off ([detection] api_behavior).".to_owned());
        }
        "off" => reasons.push("The settings switch the type off.".to_owned()),
        _ => {}
    }
    let (kind, name) = match row.source {
        Source::Cloudtrail => (RecordKind::CloudTrailManagement, "CloudTrail management event"),
        Source::S3Data => (RecordKind::CloudTrailData, "CloudTrail data event"),
        Source::Flow => (RecordKind::VpcFlow, "flow record"),
        Source::Dns => (RecordKind::ResolverDns, "DNS query"),
    };
    if !scanned.totals.read.records.contains_key(&kind) {
        reasons.push(format!("The input holds no {name} at all, which the type is found in."));
    } else if trace.facts == 0 {
        reasons.push(format!(
            "Nothing that concerns {entity} was kept: it is not in the input, or no list and no rule had to do with it."
        ));
    }
    let intel = &scanned.env.intel;
    if let Ok(ip) = entity.parse::<IpAddr>() {
        reasons.push(listed(
            intel.is_trusted_ip(ip),
            intel.ip(ip).map(|h| intel.hits(h).map(describe).collect()),
            entity,
        ));
    } else if row.source == Source::Dns && entity.contains('.') {
        reasons.push(listed(
            intel.is_trusted_domain(entity),
            intel.domain(entity).map(|h| intel.hits(h).map(describe).collect()),
            entity,
        ));
    }
    if row.technique == "threat-list" && !intel.lists().iter().any(|l| l.category.is_some()) {
        reasons.push("No threat list is loaded.".to_owned());
    }
    if reasons.is_empty() {
        reasons.push("What was seen of it did not meet the conditions of the type.".to_owned());
    }
    reasons
}

fn describe(hit: picquet_intel::Hit<'_>) -> String {
    let port = hit.port.map_or_else(String::new, |p| format!(", only on port {p}"));
    format!("'{}' ({}{port})", hit.list, hit.category)
}

fn listed(trusted: bool, lists: Option<Vec<String>>, entity: &str) -> String {
    match (trusted, lists) {
        (true, _) => format!("{entity} is on a trusted list, which wins over all others."),
        (false, Some(lists)) => format!("{entity} is on {}.", lists.join(", ")),
        (false, None) => format!("{entity} is on no list that is loaded."),
    }
}

impl Trace {
    /// Facts come in the order of keys, so interfaces are known before what happened at them.
    fn look(&mut self, key: &FactKey, fact: &Fact, finding_type: TypeId, env: &Env) {
        let named = key.parts().any(|p| self.names.contains(p));
        match fact {
            Fact::Interface(f) if f.instance.values().flatten().any(|i| self.names.contains(i)) => {
                self.names.insert(key.entity.clone());
            }
            Fact::Attempts(f) if named && finding_type.name().ends_with("SSHBruteForce") => {
                self.add(attempts(f, &env.tuning.ssh_brute_force));
            }
            Fact::Peer(f) if named => self.add(peer(key, f)),
            Fact::Credentials(f) if named => {
                for (origin, calls) in &f.uses {
                    let (n, first, last) = (calls.events.len(), calls.first, calls.last);
                    self.add(format!("credentials were used from {origin}: {n} calls from {first} to {last}"));
                }
            }
            Fact::Signal(f) => {
                let text = format!("{:?}", f.latest.detail);
                if self.names.iter().any(|n| text.contains(n.as_str())) {
                    self.add(format!("{} ({} times from {})", f.finding_type.name(), f.count(), f.first));
                }
            }
            Fact::Instance(_) if key.class == Class::Instance && self.names.contains(&key.entity) => {
                self.add(format!("the instance is known, in {}", key.region));
            }
            _ => {}
        }
    }

    fn add(&mut self, line: String) {
        self.facts += 1;
        if self.lines.len() < SHOWN {
            self.lines.push(line);
        }
    }
}

fn attempts(f: &AttemptFacts, limits: &BruteForce) -> String {
    format!(
        "{} short connections to port 22 in the hour from {} ({} packets and {} bytes sent, {} bytes answered); an \
         alarm needs {} in an hour or {} in a day from a public address",
        f.attempts.records,
        f.first,
        f.attempts.packets,
        f.attempts.bytes,
        f.replies.bytes,
        limits.attempts_per_hour,
        limits.attempts_per_day
    )
}

fn peer(key: &FactKey, f: &PeerFacts) -> String {
    let words: Vec<&str> = key.parts().collect();
    let word = |n: usize| words.get(n).copied().unwrap_or_default();
    format!(
        "listed address {} on {}, {}, port {}: {} records out, {} in, {} refused, {}",
        word(2),
        word(0),
        word(3).to_lowercase(),
        word(5),
        f.out.records,
        f.inward.records,
        f.refused.records,
        if f.answered { "answered" } else { "not answered" }
    )
}
