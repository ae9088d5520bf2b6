//! API calls from listed addresses.

use super::{silent, why};
use picquet_intel::Category;
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, of_type, only, types};
use serde_json::json;

const MALICIOUS: &str = "203.0.113.7";
const TOR: &str = "203.0.113.8";
const CUSTOM: &str = "203.0.113.9";

fn listed() -> Scenario {
    Scenario::new().feed(Category::MaliciousIp, MALICIOUS).feed(Category::TorExit, TOR).threat_list(CUSTOM)
}

pub fn attack() -> Scenario {
    [MALICIOUS, TOR, CUSTOM].into_iter().fold(listed(), |s, ip| {
        s.event(Event::new("ec2", "DescribeInstances").ip(ip))
            .event(Event::new("ec2", "RunInstances").ip(ip))
            .event(Event::s3_data("ListObjects", "reports").ip(ip))
            .event(Event::s3_data("GetObject", "reports").ip(ip))
            .event(Event::s3_data("PutObject", "reports").ip(ip))
    })
}

#[test]
fn each_call_has_its_type() {
    let findings = check_detector(&attack());
    for (name, api, role_ip) in [
        ("Recon:IAMUser/MaliciousIPCaller", "DescribeInstances", MALICIOUS),
        ("UnauthorizedAccess:IAMUser/MaliciousIPCaller", "RunInstances", MALICIOUS),
        ("Discovery:S3/MaliciousIPCaller", "ListObjects", MALICIOUS),
        ("Exfiltration:S3/MaliciousIPCaller", "GetObject", MALICIOUS),
        ("Impact:S3/MaliciousIPCaller", "PutObject", MALICIOUS),
        ("Recon:IAMUser/TorIPCaller", "DescribeInstances", TOR),
        ("UnauthorizedAccess:IAMUser/TorIPCaller", "RunInstances", TOR),
        ("Discovery:S3/TorIPCaller", "ListObjects", TOR),
        ("Recon:IAMUser/MaliciousIPCaller.Custom", "DescribeInstances", CUSTOM),
        ("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "RunInstances", CUSTOM),
        ("Discovery:S3/MaliciousIPCaller.Custom", "ListObjects", CUSTOM),
    ] {
        let of = of_type(&findings, name);
        assert_eq!(of.len(), 1, "{name}");
        let call = of[0].service.action.aws_api_call_action.as_ref().unwrap();
        assert_eq!((call.api.as_str(), of[0].service.count), (api, 1), "{name}");
        assert_eq!(call.remote_ip_details.as_ref().unwrap().ip_address_v4.as_deref(), Some(role_ip), "{name}");
    }
    // Reads and writes of objects are one type here, so one finding of two calls.
    for name in ["UnauthorizedAccess:S3/TorIPCaller", "UnauthorizedAccess:S3/MaliciousIPCaller.Custom"] {
        assert_eq!(of_type(&findings, name)[0].service.count, 2, "{name}");
    }
    assert_eq!(findings.len(), 13);
}

#[test]
fn a_whole_finding() {
    let scenario = listed().event(
        Event::new("iam", "CreateAccessKey").ip(MALICIOUS).by(Identity::role("Deploy", "ci")).error("AccessDenied"),
    );
    insta::assert_snapshot!(json(&check_detector(&scenario)));
}

#[test]
fn a_whole_finding_about_a_bucket() {
    insta::assert_snapshot!(json(&check_detector(&listed().event(Event::s3_data("GetObject", "reports").ip(TOR)))));
}

#[test]
fn calls_of_one_principal_are_one_finding_with_the_latest_call() {
    let call = || Event::new("ec2", "DescribeInstances").by(Identity::role("Deploy", "monday"));
    let list = || Scenario::new().feed(Category::MaliciousIp, "203.0.113.0/24");
    let findings = check_detector(
        &list()
            .event(call().ip("203.0.113.1"))
            .event(call().ip("203.0.113.3").after(86_400).by(Identity::role("Deploy", "tuesday")))
            .event(call().ip("203.0.113.2").after(60)),
    );
    let f = only(&findings);
    assert_eq!(f.service.count, 3);
    assert_eq!(f.service.event_first_seen, "2024-05-01T12:00:00.000Z");
    assert_eq!(f.service.event_last_seen, "2024-05-02T12:00:00.000Z");
    assert!(f.title.contains("203.0.113.3"), "{}", f.title);
    let findings = check_detector(
        &list().event(call().ip("203.0.113.1")).event(call().ip("203.0.113.1").by(Identity::user("bob"))),
    );
    assert_eq!(findings.len(), 2, "two principals are two findings");
}

#[test]
fn failed_calls_count() {
    let f = listed().event(Event::new("ec2", "DescribeInstances").ip(MALICIOUS).error("Client.UnauthorizedOperation"));
    let findings = check_detector(&f);
    let call = only(&findings).service.action.aws_api_call_action.clone().unwrap();
    assert_eq!(call.error_code.as_deref(), Some("Client.UnauthorizedOperation"));
    check_detector(&listed().event(Event::s3_data("GetObject", "reports").ip(TOR).error("AccessDenied")))
        .first()
        .unwrap();
}

#[test]
fn signing_in_is_access() {
    let findings = check_detector(&listed().event(Event::console_login().ip(TOR)));
    assert_eq!(types(&findings), ["UnauthorizedAccess:IAMUser/TorIPCaller"]);
}

#[test]
fn the_neighbours_address_is_not_listed() {
    silent(&listed().event(Event::new("ec2", "RunInstances").ip("203.0.113.6")));
    silent(
        &Scenario::new()
            .feed(Category::MaliciousIp, "198.51.100.0/25")
            .event(Event::new("ec2", "RunInstances").ip("198.51.100.128")),
    );
}

#[test]
fn services_are_no_callers() {
    silent(
        &listed()
            .event(Event::new("ec2", "RunInstances").ip(MALICIOUS).by(Identity::service("autoscaling.amazonaws.com")))
            .event(
                Event::new("ec2", "RunInstances")
                    .ip(MALICIOUS)
                    .by(Identity::user("alice").invoked_by("cloudformation.amazonaws.com")),
            )
            .event(Event::new("ec2", "RunInstances").ip("cloudformation.amazonaws.com"))
            .event(Event::new("kms", "RotateKey").ip(MALICIOUS).event_type("AwsServiceEvent")),
    );
}

#[test]
fn requests_without_credentials_are_nobodys() {
    silent(&listed().event(Event::s3_data("GetObject", "reports").ip(TOR).by(Identity::anonymous())));
}

#[test]
fn other_data_events_are_not_read() {
    silent(
        &listed()
            .event(Event::new("lambda", "Invoke").ip(TOR).category("Data"))
            .event(Event::new("kms", "Decrypt").ip(TOR).category("NetworkActivity")),
    );
}

#[test]
fn s3_data_events_can_be_left_out() {
    silent(
        &listed().event(Event::s3_data("GetObject", "reports").ip(TOR)).tuning("[detection]\ns3_data_events = false"),
    );
}

#[test]
fn trusted_wins() {
    for trusted in [MALICIOUS, "203.0.113.0/29"] {
        silent(&listed().trusted(trusted).event(Event::new("ec2", "RunInstances").ip(MALICIOUS)));
    }
    // What is trusted is the address, not the caller.
    assert_eq!(check_detector(&listed().trusted(MALICIOUS).event(Event::new("ec2", "RunInstances").ip(TOR))).len(), 1);
}

#[test]
fn ipv6_callers() {
    let scenario = Scenario::new()
        .feed(Category::TorExit, "2001:db8::/48")
        .event(Event::new("ec2", "RunInstances").ip("2001:db8::9"));
    let findings = check_detector(&scenario);
    let remote = only(&findings).service.action.aws_api_call_action.clone().unwrap().remote_ip_details.unwrap();
    assert_eq!((remote.ip_address_v4, remote.ip_address_v6.as_deref()), (None, Some("2001:db8::9")));
}

#[test]
fn an_event_of_two_trails_counts_once() {
    let event = || Event::new("ec2", "RunInstances").ip(TOR).id("3f1a7f9e-0000-4000-8000-000000000001");
    let findings = check_detector(&listed().event(event()).event(event()));
    assert_eq!(only(&findings).service.count, 1);
}

#[test]
fn an_amended_event_counts_once_in_any_order() {
    let event = || Event::new("ec2", "RunInstances").ip(TOR).id("3f1a7f9e-0000-4000-8000-000000000001");
    let findings = check_detector(&listed().event(event()).event(event().user_agent("amended")).event(event()));
    assert_eq!(only(&findings).service.count, 1);
}

#[test]
fn global_services_count_in_every_region_of_the_account() {
    let scenario = listed()
        .event(Event::new("iam", "CreateUser").ip(TOR))
        .event(Event::new("ec2", "RunInstances").region("eu-west-1"))
        .flow(picquet_testkit::Flow::out("192.0.2.1", 443).region("ap-south-1"))
        .query(picquet_testkit::Query::new("example.com").region("sa-east-1"))
        .event(Event::new("ec2", "RunInstances").account("444455556666").region("us-west-2"));
    let findings = check_detector(&scenario);
    let mut regions: Vec<&str> = findings.iter().map(|f| f.region.as_str()).collect();
    regions.sort_unstable();
    assert_eq!(regions, ["ap-south-1", "eu-west-1", "sa-east-1", "us-east-1"]);
    let ids: std::collections::BTreeSet<&str> = findings.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids.len(), 4, "every detector has its own finding");
    assert!(findings.iter().all(|f| f.account_id == picquet_testkit::ACCOUNT));
}

