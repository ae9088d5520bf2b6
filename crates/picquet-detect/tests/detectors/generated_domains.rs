//! Domains that malware makes up.

use super::{silent, why};
use picquet_testkit::{Query, Random, Scenario, check_detector, json, only};

const NAME: &str = "Trojan:EC2/DGADomainRequest.B";

fn made_up(random: &mut Random) -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyz";
    let length = 12 + random.below(8);
    let label: String = (0..length).map(|_| char::from(letters[random.below(26)])).collect();
    format!("{label}.{}", ["com", "net", "biz", "info"][random.below(4)])
}

fn burst(names: i64) -> Scenario {
    let mut random = Random(3);
    (0..names).fold(Scenario::new(), |s, n| s.query(Query::new(&made_up(&mut random)).rcode("NXDOMAIN").after(n * 20)))
}

pub fn attack() -> Scenario {
    burst(12)
}

#[test]
fn a_dozen_names_that_do_not_exist() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), (NAME, 8.0, 12));
    assert_eq!(f.service.resource_role, "ACTOR");
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn trusted_names_do_not_count() {
    let mut random = Random(3);
    let names: Vec<String> = (0..12).map(|_| made_up(&mut random)).collect();
    silent(&attack().trusted(&names[..10].join("\n")));
    assert_eq!(check_detector(&attack().trusted(&names[10..].join("\n"))).len(), 1);
}

#[test]
fn few_are_none() {
    silent(&burst(3));
}

#[test]
fn over_the_day() {
    // Two an hour.
    let mut random = Random(4);
    let slow = (0..16).fold(Scenario::new(), |s, n| {
        s.query(Query::new(&made_up(&mut random)).rcode("NXDOMAIN").at("2024-05-01T00:10:00Z").after(n * 1800))
    });
    let findings = check_detector(&slow);
    assert_eq!(only(&findings).service.count, 16);
    assert_eq!(findings[0].service.event_first_seen, "2024-05-01T00:10:00.000Z", "from the first name on");
}

#[test]
fn a_host_of_which_only_the_address_is_known() {
    let mut random = Random(3);
    let nameless = (0..12)
        .fold(Scenario::new(), |s, n| s.query(Query::new(&made_up(&mut random)).rcode("NXDOMAIN").nameless().after(n)));
    assert_eq!(check_detector(&nameless).len(), 1);
}

#[test]
fn a_large_burst_counts_all_names() {
    let f = burst(400).findings();
    let reason = why(only(&f))["why"].as_str().unwrap().to_owned();
    // The names of some hours are sampled, and their number is scaled up.
    let names: u64 = reason.split(" domains").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!((360..=400).contains(&names), "400 names in 24 hours: {reason}");
}

#[test]
fn the_benign_twins() {
    let mut random = Random(5);
    let many =
        |make: &mut dyn FnMut(usize) -> Query| (0..60).fold(Scenario::new(), |s, n| s.query(make(n).after(n as i64)));
    // Names that exist.
    silent(&many(&mut |_| Query::new(&made_up(&mut random)).answer("A", "192.0.2.9")));
    // Names that people chose and gave up, and typing mistakes.
    silent(&many(&mut |n| Query::new(&format!("{}.com", CHOSEN[n % CHOSEN.len()])).rcode("NXDOMAIN")));
    // Names of customers that a provider made up.
    for zone in ["cloudfront.net", "s3.amazonaws.com", "azurewebsites.net", "github.io", "herokuapp.com"] {
        let name = |random: &mut Random| made_up(random).replace('.', "");
        silent(&many(&mut |_| Query::new(&format!("{}.{zone}", name(&mut random))).rcode("NXDOMAIN")));
    }
    // Internationalised names.
    silent(&many(&mut |_| Query::new(&format!("xn--{}", made_up(&mut random))).rcode("NXDOMAIN")));
    // A browser's probes with the search suffix of the network, and without one.
    silent(&many(&mut |_| Query::new(&made_up(&mut random).replace('.', "")).rcode("NXDOMAIN")));
    silent(&many(&mut |_| Query::new(&format!("{}.ec2.internal", made_up(&mut random))).rcode("NXDOMAIN")));
    silent(&many(&mut |_| Query::new(&format!("{}.corp.example.com", made_up(&mut random))).rcode("NXDOMAIN")));
    // One name, over and over.
    let one = made_up(&mut random);
    silent(&many(&mut |_| Query::new(&one).rcode("NXDOMAIN")));
    // Block lists answer that an address is not listed.
    silent(&many(&mut |n| Query::new(&format!("{n}.2.0.192.zen.example.org")).rcode("NXDOMAIN")));
}

