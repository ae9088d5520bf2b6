//! An instance that relays for Tor.

use super::silent;
use picquet_intel::Category;
use picquet_testkit::{Flow, Scenario, check_detector, json, of_type};

const NAME: &str = "UnauthorizedAccess:EC2/TorRelay";

fn nodes() -> Scenario {
    Scenario::new().feed(Category::TorRelay, "203.0.113.0/28").feed(Category::TorExit, "203.0.113.16/28")
}

fn node(n: u8) -> String {
    format!("203.0.113.{n}")
}

/// Connections of so many nodes to the instance's port, and of it to so many.
fn relay(scenario: Scenario, inward: u8, out: u8) -> Scenario {
    let s =
        (0..inward).fold(scenario, |s, n| s.flows(Flow::inward(&node(1 + n), 9001).here().after(i64::from(n)).both()));
    (0..out).fold(s, |s, n| s.flows(Flow::out(&node(8 + n), 9001).here().after(60 + i64::from(n)).both()))
}

pub fn attack() -> Scenario {
    relay(nodes(), 3, 3)
}

fn relays(scenario: &Scenario) -> usize {
    of_type(&check_detector(scenario), NAME).len()
}

#[test]
fn three_nodes_each_way() {
    let findings = check_detector(&attack());
    let of = of_type(&findings, NAME);
    assert_eq!((of.len(), of[0].severity, of[0].service.count), (1, 8.0, 12));
    insta::assert_snapshot!(json(&of.into_iter().cloned().collect::<Vec<_>>()));
}

#[test]
fn one_less_on_either_side_is_none() {
    assert_eq!(relays(&relay(nodes(), 2, 3)), 0);
    assert_eq!(relays(&relay(nodes(), 3, 2)), 0);
    assert_eq!(relays(&relay(nodes(), 0, 8)), 0, "a client");
    assert_eq!(relays(&relay(nodes(), 1, 1).tuning("[tor_relay]\nmin_nodes_each_way = 1")), 1);
}

#[test]
fn unanswered_connections_do_not_count() {
    let s = (0..3).fold(relay(nodes(), 0, 3), |s, n| s.flow(Flow::inward(&node(1 + n), 9001).here().reject()));
    assert_eq!(relays(&s), 0);
}

#[test]
fn visitors_of_a_web_site_do_not_count() {
    let visitors =
        |port| (0..3).fold(relay(nodes(), 0, 3), |s, n| s.flows(Flow::inward(&node(17 + n), port).here().both()));
    assert_eq!(relays(&visitors(443)), 0);
    assert_eq!(relays(&visitors(9001)), 1);
}

#[test]
fn both_ways_within_a_day() {
    let late = |hours: i64| {
        (0..3)
            .fold(relay(nodes(), 3, 0), |s, n| s.flows(Flow::out(&node(8 + n), 9001).here().after(hours * 3600).both()))
    };
    assert_eq!(relays(&late(23)), 1);
    assert_eq!(relays(&late(24)), 0);
}

#[test]
fn trusted_wins() {
    silent(&attack().trusted("203.0.113.0/24"));
}

#[test]
fn ipv6_nodes() {
    let own = "2600:1f18::5";
    let s = (0..3u8).fold(Scenario::new().feed(Category::TorRelay, "2001:db8::/32"), |s, n| {
        let node = format!("2001:db8::{n}");
        s.flows(Flow::new((&node, 50_001), (own, 9001)).here().both())
            .flows(Flow::new((own, 40_001), (&node, 9001)).here().both())
    });
    assert_eq!(relays(&s), 1);
}
