//! Every detector, from log bytes to findings: one file for each, named as its configuration key.

#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod administrative_permissions;
mod allow;
mod api_anomaly;
mod bedrock_logging_disabled;
mod cloudtrail_logging_disabled;
mod compromised_credentials;
mod credential_exfiltration;
mod denial_of_service;
mod dns_exfiltration;
mod dormant_key;
mod fast_flux;
mod first_call;
mod generated_domains;
mod guessing;
mod identities;
mod impossible_travel;
mod inventory;
mod metadata_dns_rebind;
mod network_port_unusual;
mod password_policy_change;
mod pentest_machine;
mod periodic_beacon;
mod port_probe;
mod portscan;
mod rdp_brute_force;
mod root_credential_usage;
mod s3_access_logging_disabled;
mod s3_anomaly;
mod s3_block_public_access_disabled;
mod s3_public_access_granted;
mod session_chain;
mod short_term_root_usage;
mod spambot;
mod ssh_brute_force;
mod suspicious_domain;
mod threat_list_api;
mod threat_list_dns;
mod threat_list_flow;
mod tor_relay;
mod traffic_volume_unusual;
mod unusual_resolver;
mod winrm_brute_force;

use picquet_detect::detectors::DETECTORS;
use picquet_model::catalogue::Status;
use picquet_model::{Finding, TypeId};
use picquet_testkit::{Flow, Scenario, check_detector, of_type, types};
use std::collections::BTreeSet;

type Attack = fn() -> Scenario;

/// A detector's scenario that raises all its types when retired ones are switched on.
static ATTACKS: &[(&str, Attack)] = &[
    ("administrative-permissions", administrative_permissions::attack),
    ("bedrock-logging-disabled", bedrock_logging_disabled::attack),
    ("cloudtrail-logging-disabled", cloudtrail_logging_disabled::attack),
    ("compromised-credentials", compromised_credentials::attack),
    ("dns-exfiltration", dns_exfiltration::attack),
    ("generated-domains", generated_domains::attack),
    ("metadata-dns-rebind", metadata_dns_rebind::attack),
    ("password-policy-change", password_policy_change::attack),
    ("pentest-machine", pentest_machine::attack),
    ("port-probe", port_probe::attack),
    ("root-credential-usage", root_credential_usage::attack),
    ("s3-access-logging-disabled", s3_access_logging_disabled::attack),
    ("s3-block-public-access-disabled", s3_block_public_access_disabled::attack),
    ("s3-public-access-granted", s3_public_access_granted::attack),
    ("short-term-root-usage", short_term_root_usage::attack),
    ("ssh-brute-force", ssh_brute_force::attack),
    ("threat-list-api", threat_list_api::attack),
    ("threat-list-dns", threat_list_dns::attack),
    ("threat-list-flow", threat_list_flow::attack),
    ("portscan", portscan::attack),
    ("denial-of-service", denial_of_service::attack),
    ("spambot", spambot::attack),
    ("network-port-unusual", network_port_unusual::attack),
    ("traffic-volume-unusual", traffic_volume_unusual::attack),
    ("unusual-resolver", unusual_resolver::attack),
    ("periodic-beacon", periodic_beacon::attack),
    ("fast-flux", fast_flux::attack),
    ("suspicious-domain", suspicious_domain::attack),
    ("rdp-brute-force", rdp_brute_force::attack),
    ("winrm-brute-force", winrm_brute_force::attack),
    ("tor-relay", tor_relay::attack),
    ("dormant-key", dormant_key::attack),
    ("impossible-travel", impossible_travel::attack),
    ("credential-exfiltration", credential_exfiltration::attack),
    ("api-anomaly", api_anomaly::attack),
    ("s3-anomaly", s3_anomaly::attack),
    ("first-call", first_call::attack),
];

/// So many days on which the instance of the tests calls one web server, twelve times within an hour of each.
fn usual(days: i64) -> Scenario {
    (0..days * 12).fold(Scenario::new(), |s, n| {
        let call = Flow::out("203.0.113.200", 443).client_port(42_000 + n as u16);
        s.flows(call.after(n / 12 * 86_400 + n % 12 * 240).both())
    })
}