/// Names as people choose them, and mistype them.
const CHOSEN: [&str; 30] = [
    "bakkerij-jansen",
    "mountainbikeforum",
    "wikipdia",
    "gogle",
    "faceboook",
    "ristorantebella",
    "stadtwerke-ulm",
    "greenhillschool",
    "autohaus-keller",
    "librairie",
    "amazn",
    "photobylisa",
    "kinderarzt",
    "thedailybrew",
    "oldtownbrewing",
    "yutube",
    "linkedn",
    "grandhotelroma",
    "webdesignstudio",
    "citylibrary",
    "smithandsons",
    "bloemenshop",
    "carparts24",
    "instagarm",
    "twiter",
    "surfcamp",
    "petfoodexpress",
    "jobsinberlin",
    "musicschool",
    "paypall",
];

const WORDS: [&str; 24] = [
    "river", "garden", "stone", "market", "yellow", "paper", "silver", "northern", "green", "travel", "window",
    "against", "history", "captain", "forward", "thought", "morning", "picture", "husband", "believe", "distant",
    "electric", "increase", "promise",
];

fn of_words(random: &mut Random) -> Query {
    let two = [WORDS[random.below(24)], WORDS[random.below(24)]].concat();
    Query::new(&format!("{two}.net")).rcode("NXDOMAIN")
}

#[test]
fn names_put_together_of_words() {
    let mut random = Random(8);
    let words = (0..50).fold(Scenario::new(), |s, n| s.query(of_words(&mut random).after(n * 30)));
    let findings = check_detector(&words);
    assert_eq!(only(&findings).finding_type.as_str(), NAME);
    let reason = why(&findings[0]).to_string();
    assert!(reason.contains("put together of words") && reason.contains("words from end to end"), "{reason}");
    // A crawler of dead links comes upon such names as well, beside many more that exist.
    let crawler = (0..600).fold(words, |s, n| {
        let name = format!("{}{n}.com", CHOSEN[n as usize % CHOSEN.len()]);
        s.query(Query::new(&name).answer("A", "192.0.2.1").after(n))
    });
    silent(&crawler);
}

#[test]
fn what_the_account_knows_says_nothing() {
    let mut random = Random(6);
    let names: Vec<String> = (0..12).map(|_| made_up(&mut random)).collect();
    let ask = |s: Scenario, day: u32, hosts: std::ops::Range<u32>| {
        hosts.fold(s, |s, host| {
            names.iter().fold(s, |s, name| {
                let query = Query::new(name).rcode("NXDOMAIN").at(&format!("2024-05-{day:02}T10:00:00Z"));
                s.query(query.instance(&format!("i-{host:017x}")).from(&format!("10.0.0.{host}")))
            })
        })
    };
    // A fault that the whole fleet shares.
    silent(&ask(Scenario::new(), 1, 0..6));
    // The names of three weeks ago: nothing new. The first time is found.
    let again = ask(ask(Scenario::new(), 1, 0..1), 22, 1..2);
    assert_eq!(check_detector(&again).len(), 1);
    // They were there once.
    let expired = names
        .iter()
        .fold(Scenario::new(), |s, name| s.query(Query::new(name).answer("A", "192.0.2.9").at("2024-05-01T09:00:00Z")));
    silent(&ask(expired, 1, 0..1));
}

#[test]
fn a_host_that_discovers_the_web_is_none() {
    // Most new names exist.
    let mut random = Random(7);
    let crawler =
        (0..120).fold(attack(), |s, n| s.query(Query::new(&made_up(&mut random)).answer("A", "192.0.2.1").after(n)));
    silent(&crawler);
}

#[test]
fn the_explanation_has_the_numbers() {
    let findings = attack().findings();
    let why = why(only(&findings));
    assert_eq!(why["detector"], "generated-domains");
    let sentence = why["why"].as_str().unwrap();
    assert!(sentence.contains("12 domains within an hour that do not exist"), "{why}");
    assert!(sentence.contains("That an algorithm made them is more than 99.9% likely."), "{why}");
    let observed = |name: &str| {
        let all = why["observations"].as_array().unwrap();
        all.iter().find(|o| o["name"] == name).unwrap()["observed"].as_str().unwrap().to_owned()
    };
    assert_eq!(observed("likelier generated than chosen"), "12 of 12 names that were judged");
    assert!(
        observed("names with their log-odds")
            .starts_with(sentence.split("such as ").nth(1).unwrap().split(',').next().unwrap())
    );
}
