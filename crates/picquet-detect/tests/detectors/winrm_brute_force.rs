//! Password guessing: WinRM.

use crate::silent;
use picquet_testkit::{Flow, INSTANCE, PRIVATE_IP, Scenario, check_detector, json, only};

const NAME: &str = "Impact:EC2/WinRMBruteForce";

fn attempts(client: &str, server: &str, count: i64) -> Scenario {
    (0..count).fold(Scenario::new(), |s, n| {
        let there = Flow::new((client, 33_000 + n as u16), (server, 5985)).after(n * 7).here();
        s.flows([there.clone().size(18, 2_900), there.reply().size(15, 3_100)])
    })
}

pub fn attack() -> Scenario {
    attempts("198.51.100.77", PRIVATE_IP, 20)
}

#[test]
fn twenty_in_an_hour() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), (NAME, 2.0, 20));
    assert_eq!(f.service.resource_role, "TARGET");
    insta::assert_snapshot!(json(&findings));
    silent(&attempts("198.51.100.77", PRIVATE_IP, 19));
}

#[test]
fn an_instance_that_guesses_is_the_actor() {
    let findings = check_detector(&attempts(PRIVATE_IP, "203.0.113.22", 200));
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity), (NAME, 8.0));
    assert_eq!(f.service.resource_role, "ACTOR");
    let port = f.service.action.network_connection_action.as_ref().unwrap().remote_port_details.port;
    assert_eq!(port, 5985);
    assert_eq!(f.resource.instance_details.as_ref().unwrap().instance_id.as_deref(), Some(INSTANCE));
}

#[test]
fn a_session_is_no_attempt() {
    let sessions = (0..60).fold(Scenario::new(), |s, n| {
        s.flows(Flow::inward("198.51.100.77", 5985).size(900, 400_000).after(n * 30).both())
    });
    silent(&sessions);
}
