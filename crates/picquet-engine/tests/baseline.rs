//! What a scan learned, a later scan knows; what it found, a later scan does not find again.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use picquet_intel::Category;
use picquet_model::Finding;
use picquet_testkit::{Event, Flow, INSTANCE, INTERFACE, Identity, Query, Random, Scenario, check_detector, only};
use serde_json::json;

fn policy(length: u32) -> Event {
    Event::new("iam", "UpdateAccountPasswordPolicy").request(json!({
        "minimumPasswordLength": length, "requireSymbols": true, "requireNumbers": true,
        "requireUppercaseCharacters": true, "requireLowercaseCharacters": true
    }))
}

fn delivered() -> Event {
    Event::new("s3", "GetBucketAcl")
        .by(Identity::service("cloudtrail.amazonaws.com"))
        .ip("cloudtrail.amazonaws.com")
        .request(json!({"bucketName": "logs"}))
}

fn delete() -> Event {
    Event::new("s3", "DeleteBucket").request(json!({"bucketName": "logs"}))
}

#[test]
fn what_was_judged_is_not_judged_again() {
    let first =
        Scenario::new().event(policy(14)).event(policy(6).after(60)).event(delivered()).event(delete().after(60));
    assert_eq!(first.findings().len(), 2);
    assert!(Scenario::new().known(first.baseline()).findings().is_empty());
}

#[test]
fn a_later_change_is_held_against_the_policy_of_the_earlier_scan() {
    let first = Scenario::new().event(policy(14)).event(policy(16).error("AccessDenied").after(60));
    let later = Scenario::new().known(first.baseline()).event(policy(15).after(86_400));
    assert!(later.findings().is_empty(), "15 is no weaker than 14");
    let later = Scenario::new().known(first.baseline()).event(policy(12).after(86_400));
    assert_eq!(only(&check_detector(&later)).severity, 2.0);
    // The same logs once more, with what they taught: the same result.
    let first = Scenario::new().event(policy(14)).event(policy(6).after(60));
    let again = first.clone().known(first.baseline());
    assert_eq!(first.findings(), again.findings());
}

#[test]
fn a_deleted_policy_leaves_the_default_of_aws() {
    let first = Scenario::new().event(policy(14)).event(Event::new("iam", "DeleteAccountPasswordPolicy").after(60));
    let later = Scenario::new().known(first.baseline()).event(policy(8).after(86_400));
    assert!(check_detector(&later).is_empty());
}

#[test]
fn a_bucket_of_a_trail_is_known_later() {
    let first = Scenario::new().event(delivered());
    let later = Scenario::new().known(first.baseline()).event(delete().after(86_400));
    assert_eq!(only(&check_detector(&later)).finding_type, "Stealth:IAMUser/CloudTrailLoggingDisabled");
}

#[test]
fn instances_and_regions_are_known_later() {
    let attach = Event::new("ec2", "AttachNetworkInterface")
        .region("eu-west-1")
        .request(json!({"networkInterfaceId": INTERFACE, "instanceId": INSTANCE}));
    let first = Scenario::new().event(attach).event(Event::new("ec2", "DescribeVpcs").region("us-west-2"));
    let later = Scenario::new()
        .known(first.baseline())
        .feed(Category::C2, "203.0.113.1")
        .feed(Category::TorExit, "203.0.113.2")
        .flows(Flow::out("203.0.113.1", 443).region("eu-west-1").after(86_400).both())
        .event(Event::new("iam", "CreateUser").ip("203.0.113.2").after(86_400));
    let findings = check_detector(&later);
    let c2 = findings.iter().find(|f| f.finding_type == "Backdoor:EC2/C&CActivity.B").unwrap();
    assert_eq!(c2.resource.instance_details.as_ref().unwrap().instance_id.as_deref(), Some(INSTANCE));
    let regions = findings.iter().filter(|f| f.finding_type.ends_with("TorIPCaller")).count();
    assert_eq!(regions, 3, "us-east-1 and the two of the earlier scan");
}

