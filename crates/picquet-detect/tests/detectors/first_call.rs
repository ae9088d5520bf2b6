//! The retired types: the first call of a kind.

use super::api_anomaly::history;
use crate::{raised_of, why};
use picquet_testkit::{Event, Identity, Scenario, check_detector, of_type, types};

const DAY: i64 = 86_400;

pub fn attack() -> Scenario {
    let calls = [
        ("ec2", "RunInstances"),
        ("ec2", "AuthorizeSecurityGroupIngress"),
        ("ec2", "DescribeNetworkAcls"),
        ("iam", "AttachUserPolicy"),
        ("iam", "ListUsers"),
        ("cloudtrail", "StopLogging"),
        ("s3", "PutBucketPolicy"),
        ("s3", "GetBucketPolicy"),
    ];
    let at = 12 * DAY;
    let mut scenario = history(12);
    for (n, (service, api)) in calls.into_iter().enumerate() {
        // hugo reads security groups every day, nora nothing of EC2.
        let by = if api == "DescribeNetworkAcls" { "nora" } else { "hugo" };
        let call = Event::new(service, api).by(Identity::user(by)).ip("81.2.69.142");
        scenario = scenario.event(call.after(at + n as i64));
    }
    for day in 0..12 {
        for hour in [0, 1] {
            let call = Event::new("sqs", "ListQueues").by(Identity::user("nora")).ip("81.2.69.142");
            scenario = scenario.event(call.after(day * DAY + hour * 3600));
        }
    }
    for (n, api) in ["ListObjects", "GetObject", "DeleteObject", "PutObjectAcl"].into_iter().enumerate() {
        let call = Event::s3_data(api, "team-files").by(Identity::user("hugo")).ip("81.2.69.142");
        scenario = scenario.event(call.after(at + 100 + n as i64));
    }
    scenario.event(Event::console_login().by(Identity::user("hugo")).ip("45.155.205.9").after(at + 200))
}

#[test]
fn every_kind_once() {
    let findings = check_detector(&attack().retired());
    assert_eq!(raised_of(&findings, "first-call").len(), 15, "{:?}", types(&findings));
    let text = why(of_type(&findings, "Stealth:IAMUser/LoggingConfigurationModified")[0])["why"].to_string();
    assert!(text.contains("cloudtrail:StopLogging is the first call of its kind"), "{text}");
}

#[test]
fn a_second_day_of_it_is_none() {
    let again = |days: i64| {
        (0..days).fold(history(12).retired(), |s, day| {
            let call = Event::new("iam", "ListUsers").by(Identity::user("ann")).ip("81.2.69.142");
            s.event(call.after((8 + day) * DAY + 300))
        })
    };
    let count = |s: &Scenario| {
        of_type(&s.findings(), "Recon:IAMUser/UserPermissions").iter().map(|f| f.service.count).sum::<i64>()
    };
    // The same calls on the next days add nothing.
    assert_eq!(count(&again(1)), count(&again(3)));
}
