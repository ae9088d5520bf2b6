//! Access keys that are used after a long sleep.

use super::{silent, why};
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only};

const DAY: i64 = 86_400;

fn call(after: i64) -> Event {
    Event::new("ec2", "DescribeInstances").after(after)
}

pub fn attack() -> Scenario {
    Scenario::new().event(call(0)).event(call(3 * DAY)).event(call(100 * DAY)).event(call(100 * DAY + 60))
}

#[test]
fn a_key_that_wakes_is_found() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.severity, f.service.count), (3.0, 1));
    assert!(why(f)["why"].as_str().unwrap().contains("for the first time in 97 days"));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn a_key_that_is_new_or_in_use_is_silent() {
    silent(&Scenario::new().event(call(0)).event(call(50 * DAY)).event(call(100 * DAY)));
    silent(&Scenario::new().event(call(0)).event(call(89 * DAY)));
    silent(&Scenario::new().event(call(0)).event(call(100 * DAY).by(Identity::user("bob"))));
    let session = || Identity::role("ops", "x");
    silent(&Scenario::new().event(call(0).by(session())).event(call(100 * DAY).by(session())));
    let service = Identity::user("alice").invoked_by("athena.amazonaws.com");
    silent(&Scenario::new().event(call(0)).event(call(100 * DAY).by(service)));
    silent(&attack().tuning("[dormant_key]\ndays = 120"));
}

#[test]
fn the_last_use_is_known_to_a_later_scan() {
    let first = Scenario::new().event(call(0)).baseline();
    let later = Scenario::new().known(first).event(call(95 * DAY));
    assert_eq!(check_detector(&later).len(), 1);
    // The same logs again: the same finding.
    let again = attack().known(attack().baseline());
    assert_eq!(attack().findings(), again.findings());
}
