//! Calls with leaked access keys.

use super::silent;
use picquet_intel::Category;
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only};

fn listed() -> Scenario {
    Scenario::new().named_feed(
        Category::CompromisedKey,
        "Leaked keys",
        &format!("{}\n", Identity::user("alice").key_id()),
    )
}

pub fn attack() -> Scenario {
    listed()
        .event(Event::new("sts", "GetCallerIdentity"))
        .event(Event::new("iam", "ListUsers").error("AccessDenied").after(10))
        .event(Event::new("iam", "ListUsers").error("AccessDenied").after(20))
        .event(Event::s3_data("GetObject", "reports").after(30))
}

#[test]
fn every_call_with_the_key_counts() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.severity, f.service.count), (8.0, 4));
    assert_eq!(
        f.resource.access_key_details.as_ref().unwrap().access_key_id.as_deref(),
        Some(Identity::user("alice").key_id())
    );
    assert_eq!(
        f.service.additional_info.members()["recentApiCalls"],
        serde_json::json!([
            {"api": "GetCallerIdentity", "count": 1},
            {"api": "GetObject", "count": 1},
            {"api": "ListUsers", "count": 2},
        ])
    );
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn other_keys_are_none_of_its_business() {
    silent(&listed().event(Event::new("sts", "GetCallerIdentity").by(Identity::user("bob"))));
    silent(
        &listed().event(
            Event::new("sts", "GetCallerIdentity").by(Identity::user("alice").invoked_by("athena.amazonaws.com")),
        ),
    );
}

#[test]
fn only_management_and_s3_data_events_are_read() {
    silent(&listed().event(Event::new("lambda", "Invoke").category("Data")));
    silent(&listed().event(Event::s3_data("GetObject", "reports")).tuning("[detection]\ns3_data_events = false"));
}
