//! The detectors: one file each, listed here.
//!
//! A rule over single CloudTrail events implements [`ApiRule`]; a detector that judges merged facts implements
//! [`crate::judge::Judge`]. Detectors that every event must pass (lists, root, user agents) are called by the
//! reducer by name, so that they cost a comparison and no dispatch.

pub mod anomaly;
pub mod backdoor;
pub mod behavior;
mod carry;
pub mod credential_access;
pub mod custom;
pub mod defense_evasion;
mod dns_client;
pub mod guessing;
pub mod impact;
pub mod pentest;
pub mod policy;
pub mod privilege_escalation;
pub mod recon;
pub mod stealth;
pub mod threat_list;
pub mod traffic;
pub mod trojan;
pub mod unauthorized_access;
mod window;

pub(crate) use credential_access::compromised_credentials;
pub(crate) use policy::root_usage;
pub(crate) use unauthorized_access::{impossible_travel, metadata_dns_rebind};

use crate::cold::Cold;
use crate::detectors::traffic::TrafficDetector;
use crate::event::ApiEvent;
use crate::facts::signal::ApiDetail;
use crate::judge::Judge;
use crate::reduce::{ApiSignal, FactMap};
use crate::{Env, Tuning};
use picquet_model::{Explanation, Source, TypeId};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about a detector; `picquet explain` and the documentation print it.
#[derive(Debug)]
pub struct Meta {
    /// Its configuration key.
    pub name: &'static str,
    /// The finding types that it raises.
    pub types: &'static [&'static str],
    /// The records that it reads.
    pub source: Source,
    /// What it detects, in a sentence.
    pub detects: &'static str,
    /// How it decides.
    pub decides: &'static str,
    /// What benign activity looks the same.
    pub benign: &'static str,
}

/// A rule over single events.
pub trait ApiRule: Sync {
    /// The calls that it looks at: service and API.
    fn apis(&self) -> &'static [(&'static str, &'static str)];
    /// Looks at one event.
    fn inspect(&self, event: &ApiEvent<'_>, env: &Env, out: &mut FactMap);
}

/// Every detector.
pub static DETECTORS: &[&Meta] = &[
    &threat_list::api::META,
    &threat_list::flow::META,
    &threat_list::dns::META,
    &compromised_credentials::META,
    &defense_evasion::bedrock_logging_disabled::META,
    &pentest::META,
    &root_usage::META,
    &root_usage::SHORT_TERM,
    &policy::s3_block_public_access_disabled::META,
    &policy::s3_public_access_granted::META,
    &privilege_escalation::administrative_permissions::META,
    &recon::port_probe::META,
    &stealth::cloudtrail_logging_disabled::META,
    &stealth::password_policy_change::META,
    &stealth::s3_access_logging_disabled::META,
    &metadata_dns_rebind::META,
    &unauthorized_access::ssh_brute_force::META,
    &unauthorized_access::tor_relay::META,
    &unauthorized_access::rdp_brute_force::META,
    &impact::winrm_brute_force::META,
    &recon::portscan::META,
    &backdoor::denial_of_service::META,
    &backdoor::spambot::META,
    &behavior::network_port_unusual::META,
    &behavior::traffic_volume_unusual::META,
    &defense_evasion::unusual_resolver::META,
    &custom::periodic_beacon::META,
    &custom::fast_flux::META,
    &impact::suspicious_domain::META,
    &trojan::dns_exfiltration::META,
    &trojan::generated_domains::META,
    &unauthorized_access::credential_exfiltration::META,
    &impossible_travel::META,
    &custom::dormant_key::META,
    &anomaly::api::META,
    &anomaly::s3::META,
    &anomaly::retired::META,
];

/// The rules over single events.
pub fn api_rules() -> impl Iterator<Item = &'static dyn ApiRule> {
    const RULES: &[&dyn ApiRule] = &[
        &defense_evasion::bedrock_logging_disabled::Rule,
        &policy::s3_block_public_access_disabled::Rule,
        &policy::s3_public_access_granted::Rule,
        &privilege_escalation::administrative_permissions::Rule,
        &stealth::cloudtrail_logging_disabled::Rule,
        &stealth::s3_access_logging_disabled::Rule,
    ];
    RULES.iter().copied()
}

