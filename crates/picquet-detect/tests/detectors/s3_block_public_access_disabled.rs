//! Block Public Access is loosened.

use super::silent;
use picquet_testkit::{Event, Scenario, check_detector, json, of_type, only};
use serde_json::{Value, json};

fn switches(on: [bool; 4]) -> Value {
    json!({
        "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/", "BlockPublicAcls": on[0], "IgnorePublicAcls": on[1],
        "BlockPublicPolicy": on[2], "RestrictPublicBuckets": on[3]
    })
}

fn bucket(api: &str, on: [bool; 4]) -> Event {
    Event::new("s3", api).request(json!({
        "publicAccessBlock": "", "bucketName": "reports", "Host": "reports.s3.amazonaws.com",
        "PublicAccessBlockConfiguration": switches(on)
    }))
}

fn account(api: &str, on: [bool; 4]) -> Event {
    Event::new("s3", api)
        .request(json!({"accountId": picquet_testkit::ACCOUNT, "PublicAccessBlockConfiguration": switches(on)}))
}

pub fn attack() -> Scenario {
    Scenario::new()
        .event(bucket("PutBucketPublicAccessBlock", [true, true, true, false]))
        .event(account("PutAccountPublicAccessBlock", [true, false, true, true]).after(60))
}

#[test]
fn one_switch_off_is_enough() {
    let findings = check_detector(&attack());
    insta::assert_snapshot!(json(&findings));
    let of = of_type(&findings, "Policy:S3/BucketBlockPublicAccessDisabled");
    let access = of[0].resource.s3_bucket_details[0].public_access.clone().unwrap();
    assert_eq!(access.effective_permission, "UNKNOWN", "whether it is public the call does not tell");
    let block = access.permission_configuration.unwrap().bucket_level_permissions.unwrap().block_public_access.unwrap();
    assert!(block.block_public_acls && !block.restrict_public_buckets);
    let of = of_type(&findings, "Policy:S3/AccountBlockPublicAccessDisabled");
    assert!(of[0].resource.s3_bucket_details.is_empty());
}

#[test]
fn deleting_counts() {
    let findings = check_detector(&Scenario::new().event(bucket("DeleteBucketPublicAccessBlock", [true; 4])));
    assert_eq!(only(&findings).finding_type, "Policy:S3/BucketBlockPublicAccessDisabled");
    let findings = check_detector(&Scenario::new().event(account("DeleteAccountPublicAccessBlock", [true; 4])));
    assert_eq!(only(&findings).finding_type, "Policy:S3/AccountBlockPublicAccessDisabled");
}

#[test]
fn all_switches_on_is_protection() {
    silent(
        &Scenario::new()
            .event(bucket("PutBucketPublicAccessBlock", [true; 4]))
            .event(account("PutAccountPublicAccessBlock", [true; 4]))
            .event(bucket("GetBucketPublicAccessBlock", [false; 4])),
    );
}

#[test]
fn failed_calls_do_not_count() {
    silent(&Scenario::new().event(bucket("DeleteBucketPublicAccessBlock", [false; 4]).error("AccessDenied")));
}

#[test]
fn buckets_are_apart_and_repeats_are_not() {
    let other = Event::new("s3", "DeleteBucketPublicAccessBlock").request(json!({"bucketName": "other"}));
    let scenario = Scenario::new()
        .event(bucket("DeleteBucketPublicAccessBlock", [false; 4]))
        .event(bucket("PutBucketPublicAccessBlock", [false; 4]).after(60))
        .event(other);
    let findings = check_detector(&scenario);
    let mut counts: Vec<i64> = findings.iter().map(|f| f.service.count).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2]);
}
