//! A finding about a session says who opened it, back to the origin.

use super::silent;
use picquet_intel::Category;
use picquet_testkit::{ACCOUNT, Event, Identity, Scenario, check_detector, only};
use serde_json::json;

fn assumes(by: Identity, role: &str, session: &str) -> Event {
    let child = Identity::role(role, session);
    Event::new("sts", "AssumeRole").by(by).response(json!({
        "credentials": {"accessKeyId": child.key_id(), "sessionToken": "x"},
        "assumedRoleUser": {"arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}")},
    }))
}

/// Alice opens a session of `deploy`, that one of `admin`, and the last calls from a Tor exit.
fn chained() -> Scenario {
    Scenario::new()
        .feed(Category::TorExit, "198.51.100.77")
        .event(assumes(Identity::user("alice"), "deploy", "a"))
        .event(assumes(Identity::role("deploy", "a"), "admin", "b").after(4000))
        .event(Event::new("iam", "CreateUser").by(Identity::role("admin", "b")).ip("198.51.100.77").after(8000))
}

#[test]
fn a_session_is_traced_to_its_origin() {
    let findings = check_detector(&chained());
    let chain = only(&findings).service.additional_info.members()["sessionChain"].clone();
    let steps: Vec<(&str, &str)> = chain
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["session"].as_str().unwrap(), s["openedBy"].as_str().unwrap()))
        .collect();
    let arn = |role: &str, session: &str| format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}");
    let alice = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    assert_eq!(steps, [(arn("admin", "b").as_str(), arn("deploy", "a").as_str()), (&arn("deploy", "a"), &alice)]);
    assert_eq!(chain[0]["openedWith"], Identity::role("deploy", "a").key_id());
}

#[test]
fn calls_that_failed_open_nothing_and_a_circle_ends() {
    let denied = Scenario::new()
        .feed(Category::TorExit, "198.51.100.77")
        .event(assumes(Identity::user("alice"), "admin", "b").error("AccessDenied"))
        .event(Event::new("iam", "CreateUser").by(Identity::role("admin", "b")).ip("198.51.100.77"));
    assert!(!only(&check_detector(&denied)).service.additional_info.members().contains_key("sessionChain"));
    let circle = chained().event(assumes(Identity::role("admin", "b"), "deploy", "a").after(9000));
    assert!(check_detector(&circle).len() == 1);
    silent(&Scenario::new().event(assumes(Identity::user("alice"), "deploy", "a")));
    // What a service opens for itself is no step.
    let service = Identity::service("ecs.amazonaws.com");
    let own = chained().event(assumes(service, "admin", "b").ip("ecs.amazonaws.com").after(7000));
    assert_eq!(own.findings(), chained().findings());
}
