//! Use of restricted root sessions.

use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only, types};

pub fn attack() -> Scenario {
    Scenario::new().event(Event::new("s3", "DeleteBucketPolicy").by(Identity::assumed_root()).error("AccessDenied"))
}

#[test]
fn a_session_of_assume_root_is_its_own_type() {
    let findings = check_detector(&attack());
    assert_eq!(only(&findings).severity, 2.0);
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn the_two_kinds_of_root_do_not_mix() {
    let both = attack().event(Event::new("ec2", "DescribeInstances").by(Identity::root()));
    assert_eq!(
        types(&check_detector(&both)),
        ["Policy:IAMUser/RootCredentialUsage", "Policy:IAMUser/ShortTermRootCredentialUsage"]
    );
}
