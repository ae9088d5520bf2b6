//! Credentials of instances, functions and tasks that are used from elsewhere.

use super::{silent, why};
use picquet_model::Finding;
use picquet_testkit::{Event, INSTANCE, Identity, Scenario, VPC, check_detector, json, of_type, only};
use serde_json::json;

const OUTSIDE: &str = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS";
const INSIDE: &str = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS";
/// A NAT gateway's address, and another account's, both in the ranges of EC2.
const NAT: &str = "54.80.1.1";
const OTHER: &str = "18.208.7.7";
const THIEF: &str = "198.51.100.77";
const EXIT: &str = "203.0.113.50";
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const FOREIGN: &str = "999988887777";

fn instance() -> Identity {
    Identity::instance_role("app", INSTANCE)
}

/// The n-th instance of a fleet.
fn nth(n: i64) -> Identity {
    Identity::instance_role("app", &format!("i-{n:017x}"))
}

fn call(by: Identity, ip: &str) -> Event {
    Event::new("ec2", "DescribeInstances").by(by).ip(ip)
}

/// A holder's calls every ten minutes for so many seconds.
fn usual(by: &Identity, ip: &str, from: i64, to: i64) -> Vec<Event> {
    (from..to).step_by(600).map(|t| call(by.clone(), ip).after(t)).collect()
}

/// A call an hour of each of so many instances.
fn fleet(instances: i64, ip: &str, from: i64, to: i64) -> Vec<Event> {
    (from..to).step_by(3600).flat_map(|t| (0..instances).map(move |n| call(nth(n), ip).after(t + 7 * n))).collect()
}

fn function() -> Identity {
    let arn = "arn:aws:lambda:us-east-1:111122223333:function:resize";
    Identity::issued_to("resize-role", "resize", "AWS::Lambda::Function", arn)
}

fn task() -> Identity {
    let arn = "arn:aws:ecs:us-east-1:111122223333:task/shop/0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    Identity::issued_to("shop-role", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "AWS::ECS::Task", arn)
}

pub fn attack() -> Scenario {
    Scenario::new()
        .events(usual(&instance(), NAT, 0, 2 * HOUR))
        .event(call(instance(), THIEF).after(1000))
        .event(Event::new("s3", "ListBuckets").by(instance()).ip(THIEF).error("AccessDenied").after(1900))
        .event(call(instance(), OTHER).after(2400))
        .event(call(instance(), OTHER).after(3500))
        .events(usual(&task(), NAT, 0, HOUR))
        .event(call(task(), THIEF).after(1200))
        .event(call(task(), "10.9.9.9").endpoint("vpce-0ff", FOREIGN).after(1300))
        .event(call(function(), "34.240.3.3"))
        .event(call(function(), "34.240.9.9").after(60))
        .event(call(function(), THIEF).after(120))
}

fn theft() -> Scenario {
    Scenario::new()
        .countries()
        .event(Event::new("ec2", "RunInstances").response(json!({"instancesSet": {"items": [
            {"instanceId": INSTANCE, "instanceType": "t3.micro", "vpcId": VPC, "privateIpAddress": "10.0.1.5"}]}})))
        .events(usual(&instance(), NAT, 60, 3 * HOUR))
        .event(call(instance(), "81.2.69.142").after(4000))
        .event(call(instance(), "81.2.69.142").after(4100))
        .event(Event::new("iam", "ListUsers").by(instance()).ip("81.2.69.142").error("AccessDenied").after(6000))
}

