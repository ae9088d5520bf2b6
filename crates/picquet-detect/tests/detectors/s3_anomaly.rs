//! Calls on objects that do not fit an identity's history.

use super::api_anomaly::history;
use crate::{raised_of, silent, why};
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, of_type, types};

const DAY: i64 = 86_400;
const NAMES: [&str; 5] = ["ann", "ben", "cleo", "dave", "eve"];

/// People read a few objects of their bucket every day.
fn readers(days: i64) -> Scenario {
    let mut scenario = history(days);
    for day in 0..days {
        for (n, name) in NAMES.iter().enumerate() {
            for object in 0..6 {
                let call = Event::s3_data("GetObject", "team-files").by(Identity::user(name)).ip("81.2.69.142");
                scenario = scenario.event(call.after(day * DAY + n as i64 * 60 + object));
            }
        }
    }
    scenario
}

fn thief(name: &str, api: &str, bucket: &str, at: i64) -> Event {
    Event::s3_data(api, bucket).by(Identity::user(name)).ip("45.155.205.9").user_agent("rclone/v1.66.0").after(at)
}

pub fn attack() -> Scenario {
    let calls = ["ListObjects", "GetObject", "DeleteObject", "PutObjectAcl", "PutObject"];
    NAMES.iter().zip(calls).enumerate().fold(readers(12), |scenario, (n, (name, api))| {
        let at = (12 + n as i64) * DAY;
        scenario.events((0..20).map(|i| thief(name, api, "customer-data", at + i)))
    })
}

#[test]
fn each_kind_of_call_has_its_type() {
    let findings = check_detector(&attack());
    assert_eq!(raised_of(&findings, "s3-anomaly").len(), 5, "{:?}", types(&findings));
    let found = of_type(&findings, "Exfiltration:S3/AnomalousBehavior");
    assert_eq!(found[0].resource.s3_bucket_details[0].name.as_deref(), Some("customer-data"));
    insta::assert_snapshot!(json(&[found[0].clone()]));
}

#[test]
fn far_more_than_usual_from_the_usual_place() {
    let usual = |objects: i64| {
        let at = 12 * DAY;
        let call =
            |i| Event::s3_data("GetObject", "team-files").by(Identity::user("ben")).ip("81.2.69.142").after(at + i);
        // From where ben always calls, but with another tool.
        readers(12).events((0..objects).map(|i| call(i).user_agent("rclone/v1.66.0")))
    };
    silent(&usual(12));
    let findings = check_detector(&usual(700));
    let found = of_type(&findings, "Exfiltration:S3/AnomalousBehavior");
    assert_eq!(found.len(), 1, "{:?}", types(&findings));
    let text = why(found[0])["why"].as_str().unwrap().to_owned();
    assert!(text.contains("bucket team-files") && text.contains("(6 at most before)"), "{text}");
}

#[test]
fn the_readers_are_usual_and_can_be_left_alone() {
    silent(&readers(12));
    let off = attack().tuning("[detection]\ns3_data_events = false").findings();
    assert!(raised_of(&off, "s3-anomaly").is_empty(), "{:?}", types(&off));
}
