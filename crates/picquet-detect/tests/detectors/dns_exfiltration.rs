//! Data sent out in DNS queries.

use super::{silent, why};
use picquet_testkit::{Query, Random, Scenario, check_detector, json, of_type, only};

const NAME: &str = "Trojan:EC2/DNSDataExfiltration";
const ZONE: &str = "relay-zone.example.com";

/// Random text of an alphabet, in labels of at most 60 characters.
fn packed(random: &mut Random, alphabet: &[u8], length: usize) -> String {
    let text: Vec<u8> = (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect();
    text.chunks(60).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join(".")
}

const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
const MIXED: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// So many queries of names of a length, so many seconds apart.
fn tunnel(queries: i64, length: usize, apart: i64) -> Scenario {
    let mut random = Random(5);
    (0..queries).fold(Scenario::new(), |s, n| {
        s.query(Query::new(&format!("{}.{ZONE}", packed(&mut random, BASE32, length))).kind("TXT").after(n * apart))
    })
}

pub fn attack() -> Scenario {
    tunnel(90, 110, 1)
}

#[test]
fn a_burst_of_long_names() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), (NAME, 8.0, 90));
    assert_eq!(f.service.resource_role, "ACTOR");
    let dns = f.service.action.dns_request_action.as_ref().unwrap();
    assert_eq!((dns.domain.as_str(), dns.domain_with_suffix.as_deref()), ("example.com", Some("example.com")));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn the_pattern_of_the_tester_within_a_hundred_queries() {
    // Mixed case, 113 characters or more in all, two to four labels.
    let mut random = Random(9);
    let queries = |n: i64, random: &mut Random| {
        (0..n).fold(Scenario::new(), |s, i| {
            s.query(Query::new(&format!("{}.guarddutyc2activityb.com", packed(random, MIXED, 86))).after(i / 20))
        })
    };
    assert_eq!(of_type(&queries(100, &mut random).findings(), NAME).len(), 1);
    assert!(queries(90, &mut random).findings().is_empty(), "8 KiB are not reached");
}

#[test]
fn a_slow_one_is_found_within_a_day() {
    // 79 octets every minute: 1.3 a second.
    let day = tunnel(60 * 17, 70, 60);
    let f = day.findings();
    assert_eq!(only(&f).finding_type, NAME);
    assert_eq!(only(&f).service.count, 60 * 17);
    assert!(tunnel(60 * 12, 70, 60).findings().is_empty(), "too little so far");
}

#[test]
fn over_the_turn_of_an_hour() {
    let mut random = Random(5);
    let at = |s: Scenario, n: i64, random: &mut Random| {
        s.query(Query::new(&format!("{}.{ZONE}", packed(random, BASE32, 110))).at("2024-05-01T12:59:15Z").after(n))
    };
    let findings = check_detector(&(0..90).fold(Scenario::new(), |s, n| at(s, n, &mut random)));
    assert_eq!(only(&findings).service.count, 90);
}

#[test]
fn answers_that_carry_data() {
    let mut random = Random(6);
    let download = (0..320).fold(Scenario::new(), |s, n| {
        let name = format!("{}.{ZONE}", packed(&mut random, BASE32, 18));
        s.query(Query::new(&name).kind("TXT").answer("TXT", &packed(&mut random, MIXED, 210)).after(n * 5))
    });
    let findings = download.findings();
    assert!(why(only(&findings))["why"].as_str().unwrap().contains("answers that carry data"));
}

#[test]
fn short_names_that_fetch_keys() {
    let mut random = Random(6);
    let mut fetch = |n: i64, length: usize| {
        let name = format!("{}.{ZONE}", packed(&mut random, MIXED, 6));
        Query::new(&name).kind("KEY").answer("KEY", &packed(&mut random, MIXED, length)).after(n * 5)
    };
    assert_eq!(check_detector(&(0..320).fold(Scenario::new(), |s, n| s.query(fetch(n, 230)))).len(), 1);
    assert!((0..700).fold(Scenario::new(), |s, n| s.query(fetch(n, 70))).findings().is_empty(), "short answers");
}

