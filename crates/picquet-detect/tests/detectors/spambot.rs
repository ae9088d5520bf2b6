//! Mail to very many servers.

use crate::{silent, why};
use picquet_testkit::{Flow, Scenario, check_detector, json, only};

fn mail(scenario: Scenario, day: i64, hosts: u16) -> Scenario {
    (0..hosts).fold(scenario, |s, n| {
        let to = format!("198.51.100.{}", 1 + n);
        s.flows(Flow::out(&to, 25).client_port(40_000 + n).size(18, 4200).after(day * 86_400 + i64::from(n)).both())
    })
}

pub fn attack() -> Scenario {
    mail(Scenario::new(), 0, 20)
}

#[test]
fn twenty_mail_servers() {
    let findings = check_detector(&attack());
    assert_eq!((only(&findings).finding_type.as_str(), findings[0].severity), ("Backdoor:EC2/Spambot", 5.0));
    insta::assert_snapshot!(json(&findings));
    silent(&mail(Scenario::new(), 0, 19));
}

#[test]
fn a_mail_sender_becomes_known() {
    let four_days = (0..4).fold(Scenario::new(), |s, day| mail(s, day, 20));
    let findings = check_detector(&four_days);
    assert_eq!(only(&findings).service.event_last_seen, "2024-05-03T12:00:19.000Z", "the fourth day is usual");
}

#[test]
fn who_takes_mail_may_send_it() {
    let takes = Flow::inward("203.0.113.7", 25).size(20, 9000).both();
    silent(&mail(Scenario::new().flows(takes), 0, 30));
}

#[test]
fn the_explanation_has_the_numbers() {
    let text = why(only(&check_detector(&attack())))["why"].as_str().unwrap().to_owned();
    assert!(text.contains("called 20 mail servers within an hour, 20 of which answered"), "{text}");
}
