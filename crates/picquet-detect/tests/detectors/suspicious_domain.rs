//! Domains that are new and whose name alone is odd.

use super::{silent, why};
use picquet_testkit::{Query, Scenario, check_detector, json, only};

const NAME: &str = "Impact:EC2/SuspiciousDomainRequest.Reputation";
/// Letters and digits that look drawn at random.
const RANDOM: &str = "xq7zk2vw9pjt4h.net";
const DAY: i64 = 86_400;

/// So many days on which the instance asks for the same few names.
fn known(days: i64) -> Scenario {
    (0..days).fold(Scenario::new(), |s, day| {
        ["updates.example.com", "www.example.org", "stadtwerke-ulm.de"]
            .iter()
            .fold(s, |s, name| s.query(Query::new(name).answer("A", "198.51.100.7").after(day * DAY)))
    })
}

fn asks(scenario: Scenario, name: &str) -> Scenario {
    scenario.query(Query::new(name).answer("A", "198.51.100.8").after(9 * DAY))
}

pub fn attack() -> Scenario {
    (0..3).fold(known(9), |s, n| s.query(Query::new(RANDOM).answer("A", "198.51.100.8").after(9 * DAY + n * 600)))
}

#[test]
fn a_name_that_looks_drawn_at_random() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), (NAME, 2.0, 3));
    assert_eq!(f.service.resource_role, "ACTOR");
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn a_letter_away_from_a_known_name() {
    let findings = check_detector(&asks(known(9), "cdn.mlcrosoft.cloud"));
    let text = why(only(&findings))["why"].as_str().unwrap().to_owned();
    assert!(text.contains("asked for mlcrosoft.cloud") && text.contains("a letter away from microsoft"), "{text}");
}

#[test]
fn the_benign_twins() {
    // A plain new name; the known name itself; a customer's name that a provider chose.
    for name in ["newsletter-service.com", "www.microsoft.com", "d111111abcdef8.cloudfront.net"] {
        silent(&asks(known(9), name));
    }
    // It does not exist: one such name is no evidence.
    silent(&known(9).query(Query::new(RANDOM).rcode("NXDOMAIN").after(9 * DAY)));
    // In the week of learning.
    silent(&asks(known(3), RANDOM).query(Query::new(RANDOM).after(DAY)));
    silent(&known(9).query(Query::new(RANDOM).after(2 * DAY)).query(Query::new(RANDOM).after(9 * DAY)));
    // Others ask for it, too.
    silent(
        &["i-0000000000000000a", "i-0000000000000000b"]
            .iter()
            .fold(attack(), |s, id| s.query(Query::new(RANDOM).instance(id).from("10.0.7.7").after(9 * DAY))),
    );
    // It is trusted.
    silent(&attack().trusted(RANDOM));
    // A day of many new names, as a browser has: odd ones are come upon.
    silent(&(0..40).fold(attack(), |s, n| {
        let name = format!("{}{}.com", ["harbour", "meadow", "river", "window"][n % 4], ["house", "field"][n % 2]);
        s.query(
            Query::new(&format!(
                "www.{}{name}",
                ["north", "south", "east", "west", "old", "new", "big", "tiny", "red", "blue"][n / 4]
            ))
            .after(9 * DAY - n as i64),
        )
    }));
}

#[test]
fn new_for_a_day() {
    let later = attack().query(Query::new(RANDOM).answer("A", "198.51.100.8").after(12 * DAY));
    assert_eq!(only(&check_detector(&later)).service.count, 3);
}
