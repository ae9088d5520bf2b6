use crate::error::{ApiError, NO_SUCH_RESOURCE, NOT_OWNED};
use crate::testing::{ACCOUNT, Bench};
use picquet_store::{Sql, findings};
use serde_json::{Value, json};

/// The id of the nth finding.
fn id(n: u8) -> String {
    format!("{n:032x}")
}

/// A finding of an instance that talks to an address.
fn finding(n: u8, kind: &str, severity: f64, instance: &str, address: &str) -> Value {
    let why = json!({ "picquet": { "detector": "d", "why": "It was on a list.",
        "observations": [{ "name": "connections", "observed": "7", "against": "0" }] } });
    json!({
        "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "partition": "aws", "id": id(n),
        "arn": "arn", "type": kind, "severity": severity, "title": format!("Finding {n}"), "description": "-",
        "createdAt": "2025-12-30T10:00:00.000Z", "updatedAt": "2025-12-31T10:00:00.000Z",
        "resource": { "resourceType": "Instance", "instanceDetails": { "instanceId": instance } },
        "service": {
            "archived": false, "count": 3, "eventFirstSeen": "2025-12-30T09:00:00Z",
            "eventLastSeen": "2025-12-31T09:00:00Z",
            "additionalInfo": { "type": "default", "value": why.to_string() },
            "action": { "actionType": "NETWORK_CONNECTION",
                "networkConnectionAction": { "remoteIpDetails": { "ipAddressV4": address } } }
        }
    })
}

const BITCOIN: &str = "CryptoCurrency:EC2/BitcoinTool.B";
const BACKDOOR: &str = "Backdoor:EC2/C&CActivity.B";

fn put(bench: &Bench, detector: &str, finding: &Value) {
    let write = |sql: &mut dyn Sql| -> Result<(), ApiError> { Ok(findings::put(sql, detector, finding)?) };
    bench.api.store().write(write).unwrap();
}

/// A detector with findings: 1 and 2 of one instance, 3 of its address, 4 of neither.
fn stocked() -> (Bench, String) {
    let bench = Bench::new();
    let detector = bench.detector();
    for finding in [
        finding(1, BITCOIN, 8.0, "i-1", "198.51.100.1"),
        finding(2, BACKDOOR, 9.0, "i-1", "198.51.100.2"),
        finding(3, BACKDOOR, 5.0, "i-3", "198.51.100.1"),
        finding(4, BACKDOOR, 2.0, "i-4", "198.51.100.4"),
    ] {
        put(&bench, &detector, &finding);
    }
    (bench, detector)
}

fn create(bench: &Bench, detector: &str, prompt: &str) -> Result<String, ApiError> {
    let made = bench.call("CreateInvestigation", json!({ "DetectorId": detector, "triggerPrompt": prompt }))?;
    Ok(made["investigationId"].as_str().unwrap().to_owned())
}

fn get(bench: &Bench, detector: &str, id: &str) -> Value {
    let input = json!({ "DetectorId": detector, "InvestigationId": id, "summaryFormat": "STRUCTURED" });
    bench.call("GetInvestigation", input).unwrap()["investigation"].clone()
}

fn records(bench: &Bench, detector: &str, id: &str, types: Value) -> Vec<Value> {
    let mut input = json!({ "DetectorId": detector, "investigationId": id, "maxResults": 3 });
    if !types.is_null() {
        input["recordTypes"] = types;
    }
    let mut all = Vec::new();
    loop {
        let page = bench.call("ListInvestigationRecords", input.clone()).unwrap();
        assert_eq!((&page["status"], &page["investigationId"]), (&json!("COMPLETED"), &json!(id)));
        all.extend(page["records"].as_array().unwrap().clone());
        let Some(next) = page["nextToken"].as_str() else { return all };
        input["nextToken"] = next.into();
    }
}

#[test]
fn a_finding_is_reported_with_what_belongs_to_it() {
    let (bench, detector) = stocked();
    let made = create(&bench, &detector, &format!("Investigate finding {} in account {ACCOUNT}", id(1))).unwrap();
    let report = get(&bench, &detector, &made);
    assert_eq!((&report["status"], &report["triggeredBy"]), (&json!("COMPLETED"), &json!(ACCOUNT)));
    assert_eq!((&report["riskLevel"], &report["confidence"]), (&json!("Critical"), &json!("High")));
    assert!(report["risk"].as_str().unwrap().contains(&id(2)));
    assert_eq!(report["scope"]["investigationType"], "FINDING");
    assert_eq!((&report["scope"]["findingId"], &report["scope"]["accountId"]), (&json!(id(1)), &json!(ACCOUNT)));
    let data = &report["summaryData"];
    assert_eq!(data["findingType"], BITCOIN);
    let seen = &data["keyObservations"];
    assert!(seen["narrative"].as_str().unwrap().starts_with("It was on a list. 2 other findings"));
    assert_eq!(seen["observations"][1], "connections: 7 (against 0)");
    assert!(seen["observations"][2].as_str().unwrap().starts_with(&format!("2 findings of {BACKDOOR}")));
    let phases: Vec<&Value> =
        data["threatAssessment"]["attackProgression"].as_array().unwrap().iter().map(|p| &p["phase"]).collect();
    assert_eq!(phases, ["Command and Control", "Impact"]);
    assert_eq!(data["countermeasures"][0]["defenseTactic"], "Isolate");
    assert_eq!(data["recommendations"][0]["title"], format!("Respond to {BACKDOOR}"));
    let text = bench.call("GetInvestigation", json!({ "DetectorId": detector, "InvestigationId": made })).unwrap();
    let text: Value = serde_json::from_str(text["investigation"]["summary"].as_str().unwrap()).unwrap();
    assert_eq!(&text, data);
}