#[test]
fn ids_and_hashes_take_twice_as_much() {
    // With the ten octets of the zone, 42 each: 280 make 11 KiB.
    silent(&tunnel(280, 32, 1));
    assert_eq!(tunnel(420, 32, 1).findings().len(), 1);
}

#[test]
fn the_benign_twins() {
    // The same names again and again: sharded hosts.
    let few: Vec<String> = {
        let mut random = Random(7);
        (0..40).map(|_| packed(&mut random, BASE32, 50)).collect()
    };
    silent(
        &(0..800).fold(Scenario::new(), |s, n| s.query(Query::new(&format!("{}.{ZONE}", few[n % 40])).after(n as i64))),
    );
    // A look-up service of an antivirus product.
    let mut random = Random(8);
    silent(&(0..300).fold(Scenario::new(), |s, n| {
        s.query(Query::new(&format!("{}.avqs.mcafee.com", packed(&mut random, BASE32, 52))).after(n))
    }));
    // Customers' own names at a content network are registered domains of their own.
    silent(&(0..300).fold(Scenario::new(), |s, n| {
        s.query(Query::new(&format!("d{}.cloudfront.net", packed(&mut random, BASE32, 13))).after(n))
    }));
    // Private zones and reverse look-ups.
    silent(&(0..300).fold(Scenario::new(), |s, n| {
        s.query(Query::new(&format!("{}.svc.cluster.local", packed(&mut random, BASE32, 52))).after(n))
            .query(Query::new(&format!("{}.{}.{n}.10.in-addr.arpa", n % 7, n % 5)).kind("PTR").after(n))
    }));
    // Long names of words and counters, of a scheduler.
    silent(
        &(0..200)
            .fold(Scenario::new(), |s, n| s.query(Query::new(&format!("worker-{n}.batch.production.{ZONE}")).after(n))),
    );
}

#[test]
fn a_habit_of_the_account_is_none() {
    // Four of five instances have asked for the zone for nine days, with hashes in the name.
    let mut random = Random(11);
    let mut ask = |s: Scenario, host: usize, day: usize, n: i64| {
        let name = format!("{}.{ZONE}", packed(&mut random, BASE32, 100));
        let query = Query::new(&name).instance(&format!("i-0000000000000000{host}")).from(&format!("10.0.0.{host}"));
        s.query(query.at(&format!("2024-05-{:02}T10:00:00Z", day + 1)).after(n))
    };
    let mut scenario = Scenario::new();
    for day in 0..9 {
        for host in 0..4 {
            scenario = ask(scenario, host, day, 0);
        }
    }
    scenario = scenario.query(Query::new("www.example.org").instance("i-00000000000000009").at("2024-05-01T00:00:00Z"));
    let burst = (0..90).fold(scenario.clone(), |s, n| ask(s, 1, 9, n));
    assert!(burst.findings().is_empty());
    let sooner = (0..90).fold(scenario, |s, n| ask(s, 1, 3, n));
    assert_eq!(sooner.findings().len(), 1, "three days are no habit");
}

#[test]
fn trusted_wins() {
    silent(&attack().trusted("example.com"));
    silent(&attack().trusted("*.example.com"));
    assert_eq!(check_detector(&attack().trusted("example.org\nother.example.com")).len(), 1);
}

#[test]
fn the_settings_say_how_much_is_too_much() {
    assert!(attack().tuning("[dns_exfiltration]\ninformation_per_hour = 20000").findings().is_empty());
}

#[test]
fn the_explanation_has_the_numbers() {
    let findings = attack().findings();
    let why = why(only(&findings));
    assert_eq!(why["detector"], "dns-exfiltration");
    let text = why["why"].as_str().unwrap();
    assert!(text.contains("90 different names below example.com in 89 seconds"), "{text}");
    let named: Vec<&str> =
        why["observations"].as_array().unwrap().iter().map(|o| o["name"].as_str().unwrap()).collect();
    for name in
        ["octets of information in the window", "distinct names", "queries", "names", "first asked for in the account"]
    {
        assert!(named.contains(&name), "{name}: {named:?}");
    }
}