/// What happens at each of some minutes, by one scan, and by two scans of which the first ends with the hour `cut`.
fn in_two(minutes: &[i64], cut: i64, happens: impl Fn(Scenario, i64) -> Scenario) -> (Vec<Finding>, Vec<Finding>) {
    let scan = |scenario, part: &[i64]| part.iter().fold(scenario, |s, minute| happens(s, *minute));
    let (early, late) = minutes.split_at(minutes.partition_point(|minute| *minute < cut * 60));
    let first = scan(Scenario::new(), early);
    assert!(first.findings().is_empty(), "too little for a finding so far");
    (scan(Scenario::new(), minutes).findings(), scan(Scenario::new().known(first.baseline()), late).findings())
}

/// A window that began in one scan goes on in the next: the finding is that of one scan of all.
fn goes_on(finding_type: &str, minutes: &[i64], cut: i64, happens: impl Fn(Scenario, i64) -> Scenario) {
    let (whole, second) = in_two(minutes, cut, happens);
    let [whole, second] = [&whole, &second].map(|all| only(all).clone());
    assert_eq!(second.finding_type, finding_type);
    assert_eq!((second.id, second.service.count), (whole.id, whole.service.count));
    assert_eq!(second.service.event_first_seen, whole.service.event_first_seen);
}

#[test]
fn a_slow_tunnel_that_began_in_the_earlier_scan() {
    let minutes: Vec<i64> = (0..60 * 17).collect();
    goes_on("Trojan:EC2/DNSDataExfiltration", &minutes, 9, |s, minute| {
        let mut random = Random(minute as u64 + 1);
        let text: String = (0..70).map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[random.below(32)])).collect();
        let name = format!("{}.{}.relay-zone.example.com", &text[..40], &text[40..]);
        s.query(Query::new(&name).kind("TXT").after(minute * 60))
    });
}

#[test]
fn made_up_names_that_began_in_the_earlier_scan() {
    const NAMES: [&str; 6] =
        ["qwzkxjvbnt.com", "hxgqlrwpvk.net", "zbvjxqmwtd.com", "kqxzwvjhrt.org", "wjqvzkxpbn.net", "xvkqjzthwm.com"];
    goes_on("Trojan:EC2/DGADomainRequest.B", &[0, 70, 140, 210, 280, 350], 2, |s, minute| {
        s.query(Query::new(NAMES[(minute / 70) as usize]).rcode("NXDOMAIN").after(minute * 60))
    });
}

#[test]
fn slow_guessing_that_began_in_the_earlier_scan() {
    let minutes: Vec<i64> = (0..15).map(|n| n * 60).flat_map(|m| [m, m + 20, m + 40]).collect();
    goes_on("UnauthorizedAccess:EC2/SSHBruteForce", &minutes, 8, |s, minute| {
        let call = Flow::new(("203.0.113.9", 40_000 + minute as u16), ("10.0.1.5", 22)).after(minute * 60);
        s.flows([call.clone().size(12, 2100), call.reply().size(14, 2900)])
    });
}

#[test]
fn a_slow_scan_that_began_in_the_earlier_scan() {
    let minutes: Vec<i64> = (0..70 * 15).step_by(5).collect();
    let (whole, second) = in_two(&minutes, 9, |s, minute| {
        s.flow(Flow::out("203.0.113.9", 1000 + minute as u16).size(1, 44).after(minute * 60))
    });
    assert_eq!(only(&whole).finding_type, "Recon:EC2/Portscan");
    assert_eq!((&only(&second).id, &only(&second).severity), (&only(&whole).id, &only(&whole).severity));
}

#[test]
fn what_is_usual_is_known_later() {
    let first = Scenario::new().query(Query::new("www.example.com"));
    let names = |s: Scenario| {
        ["qwzkxjvbnt.com", "hxgqlrwpvk.net", "zbvjxqmwtd.com", "kqxzwvjhrt.org"]
            .iter()
            .fold(s, |s, name| s.query(Query::new(name).rcode("NXDOMAIN").after(7200)))
    };
    let why = |findings: &[Finding]| only(findings).service.additional_info.members()["picquet"].to_string();
    assert!(why(&names(Scenario::new()).findings()).contains("this is the account's first hour"));
    let later = names(Scenario::new().known(first.baseline())).findings();
    assert!(why(&later).contains("client-hours since 2024-05-01T12:00:00.000Z"), "{}", why(&later));
}
