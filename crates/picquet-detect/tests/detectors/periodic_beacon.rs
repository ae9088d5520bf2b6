//! Beacons to hosts that are on no list.

use crate::{silent, usual, why};
use picquet_testkit::{Flow, Random, Scenario, check_detector, json, only};

const HOME: &str = "203.0.113.66";

/// Calls over some hours, so many seconds apart, each moved by up to `jitter` seconds.
fn beacon(scenario: Scenario, day: i64, hours: i64, every: i64, jitter: usize, sizes: usize) -> Scenario {
    let mut random = Random(5);
    (0..hours * 3600 / every).fold(scenario, |s, n| {
        let at = day * 86_400 + n * every + random.below(jitter + 1) as i64;
        let call = Flow::out(HOME, 443).client_port(41_000 + n as u16).after(at);
        s.flows([call.clone().size(9, 1100 + random.below(sizes) as u64), call.reply().size(8, 2210)])
    })
}

pub fn attack() -> Scenario {
    beacon(usual(8), 8, 10, 600, 20, 30)
}

#[test]
fn every_ten_minutes() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity), ("Custom:EC2/PeriodicBeacon", 3.0));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn people_and_crowds_are_none() {
    // Times and sizes as they come.
    silent(&beacon(usual(8), 8, 10, 600, 590, 90_000));
    // Not for long enough.
    silent(&beacon(usual(8), 8, 5, 600, 20, 30));
    // In the week of learning.
    silent(&beacon(usual(8), 4, 10, 600, 20, 30));
    // Others of the account call it, too.
    let other = |s: Scenario, eni: &str| {
        s.flows(Flow::new(("10.0.7.7", 40_000), (HOME, 443)).interface(eni).after(86_400).both())
    };
    silent(&other(other(attack(), "eni-7"), "eni-8"));
}

#[test]
fn the_explanation_has_the_numbers() {
    let text = why(only(&check_detector(&attack())))["why"].as_str().unwrap().to_owned();
    assert!(text.starts_with("The instance called port 443 of 203.0.113.66 about every 10 minutes"), "{text}");
}
