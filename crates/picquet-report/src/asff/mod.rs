//! AWS Security Finding Format, 2018-10-08, as Security Hub's `BatchImportFindings` takes it.
//!
//! One call takes 100 findings: a sender cuts the array. The limits of the format (Security Hub user guide,
//! "Required attributes" and "Optional top-level attributes") are kept here, so that no finding is refused
//! for its length: what is longer is cut.

mod action;
mod resources;
mod types;

use crate::json::array;
use crate::view::View;
use picquet_model::{Finding, Severity};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// The version of the format.
pub const ASFF_SCHEMA_VERSION: &str = "2018-10-08";
/// Characters of a title.
const TITLE: usize = 256;
/// Characters of a description.
const DESCRIPTION: usize = 1024;
/// Characters of any other text; a finding may have 240 kB in all.
const TEXT: usize = 1024;
/// Characters of an id, and of a generator's.
const ID: usize = 512;
/// Characters of members of the action, the network and the indicators (Security Hub API reference). The whole text is in
/// `ProductFields`.
const LIMITS: [(&str, usize); 8] = [
    ("Api", 128),
    ("CallerType", 128),
    ("Domain", 128),
    ("PortName", 128),
    ("Protocol", 16),
    ("ServiceName", 128),
    ("Source", 64),
    ("Value", 512),
];
/// Entries of `ProductFields`, and the lengths of their keys and values.
const FIELDS: usize = 50;
const FIELD_KEY: usize = 128;
const FIELD_VALUE: usize = 2048;

/// Writes an array of findings.
pub(crate) fn write(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    array(findings.iter().map(asff_finding), out)
}

/// One finding in ASFF.
pub fn asff_finding(finding: &Finding) -> Value {
    let v = View::new(finding);
    let (account, region) = (&finding.account_id, &finding.region);
    let partition = &finding.partition;
    let title = first_of(&[&v.headline(), &finding.finding_type]);
    let generator = finding.arn.split("/finding/").next().unwrap_or(&finding.arn);
    let mut asff = json!({
        "SchemaVersion": ASFF_SCHEMA_VERSION,
        "Id": clip(&finding.arn, ID),
        // The product that any account may import for, without registration.
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "ProductName": "Picquet",
        "CompanyName": "Picquet",
        "Region": region,
        "GeneratorId": clip(generator, ID),
        "AwsAccountId": account,
        "Types": [types::asff_type(&finding.finding_type)],
        "FirstObservedAt": finding.service.event_first_seen,
        "LastObservedAt": finding.service.event_last_seen,
        "CreatedAt": finding.created_at,
        "UpdatedAt": finding.updated_at,
        "Severity": {"Label": label(v.severity()), "Original": finding.severity.to_string()},
        "Title": clip(&title, TITLE),
        "Description": clip(&first_of(&[&v.sentence(), &title]), DESCRIPTION),
        "Remediation": {"Recommendation": {"Text": remediation(v)}},
        "Resources": resources::resources(finding),
        "Action": action::action(&finding.service.action),
        "Network": action::network(finding),
        "ThreatIntelIndicators": action::indicators(v),
        "RecordState": if finding.service.archived { "ARCHIVED" } else { "ACTIVE" },
        "Workflow": {"Status": "NEW"},
    });
    prune(&mut asff, TEXT);
    for block in ["Action", "Network", "ThreatIntelIndicators"] {
        if let Some(value) = asff.get_mut(block) {
            limit(value);
        }
    }
    // After the pruning: their values may be longer.
    asff["ProductFields"] = product_fields(finding);
    asff
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
    }
}

/// The catalogue's advice; 512 characters are what the format takes.
fn remediation(v: View<'_>) -> String {
    let advice = v.row().map(|row| row.remediation.as_str()).filter(|text| crate::view::is_written(text));
    clip(advice.unwrap_or_default(), 512)
}