#[test]
fn use_from_outside_is_explained() {
    let findings = check_detector(&theft());
    let f = findings.iter().find(|f| f.service.action.aws_api_call_action.as_ref().unwrap().api != "ListUsers");
    let f = f.unwrap();
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), (OUTSIDE, 8.0, 3));
    let details = f.resource.instance_details.as_ref().unwrap();
    assert_eq!(details.instance_id.as_deref(), Some(INSTANCE));
    assert_eq!(details.network_interfaces[0].vpc_id.as_deref(), Some(VPC));
    assert_eq!(f.resource.access_key_details.as_ref().unwrap().access_key_id.as_deref(), Some(instance().key_id()));
    let why = why(f)["why"].as_str().unwrap().to_owned();
    assert!(why.contains("81.2.69.142 (United Kingdom)") && why.contains("54.80.1.1 (AWS, United States)"), "{why}");
    assert!(why.contains("about 5 minutes before, and its own calls went on"), "{why}");
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn all_of_the_kinds_are_found() {
    let findings = check_detector(&attack());
    let types: Vec<&str> = findings.iter().map(|f| f.finding_type.as_str()).collect();
    assert_eq!(types.len(), 5, "{types:?}");
    let foreign = findings.iter().find(|f| f.finding_type.ends_with("ResourceCredentialExfiltration.InsideAWS"));
    let call = foreign.unwrap().service.action.aws_api_call_action.as_ref().unwrap();
    assert_eq!(call.remote_account_details.as_ref().unwrap().account_id, FOREIGN);
}

#[test]
fn an_affiliated_account_is_of_medium_severity() {
    let settings = format!("[credential_exfiltration]\naffiliated_accounts = [\"{FOREIGN}\"]");
    let findings = check_detector(&attack().tuning(&settings));
    let f = findings.iter().find(|f| f.finding_type.ends_with("ResourceCredentialExfiltration.InsideAWS")).unwrap();
    assert_eq!(f.severity, 5.0);
    let call = f.service.action.aws_api_call_action.as_ref().unwrap();
    assert!(call.remote_account_details.as_ref().unwrap().affiliated);
}

#[test]
fn a_session_that_signs_in_to_the_console_is_found() {
    let findings = check_detector(
        &Scenario::new().event(Event::console_login().by(instance()).ip(THIEF)).events(usual(&instance(), NAT, 0, 900)),
    );
    assert_eq!(only(&findings).finding_type, OUTSIDE);
    assert_eq!(only(&findings).service.action.aws_api_call_action.as_ref().unwrap().api, "ConsoleLogin");
}

#[test]
fn a_single_call_without_any_history_is_enough_outside_and_none_inside() {
    assert_eq!(only(&check_detector(&Scenario::new().event(call(instance(), THIEF)))).finding_type, OUTSIDE);
    silent(&Scenario::new().event(call(instance(), OTHER)));
}

#[test]
fn ways_of_ones_own_are_silent() {
    // Services, private addresses, endpoints of the account, names that only look like an instance's.
    silent(
        &Scenario::new()
            .events(usual(&instance(), NAT, 0, HOUR))
            .event(call(instance(), "ec2.amazonaws.com").after(30))
            .event(call(instance().invoked_by("cloudformation.amazonaws.com"), THIEF).after(40))
            .event(call(instance(), "10.1.2.3").after(50))
            .event(call(instance(), "10.1.2.3").endpoint("vpce-0aa", picquet_testkit::ACCOUNT).after(60))
            .event(call(instance(), "10.1.2.3").endpoint("vpce-0bb", "").after(70))
            .event(call(Identity::role("app", "i-am-a-session"), THIEF).after(80)),
    );
    // An address of the account's: allocated, or another instance's.
    let allocated = json!({"publicIp": OTHER, "allocationId": "eipalloc-0aa"});
    let moved = Scenario::new().events(usual(&instance(), NAT, 0, 9 * HOUR)).event(call(instance(), OTHER).after(900));
    assert_eq!(only(&check_detector(&moved)).finding_type, INSIDE);
    silent(&moved.clone().event(Event::new("ec2", "AllocateAddress").response(allocated)));
    silent(&moved.event(call(nth(1), OTHER)));
    // What the settings and trusted lists name.
    let stolen = Scenario::new().event(call(instance(), THIEF));
    silent(&stolen.clone().trusted(THIEF));
    silent(&stolen.clone().tuning("[credential_exfiltration]\nexits = [\"198.51.100.0/24\"]"));
    silent(&stolen.tuning(&format!("[types.\"{OUTSIDE}\"]\nallow = [\"{INSTANCE}\"]")));
}

