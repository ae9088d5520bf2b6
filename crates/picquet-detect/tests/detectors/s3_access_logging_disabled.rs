//! Server access logging of a bucket is switched off.

use super::silent;
use picquet_testkit::{Event, Scenario, check_detector, json, only};
use serde_json::{Value, json};

fn put(status: Value) -> Event {
    Event::new("s3", "PutBucketLogging").request(json!({
        "bucketName": "reports", "BucketLoggingStatus": status,
        "Host": "reports.s3.amazonaws.com", "logging": ""
    }))
}

fn off() -> Value {
    json!({"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"})
}

pub fn attack() -> Scenario {
    Scenario::new().event(put(off()))
}

#[test]
fn a_status_without_a_target() {
    let findings = check_detector(&attack());
    assert_eq!((only(&findings).severity, findings[0].resource.s3_bucket_details.len()), (2.0, 1));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn an_empty_status() {
    assert_eq!(check_detector(&Scenario::new().event(put(json!("")))).len(), 1);
}

#[test]
fn a_status_with_a_target_is_logging() {
    silent(
        &Scenario::new().event(put(json!({"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "reports/"}}))),
    );
}

#[test]
fn failed_calls_do_not_count() {
    silent(&Scenario::new().event(put(off()).error("AccessDenied")));
}
