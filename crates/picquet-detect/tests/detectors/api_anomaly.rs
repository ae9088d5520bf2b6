//! Management calls that do not fit an identity's history.

use crate::{raised_of, silent, why};
use picquet_model::Finding;
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, of_type, types};

const DAY: i64 = 86_400;
const NAMES: [&str; 8] = ["ann", "ben", "cleo", "dave", "eve", "fred", "gina", "hugo"];

/// What people of the account do for so many days, from the office: three calls in each of two hours.
pub fn history(days: i64) -> Scenario {
    let mut scenario = Scenario::new().countries();
    for day in 0..days {
        for (n, name) in NAMES.iter().enumerate() {
            for hour in [0, 2] {
                let at = day * DAY + hour * 3600 + n as i64 * 60;
                let call = |service: &str, api: &str, later: i64| {
                    Event::new(service, api).by(Identity::user(name)).ip("81.2.69.142").after(at + later)
                };
                scenario = scenario
                    .event(call("ec2", "DescribeInstances", 0))
                    .event(call("ec2", "DescribeSecurityGroups", 5))
                    .event(call("cloudformation", "DescribeStacks", 9));
                if n % 2 == 0 {
                    scenario = scenario.event(call("monitoring", "DescribeAlarms", 12));
                }
            }
        }
    }
    scenario
}

/// A call by a thief: from a rented server in another country, with another tool.
fn thief(name: &str, service: &str, api: &str, at: i64) -> Event {
    Event::new(service, api)
        .by(Identity::user(name))
        .ip("45.155.205.9")
        .user_agent("Boto3/1.34.84 md/Botocore#1.34.84 os/linux#6.6 lang/python#3.12 Botocore/1.34.84")
        .after(at)
}

/// The calls by which each tactic is told, by one victim each.
pub fn attack() -> Scenario {
    let calls = [
        ("secretsmanager", "GetSecretValue"),
        ("cloudtrail", "StopLogging"),
        ("iam", "ListUsers"),
        ("ec2", "ModifySnapshotAttribute"),
        ("ec2", "RunInstances"),
        ("sts", "GetFederationToken"),
        ("iam", "CreateAccessKey"),
        ("iam", "AttachUserPolicy"),
    ];
    NAMES.iter().zip(calls).enumerate().fold(history(12), |scenario, (n, (name, (service, api)))| {
        // A day apart: what one thief does is known of the account when the next one comes.
        let at = 12 * DAY + n as i64 * DAY;
        scenario.event(thief(name, "sts", "GetCallerIdentity", at)).event(thief(name, service, api, at + 30))
    })
}

fn anomalies(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|f| f.finding_type.ends_with("AnomalousBehavior")).collect()
}

#[test]
fn each_tactic_has_its_type() {
    let findings = check_detector(&attack());
    assert_eq!(raised_of(&findings, "api-anomaly").len(), 8, "{:?}", types(&findings));
    let of = of_type(&findings, "CredentialAccess:IAMUser/AnomalousBehavior");
    insta::assert_snapshot!(json(&[of[0].clone()]));
}

#[test]
fn the_explanation_has_the_numbers() {
    let findings = check_detector(&attack());
    let finding = of_type(&findings, "Persistence:IAMUser/AnomalousBehavior")[0];
    let why = why(finding);
    let text = why["why"].as_str().unwrap();
    assert!(text.starts_with("In 12 days with calls gina never did so: calling iam:CreateAccessKey"), "{text}");
    let observed = |name: &str| {
        let all = why["observations"].as_array().unwrap();
        all.iter().find(|o| o["name"] == name).map(|o| o["observed"].as_str().unwrap().to_owned())
    };
    let api = observed("API iam:CreateAccessKey").unwrap();
    assert!(api.contains("on 0 days of this principal; by 0 other IAM users and 0 other principals"), "{api}");
    assert_eq!(
        observed("known of this principal").unwrap(),
        "12 days and 24 hours with calls since 2024-05-01T12:00:00Z"
    );
    let info = finding.service.additional_info.members();
    assert_eq!(info["unusualBehavior"]["isUnusualUserIdentity"], "false");
    assert_eq!(info["profiledBehavior"]["frequentProfiledASNsUserIdentityProfiling"], "81.2.0.0/16");
    assert!(info["anomalies"]["anomalousAPIs"].as_str().unwrap().starts_with("iam:[CreateAccessKey:success"));
}

#[test]
fn nothing_without_a_history() {
    silent(&history(12));
    // In the week of learning, and all alone.
    let early = thief("ann", "iam", "CreateAccessKey", 5 * DAY + 7200);
    silent(&history(12).event(early));
    silent(&Scenario::new().countries().event(thief("ann", "iam", "CreateAccessKey", 0)));
}

#[test]
fn what_services_and_trusted_addresses_do_is_not_reported() {
    let at = 12 * DAY;
    silent(&history(12).event(thief("ann", "iam", "CreateAccessKey", at).ip("cloudformation.amazonaws.com")));
    silent(&history(12).trusted("45.155.205.0/24").event(thief("ann", "iam", "CreateAccessKey", at)));
}

#[test]
fn a_new_person_and_a_new_office_are_none() {
    let at = 12 * DAY;
    let mut scenario = history(12);
    for day in 0..3 {
        for (name, ip) in [("nora", "81.2.69.142"), ("ann", "86.130.1.9")] {
            for (service, api) in [("ec2", "DescribeInstances"), ("monitoring", "DescribeAlarms")] {
                let call = Event::new(service, api).by(Identity::user(name)).ip(ip);
                scenario = scenario.event(call.after(at + day * DAY));
            }
        }
    }
    silent(&scenario);
}

#[test]
fn a_session_over_the_hour_is_one() {
    // Noon is the first record's time, so this is a minute before the hour and a minute after it.
    let at = 12 * DAY + 3600 - 60;
    let scenario =
        history(12).event(thief("ann", "iam", "ListUsers", at)).event(thief("ann", "iam", "CreateUser", at + 120));
    let findings = check_detector(&scenario);
    let found = anomalies(&findings);
    assert!(found.iter().any(|f| f.finding_type == "Persistence:IAMUser/AnomalousBehavior"), "{:?}", types(&findings));
}
