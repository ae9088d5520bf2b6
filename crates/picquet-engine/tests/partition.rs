//! The engine's promise: the same logs give the same findings, byte for byte, however records are spread over
//! objects, workers and spilled runs, and in whatever order they come.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use picquet_intel::Category;
use picquet_testkit::{Event, Flow, Identity, PRIVATE_IP, Plan, Query, SUBNET, Scenario, VPC, assert_valid, json};
use proptest::prelude::*;
use serde_json::json as value;

const LISTED: [&str; 4] = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "2001:db8::1"];

/// One record of any kind, often one that matters, in few places and at few moments so that records meet.
#[derive(Clone, Debug)]
enum Record {
    Event { who: u8, what: u8, ip: u8, place: u8, secs: i64, failed: bool },
    Flow { interface: u8, instance: u8, peer: u8, port: u8, shape: u8, place: u8, secs: i64 },
    Query { name: u8, instance: u8, place: u8, secs: i64 },
    Guessing { client: u8, inside: bool, count: u8, hours: i64 },
}

fn record() -> impl Strategy<Value = Record> {
    // Times lie within two days; half of them in one minute.
    let secs = prop_oneof![0i64..60, 0i64..172_800];
    prop_oneof![
        6 => (0u8..6, 0u8..14, 0u8..6, 0u8..4, secs.clone(), any::<bool>())
            .prop_map(|(who, what, ip, place, secs, failed)| Record::Event { who, what, ip, place, secs, failed: failed && secs % 3 == 0 }),
        6 => (0u8..2, 0u8..3, 0u8..5, 0u8..5, 0u8..5, 0u8..2, secs.clone())
            .prop_map(|(interface, instance, peer, port, shape, place, secs)| Record::Flow { interface, instance, peer, port, shape, place, secs }),
        3 => (0u8..4, 0u8..3, 0u8..2, secs).prop_map(|(name, instance, place, secs)| Record::Query { name, instance, place, secs }),
        1 => (0u8..2, any::<bool>(), 1u8..25, 0i64..40).prop_map(|(client, inside, count, hours)| Record::Guessing { client, inside, count, hours }),
    ]
}

fn account_and_region(place: u8) -> (&'static str, &'static str) {
    [
        ("111122223333", "us-east-1"),
        ("111122223333", "eu-west-1"),
        ("444455556666", "us-east-1"),
        ("111122223333", "ap-south-1"),
    ][usize::from(place)]
}

fn instance(n: u8) -> String {
    format!("i-0a1b2c3d4e5f6071{n}")
}

