//! A port that an instance never called.

use crate::{account, silent, usual, why};
use picquet_testkit::{Flow, Scenario, check_detector, json, only};

const REMOTE: &str = "203.0.113.22";

/// Connections to a port, one a minute.
fn calls(scenario: Scenario, day: i64, remote: &str, port: u16, count: i64) -> Scenario {
    (0..count).fold(scenario, |s, n| {
        let there = Flow::out(remote, port).client_port(47_000 + n as u16).size(40, 9000).after(day * 86_400 + n * 60);
        s.flows([there.clone(), there.reply().size(38, 22_000)])
    })
}

pub fn attack() -> Scenario {
    calls(usual(8), 8, REMOTE, 4444, 30)
}

#[test]
fn a_new_port_after_a_week() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), ("Behavior:EC2/NetworkPortUnusual", 5.0, 30));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn not_before_a_week_was_learned() {
    silent(&calls(usual(6), 6, REMOTE, 4444, 30));
    let early = calls(usual(3), 3, REMOTE, 4444, 30).tuning("[learning]\ndays = 3");
    assert_eq!(check_detector(&early).len(), 1);
}

#[test]
fn a_port_of_every_day_is_usual() {
    silent(&calls(calls(usual(8), 1, REMOTE, 4444, 5), 8, REMOTE, 4444, 30));
}

#[test]
fn what_is_short_or_private_or_of_aws_is_not_told() {
    silent(&calls(usual(8), 8, REMOTE, 4444, 2));
    silent(&calls(usual(8), 8, "10.0.9.9", 4444, 30));
    silent(&calls(usual(8), 8, "52.94.236.248", 4444, 30));
    // Not established.
    silent(&(0..30).fold(usual(8), |s, n| s.flow(Flow::out(REMOTE, 4444).size(2, 104).after(8 * 86_400 + n * 60))));
}

#[test]
fn slow_use_adds_up() {
    let slow = (0..4).fold(usual(8), |s, hour| {
        let there = Flow::out(REMOTE, 4444).after(8 * 86_400 + hour * 3600);
        s.flows(there.both())
    });
    assert_eq!(only(&check_detector(&slow)).service.count, 1, "the third minute");
}

#[test]
fn what_an_earlier_scan_learned_is_known() {
    let learned = usual(8).baseline();
    let later = calls(Scenario::new(), 8, REMOTE, 4444, 30);
    silent(&later);
    assert_eq!(check_detector(&later.clone().known(learned)), check_detector(&attack()));
    let after = calls(Scenario::new(), 9, REMOTE, 4444, 30).known(attack().baseline());
    silent(&after);
}

#[test]
fn a_scan_of_the_same_logs_finds_the_same_again() {
    let (first, learned) = (attack(), attack().baseline());
    let again = first.clone().known(learned.clone());
    assert_eq!(check_detector(&again), check_detector(&first));
    assert_eq!(again.baseline(), learned, "nor is anything learned twice");
    // Also what was learned in two scans, of which the latter is repeated.
    let second = calls(Scenario::new(), 10, REMOTE, 5555, 30).known(learned);
    let third = calls(Scenario::new(), 10, REMOTE, 5555, 30).known(second.baseline());
    assert_eq!(only(&check_detector(&second)).service.count, 30);
    assert_eq!((check_detector(&third), third.baseline()), (check_detector(&second), second.baseline()));
}

#[test]
fn a_scan_of_a_part_again_forgets_nothing() {
    let learned = attack().baseline();
    // Two of nine days, and days that begin in the middle.
    for part in [usual(2), calls(Scenario::new(), 8, REMOTE, 4444, 1), Scenario::new()] {
        let after = part.known(learned.clone()).baseline();
        silent(&calls(Scenario::new(), 9, REMOTE, 4444, 30).known(after));
    }
}

#[test]
fn one_with_few_days_is_judged_by_its_account() {
    // Records on one of eight days.
    let sparse = |instances: u8, day: i64, minutes: i64| {
        let call = |n| Flow::out("203.0.113.200", 443).after(day * 86_400 + n * 60).both();
        calls(account(instances, 8).flows((0..minutes).flat_map(call)), 8, REMOTE, 4444, 30)
    };
    assert_eq!(only(&check_detector(&sparse(10, 0, 100))).service.count, 30);
    silent(&sparse(10, 0, 99));
    silent(&sparse(8, 0, 100));
    silent(&sparse(10, 2, 100));
    // Two others call the port as well.
    let others = [1, 2].into_iter().flat_map(|n| {
        let call = Flow::out("203.0.113.201", 4444).interface(&format!("eni-{n:017x}"));
        call.after(86_400).both()
    });
    silent(&sparse(10, 0, 100).flows(others));
}

#[test]
fn ports_of_log4j_callbacks_are_severe() {
    let findings = check_detector(&calls(usual(8), 8, REMOTE, 1389, 30));
    assert_eq!(only(&findings).severity, 8.0);
    assert_eq!(only(&findings).service.additional_info.members()["context"], "Possible log4j callback");
}

#[test]
fn the_explanation_has_the_numbers() {
    let findings = check_detector(&attack());
    let why = why(only(&findings));
    let text = why["why"].as_str().unwrap();
    assert!(text.starts_with("The instance has connections to TCP port 4444"), "{text}");
    assert!(text.contains("never called in 8 days") && text.contains("The probability is"), "{text}");
}