/// The members of `service`, flattened to paths as GuardDuty's own integration writes them.
fn product_fields(finding: &Finding) -> Value {
    let mut fields = Map::new();
    let why = View::new(finding).why();
    for (key, value) in [("picquet/detector", why.detector), ("picquet/why", why.reason)] {
        if !value.trim().is_empty() {
            fields.insert(key.into(), clip(&value, FIELD_VALUE).into());
        }
    }
    let service = serde_json::to_value(&finding.service).unwrap_or(Value::Null);
    let mut flat = Vec::new();
    flatten("aws/guardduty/service", &service, &mut flat);
    // Short paths first: they are the general ones, and a cut at the limit then loses detail only.
    flat.sort_by_key(|(path, _)| path.matches('/').count());
    for (path, value) in flat {
        if fields.len() < FIELDS && path.chars().count() <= FIELD_KEY && !value.trim().is_empty() {
            fields.insert(path, clip(&value, FIELD_VALUE).into());
        }
    }
    Value::Object(fields)
}

fn flatten(path: &str, value: &Value, flat: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| flatten(&format!("{path}/{key}"), value, flat));
        }
        // GuardDuty writes the index with an underscore.
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| flatten(&format!("{path}.{i}_"), value, flat));
        }
        Value::Null => {}
        other => flat.push((path.to_owned(), crate::view::text(other))),
    }
}

/// Leaves out what is null, blank or empty, which the service refuses, and cuts texts.
fn prune(value: &mut Value, limit: usize) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|value| prune(value, limit));
            members.retain(|key, value| !key.trim().is_empty() && !is_blank(value));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|value| prune(value, limit));
            items.retain(|value| !is_blank(value));
        }
        Value::String(text) if text.len() > limit => *text = clip(text, limit),
        _ => {}
    }
}

/// Cuts the texts of members that may be less long than others.
fn limit(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (value, LIMITS.iter().find(|(of, _)| of == name)) {
                    (Value::String(text), Some((_, most))) => *text = clip(text, *most),
                    (value, _) => limit(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(limit),
        _ => {}
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The first text that is not blank.
fn first_of(texts: &[&str]) -> String {
    texts.iter().find(|text| !text.trim().is_empty()).map_or_else(|| "unknown".into(), |text| (*text).to_owned())
}

/// At most `limit` characters, the last an ellipsis where something was cut.
fn clip(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    text.chars().take(limit - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn limits_are_kept_for_any_text() {
        for finding in samples::hostile().iter().chain(&samples::findings()) {
            let asff = asff_finding(finding);
            let length = |key: &str| asff[key].as_str().unwrap().chars().count();
            assert!((1..=TITLE).contains(&length("Title")));
            assert!((1..=DESCRIPTION).contains(&length("Description")));
            let fields = asff["ProductFields"].as_object().unwrap();
            assert!(fields.len() <= FIELDS);
            assert!(fields.values().all(|value| value.as_str().is_some_and(|v| v.chars().count() <= FIELD_VALUE)));
            assert!(!asff["Resources"].as_array().unwrap().is_empty());
            assert!(asff.to_string().len() < 240_000);
            assert_eq!(fields["aws/guardduty/service/serviceName"], "guardduty");
        }
    }
    #[test]
    fn long_names_are_cut_where_the_format_wants_them_short() {
        let all = samples::findings();
        let mut finding = all.into_iter().find(|f| f.service.action.dns_request_action.is_some()).unwrap();
        let name = ["a".repeat(60), "b".repeat(60), "c".repeat(60), "example.com".into()].join(".");
        finding.service.action.dns_request_action.as_mut().unwrap().domain.clone_from(&name);
        let asff = asff_finding(&finding);
        let domain = asff["Action"]["DnsRequestAction"]["Domain"].as_str().unwrap();
        assert_eq!((domain.chars().count(), &domain[..100]), (128, &name[..100]));
        assert_eq!(asff["ProductFields"]["aws/guardduty/service/action/dnsRequestAction/domain"], name);
        let mut indicators = json!([{"Source": "s".repeat(65), "Value": name}]);
        limit(&mut indicators);
        assert_eq!(indicators[0]["Source"].as_str().unwrap().chars().count(), 64);
        assert_eq!(indicators[0]["Value"], name);
    }
}
