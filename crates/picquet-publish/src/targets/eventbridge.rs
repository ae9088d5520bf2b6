//! EventBridge's `PutEvents` (EventBridge API reference: up to ten entries of one mebibyte together, each with an
//! outcome of its own).

use super::{Outcome, Refused, all};
use crate::item::{Item, SOURCE};
use picquet_source::aws::post::{Post, Service};
use serde_json::{Value, json};

/// Entries of one call.
const ENTRIES: usize = 10;
/// Bytes of one call's entries, with room for what surrounds them.
const BYTES: usize = 900 << 10;

/// An event bus.
pub struct Bus {
    service: Service,
    bus: String,
    source: String,
}

impl Bus {
    /// A bus by name or ARN.
    pub fn new(service: Service, bus: &str, source: Option<&str>) -> Self {
        Self { service, bus: bus.to_owned(), source: source.unwrap_or(SOURCE).to_owned() }
    }

    pub(super) async fn send(&self, items: &[Item]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(items.len());
        let entries: Vec<Value> = items.iter().map(|item| self.entry(item)).collect();
        let sizes: Vec<usize> = entries.iter().map(|entry| entry.to_string().len()).collect();
        while outcomes.len() < items.len() {
            let from = outcomes.len();
            let mut bytes = 0;
            let n = sizes[from..]
                .iter()
                .take(ENTRIES)
                .take_while(|&&size| {
                    bytes += size;
                    bytes <= BYTES
                })
                .count();
            // One that is too large alone is refused by the service, in its own words.
            let n = n.max(1);
            outcomes.extend(self.put(&items[from..from + n], &entries[from..from + n]).await);
        }
        outcomes
    }

    fn entry(&self, item: &Item) -> Value {
        let mut detail = item.detail();
        // The event's own id is the service's: this one stays the same when an edition is sent again.
        if let Some(info) = detail.pointer_mut("/service/additionalInfo").and_then(Value::as_object_mut) {
            info.insert("eventId".into(), item.event_id().into());
        }
        json!({
            "EventBusName": self.bus,
            "Source": self.source,
            "DetailType": "GuardDuty Finding",
            "Time": item.updated().as_second(),
            "Resources": [],
            "Detail": detail.to_string(),
        })
    }

    async fn put(&self, items: &[Item], entries: &[Value]) -> Vec<Outcome> {
        let body = json!({ "Entries": entries }).to_string();
        let post = Post { path: "/", target: Some("AWSEvents.PutEvents"), kind: "application/x-amz-json-1.1", body };
        let answer = match self.service.post(post).await {
            Ok(answer) => answer,
            Err(e) => return all(items, Refused::now(e)),
        };
        let said: Value = serde_json::from_str(&answer).unwrap_or_default();
        let results = said.get("Entries").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        (0..items.len()).map(|n| outcome(results.get(n))).collect()
    }
}

/// Errors of the service's side pass (EventBridge API reference, `PutEventsResultEntry`).
fn outcome(result: Option<&Value>) -> Outcome {
    let Some(result) = result else { return Err(Refused::now("the answer has no entry for it")) };
    let Some(code) = result.get("ErrorCode").and_then(Value::as_str) else { return Ok(()) };
    let why = format!("{code}: {}", result.get("ErrorMessage").and_then(Value::as_str).unwrap_or_default());
    match code {
        "InvalidArgument" | "MalformedDetail" => Err(Refused::item(why)),
        _ => Err(Refused::now(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_is_malformed_is_told_from_a_service_that_is_busy() {
        assert_eq!(outcome(Some(&json!({ "EventId": "1" }))), Ok(()));
        let of = |code: &str| outcome(Some(&json!({ "ErrorCode": code }))).unwrap_err().of_itself;
        assert_eq!([of("ThrottlingException"), of("InternalFailure"), of("MalformedDetail")], [false, false, true]);
        assert!(outcome(None).is_err());
    }
}
