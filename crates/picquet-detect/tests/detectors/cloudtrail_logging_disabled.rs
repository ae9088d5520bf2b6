//! A trail is stopped, weakened or deleted, or loses its bucket.

use super::silent;
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only};
use serde_json::json;

fn trail(api: &str, request: serde_json::Value) -> Event {
    Event::new("cloudtrail", api).request(request)
}

pub fn attack() -> Scenario {
    Scenario::new().event(trail("StopLogging", json!({"name": "management-events"})))
}

fn delete(bucket: &str) -> Event {
    Event::new("s3", "DeleteBucket")
        .request(json!({"bucketName": bucket, "Host": format!("{bucket}.s3.amazonaws.com")}))
}

/// CloudTrail looks at the ACL of the bucket before it delivers.
fn delivered_to(bucket: &str) -> Event {
    Event::new("s3", "GetBucketAcl")
        .by(Identity::service("cloudtrail.amazonaws.com"))
        .ip("cloudtrail.amazonaws.com")
        .user_agent("cloudtrail.amazonaws.com")
        .request(json!({"bucketName": bucket, "Host": format!("{bucket}.s3.us-east-1.amazonaws.com"), "acl": ""}))
}

#[test]
fn from_a_trusted_address() {
    let from = |ip: &str| trail("StopLogging", json!({"name": "management-events"})).ip(ip);
    let trusted = Scenario::new().trusted("203.0.113.0/24");
    silent(&trusted.event(from("203.0.113.9")));
    let trusted = Scenario::new().trusted("203.0.113.0/24");
    assert_eq!(check_detector(&trusted.event(from("203.0.114.9"))).len(), 1);
}

#[test]
fn stopping_a_trail() {
    let findings = check_detector(&attack());
    assert_eq!(only(&findings).severity, 2.0);
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn every_way_to_record_less() {
    for (api, request) in [
        ("DeleteTrail", json!({"name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"})),
        ("UpdateTrail", json!({"name": "t", "isMultiRegionTrail": false})),
        ("UpdateTrail", json!({"name": "t", "includeGlobalServiceEvents": false, "isMultiRegionTrail": true})),
        (
            "PutEventSelectors",
            json!({"trailName": "t", "eventSelectors": [{"readWriteType": "All", "includeManagementEvents": false, "dataResources": []}]}),
        ),
        (
            "PutEventSelectors",
            json!({"trailName": "t", "advancedEventSelectors": [{"name": "s3", "fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]}]}),
        ),
    ] {
        let findings = check_detector(&Scenario::new().event(trail(api, request.clone())));
        assert_eq!(only(&findings).finding_type, "Stealth:IAMUser/CloudTrailLoggingDisabled", "{request}");
    }
}

#[test]
fn changes_that_keep_what_is_recorded() {
    silent(
        &Scenario::new()
            .event(trail("UpdateTrail", json!({"name": "t", "cloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:111122223333:log-group:t:*"})))
            .event(trail("UpdateTrail", json!({"name": "t", "isMultiRegionTrail": true})))
            .event(trail("StartLogging", json!({"name": "t"})))
            .event(trail("PutEventSelectors", json!({"trailName": "t", "eventSelectors": [{"includeManagementEvents": true}, {"includeManagementEvents": false}]})))
            .event(trail("PutEventSelectors", json!({"trailName": "t", "advancedEventSelectors": [{"fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]}]}))),
    );
}

#[test]
fn failed_calls_do_not_count() {
    silent(
        &Scenario::new()
            .event(trail("StopLogging", json!(null)).error("AccessDenied"))
            .event(delivered_to("logs"))
            .event(delete("logs").error("BucketNotEmpty").after(60)),
    );
}

#[test]
fn deleting_a_bucket_that_a_trail_was_seen_to_use() {
    let findings = check_detector(&Scenario::new().event(delivered_to("logs")).event(delete("logs").after(3600)));
    let f = only(&findings);
    assert_eq!(f.resource.s3_bucket_details[0].name.as_deref(), Some("logs"));
    insta::assert_snapshot!(json(&findings));
    // The trail's own creation tells as well.
    let created = trail("CreateTrail", json!({"name": "t", "s3BucketName": "logs"}));
    assert_eq!(check_detector(&Scenario::new().event(created).event(delete("logs").after(60))).len(), 1);
}

#[test]
fn deleting_any_other_bucket() {
    silent(&Scenario::new().event(delivered_to("logs")).event(delete("scratch").after(60)));
    // Somebody else's look at the ACL says nothing.
    let look = Event::new("s3", "GetBucketAcl").request(json!({"bucketName": "scratch"}));
    silent(&Scenario::new().event(look).event(delete("scratch").after(60)));
    // The name was used again for a trail later.
    silent(&Scenario::new().event(delete("logs")).event(delivered_to("logs").after(3600)));
}

#[test]
fn the_bucket_is_known_from_before_the_window() {
    let scenario = Scenario::new().event(delivered_to("logs")).event(delete("logs").after(86_400));
    assert_eq!(check_detector(&scenario.window("2024-05-02T00:00:00Z", "2024-05-03T00:00:00Z")).len(), 1);
}

#[test]
fn sessions_of_one_role_are_one_finding() {
    let scenario = Scenario::new()
        .event(delivered_to("logs"))
        .event(delete("logs").by(Identity::role("Admin", "a")).after(60))
        .event(delete("logs").by(Identity::role("Admin", "b")).after(9000));
    assert_eq!(only(&check_detector(&scenario)).service.count, 2);
}