#[test]
fn regional_services_count_in_their_region() {
    let scenario = listed()
        .event(Event::new("ec2", "RunInstances").ip(TOR).region("eu-west-1"))
        .event(Event::new("ec2", "DescribeVpcs").region("us-east-1"));
    assert_eq!(only(&check_detector(&scenario)).region, "eu-west-1");
}

#[test]
fn another_accounts_principal_is_named_by_its_account() {
    let scenario = listed().event(Event::new("sts", "AssumeRole").ip(TOR).by(Identity::other_account("999988887777")));
    let findings = check_detector(&scenario);
    let f = only(&findings);
    let remote = f.service.action.aws_api_call_action.as_ref().unwrap().remote_account_details.clone().unwrap();
    assert_eq!((remote.account_id.as_str(), remote.affiliated), ("999988887777", false));
    assert!(f.title.starts_with("A principal of account 999988887777 called AssumeRole"), "{}", f.title);
}

#[test]
fn all_lists_that_match_are_evidence() {
    let scenario = (0..20)
        .fold(Scenario::new(), |s, n| {
            s.named_feed(Category::MaliciousIp, &format!("list {n:02}"), &format!("{MALICIOUS}\n"))
        })
        .event(Event::new("ec2", "RunInstances").ip(MALICIOUS))
        .event(Event::new("ec2", "RunInstances").ip(MALICIOUS).after(5));
    let findings = check_detector(&scenario);
    let details = &only(&findings).service.evidence.as_ref().unwrap().threat_intelligence_details;
    let names: Vec<&str> = details.iter().map(|d| d.threat_list_name.as_str()).collect();
    assert_eq!((names.len(), names[0], names[15]), (16, "list 00", "list 15"), "the first sixteen");
}