#[test]
fn records_show_what_was_fetched_and_seen() {
    let (bench, detector) = stocked();
    let made = create(&bench, &detector, &id(1)).unwrap();
    let all = records(&bench, &detector, &made, Value::Null);
    assert!(all.windows(2).all(|pair| pair[0]["recordId"].as_str() < pair[1]["recordId"].as_str()));
    let seen = records(&bench, &detector, &made, json!(["OBSERVATION"]));
    assert!(seen.len() > 3 && seen.len() < all.len() && seen.iter().all(|r| r["type"] == "OBSERVATION"));
    let observation = |kind: &str| {
        let found = seen.iter().find(|r| r["supportingData"]["observation"]["observationType"] == kind);
        found.unwrap()["supportingData"]["observation"].clone()
    };
    let related = &observation("RELATED_FINDINGS")["relatedFindings"]["correlated"][0];
    assert_eq!((&related["count"], &related["severityMax"]), (&json!(2), &json!(9.0)));
    assert_eq!(related["correlationReasons"], json!(["HIGH_SEVERITY", "SAME_RESOURCE", "SAME_BEHAVIOR"]));
    assert_eq!(related["findingIds"], json!([id(2), id(3)]));
    assert_eq!(related["sharedResources"][0], json!({ "identifier": "i-1", "resourceType": "instanceId" }));
    assert_eq!(related["sharedBehaviors"][0]["value"], "198.51.100.1");
    assert_eq!(observation("RESOURCE")["resource"]["resourceType"], "EC2_INSTANCE");
    assert_eq!(observation("FINDING_DETAIL")["findingDetail"]["severity"], "High");
    let gaps = observation("DETECTION_COVERAGE")["detectionCoverage"]["coverageGaps"].clone();
    assert!(gaps.as_str().unwrap().contains("RUNTIME_MONITORING"));
}

#[test]
fn a_report_stays_what_it_was() {
    let (bench, detector) = stocked();
    let made = create(&bench, &detector, &id(1)).unwrap();
    let before = get(&bench, &detector, &made);
    put(&bench, &detector, &finding(1, BITCOIN, 2.0, "i-9", "198.51.100.9"));
    assert_eq!(get(&bench, &detector, &made), before);
    let again = create(&bench, &detector, &id(1)).unwrap();
    assert_eq!(get(&bench, &detector, &again)["riskLevel"], "Low");
}

#[test]
fn an_account_is_counted() {
    let (bench, detector) = stocked();
    let mut other = finding(5, BITCOIN, 8.0, "i-5", "198.51.100.5");
    other["accountId"] = "444455556666".into();
    put(&bench, &detector, &other);
    let mut old = finding(6, BITCOIN, 8.0, "i-6", "198.51.100.6");
    old["updatedAt"] = "2025-01-01T00:00:00.000Z".into();
    put(&bench, &detector, &old);
    let own = get(&bench, &detector, &create(&bench, &detector, "What happened?").unwrap());
    let counts = &own["summaryData"]["accountAnalysis"]["findingsSummary"];
    assert_eq!(counts["totalFindings"], 4);
    assert_eq!(counts["severityBreakdown"], json!({ "critical": 1, "high": 1, "medium": 1, "low": 1, "info": 0 }));
    assert_eq!(counts["topFindingTypes"][0], json!({ "findingType": BACKDOOR, "count": 3 }));
    assert_eq!(own["summaryData"].get("organizationAnalysis"), None);
    let member = get(&bench, &detector, &create(&bench, &detector, "account 444455556666").unwrap());
    assert_eq!(member["summaryData"]["accountAnalysis"]["findingsSummary"]["totalFindings"], 1);
    assert_eq!(member["scope"]["adminAccountId"], ACCOUNT);
    let made = create(&bench, &detector, "Analyze my organization").unwrap();
    let all = get(&bench, &detector, &made);
    let counts = &all["summaryData"]["organizationAnalysis"];
    assert_eq!(counts["findingsSummary"]["affectedAccountCount"], 2);
    assert_eq!(counts["accountBreakdown"][0], json!({ "accountId": ACCOUNT, "findingCount": 4 }));
    let kinds: Vec<Value> = records(&bench, &detector, &made, Value::Null)
        .iter()
        .map(|r| r["supportingData"]["observation"]["distribution"]["dimension"].clone())
        .filter(|dimension| !dimension.is_null())
        .collect();
    assert_eq!(kinds, ["SEVERITY", "TYPE", "RESOURCE", "ATTACK_VECTOR", "ARCHIVE"]);
}

