//! Scans of ports and sweeps over hosts.

use crate::{silent, why};
use picquet_testkit::{Flow, PRIVATE_IP, Scenario, check_detector, json, only, types};

pub const TARGET: &str = "203.0.113.22";

fn syn(host: &str, port: u16, n: i64) -> Flow {
    Flow::out(host, port).client_port(40_000 + (n % 20_000) as u16).size(1, 44).after(n)
}

/// So many ports of one host, each tried once and unanswered.
pub fn ports(host: &str, count: u16) -> Scenario {
    (0..count).fold(Scenario::new(), |s, n| s.flow(syn(host, 1000 + n, n.into())))
}

/// One port of so many hosts.
fn hosts(net: &str, port: u16, count: u16) -> Scenario {
    let scenario = Scenario::new().flows(Flow::out("203.0.113.200", 443).both());
    (0..count).fold(scenario, |s, n| s.flow(syn(&format!("{net}.{}", 1 + n), port, n.into())))
}

pub fn attack() -> Scenario {
    (0..40).fold(ports(TARGET, 40), |s, n| s.flow(syn(&format!("198.51.100.{}", 1 + n), 445, n)))
}

#[test]
fn thirty_ports_of_one_host() {
    let findings = check_detector(&ports(TARGET, 30));
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), ("Recon:EC2/Portscan", 5.0, 30));
    assert_eq!(f.service.resource_role, "ACTOR");
    insta::assert_snapshot!(json(&findings));
    silent(&ports(TARGET, 29));
}

#[test]
fn a_private_host_counts_as_well() {
    let known = Flow::out("203.0.113.200", 443).both();
    let findings = check_detector(&ports("10.0.9.9", 40).flows(known));
    assert_eq!(only(&findings).finding_type, "Recon:EC2/Portscan");
}

#[test]
fn one_port_of_many_hosts() {
    let findings = check_detector(&hosts("198.51.100", 445, 30));
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity), ("Impact:EC2/PortSweep", 8.0));
    silent(&hosts("198.51.100", 445, 29));
    let inside = check_detector(&hosts("10.0.77", 445, 30));
    assert_eq!(types(&inside), ["Recon:EC2/Portscan"]);
}

#[test]
fn the_web_needs_more_hosts() {
    // One more host is reached.
    silent(&hosts("198.51.100", 443, 88));
    assert_eq!(check_detector(&hosts("198.51.100", 443, 89)).len(), 1);
}

/// An instance that asks a resolver outside so many names, and calls one web host in each of so many networks, of which
/// every `fails`th does not answer.
fn web(lookups: u16, networks: u16, fails: u16) -> Scenario {
    web_asking("9.9.9.9", lookups, networks, fails)
}

fn web_asking(resolver: &str, lookups: u16, networks: u16, fails: u16) -> Scenario {
    let query = |n: u16| Flow::out(resolver, 53).udp().client_port(50_000 + n).size(1, 60).after(n.into()).both();
    let scenario = (0..lookups).fold(Scenario::new(), |s, n| s.flows(query(n)));
    (0..networks).fold(scenario, |s, n| {
        let call = syn(&format!("203.{}.1.9", n), 80, 600 + i64::from(n));
        if n % fails == 0 { s.flow(call) } else { s.flows(call.size(5, 1020).both()) }
    })
}

#[test]
fn web_hosts_that_were_not_looked_up() {
    let findings = check_detector(&web(3, 40, 2));
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), ("Recon:EC2/Portscan", 5.0, 40));
    assert_eq!(f.service.resource_role, "ACTOR");
    assert_eq!(
        why(f)["why"],
        "The instance tried port 80 of 40 public hosts within an hour, of which 20 refused or did not answer. They are in \
         40 networks, and it looked up 3 names at most: clients look up what they call."
    );
    // Its twins: a crawler of a list with many dead hosts, a client whose lookups the logs do not have, one that reaches
    // four of five, one that knows the names from before, and too few networks.
    silent(&web(40, 40, 2));
    silent(&web_asking("10.0.0.53", 40, 40, 2));
    silent(&web(0, 40, 2));
    silent(&web(3, 60, 5));
    silent(&web(20, 40, 3));
    silent(&web(3, 19, 2));
    silent(&web(3, 40, 2).tuning("[port_scan]\nweb_networks = 50"));
}

#[test]
fn addresses_of_one_network_are_one() {
    let query = Flow::out("9.9.9.9", 53).udp().client_port(50_000).size(1, 60).both();
    let blocked = (0..60u16)
        .fold(Scenario::new().flows(query), |s, n| s.flow(syn(&format!("203.0.{}.9", n), 443, 600 + i64::from(n))));
    silent(&blocked);
}

#[test]
fn who_reaches_what_he_calls_is_no_scanner() {
    let both = |n: u16| syn(TARGET, 1000 + n, n.into()).size(9, 1200).both();
    silent(&(0..60).fold(Scenario::new(), |s, n| s.flows(both(n))));
    // Half of them closed: each answers with a reset.
    let closed = |n: u16| {
        let there = syn(TARGET, 1000 + n, n.into());
        [there.clone(), there.reply().size(1, 40)]
    };
    silent(&(0..60).fold(Scenario::new(), |s, n| if n % 2 == 0 { s.flows(both(n)) } else { s.flows(closed(n)) }));
    let findings = check_detector(&(0..40).fold(Scenario::new(), |s, n| s.flows(closed(n))));
    assert_eq!(types(&findings), ["Recon:EC2/Portscan"]);
}

#[test]
fn to_be_scanned_is_not_to_scan() {
    let probes = (0..60u16).fold(Scenario::new(), |s, n| {
        let probe = Flow::inward("198.51.100.9", 1000 + n).client_port(51_000 + n).size(1, 44).after(n.into());
        let answer = probe.clone().reply().size(1, 40);
        s.flow(probe.clone()).flow(if n % 3 == 0 { probe.reject() } else { answer })
    });
    silent(&probes);
}

#[test]
fn a_slow_scan_over_hours() {
    let slow = |count: u16| (0..count).fold(Scenario::new(), |s, n| s.flow(syn(TARGET, 1000 + n, i64::from(n) * 240)));
    let findings = check_detector(&slow(200).tuning("[port_scan]\nslow_distinct = 60"));
    assert_eq!(only(&findings).finding_type, "Recon:EC2/Portscan");
    silent(&slow(59).tuning("[port_scan]\nslow_distinct = 60"));
}

#[test]
fn the_explanation_has_the_numbers() {
    let findings = check_detector(&ports(TARGET, 30));
    let why = why(only(&findings));
    assert_eq!(
        why["why"],
        "The instance tried 30 ports of 203.0.113.22 within an hour, of which 30 refused or did not answer; 30 such ports within 24 hours."
    );
    let members = only(&findings).service.additional_info.members();
    assert_eq!(members["portsScannedSample"].as_array().map(Vec::len), Some(20));
    assert_eq!(
        only(&findings).resource.instance_details.as_ref().unwrap().network_interfaces[0].private_ip_address.as_deref(),
        Some(PRIVATE_IP)
    );
}