#[test]
fn the_country_is_told_where_it_is_known() {
    let call = || Event::new("ec2", "RunInstances").ip("8.8.8.8");
    let list = || Scenario::new().feed(Category::TorExit, "8.8.8.8");
    let known = list().countries().event(call()).findings();
    assert!(only(&known).description.contains("8.8.8.8 (United States)"), "{}", known[0].description);
    let unknown = list().event(call()).findings();
    assert!(only(&unknown).description.contains("the Tor exit node 8.8.8.8. "), "{}", unknown[0].description);
}

#[test]
fn the_explanation_names_address_and_list() {
    let findings = check_detector(&listed().event(Event::new("ec2", "RunInstances").ip(TOR)));
    assert_eq!(
        why(only(&findings)),
        json!({
            "detector": "threat-list-api",
            "why": "RunInstances was called from 203.0.113.8, which is on the list 'tor-exit feed'.",
            "observations": [
                {"name": "source address", "observed": "203.0.113.8"},
                {"name": "API", "observed": "RunInstances"},
            ],
        })
    );
}

#[test]
fn what_each_s3_call_does() {
    for (api, finding_type) in [
        ("ListObjects", "Discovery:S3/MaliciousIPCaller"),
        ("ListObjectVersions", "Discovery:S3/MaliciousIPCaller"),
        ("GetObjectAcl", "Discovery:S3/MaliciousIPCaller"),
        ("HeadObject", "Discovery:S3/MaliciousIPCaller"),
        ("GetObject", "Exfiltration:S3/MaliciousIPCaller"),
        ("CopyObject", "Exfiltration:S3/MaliciousIPCaller"),
        ("SelectObjectContent", "Exfiltration:S3/MaliciousIPCaller"),
        ("PutObject", "Impact:S3/MaliciousIPCaller"),
        ("DeleteObjects", "Impact:S3/MaliciousIPCaller"),
        ("PutObjectAcl", "Impact:S3/MaliciousIPCaller"),
    ] {
        assert_eq!(
            types(&listed().event(Event::s3_data(api, "reports").ip(MALICIOUS)).findings()),
            [finding_type],
            "{api}"
        );
    }
    for (api, finding_type) in [
        ("ListBuckets", "Recon:IAMUser/MaliciousIPCaller"),
        ("DescribeKey", "Recon:IAMUser/MaliciousIPCaller"),
        ("GetBucketAcl", "UnauthorizedAccess:IAMUser/MaliciousIPCaller"),
        ("DeleteBucket", "UnauthorizedAccess:IAMUser/MaliciousIPCaller"),
    ] {
        assert_eq!(types(&listed().event(Event::new("s3", api).ip(MALICIOUS)).findings()), [finding_type], "{api}");
    }
}
