//! The event that GuardDuty sends to EventBridge.

use picquet_model::{EventTime, Finding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The source of GuardDuty's own events. A customer's `PutEvents` may not use an `aws.` source: there it
/// has to be another one, such as `picquet.guardduty`, through [`eventbridge_event_from`].
pub const EVENT_SOURCE: &str = "aws.guardduty";

/// The event of one finding, as GuardDuty sends it.
pub fn eventbridge_event(finding: &Finding, time: EventTime) -> Value {
    eventbridge_event_from(EVENT_SOURCE, finding, time)
}

/// The event of one finding, with the source that the caller names.
///
/// As in GuardDuty's events, a whole severity is an integer (EventBridge's patterns tell `8` and `8.0`
/// apart), and the members of `additionalInfo.value` stand beside it too, where patterns can reach them.
pub fn eventbridge_event_from(source: &str, finding: &Finding, time: EventTime) -> Value {
    // A finding has no maps with keys that are not strings: this cannot fail.
    let detail = eventbridge_detail(serde_json::to_value(finding).unwrap_or(Value::Null));
    json!({
        "version": "0",
        "id": event_id(finding, time),
        "detail-type": "GuardDuty Finding",
        "source": source,
        "account": finding.account_id,
        // EventBridge writes whole seconds.
        "time": format!("{}Z", &time.to_string()[..19]),
        "region": finding.region,
        "resources": [],
        "detail": detail,
    })
}

/// What an event says of a finding that is given as the API shows it.
pub fn eventbridge_detail(mut finding: Value) -> Value {
    let severity = finding.get("severity").and_then(Value::as_f64).unwrap_or(0.5);
    if severity.fract() == 0.0 && (0.0..=10.0).contains(&severity) {
        finding["severity"] = json!(severity as u64);
    }
    if let Some(info) = finding.pointer_mut("/service/additionalInfo").and_then(Value::as_object_mut) {
        let value = info.get("value").and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
        if let Some(Value::Object(members)) = value {
            for (key, value) in members {
                info.entry(key).or_insert(value);
            }
        }
    }
    finding
}

/// The event's id: the same finding, state and time give the same one, so a repeated delivery can be told.
fn event_id(finding: &Finding, time: EventTime) -> String {
    uuid_of(&[&finding.id, &finding.updated_at, &finding.service.count.to_string(), &time.to_string()])
}

/// A UUID of texts: the same ones give the same (RFC 9562: version 8 is the one for values that the maker defines).
pub fn uuid_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut b = [0; 16];
    b.copy_from_slice(&hash.finalize()[..16]);
    picquet_model::ids::uuid(b, 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn has_guarddutys_shape() {
        let finding = &samples::findings()[0];
        let time = EventTime::from_secs(1_700_000_000).unwrap();
        let event = eventbridge_event(finding, time);
        assert_eq!(event["source"], "aws.guardduty");
        assert_eq!(event["detail-type"], "GuardDuty Finding");
        assert_eq!(event["time"], "2023-11-14T22:13:20Z");
        assert_eq!(event["resources"], json!([]));
        assert!(event["detail"]["severity"].is_u64());
        assert!(event["detail"]["service"]["additionalInfo"]["picquet"]["why"].is_string());
        assert_eq!(event["id"].as_str().map(str::len), Some(36));
        assert_eq!(event, eventbridge_event(finding, time));
        assert_eq!(eventbridge_event_from("picquet.guardduty", finding, time)["source"], "picquet.guardduty");
    }
}