/// So many instances of the account that call the usual web server on each of so many days.
fn account(instances: u8, days: i64) -> Scenario {
    (0..days).fold(Scenario::new(), |s, day| {
        s.flows((1..=instances).flat_map(|n| {
            let call = Flow::out("203.0.113.200", 443).interface(&format!("eni-{n:017x}"));
            call.after(day * 86_400 + i64::from(n)).both()
        }))
    })
}

/// Nothing is found, in whatever order.
fn silent(scenario: &Scenario) {
    let findings = check_detector(scenario);
    assert!(findings.is_empty(), "nothing should be found, but: {:?}", types(&findings));
}

/// The explanation.
fn why(finding: &Finding) -> serde_json::Value {
    finding.service.additional_info.members()["picquet"].clone()
}

/// The types of a detector among findings.
fn raised_of<'f>(findings: &'f [Finding], meta: &str) -> BTreeSet<&'f str> {
    types(findings).into_iter().filter(|t| TypeId::of(t).is_some_and(|t| t.row().is_raised_by(meta))).collect()
}

#[test]
fn every_detector_has_a_scenario() {
    let have: BTreeSet<&str> = ATTACKS.iter().map(|(name, _)| *name).collect();
    let want: BTreeSet<&str> = DETECTORS.iter().map(|meta| meta.name).collect();
    assert_eq!(have, want);
}

#[test]
fn every_type_is_raised_and_retired_ones_only_when_switched_on() {
    for meta in DETECTORS {
        let (_, attack) = ATTACKS.iter().find(|(name, _)| *name == meta.name).unwrap();
        let all = check_detector(&attack().retired());
        assert_eq!(raised_of(&all, meta.name), meta.types.iter().copied().collect(), "{}", meta.name);
        let active = check_detector(&attack());
        let want: BTreeSet<&str> =
            meta.types.iter().copied().filter(|t| TypeId::of(t).unwrap().row().status == Status::Active).collect();
        assert_eq!(raised_of(&active, meta.name), want, "{}: without retired types", meta.name);
    }
}

#[test]
fn what_logs_taught_changes_nothing_about_the_same_logs() {
    for (name, attack) in ATTACKS {
        let (before, again) = (attack().findings(), attack().known(attack().baseline()));
        assert_eq!(again.findings(), before, "{name}");
        assert_eq!(again.baseline(), attack().baseline(), "{name}: what is learned");
    }
}

#[test]
fn a_type_can_be_switched_off_by_itself() {
    for (name, attack) in ATTACKS {
        let before = attack().retired().findings();
        for off in raised_of(&before, name) {
            let after = attack().retired().tuning(&format!("[types.\"{off}\"]\nenabled = false")).findings();
            assert!(of_type(&after, off).is_empty(), "{off} is switched off");
            let rest: Vec<&Finding> = before.iter().filter(|f| f.finding_type != off).collect();
            assert_eq!(after.iter().collect::<Vec<_>>(), rest, "switching {off} off changes nothing else");
        }
    }
}

#[test]
fn a_severity_can_be_set() {
    for (name, attack) in ATTACKS {
        for changed in raised_of(&attack().retired().findings(), name) {
            let tuned = attack().retired().tuning(&format!("[types.\"{changed}\"]\nseverity = 9.5")).findings();
            let of = of_type(&tuned, changed);
            assert!(!of.is_empty() && of.iter().all(|f| f.severity == 9.5), "{changed}");
        }
    }
}

#[test]
fn severities_and_roles_are_the_catalogues_where_it_has_no_note() {
    for (_, attack) in ATTACKS {
        for finding in attack().retired().findings() {
            let row = TypeId::of(&finding.finding_type).unwrap().row();
            if row.severity_note.is_empty() {
                assert_eq!(finding.severity, row.severity, "{}", row.name);
                assert_eq!(finding.service.resource_role, row.role, "{}", row.name);
            }
        }
    }
}

#[test]
fn what_happened_outside_of_the_window_raises_nothing() {
    for (name, attack) in ATTACKS {
        silent(&attack().retired().window("2023-01-01T00:00:00Z", "2023-12-31T23:59:59Z"));
        let inside = attack().retired().window("2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z").findings();
        assert_eq!(inside, attack().retired().findings(), "{name}: the window holds everything");
    }
}