fn event(who: u8, what: u8, ip: u8, place: u8, secs: i64, failed: bool) -> Event {
    let by = match who {
        0 => Identity::root(),
        1 => Identity::user("alice"),
        2 => Identity::role("Deploy", "a"),
        3 => Identity::role("Deploy", "b"),
        4 => Identity::service("cloudtrail.amazonaws.com"),
        _ => Identity::other_account("999988887777"),
    };
    let bucket = || value!({"bucketName": "logs"});
    let eni = format!("eni-{}", what % 2);
    let event = match what {
        0 => Event::new("ec2", "DescribeInstances"),
        1 => Event::new("iam", "CreateUser"),
        2 => Event::s3_data("GetObject", "reports"),
        3 => Event::s3_data("ListObjects", "reports"),
        4 => Event::new("cloudtrail", "StopLogging").request(value!({"name": "t"})),
        5 => Event::new("s3", "GetBucketAcl").request(bucket()),
        6 => Event::new("s3", "DeleteBucket").request(bucket()),
        7 => Event::new("iam", "UpdateAccountPasswordPolicy").request(value!({"minimumPasswordLength": 6 + ip, "requireNumbers": ip.is_multiple_of(2)})),
        8 => Event::new("iam", "DeleteAccountPasswordPolicy"),
        9 => Event::new("ec2", "AttachNetworkInterface").request(value!({"networkInterfaceId": eni, "instanceId": instance(ip % 3)})),
        10 => Event::new("ec2", "DeleteNetworkInterface").request(value!({"networkInterfaceId": eni})),
        11 => Event::new("s3", "DeleteBucketPublicAccessBlock").request(bucket()),
        12 => Event::new("ec2", "RunInstances").response(value!({"instancesSet": {"items": [{
            "instanceId": instance(ip % 3), "instanceType": format!("t3.{ip}"), "vpcId": VPC, "privateIpAddress": PRIVATE_IP,
            "networkInterfaceSet": {"items": [{"networkInterfaceId": eni, "vpcId": VPC, "privateIpAddress": PRIVATE_IP,
                "groupSet": {"items": [{"groupId": "sg-1"}]}}]}}]}})),
        _ => Event::new("iam", "AttachUserPolicy")
            .request(value!({"userName": "alice", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})),
    };
    let source = match (who, usize::from(ip)) {
        (4, _) => "cloudtrail.amazonaws.com",
        (_, n) => LISTED.get(n).copied().unwrap_or("198.51.100.1"),
    };
    let (account, region) = account_and_region(place);
    let event = event.by(by).account(account).region(region).ip(source).after(secs);
    let event = if ip == 5 { event.user_agent("Boto3/1.34 Linux/6.6.9-kali1") } else { event };
    if failed { event.error("AccessDenied") } else { event }
}