/// New judges, one of each detector that judges facts, for one account. `cold` holds what they know of entities.
pub fn judges(tuning: &Tuning, cold: &Cold) -> Vec<Box<dyn Judge>> {
    vec![
        Box::new(threat_list::flow::ThreatListFlow),
        Box::new(recon::port_probe::PortProbe),
        Box::new(stealth::cloudtrail_logging_disabled::LogBucket),
        Box::new(stealth::password_policy_change::PolicyJudge),
        Box::new(unauthorized_access::ssh_brute_force::new(tuning)),
        Box::new(unauthorized_access::rdp_brute_force::new(tuning)),
        Box::new(impact::winrm_brute_force::new(tuning)),
        Box::new(unauthorized_access::tor_relay::TorRelay::new(tuning)),
        Box::new(traffic::TrafficJudge::new(tuning, cold)),
        Box::new(trojan::dns_exfiltration::DnsExfiltration::new(tuning)),
        Box::new(trojan::generated_domains::GeneratedDomains::new(tuning)),
        Box::new(impact::suspicious_domain::SuspiciousDomain),
        Box::new(custom::fast_flux::FastFlux::default()),
        Box::new(unauthorized_access::credential_exfiltration::CredentialExfiltration::new(tuning, cold)),
        Box::new(impossible_travel::ImpossibleTravel::new(tuning, cold)),
        Box::new(custom::dormant_key::DormantKey::new(tuning, cold)),
        Box::new(anomaly::AnomalyJudge::new(cold)),
    ]
}

/// The detectors of interfaces' traffic, which share a judge.
pub fn traffic_detectors(tuning: &Tuning) -> Vec<Box<dyn TrafficDetector>> {
    vec![
        Box::new(recon::portscan::PortScan::new(tuning)),
        Box::new(backdoor::denial_of_service::DenialOfService),
        Box::new(backdoor::spambot::Spambot),
        Box::new(behavior::network_port_unusual::NetworkPortUnusual),
        Box::new(behavior::traffic_volume_unusual::TrafficVolumeUnusual),
        Box::new(defense_evasion::unusual_resolver::UnusualResolver),
        Box::new(custom::periodic_beacon::PeriodicBeacon::default()),
    ]
}

/// A type's id, if it is to be raised.
pub(crate) fn raised(env: &Env, name: &str) -> Option<TypeId> {
    TypeId::of(name).filter(|t| env.tuning.raises(*t))
}

/// The catalogue's severity of a type, in tenths.
pub(crate) fn default_severity(finding_type: TypeId) -> u8 {
    crate::tuning::tenths(finding_type.row().severity)
}

/// Raises a signal of an event that no list is behind, with the catalogue's severity.
pub(crate) fn raise(
    (event, env, out): (&ApiEvent<'_>, &Env, &mut FactMap),
    meta: &Meta,
    name: &str,
    key: &[&str],
    change: impl FnOnce(&mut ApiDetail),
    why: impl FnOnce() -> Explanation,
) {
    let Some(finding_type) = raised(env, name) else { return };
    let signal = ApiSignal {
        finding_type,
        detector: meta.name,
        severity_tenths: default_severity(finding_type),
        key,
        lists: BTreeSet::new(),
        extra: BTreeMap::new(),
    };
    out.api_signal(event, signal, change, why);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detectors_and_catalogue_agree() {
        let mut names = BTreeSet::new();
        let mut raised = BTreeSet::new();
        for meta in DETECTORS {
            assert!(names.insert(meta.name), "{} is listed twice", meta.name);
            for name in meta.types {
                let row = TypeId::of(name).unwrap_or_else(|| panic!("{}: no type {name}", meta.name)).row();
                assert!(row.is_raised_by(meta.name), "{name}");
                raised.insert(*name);
            }
        }
        for row in picquet_model::catalogue::all() {
            assert_eq!(raised.contains(row.name.as_str()), !row.detector.is_empty(), "{}", row.name);
        }
    }
}
