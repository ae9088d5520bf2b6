//! Queries for listed names.

use super::{silent, why};
use picquet_intel::Category;
use picquet_testkit::{INSTANCE, Query, Scenario, VPC, check_detector, json, of_type, only, types};
use serde_json::json;

const NAMES: [(Category, &str, &str, f64, &str); 11] = [
    (Category::C2, "c2.example", "Backdoor:EC2/C&CActivity.B!DNS", 8.0, "TARGET"),
    (Category::Miner, "pool.example", "CryptoCurrency:EC2/BitcoinTool.B!DNS", 8.0, "TARGET"),
    (Category::Abused, "dyn.example", "Impact:EC2/AbusedDomainRequest.Reputation", 5.0, "ACTOR"),
    (Category::MinerReputation, "coin.example", "Impact:EC2/BitcoinDomainRequest.Reputation", 8.0, "ACTOR"),
    (Category::MaliciousDomain, "evil.example", "Impact:EC2/MaliciousDomainRequest.Reputation", 8.0, "ACTOR"),
    (Category::Suspicious, "new.example", "Impact:EC2/SuspiciousDomainRequest.Reputation", 2.0, "ACTOR"),
    (Category::Sinkhole, "hole.example", "Trojan:EC2/BlackholeTraffic!DNS", 5.0, "TARGET"),
    (Category::Dga, "xkcjqz.example", "Trojan:EC2/DGADomainRequest.C!DNS", 8.0, "TARGET"),
    (Category::DriveBy, "kit.example", "Trojan:EC2/DriveBySourceTraffic!DNS", 8.0, "TARGET"),
    (Category::DropPoint, "drop.example", "Trojan:EC2/DropPoint!DNS", 5.0, "TARGET"),
    (Category::Phishing, "bait.example", "Trojan:EC2/PhishingDomainRequest!DNS", 8.0, "TARGET"),
];

fn c2() -> Scenario {
    Scenario::new().named_feed(Category::C2, "C2 names", "indicator\tthreat\nc2.example\tCobalt Strike\n")
}

pub fn attack() -> Scenario {
    let listed =
        NAMES.iter().fold(Scenario::new(), |s, (category, name, ..)| s.feed(*category, name).query(Query::new(name)));
    listed
        .threat_list("mine.example\n*.wild.example\n")
        .query(Query::new("mine.example"))
        .query(Query::new("a.wild.example"))
}

#[test]
fn each_category_has_its_type() {
    let findings = check_detector(&attack());
    for (_, name, finding_type, severity, role) in NAMES {
        let of = of_type(&findings, finding_type);
        assert_eq!(of.len(), 1, "{finding_type}");
        assert_eq!((of[0].severity, of[0].service.resource_role.as_str()), (severity, role), "{finding_type}");
        assert_eq!(of[0].service.action.dns_request_action.as_ref().unwrap().domain, name);
    }
    assert_eq!(of_type(&findings, "Impact:EC2/MaliciousDomainRequest.Custom").len(), 2, "one for each entry");
}

