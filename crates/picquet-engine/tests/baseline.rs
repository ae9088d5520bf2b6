//! What a scan learned, a later scan knows; what it found, a later scan does not find again.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use picquet_intel::Category;
use picquet_testkit::{Event, Flow, INSTANCE, INTERFACE, Identity, Scenario, check_detector, only};
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
