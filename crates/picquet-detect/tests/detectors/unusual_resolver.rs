//! Resolvers that an instance does not usually ask.

use crate::{silent, usual, why};
use picquet_testkit::{Flow, Scenario, check_detector, json, of_type, only, types};

/// Queries over UDP, and sessions with the same server over TLS and HTTPS.
fn asks(scenario: Scenario, day: i64, resolver: &str, count: i64) -> Scenario {
    (0..count).fold(scenario, |s, n| {
        let query = Flow::out(resolver, 53).udp().client_port(50_000 + n as u16);
        s.flows(query.size(1, 70).after(day * 86_400 + n * 9).both())
    })
}

fn session(scenario: Scenario, day: i64, resolver: &str, port: u16) -> Scenario {
    scenario.flows(Flow::out(resolver, port).size(30, 6000).after(day * 86_400).both())
}

pub fn attack() -> Scenario {
    session(session(asks(usual(8), 8, "8.8.8.8", 12), 8, "9.9.9.9", 443), 8, "1.1.1.1", 853)
        // A port that is new is another finding.
        .tuning("[types.\"Behavior:EC2/NetworkPortUnusual\"]\nenabled = false")
}

#[test]
fn three_ways_to_ask() {
    let findings = check_detector(&attack());
    assert_eq!(findings.len(), 3, "{:?}", types(&findings));
    let plain = of_type(&findings, "DefenseEvasion:EC2/UnusualDNSResolver");
    assert_eq!(plain[0].service.additional_info.members()["unusual"], "GOOGLE");
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn not_the_usual_one_nor_a_few_queries_nor_early_ones() {
    let port = |s: Scenario| s.tuning("[types.\"Behavior:EC2/NetworkPortUnusual\"]\nenabled = false");
    silent(&port(asks(usual(8), 8, "8.8.8.8", 9)));
    silent(&port(asks(asks(usual(8), 3, "8.8.8.8", 2), 8, "8.8.8.8", 40)));
    silent(&port(asks(usual(6), 6, "8.8.8.8", 40)));
    silent(&port(asks(usual(8), 8, "10.0.0.53", 40)));
    // A web server is no resolver.
    silent(&port(session(usual(8), 8, "203.0.113.5", 443)));
}

#[test]
fn the_explanation_has_the_numbers() {
    let findings = check_detector(&attack());
    let doh = of_type(&findings, "DefenseEvasion:EC2/UnusualDoHActivity");
    let text = why(doh[0])["why"].as_str().unwrap().to_owned();
    assert!(text.starts_with("The instance exchanged 30 packets with port 443 of 9.9.9.9 (QUAD9)"), "{text}");
    only(&of_type(&findings, "DefenseEvasion:EC2/UnusualDoTActivity").into_iter().cloned().collect::<Vec<_>>());
}
