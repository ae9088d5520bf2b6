//! A bucket is opened to anybody.

use super::silent;
use picquet_testkit::{Event, Scenario, check_detector, json, only, types};
use serde_json::{Value, json};

const ANONYMOUS: &str = "Policy:S3/BucketAnonymousAccessGranted";
const SIGNED_IN: &str = "Policy:S3/BucketPublicAccessGranted";

fn policy(statement: Value) -> Event {
    Event::new("s3", "PutBucketPolicy").request(json!({
        "bucketName": "reports", "Host": "reports.s3.amazonaws.com", "policy": "",
        "bucketPolicy": {"Version": "2012-10-17", "Statement": [statement]}
    }))
}

fn acl(group: &str, permission: &str) -> Event {
    let owner = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";
    Event::new("s3", "PutBucketAcl").request(json!({
        "bucketName": "reports", "Host": "reports.s3.amazonaws.com", "acl": "",
        "AccessControlPolicy": {
            "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/", "Owner": {"ID": owner},
            "AccessControlList": {"Grant": [
                {"Grantee": {"xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:type": "CanonicalUser", "ID": owner}, "Permission": "FULL_CONTROL"},
                {"Grantee": {"xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:type": "Group", "URI": format!("http://acs.amazonaws.com/groups/{group}")}, "Permission": permission},
            ]}
        }
    }))
}

fn everyone() -> Value {
    json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"})
}

pub fn attack() -> Scenario {
    Scenario::new().event(policy(everyone())).event(acl("global/AuthenticatedUsers", "READ").after(60))
}

#[test]
fn a_policy_for_everyone() {
    let findings = check_detector(&Scenario::new().event(policy(everyone())));
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity), (ANONYMOUS, 8.0));
    assert_eq!(f.resource.s3_bucket_details[0].name.as_deref(), Some("reports"));
    insta::assert_snapshot!(json(&findings));
    let mut aws = everyone();
    aws["Principal"] = json!({"AWS": "*"});
    assert_eq!(types(&check_detector(&Scenario::new().event(policy(aws)))), [ANONYMOUS]);
}

#[test]
fn an_acl_for_a_group() {
    let of = |group: &str| check_detector(&Scenario::new().event(acl(group, "READ")));
    assert_eq!(types(&of("global/AllUsers")), [ANONYMOUS]);
    assert_eq!(types(&of("global/AuthenticatedUsers")), [SIGNED_IN]);
    silent(&Scenario::new().event(acl("s3/LogDelivery", "WRITE")));
}

#[test]
fn policies_that_open_nothing() {
    let mut statement = everyone();
    statement["Condition"] = json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}});
    silent(&Scenario::new().event(policy(statement)));
    let mut statement = everyone();
    statement["Effect"] = json!("Deny");
    silent(&Scenario::new().event(policy(statement)));
    let mut statement = everyone();
    statement["Principal"] = json!({"AWS": "arn:aws:iam::111122223333:root"});
    silent(&Scenario::new().event(policy(statement)));
}

#[test]
fn failed_calls_do_not_count() {
    silent(
        &Scenario::new()
            .event(policy(everyone()).error("AccessDenied"))
            .event(acl("global/AllUsers", "READ").error("AccessControlListNotSupported")),
    );
}
