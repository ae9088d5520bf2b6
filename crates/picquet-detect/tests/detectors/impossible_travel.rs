//! Sign-ins to the console from distant places.

use super::{silent, why};
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only};
use serde_json::json;

const BRITISH: &str = "81.2.69.142";
const CHINESE: &str = "202.196.224.10";
const GERMAN: &str = "84.130.1.1";
const FRENCH: &str = "90.1.1.1";
const DAY: i64 = 86_400;

fn login(ip: &str, after: i64) -> Event {
    Event::console_login().ip(ip).after(after)
}

fn failure(ip: &str, after: i64) -> Event {
    login(ip, after).response(json!({"ConsoleLogin": "Failure"}))
}

pub fn attack() -> Scenario {
    Scenario::new().countries().event(login(BRITISH, 0)).event(login(CHINESE, 600))
}

#[test]
fn two_countries_in_ten_minutes_are_found() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.severity, f.service.count), (5.0, 2));
    let why = why(f)["why"].as_str().unwrap().to_owned();
    assert!(why.contains("81.2.69.142 (United Kingdom) and 10 minutes later from 202.196.224.10 (China)"), "{why}");
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn the_way_back_belongs_to_the_same_finding() {
    let findings = check_detector(&attack().event(login(BRITISH, 1200)).event(login(BRITISH, 1300)));
    assert_eq!(only(&findings).service.count, 3);
}

#[test]
fn failures_before_are_told() {
    let guessed = attack().events((0..6).map(|n| failure(CHINESE, 300 + n)));
    let told = why(only(&check_detector(&guessed)))["observations"].to_string();
    assert!(told.contains("failed sign-ins in the 15 minutes before") && told.contains("\"6\""), "{told}");
    // Failures alone are no finding of this type; nor are a few told.
    silent(&Scenario::new().countries().event(login(BRITISH, 0)).events((0..9).map(|n| failure(CHINESE, 300 + n))));
    let told = why(only(&check_detector(&attack().event(failure(CHINESE, 300)))))["observations"].to_string();
    assert!(!told.contains("failed sign-ins"), "{told}");
}

#[test]
fn what_can_be_travelled_is_silent() {
    let two = |a: Event, b: Event| silent(&Scenario::new().countries().event(a).event(b));
    // Neighbours, one country, a long flight, two users, AWS itself, an endpoint, a role that many share.
    two(login(GERMAN, 0), login(FRENCH, 600));
    two(login(BRITISH, 0), login("81.130.1.1", 600));
    two(login(BRITISH, 0), login(CHINESE, 9 * 3600));
    two(login(BRITISH, 0), login(CHINESE, 600).by(Identity::user("bob")));
    two(login("54.80.1.1", 0), login(CHINESE, 600));
    two(login(BRITISH, 0), login(CHINESE, 600).endpoint("vpce-0aa", "111122223333"));
    two(login(BRITISH, 0).by(Identity::role("ops", "x")), login(CHINESE, 600).by(Identity::role("ops", "x")));
    two(login(BRITISH, 0), failure(CHINESE, 600));
    silent(&attack().trusted(CHINESE));
    // Nothing is known of places.
    silent(&Scenario::new().event(login(BRITISH, 0)).event(login(CHINESE, 600)));
}

#[test]
fn two_usual_places_are_silent() {
    let habit = (0..4).fold(Scenario::new().countries(), |s, day| {
        s.event(login(BRITISH, day * DAY)).event(login(CHINESE, day * DAY + DAY / 2))
    });
    silent(&habit.clone().event(login(BRITISH, 4 * DAY)).event(login(CHINESE, 4 * DAY + 600)));
    let later = Scenario::new().countries().known(habit.baseline());
    silent(&later.clone().event(login(BRITISH, 5 * DAY)).event(login(CHINESE, 5 * DAY + 600)));
    let found = check_detector(&later.event(login(BRITISH, 5 * DAY)).event(login("200.160.2.3", 5 * DAY + 600)));
    assert!(why(only(&found))["why"].as_str().unwrap().contains("Brazil"));
}

#[test]
fn users_of_identity_center_are_told_apart() {
    let user = |name| Identity::role("AWSReservedSSO_Admin_0123456789abcdef", name);
    let two =
        |a, b| Scenario::new().countries().event(login(BRITISH, 0).by(user(a))).event(login(CHINESE, 600).by(user(b)));
    assert_eq!(check_detector(&two("ann", "ann")).len(), 1);
    silent(&two("ann", "bob"));
    let root = Identity::root;
    let of_root = Scenario::new().countries().event(login(BRITISH, 0).by(root())).event(login(CHINESE, 60).by(root()));
    assert!(check_detector(&of_root).iter().any(|f| f.finding_type.ends_with("ConsoleLoginSuccess.B")));
}