#[test]
fn an_instance_that_moves_is_no_theft() {
    let moves = Scenario::new().events(usual(&instance(), NAT, 0, 5 * HOUR)).events(usual(
        &instance(),
        OTHER,
        5 * HOUR,
        20 * HOUR,
    ));
    silent(&moves);
    // A gateway is replaced for all.
    let replaced = Scenario::new().events(fleet(4, NAT, 0, 20 * HOUR)).events(fleet(4, OTHER, 20 * HOUR, 60 * HOUR));
    silent(&replaced);
}

/// Some instances behind an exit of a data centre for five days.
fn on_premises() -> Scenario {
    Scenario::new().events(fleet(3, EXIT, 0, 5 * DAY))
}

#[test]
fn an_exit_of_ones_own_network_is_learned_and_a_thief_is_not() {
    silent(&on_premises());
    for t in [2 * HOUR, 4 * DAY] {
        let stolen = on_premises().event(call(nth(1), THIEF).after(t + 100)).event(call(nth(1), THIEF).after(t + 200));
        let findings = check_detector(&stolen);
        assert_eq!(only(&findings).finding_type, OUTSIDE, "{t}");
        assert_eq!(only(&findings).service.count, 2);
    }
    // Two days are too few for two instances.
    let found = check_detector(&Scenario::new().events(fleet(2, EXIT, 0, DAY)));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_new_exit_is_reported_once_at_most() {
    let new = Scenario::new()
        .events(fleet(3, EXIT, 0, 5 * DAY))
        .event(call(nth(0), THIEF).after(5 * DAY))
        .events(fleet(3, THIEF, 5 * DAY + HOUR, 10 * DAY));
    let found = check_detector(&new);
    assert!(found.len() <= 1, "{found:?}");
    // Another exit stands in for some hours, for all.
    let failover = Scenario::new()
        .events(fleet(6, EXIT, 0, 5 * DAY))
        .events(fleet(6, THIEF, 5 * DAY, 5 * DAY + 3 * HOUR))
        .events(fleet(6, EXIT, 5 * DAY + 3 * HOUR, 9 * DAY));
    silent(&failover);
}

#[test]
fn one_thief_with_the_credentials_of_two_is_found_twice() {
    let stolen = Scenario::new()
        .events(usual(&nth(0), NAT, 0, 5 * DAY))
        .events(usual(&nth(1), NAT, 0, 5 * DAY))
        .events((0..2).flat_map(|n| usual(&nth(n), THIEF, 4 * DAY + 300 + 60 * n, 4 * DAY + 2 * HOUR)));
    assert_eq!(of_type(&check_detector(&stolen), OUTSIDE).len(), 2);
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|f| f.id.as_str()).collect()
}

#[test]
fn what_was_learned_is_known_later() {
    let first = on_premises();
    let later = Scenario::new()
        .known(first.baseline())
        .events(fleet(3, EXIT, 6 * DAY, 6 * DAY + 2 * HOUR))
        .event(call(nth(2), THIEF).after(6 * DAY + 1000));
    assert_eq!(only(&check_detector(&later)).finding_type, OUTSIDE);
    silent(&Scenario::new().known(first.baseline()).events(fleet(9, EXIT, 6 * DAY, 6 * DAY + 2 * HOUR)));
    // The same logs once more, with what they taught: the same result.
    let again = theft().known(theft().baseline());
    assert_eq!(theft().findings(), again.findings());
    let thrice = theft().known(again.baseline());
    assert_eq!(ids(&theft().findings()), ids(&thrice.findings()));
}