fn flows(record: &Record) -> Vec<Flow> {
    match *record {
        Record::Flow { interface, instance: i, peer, port, shape, place, secs } => {
            let remote = LISTED.get(usize::from(peer)).copied().unwrap_or("192.0.2.9");
            let own = if remote.contains(':') { "2600:1f18::5" } else { PRIVATE_IP };
            let port = [22, 443, 9200, 9001, 50_000][usize::from(port)];
            let flow = match shape {
                0 | 1 => Flow::new((own, 40_001), (remote, port)),
                _ => Flow::new((remote, 50_001), (own, port)),
            };
            let (account, region) = account_and_region(place * 2);
            let flow = flow.interface(&format!("eni-{interface}")).account(account).region(region).after(secs);
            let flow = if i < 2 { flow.v5(VPC, SUBNET, &instance(i)) } else { flow };
            match shape {
                1 | 4 => vec![flow.reject()],
                _ => flow.both().into(),
            }
        }
        Record::Guessing { client, inside, count, hours } => (0..i64::from(count))
            .flat_map(|n| {
                let client = if inside { format!("10.0.7.{client}") } else { format!("198.51.100.{client}") };
                let there = Flow::new((&client, 33_000 + n as u16), (PRIVATE_IP, 22))
                    .interface("eni-0")
                    .after(hours * 3600 + n * 9);
                [there.clone().size(14, 2_100), there.reply().size(15, 3_400)]
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn scenario(records: &[Record]) -> Scenario {
    let base = Scenario::new()
        .retired()
        .named_feed(Category::C2, "C2", "203.0.113.1\nc2.example\n")
        .named_feed(Category::TorRelay, "relays", "203.0.113.2\n203.0.113.3\n")
        .named_feed(Category::TorExit, "exits", "203.0.113.2\n2001:db8::1\n")
        .named_feed(Category::Scanner, "scanners", "203.0.113.1\n")
        .named_feed(Category::MaliciousIp, "bad", "203.0.113.3\n")
        .threat_list("203.0.113.2\n2001:db8::1\nmine.example")
        .tuning("[tor_relay]\nmin_nodes_each_way = 1\n[ssh_brute_force]\nattempts_per_hour = 8\nattempts_per_day = 12\nprivate_attempts_per_hour = 15");
    records.iter().fold(base, |s, record| match record {
        &Record::Event { who, what, ip, place, secs, failed } => s.event(event(who, what, ip, place, secs, failed)),
        &Record::Query { name, instance: i, place, secs } => {
            let name = ["c2.example", "a.c2.example", "mine.example", "rebind.example.com"][usize::from(name)];
            let (account, region) = account_and_region(place);
            let query = Query::new(name).account(account).region(region).after(secs);
            let query = if name.starts_with("rebind") { query.answer("A", "169.254.169.254") } else { query };
            s.query(match i {
                2 => query.nameless(),
                i => query.instance(&instance(i)).from(&format!("10.0.1.{}", 5 + secs % 2)),
            })
        }
        other => s.flows(flows(other)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn findings_do_not_depend_on_how_records_are_spread(
        records in prop::collection::vec(record(), 1..40),
        seeds in prop::collection::vec(any::<u64>(), 4),
    ) {
        let scenario = scenario(&records);
        let want = scenario.findings();
        want.iter().for_each(assert_valid);
        let want = json(&want);
        for seed in seeds {
            let plan = Plan::random(seed);
            let got = json(&scenario.findings_by(&plan));
            prop_assert!(got == want, "under {plan:?}:\n{}", first_difference(&want, &got));
        }
    }

    /// Two trails deliver every event: nothing counts twice.
    #[test]
    fn every_event_of_two_trails_counts_once(records in prop::collection::vec(record(), 1..30), seed: u64) {
        let scenario = scenario(&records);
        let plan = Plan { trails: 2, ..Plan::random(seed) };
        let (want, got) = (json(&scenario.findings()), json(&scenario.findings_by(&plan)));
        prop_assert!(got == want, "under {plan:?}:\n{}", first_difference(&want, &got));
    }
}

fn first_difference(want: &str, got: &str) -> String {
    let at = want.lines().zip(got.lines()).position(|(a, b)| a != b).unwrap_or(0);
    let part = |text: &str| text.lines().skip(at.saturating_sub(6)).take(14).collect::<Vec<_>>().join("\n");
    format!("--- want\n{}\n--- got\n{}", part(want), part(got))
}

#[test]
fn many_small_runs_are_merged_in_groups() {
    // More spilled runs than are merged at a time.
    let scenario = (0..130).fold(Scenario::new().feed(Category::TorExit, "203.0.113.1"), |s, n| {
        s.event(Event::new("ec2", "RunInstances").ip("203.0.113.1").after(n * 600))
    });
    let plan = Plan { per_object: 1, workers: 3, spill: true, ..Plan::default() };
    let (want, got) = (scenario.findings(), scenario.findings_by(&plan));
    assert_eq!(json(&want), json(&got));
    assert_eq!(want[0].service.count, 130);
}

#[test]
fn more_events_than_are_counted_exactly() {
    let scenario = (0..4500).fold(Scenario::new().feed(Category::TorExit, "203.0.113.1"), |s, n| {
        s.event(Event::new("ec2", "RunInstances").ip("203.0.113.1").after(n % 3000))
    });
    let want = scenario.findings();
    let near = (want[0].service.count as f64 / 4500.0 - 1.0).abs();
    assert!(near < 0.05, "{}", want[0].service.count);
    for seed in 0..3 {
        let plan = Plan { per_object: 700, workers: 3, ..Plan::random(seed) };
        assert_eq!(json(&want), json(&scenario.findings_by(&plan)));
    }
}

#[test]
fn findings_come_in_the_order_of_their_first_activity() {
    let scenario = (0..9i64).fold(Scenario::new().feed(Category::TorExit, "203.0.113.1"), |s, n| {
        s.event(
            Event::new("ec2", "RunInstances")
                .ip("203.0.113.1")
                .by(Identity::user(&format!("u{n}")))
                .after((n * 37) % 11),
        )
    });
    let findings = scenario.findings();
    assert_eq!(findings.len(), 9);
    assert!(findings.is_sorted_by(|a, b| (&a.service.event_first_seen, &a.id) <= (&b.service.event_first_seen, &b.id)));
}