#[test]
fn nothing_found_is_no_risk() {
    let bench = Bench::new();
    let detector = bench.detector();
    let made = create(&bench, &detector, "What happened?").unwrap();
    let report = get(&bench, &detector, &made);
    assert_eq!((&report["riskLevel"], &report["confidence"]), (&json!("Info"), &json!("Unknown")));
    assert!(records(&bench, &detector, &made, json!(["METADATA"])).len() == 1);
}

#[test]
fn samples_are_no_risk_to_an_account() {
    let bench = Bench::new();
    let detector = bench.detector();
    let mut sample = finding(1, BACKDOOR, 9.0, "i-99999999", "198.51.100.1");
    sample["service"]["additionalInfo"]["value"] = json!({ "sample": true }).to_string().into();
    put(&bench, &detector, &sample);
    let level = |prompt: &str| {
        let report = get(&bench, &detector, &create(&bench, &detector, prompt).unwrap());
        (report["riskLevel"].clone(), report["confidence"].clone())
    };
    assert_eq!(level("What happened?"), (json!("Info"), json!("Low")));
    assert_eq!(level(&id(1)), (json!("Critical"), json!("Low")));
}

#[test]
fn what_cannot_be_investigated_is_refused() {
    let (bench, detector) = stocked();
    assert_eq!(create(&bench, &detector, &id(99)), Err(ApiError::bad(NO_SUCH_RESOURCE)));
    let other = format!("{} of account 444455556666", id(1));
    assert!(matches!(create(&bench, &detector, &other), Err(ApiError::BadRequest(_))));
    assert!(matches!(create(&bench, &detector, "account 444455556666"), Err(ApiError::AccessDenied(_))));
    assert_eq!(create(&bench, "nobodys", "What happened?"), Err(ApiError::bad(NOT_OWNED)));
    let unknown = json!({ "DetectorId": detector, "InvestigationId": "abc" });
    assert!(matches!(bench.call("GetInvestigation", unknown), Err(ApiError::NotFound(_))));
    let off = json!({ "DetectorId": detector, "features": [{ "name": "AI_ANALYST", "status": "DISABLED" }] });
    bench.call("UpdateDetector", off).unwrap();
    assert!(matches!(create(&bench, &detector, "What happened?"), Err(ApiError::BadRequest(_))));
}

#[test]
fn investigations_are_filtered_sorted_and_paged() {
    let (bench, detector) = stocked();
    let made: Vec<String> =
        [id(4), id(1), id(3)].iter().map(|prompt| create(&bench, &detector, prompt).unwrap()).collect();
    let list = |more: Value| {
        let mut input = json!({ "DetectorId": detector, "maxResults": 2 });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut ids = Vec::new();
        loop {
            let page = bench.call("ListInvestigations", input.clone()).unwrap();
            let all = page["investigations"].as_array().unwrap();
            ids.extend(all.iter().map(|i| i["investigationId"].as_str().unwrap().to_owned()));
            let Some(next) = page["nextToken"].as_str() else { return ids };
            input["nextToken"] = next.into();
        }
    };
    let [low, critical, high] = &made[..] else { panic!("three were made") };
    assert_eq!(list(json!({})), [high.clone(), critical.clone(), low.clone()]);
    let sort = |field: &str, order: &str| json!({ "sortCriteria": { "attributeName": field, "orderBy": order } });
    assert_eq!(list(sort("START_TIME", "ASC")), made);
    assert_eq!(list(sort("RISK_LEVEL", "DESC")), [critical.clone(), high.clone(), low.clone()]);
    let filter = |key: &str, condition: Value| json!({ "filterCriteria": { "criterion": { key: condition } } });
    assert_eq!(list(filter("RISK_LEVEL", json!({ "equals": ["Low"] }))), vec![low.clone()]);
    assert_eq!(list(filter("FINDING_ID", json!({ "notEquals": [id(4), id(1)] }))), vec![high.clone()]);
    assert_eq!(list(filter("INVESTIGATION_TYPE", json!({ "equals": ["ACCOUNT"] }))), [""; 0]);
    bench.call("DeleteDetector", json!({ "DetectorId": detector })).unwrap();
    assert_eq!(bench.detector(), detector);
    assert_eq!(list(json!({})), [""; 0]);
}
