//! Domains whose addresses change over many networks.

use super::{silent, why};
use picquet_testkit::{Query, Scenario, check_detector, json, only};

const NAME: &str = "Custom:EC2/FastFluxDomain";
const ZONE: &str = "photo-albums.example.com";
const DAY: i64 = 86_400;
/// First octets of networks by registry country, as the bundled table has them: DE, FR, JP, BR, AU, ZA, US, KR.
const NETWORKS: [&str; 8] = ["84.128", "90.0", "126.0", "177.0", "1.128", "105.0", "73.0", "211.32"];

/// Nine days of ordinary names.
fn known() -> Scenario {
    (0..9).fold(Scenario::new().countries(), |s, day| {
        s.query(Query::new("www.example.org").answer("A", "198.51.100.7").after(day * DAY))
    })
}

/// So many answers of four addresses, each from so many networks, an hour apart.
fn answers(scenario: Scenario, name: &str, from: i64, times: usize, networks: usize) -> Scenario {
    (0..times).fold(scenario, |s, n| {
        let query = Query::new(name).after(from + n as i64 * 3600);
        s.query(
            (0..4).fold(query, |q, i| q.answer("A", &format!("{}.{}.{}", NETWORKS[(n + i) % networks], n + 1, i + 9))),
        )
    })
}

pub fn attack() -> Scenario {
    answers(known(), ZONE, 9 * DAY, 8, 8)
}

#[test]
fn addresses_all_over_the_world() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity), (NAME, 4.0));
    insta::assert_snapshot!(json(&findings));
    let text = why(f)["why"].as_str().unwrap().to_owned();
    assert!(text.contains("new to the account and was answered within 24 hours with"), "{text}");
}

#[test]
fn the_benign_twins() {
    // A content network in three networks of one's neighbourhood.
    silent(&answers(known(), ZONE, 9 * DAY, 8, 3));
    // Many addresses all over the world that stay what they are.
    silent(&(0..8).fold(known(), |s, n| {
        let query = Query::new(ZONE).after(9 * DAY + n * 3600);
        s.query((0..16).fold(query, |q, i| q.answer("A", &format!("{}.{i}.7", NETWORKS[i % 8]))))
    }));
    // A pool of volunteers' servers.
    silent(&answers(known(), "2.debian.pool.ntp.org", 9 * DAY, 8, 8));
    // What the account has asked for since the beginning.
    silent(&answers(answers(known(), ZONE, DAY, 4, 8), ZONE, 9 * DAY, 8, 8));
    // Load balancers of AWS.
    silent(&(0..8).fold(known(), |s, n| {
        let query = Query::new(ZONE).after(9 * DAY + n * 3600);
        s.query(
            ["52.4.55", "54.164.174", "34.226.3", "3.220.108", "18.236.7"]
                .iter()
                .fold(query, |q, net| q.answer("A", &format!("{net}.{}", n + 1))),
        )
    }));
    // One address at a time is not seen, which the detector says of itself.
    silent(&(0..40).fold(known(), |s, n| {
        s.query(Query::new(ZONE).answer("A", &format!("{}.7.{n}", NETWORKS[n % 8])).after(9 * DAY + n as i64 * 600))
    }));
}

#[test]
fn one_answer_after_the_other_within_a_day() {
    let day = |apart: i64| (0..3).fold(known(), |s, n| answers(s, ZONE, 9 * DAY + n * apart, 1, 4 + 2 * n as usize));
    silent(&day(30 * 3600));
}
