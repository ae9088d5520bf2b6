//! Use of root's own credentials.

use super::silent;
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only};

pub fn attack() -> Scenario {
    Scenario::new()
        .event(Event::new("ec2", "DescribeInstances").by(Identity::root()))
        .event(Event::new("ec2", "RunInstances").by(Identity::root()).error("Client.DryRunOperation").after(60))
        .event(Event::s3_data("GetObject", "reports").by(Identity::root()).after(120))
}

#[test]
fn every_request_of_root_counts() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.severity, f.service.count), (2.0, 3));
    assert_eq!(f.service.action.aws_api_call_action.as_ref().unwrap().api, "GetObject", "the latest");
    assert_eq!(f.resource.access_key_details.as_ref().unwrap().user_type.as_deref(), Some("Root"));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn signing_in_to_the_console_counts() {
    let findings = check_detector(&Scenario::new().event(Event::console_login().by(Identity::root())));
    assert_eq!(only(&findings).finding_type, "Policy:IAMUser/RootCredentialUsage");
}

#[test]
fn accounts_and_regions_are_apart() {
    let call = || Event::new("ec2", "DescribeInstances").by(Identity::root());
    let scenario =
        Scenario::new().event(call()).event(call().region("eu-west-1")).event(call().account("444455556666"));
    assert_eq!(check_detector(&scenario).len(), 3);
}

#[test]
fn what_a_service_does_for_root_is_not_roots_use() {
    silent(
        &Scenario::new()
            .event(Event::new("ec2", "DescribeInstances").by(Identity::root().invoked_by("support.amazonaws.com")))
            .event(Event::new("kms", "RotateKey").by(Identity::root()).event_type("AwsServiceEvent"))
            .event(Event::new("lambda", "Invoke").by(Identity::root()).category("Data"))
            .event(Event::new("ec2", "DescribeInstances").by(Identity::user("root"))),
    );
}
