//! A finding on its way out.

use jiff::Timestamp;
use picquet_model::Finding;
use picquet_report::{OcsfVersion, asff_finding, eventbridge_detail, ocsf_finding, uuid_of};
use serde_json::{Value, json};

use crate::settings::Body;

/// An edition of a finding.
#[derive(Clone, Debug)]
pub struct Item {
    /// The finding, as the API shows it.
    pub finding: Value,
    /// Which edition this is, counted from 1.
    pub edition: i64,
}

/// The source of events on a bus of one's own.
pub const SOURCE: &str = "picquet.guardduty";

impl Item {
    fn text(&self, pointer: &str) -> &str {
        self.finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The account.
    pub fn account(&self) -> &str {
        self.text("/accountId")
    }

    /// The region.
    pub fn region(&self) -> &str {
        self.text("/region")
    }

    /// The finding's id.
    pub fn id(&self) -> &str {
        self.text("/id")
    }

    /// The finding's type.
    pub fn kind(&self) -> &str {
        self.text("/type")
    }

    /// The title.
    pub fn title(&self) -> &str {
        self.text("/title")
    }

    /// When it was updated.
    pub fn updated(&self) -> Timestamp {
        self.text("/updatedAt").parse().unwrap_or_default()
    }

    /// The severity.
    pub fn severity(&self) -> f64 {
        self.finding.get("severity").and_then(Value::as_f64).unwrap_or_default()
    }

    /// The event's id: that of an edition, however often it is sent.
    pub fn event_id(&self) -> String {
        uuid_of(&[self.text("/service/detectorId"), self.id(), &self.edition.to_string()])
    }

    /// The event that GuardDuty sends to EventBridge.
    pub fn event(&self, source: &str) -> Value {
        json!({
            "version": "0",
            "id": self.event_id(),
            "detail-type": "GuardDuty Finding",
            "source": source,
            "account": self.account(),
            "time": self.updated().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": self.region(),
            "resources": [],
            "detail": self.detail(),
        })
    }

    /// What an event says of the finding.
    pub fn detail(&self) -> Value {
        eventbridge_detail(self.finding.clone())
    }

    /// ASFF; `None` of a finding that is not of Picquet's own shape.
    pub fn asff(&self) -> Option<Value> {
        self.typed().map(|finding| asff_finding(&finding))
    }

    /// OCSF.
    pub fn ocsf(&self) -> Option<Value> {
        self.typed().map(|finding| ocsf_finding(&finding, env!("CARGO_PKG_VERSION"), OcsfVersion::default()))
    }

    fn typed(&self) -> Option<Finding> {
        serde_json::from_value(self.finding.clone()).ok()
    }

    /// The finding in a format.
    pub fn body(&self, format: Body, source: &str) -> Option<Value> {
        match format {
            Body::Event => Some(self.event(source)),
            Body::Finding => Some(self.finding.clone()),
            Body::Asff => self.asff(),
            Body::Ocsf => self.ocsf(),
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A finding of an instance.
    pub fn item(id: &str, edition: i64) -> Item {
        let finding = json!({
            "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1", "partition": "aws", "id": id,
            "arn": format!("arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/{id}"),
            "type": "Recon:EC2/Portscan", "severity": 5.0, "title": "A <scan> & more", "description": "d",
            "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-02T03:04:05.678Z",
            "resource": { "resourceType": "Instance", "instanceDetails": { "instanceId": "i-1" } },
            "service": { "serviceName": "guardduty", "detectorId": "d", "archived": false, "count": 2,
                "resourceRole": "ACTOR", "eventFirstSeen": "2026-01-01T00:00:00.000Z",
                "eventLastSeen": "2026-01-02T00:00:00.000Z",
                "action": { "actionType": "NETWORK_CONNECTION" },
                "additionalInfo": { "type": "default", "value": "{\"picquet\":{\"why\":\"w\"}}" } },
        });
        Item { finding, edition }
    }

    #[test]
    fn an_edition_has_one_id_however_often_it_is_sent() {
        assert_eq!(item("a", 1).event_id(), item("a", 1).event_id());
        assert_ne!(item("a", 1).event_id(), item("a", 2).event_id());
        let event = item("a", 1).event("aws.guardduty");
        assert_eq!((&event["time"], &event["detail"]["severity"]), (&json!("2026-01-02T03:04:05Z"), &json!(5)));
        assert_eq!(event["detail"]["service"]["additionalInfo"]["picquet"]["why"], "w");
    }

    #[test]
    fn every_format_is_there() {
        for format in [Body::Event, Body::Finding, Body::Asff, Body::Ocsf] {
            assert!(item("a", 1).body(format, SOURCE).is_some(), "{format:?}");
        }
    }
}