#[test]
fn a_whole_finding() {
    let findings = check_detector(
        &c2()
            .query(Query::new("Beacon.C2.example").answer("A", "203.0.113.50"))
            .query(Query::new("c2.example").after(300).rcode("NXDOMAIN")),
    );
    assert_eq!(only(&findings).service.count, 2, "names below a listed one are one finding with it");
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn names_and_instances_are_apart() {
    let scenario = c2()
        .feed(Category::C2, "other.example")
        .query(Query::new("c2.example"))
        .query(Query::new("other.example"))
        .query(Query::new("c2.example").instance("i-0ffffffffffffffff").from("10.0.1.9"));
    assert_eq!(check_detector(&scenario).len(), 3);
}

#[test]
fn the_question_alone_counts_and_a_block_is_shown() {
    let findings = check_detector(&c2().query(Query::new("c2.example").firewall("BLOCK").rcode("NXDOMAIN")));
    assert!(only(&findings).service.action.dns_request_action.as_ref().unwrap().blocked);
    let findings = check_detector(&c2().query(Query::new("c2.example").firewall("ALERT").transport("TCP")));
    let action = only(&findings).service.action.dns_request_action.clone().unwrap();
    assert_eq!((action.blocked, action.protocol.as_str()), (false, "TCP"));
}

#[test]
fn names_that_are_not_listed() {
    silent(
        &c2()
            .threat_list("mine.example\n*.wild.example")
            .query(Query::new("notc2.example"))
            .query(Query::new("example"))
            .query(Query::new("c2.example.com"))
            .query(Query::new("below.mine.example"))
            .query(Query::new("wild.example")),
    );
}

#[test]
fn trusted_wins() {
    silent(&c2().trusted("c2.example").query(Query::new("c2.example")));
    silent(&c2().trusted("*.c2.example").query(Query::new("a.c2.example")));
    assert_eq!(check_detector(&c2().trusted("*.c2.example").query(Query::new("c2.example"))).len(), 1);
}

#[test]
fn an_ip_list_does_not_apply() {
    silent(
        &Scenario::new().threat_list("203.0.113.50").query(Query::new("www.example.com").answer("A", "203.0.113.50")),
    );
}

#[test]
fn without_srcids_the_address_is_what_is_known() {
    let findings = check_detector(&c2().query(Query::new("c2.example").nameless()));
    let f = only(&findings);
    assert_eq!(f.title, "Host 10.0.1.5 looked up the command-and-control domain c2.example");
    let details = f.resource.instance_details.as_ref().unwrap();
    assert_eq!(details.instance_id, None);
    assert_eq!(details.network_interfaces[0].vpc_id.as_deref(), Some(VPC));
}

#[test]
fn what_other_records_tell_of_the_address_counts() {
    // Another query of the same address says whose it is: both are one finding then.
    let scenario = c2().query(Query::new("c2.example").nameless()).query(Query::new("c2.example").after(60));
    let findings = check_detector(&scenario);
    let f = only(&findings);
    assert_eq!(
        (f.service.count, f.resource.instance_details.as_ref().unwrap().instance_id.as_deref()),
        (2, Some(INSTANCE))
    );
}

#[test]
fn the_same_address_in_another_vpc_is_somebody_else() {
    let scenario = c2()
        .query(Query::new("www.example.com"))
        .query(Query::new("c2.example").nameless().vpc("vpc-0ffffffffffffffff"));
    let findings = check_detector(&scenario);
    assert_eq!(only(&findings).resource.instance_details.as_ref().unwrap().instance_id, None);
}

#[test]
fn an_instance_with_two_addresses() {
    // Which record of the two comes last in the file must not matter.
    let scenario = c2()
        .query(Query::new("c2.example").from("10.0.1.5"))
        .query(Query::new("c2.example").from("10.0.2.5").after(1))
        .query(Query::new("c2.example").from("10.0.1.5").after(2))
        .query(Query::new("c2.example").from("10.0.2.5").after(2));
    assert_eq!(only(&check_detector(&scenario)).service.count, 4);
}

#[test]
fn ipv6_sources() {
    let findings = check_detector(&c2().query(Query::new("c2.example").kind("AAAA").from("2600:1f18::5").nameless()));
    assert!(only(&findings).title.contains("2600:1f18::5"), "{}", findings[0].title);
    let interface = &findings[0].resource.instance_details.as_ref().unwrap().network_interfaces[0];
    assert_eq!((interface.private_ip_address.as_deref(), interface.ipv6_addresses.len()), (None, 1));
}

#[test]
fn the_testers_own_names() {
    // AWS's tester asks for these names; the bundled feeds carry them, here as a list of ours.
    let findings = check_detector(
        &Scenario::new()
            .feed(Category::C2, "=guarddutyc2activityb.com")
            .query(Query::new("GuardDutyC2ActivityB.com."))
            .query(Query::new("x1.guarddutyc2activityb.com")),
    );
    assert_eq!(types(&findings), ["Backdoor:EC2/C&CActivity.B!DNS"]);
    assert_eq!(only(&findings).service.count, 1);
}

#[test]
fn the_explanation_names_question_list_and_answer() {
    let findings = check_detector(&c2().query(Query::new("beacon.c2.example").rcode("NXDOMAIN")));
    assert_eq!(
        why(only(&findings)),
        json!({
            "detector": "threat-list-dns",
            "why": "The instance asked for beacon.c2.example, which is on the list 'C2 names' (Cobalt Strike).",
            "observations": [
                {"name": "query", "observed": "A beacon.c2.example"},
                {"name": "listed name", "observed": "c2.example"},
                {"name": "response", "observed": "NXDOMAIN"},
            ],
        })
    );
}
