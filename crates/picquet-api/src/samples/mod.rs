//! Sample findings: one of each type, with names that nobody takes for real ones.

mod action;
mod resource;

use crate::call::Call;
use picquet_model::catalogue::{self, FindingType, Status};
use picquet_model::ids::{finding_arn, finding_id};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// What a sample is made from.
struct Kind {
    name: &'static str,
    resource: &'static str,
    severity: f64,
    role: &'static str,
    action: &'static str,
    /// The catalogue's row, if Picquet can raise the type itself.
    row: Option<&'static FindingType>,
}

/// All types: Picquet's own catalogue, and those of data sources that it does not read.
static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let ours = catalogue::all().iter().filter(|row| row.status == Status::Active).map(|row| Kind {
        name: &row.name,
        resource: &row.resource,
        severity: row.severity,
        role: &row.role,
        action: &row.action,
        row: Some(row),
    });
    let others = include_str!("others.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut parts = line.split('\t');
        let (name, resource) = (parts.next()?, parts.next()?);
        let severity = parts.next()?.parse().ok()?;
        Some(Kind { name, resource, severity, role: parts.next()?, action: parts.next()?, row: None })
    });
    ours.chain(others).collect()
});

/// The names of all types of which there are samples.
pub fn types() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name)
}

/// A sample of a type; `None` of one that is not known.
pub fn of(call: &Call<'_>, detector: &str, finding_type: &str) -> Option<Value> {
    let kind = KINDS.iter().find(|kind| kind.name == finding_type)?;
    let id = finding_id(detector, kind.name, &["sample"]);
    let (title, description) = texts(kind);
    let now = call.iso();
    let mut service = json!({
        "serviceName": "guardduty",
        "detectorId": detector,
        "additionalInfo": { "value": additional(kind).to_string(), "type": "default" },
        "eventFirstSeen": now,
        "eventLastSeen": now,
        "archived": false,
        "count": 1,
    });
    if let Some(service) = service.as_object_mut() {
        if !kind.role.is_empty() {
            service.insert("resourceRole".into(), kind.role.into());
        }
        if let Some(action) = action::of(kind) {
            service.insert("action".into(), action);
        }
        service.extend(action::instead(kind, call));
    }
    Some(json!({
        "schemaVersion": "2.0",
        "accountId": call.account,
        "region": call.region,
        "partition": call.partition(),
        "id": id,
        "arn": finding_arn(call.account, call.region, detector, &id),
        "type": kind.name,
        "resource": resource::of(kind, call),
        "service": service,
        "severity": kind.severity,
        "createdAt": now,
        "updatedAt": now,
        "title": format!("[SAMPLE] {title}"),
        "description": description,
    }))
}

fn additional(kind: &Kind) -> Value {
    let mut info = Map::from_iter([("sample".to_owned(), true.into())]);
    if kind.row.is_some_and(|row| row.technique == "threat-list") {
        info.insert("threatListName".into(), "GeneratedFindingThreatListName".into());
        info.insert("threatName".into(), "GeneratedFindingThreatName".into());
    }
    info.into()
}

/// Title and description: the catalogue's, with names of a sample.
fn texts(kind: &Kind) -> (String, String) {
    const NAMES: [(&str, &str); 19] = [
        ("{user}", "GeneratedFindingUserName"),
        ("{api}", "GeneratedFindingAPIName"),
        ("{country}", "GeneratedFindingCountryName"),
        ("{caller}", "198.51.100.0"),
        ("{instance}", "i-99999999"),
        ("{remote_ip}", "198.51.100.0"),
        ("{bucket}", "amzn-s3-demo-bucket1"),
        ("{service}", "GeneratedFindingAPIServiceName"),
        ("{list}", "GeneratedFindingThreatListName"),
        ("{domain}", "GeneratedFindingDomainName"),
        ("{remote_port}", "80"),
        ("{account}", "GeneratedFindingAccount"),
        ("{port_name}", "HTTP"),
        ("{protocol}", "TCP"),
        ("{local_port}", "39677"),
        ("{region}", "GeneratedFindingRegion"),
        ("{direction}", "OUTBOUND"),
        ("{access_key}", "GeneratedFindingAccessKeyId"),
        ("{threat}", "GeneratedFindingThreatName"),
    ];
    let Some(row) = kind.row else {
        let text = format!("A sample of the finding type {}.", kind.name);
        return (
            kind.name.to_owned(),
            format!("{text} Picquet does not read the data source that this type comes from."),
        );
    };
    let fill = |text: &str| NAMES.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    (fill(&row.title), fill(&row.description))
}

#[cfg(test)]
mod tests {
    use crate::error::ApiError;
    use crate::testing::Bench;
    use serde_json::{Value, json};

    fn samples(bench: &Bench, detector: &str) -> Vec<Value> {
        let (mut all, mut token) = (Vec::new(), Value::Null);
        loop {
            let page = bench.call("ListFindings", json!({ "DetectorId": detector, "nextToken": token })).unwrap();
            let ids = page["findingIds"].clone();
            let found = bench.call("GetFindings", json!({ "DetectorId": detector, "findingIds": ids })).unwrap();
            all.extend(found["findings"].as_array().unwrap().clone());
            token = page["nextToken"].clone();
            if token.is_null() {
                return all;
            }
        }
    }

    #[test]
    fn there_is_one_of_every_type() {
        let bench = Bench::new();
        let detector = bench.detector();
        bench.call("CreateSampleFindings", json!({ "DetectorId": detector })).unwrap();
        let mut types: Vec<String> =
            samples(&bench, &detector).iter().map(|f| f["type"].as_str().unwrap().to_owned()).collect();
        types.sort();
        let mut wanted: Vec<&str> = super::types().collect();
        wanted.sort_unstable();
        assert_eq!(types, wanted);
        assert!(types.len() > 200, "{}", types.len());
    }

    #[test]
    fn a_sample_says_that_it_is_one_and_has_no_gaps() {
        let bench = Bench::new();
        let detector = bench.detector();
        bench.call("CreateSampleFindings", json!({ "DetectorId": detector, "findingTypes": [] })).unwrap();
        for finding in samples(&bench, &detector) {
            assert!(finding["title"].as_str().unwrap().starts_with("[SAMPLE] "), "{finding}");
            let info: Value =
                serde_json::from_str(finding["service"]["additionalInfo"]["value"].as_str().unwrap()).unwrap();
            assert_eq!(info["sample"], true);
            assert!(!finding["title"].as_str().unwrap().contains('{'), "{}", finding["title"]);
            assert!(!finding["description"].as_str().unwrap().contains('{'), "{}", finding["description"]);
        }
    }

    #[test]
    fn an_unknown_type_makes_none() {
        let bench = Bench::new();
        let detector = bench.detector();
        let types = json!(["Recon:EC2/PortProbeUnprotectedPort", "Recon:EC2/NoSuchType"]);
        let answer = bench.call("CreateSampleFindings", json!({ "DetectorId": detector, "findingTypes": types }));
        assert!(matches!(answer, Err(ApiError::BadRequest(_))));
        assert!(samples(&bench, &detector).is_empty());
    }
}
