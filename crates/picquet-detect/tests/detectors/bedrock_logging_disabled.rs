//! Bedrock's invocation logging is switched off.

use super::silent;
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only};
use serde_json::{Value, json};

fn put(config: Value) -> Event {
    Event::new("bedrock", "PutModelInvocationLoggingConfiguration").request(json!({"loggingConfig": config}))
}

pub fn attack() -> Scenario {
    Scenario::new().event(Event::new("bedrock", "DeleteModelInvocationLoggingConfiguration").region("us-west-2"))
}

#[test]
fn deleting_the_configuration() {
    let findings = check_detector(&attack());
    assert_eq!((only(&findings).severity, findings[0].region.as_str()), (5.0, "us-west-2"));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn a_configuration_that_delivers_nothing() {
    let off = json!({"s3Config": {"bucketName": "logs"}, "textDataDeliveryEnabled": false, "imageDataDeliveryEnabled": false, "embeddingDataDeliveryEnabled": false});
    for config in [off, json!({"textDataDeliveryEnabled": true})] {
        assert_eq!(check_detector(&Scenario::new().event(put(config))).len(), 1);
    }
}

#[test]
fn what_still_delivers_is_no_finding() {
    silent(
        &Scenario::new()
            .event(put(json!({"s3Config": {"bucketName": "logs"}, "textDataDeliveryEnabled": true, "imageDataDeliveryEnabled": false})))
            .event(put(json!({"cloudWatchConfig": {"logGroupName": "bedrock"}})))
            .event(Event::new("bedrock", "GetModelInvocationLoggingConfiguration")),
    );
}

#[test]
fn failed_calls_do_not_count() {
    silent(
        &Scenario::new()
            .event(Event::new("bedrock", "DeleteModelInvocationLoggingConfiguration").error("AccessDenied")),
    );
}

#[test]
fn sessions_of_one_role_are_one_finding() {
    let delete = |session: &str| {
        Event::new("bedrock", "DeleteModelInvocationLoggingConfiguration").by(Identity::role("Admin", session))
    };
    let findings = check_detector(&Scenario::new().event(delete("a")).event(delete("b").after(7200)));
    assert_eq!(only(&findings).service.count, 2);
}
