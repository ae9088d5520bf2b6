//! OCSF Detection Finding (class 2004 of category 2), as Security Hub, Security Lake and SIEMs take it.
//!
//! Members that a version does not have are left out (`tests/validate_ocsf.py` checks each version). The
//! finding itself travels in `raw_data`, so nothing is lost, except where a version before 1.4 has no room.

mod attacks;
mod evidences;
mod version;

pub(crate) use attacks::technique_name;
pub use version::{OcsfVersion, UnknownOcsfVersion};

use crate::json::array;
use crate::summary::Summary;
use crate::view::{View, is_written};
use picquet_model::{EventTime, Finding, Severity};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Writes an array of findings.
pub(crate) fn write(
    findings: &[Finding],
    summary: &Summary,
    version: OcsfVersion,
    out: &mut dyn Write,
) -> io::Result<()> {
    array(findings.iter().map(|finding| ocsf_finding(finding, &summary.version, version)), out)
}

/// One finding as an OCSF event. `product_version` is Picquet's.
pub fn ocsf_finding(finding: &Finding, product_version: &str, version: OcsfVersion) -> Value {
    let v = View::new(finding);
    let created = EventTime::parse_rfc3339(&finding.created_at).or_else(|| v.first());
    let modified = EventTime::parse_rfc3339(&finding.updated_at).or_else(|| v.last());
    let (severity_id, severity) = severity(v.severity());
    let (status_id, status) = if finding.service.archived { (3, "Suppressed") } else { (1, "New") };
    let why = v.why();
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "time": millis(created),
        "start_time": v.first().map(EventTime::as_millis),
        "end_time": v.last().map(EventTime::as_millis),
        "count": v.count(),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": v.headline(),
        "metadata": {
            "version": version.to_string(),
            "uid": finding.id,
            "profiles": ["cloud"],
            "event_code": finding.finding_type,
            "product": {
                "name": "Picquet",
                "vendor_name": "Picquet",
                "uid": "picquet",
                "version": product_version,
            },
        },
        "cloud": {
            "provider": "AWS",
            "account": {"uid": finding.account_id, "type_id": 10, "type": "AWS Account"},
            "region": finding.region,
        },
        "finding_info": {
            "uid": finding.arn,
            "title": v.headline(),
            "desc": v.sentence(),
            "types": [finding.finding_type],
            "created_time": created.map(EventTime::as_millis),
            "modified_time": modified.map(EventTime::as_millis),
            "first_seen_time": v.first().map(EventTime::as_millis),
            "last_seen_time": v.last().map(EventTime::as_millis),
            "attacks": attacks::attacks(v),
            "analytic": analytic(&why.detector, &why.reason),
            "data_sources": v.row().map(|row| json!([data_source(row.source)])),
        },
        "remediation": v.row().filter(|row| is_written(&row.remediation)).map(|row| json!({"desc": row.remediation})),
        "resources": evidences::resources(finding),
        "evidences": evidences::evidences(finding, version),
        "observables": evidences::observables(v, version),
        "unmapped": unmapped(v),
    });
    if version.has_is_alert() {
        event["is_alert"] = json!(true);
    }
    prune(&mut event);
    shorten(&mut event);
    let raw = serde_json::to_string(finding).unwrap_or_default();
    if version.has_free_text() || raw.chars().count() <= LONGEST {
        event["raw_data"] = json!(raw);
    }
    event
}

/// `severity_id` and its caption.
fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// The rule that spoke, where the finding names it.
fn analytic(detector: &str, why: &str) -> Value {
    match detector {
        "" => Value::Null,
        name => json!({"name": name, "uid": name, "desc": why, "type_id": 1, "type": "Rule"}),
    }
}

fn data_source(source: picquet_model::Source) -> &'static str {
    match source {
        picquet_model::Source::Cloudtrail => "CloudTrail management events",
        picquet_model::Source::S3Data => "CloudTrail S3 data events",
        picquet_model::Source::Flow => "VPC Flow Logs",
        picquet_model::Source::Dns => "Route 53 Resolver query logs",
    }
}

/// What OCSF has no member for.
fn unmapped(v: View<'_>) -> Value {
    let f = v.finding;
    let info: Map<String, Value> = f.service.additional_info.members();
    json!({"severity_score": f.severity, "resource_role": f.service.resource_role, "additional_info": info})
}

/// `time` is required: a finding without any is placed at the epoch, where it is noticed.
fn millis(time: Option<EventTime>) -> i64 {
    time.map_or(0, EventTime::as_millis)
}

/// Characters of a text: the greatest length of `string_t` up to 1.3, and of use to nobody beyond.
const LONGEST: usize = 65_535;

/// Cuts texts that are too long.
fn shorten(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(shorten),
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(end);
            }
        }
        _ => {}
    }
}

/// Leaves out what is null or empty.
fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, value| !is_empty(value));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(prune);
            items.retain(|value| !is_empty(value));
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn is_a_detection_finding_and_loses_nothing() {
        for finding in samples::findings() {
            let event = ocsf_finding(&finding, "0.1.0", OcsfVersion::default());
            assert_eq!(event["type_uid"], 200_401);
            assert_eq!(event["metadata"]["version"], "1.5.0");
            assert_eq!(event["is_alert"], true);
            assert!(event["time"].as_i64().is_some_and(|t| t > 0));
            assert!(!event["evidences"].as_array().unwrap().is_empty());
            let raw: Finding = serde_json::from_str(event["raw_data"].as_str().unwrap()).unwrap();
            assert_eq!(raw, finding);
        }
    }

    #[test]
    fn old_versions_have_no_is_alert() {
        let event = ocsf_finding(&samples::findings()[0], "0.1.0", "1.3".parse().unwrap());
        assert_eq!(event["metadata"]["version"], "1.3.0");
        assert!(event.get("is_alert").is_none());
    }
}
