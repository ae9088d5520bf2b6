//! What the builders write is what the readers read.

use crate::{ACCOUNT, Event, Flow, INSTANCE, Identity, Query, VPC};
use picquet_logs::flow::Verdict;
use picquet_logs::{CloudTrailRecord, DnsRecord, FlowRecord, Input, Limits, ObjectName, Sink, Window, read_object};

/// Shows each record as text.
#[derive(Default)]
struct Shown(Vec<String>);

impl Sink for Shown {
    fn cloudtrail(&mut self, r: &CloudTrailRecord<'_>) {
        let id = &r.identity;
        self.0.push(format!(
            "{} {} {} {} {} {} {}|{} {} {} {} {:?} {} {}",
            r.time,
            r.event_source,
            r.event_name,
            r.region,
            r.source_ip,
            r.error_code,
            r.recipient_account,
            id.kind,
            id.user_name,
            id.issuer.user_name,
            id.invoked_by,
            id.mfa,
            id.assumed_root,
            id.ec2_role_delivery,
        ));
    }

    fn flow(&mut self, r: &FlowRecord<'_>) {
        self.0.push(format!(
            "v{} {} {} {}:{} {}:{} {} {:?} {:?} {:?} {:?} {:?}",
            r.version,
            r.account_id,
            r.interface_id,
            r.src,
            r.src_port,
            r.dst,
            r.dst_port,
            r.bytes,
            r.verdict == Some(Verdict::Accept),
            r.instance_id,
            r.vpc_id,
            r.tcp_flags,
            r.ingress,
        ));
    }

    fn dns(&mut self, r: &DnsRecord<'_>) {
        let answers: Vec<String> = r.answers().map(|a| format!("{} {}", a.kind, a.data)).collect();
        self.0.push(format!(
            "{} {} {} {} {:?} {:?} {:?} {:?}",
            r.time,
            r.name,
            r.query_type,
            r.vpc_id,
            r.src.map(|ip| ip.to_string()),
            r.instance_id,
            r.firewall_action,
            answers
        ));
    }
}

fn shown(text: &str) -> Vec<String> {
    let mut sink = Shown::default();
    let limits = Limits::default();
    let mut window = Window::whole(text.as_bytes(), &limits);
    let report = read_object(Input::Window(&mut window), &ObjectName::default(), &limits, &mut sink);
    assert!(report.defects.is_empty() && report.not_read.is_none(), "{report:?}");
    sink.0
}

#[test]
fn events() {
    let records = [
        Event::new("ec2", "RunInstances").error("AccessDenied"),
        Event::new("iam", "CreateUser").by(Identity::root()),
        Event::new("s3", "GetObject").by(Identity::assumed_root()),
        Event::new("s3", "GetObject").by(Identity::instance_role("web", INSTANCE)).region("eu-west-1"),
        Event::new("s3", "GetObject").by(Identity::service("ecs.amazonaws.com")).ip("ecs.amazonaws.com"),
        Event::new("s3", "GetObject").by(Identity::federated("bob", "alice")).account("444455556666"),
    ];
    let text: Vec<String> = records.iter().enumerate().map(|(n, e)| e.json(n)).collect();
    assert_eq!(
        shown(&format!("{{\"Records\":[{}]}}", text.join(","))),
        [
            "2024-05-01T12:00:00.000Z ec2.amazonaws.com RunInstances us-east-1 198.51.100.10 AccessDenied 111122223333|IAMUser alice   None false ",
            "2024-05-01T12:00:00.000Z iam.amazonaws.com CreateUser us-east-1 198.51.100.10  111122223333|Root    Some(true) false ",
            "2024-05-01T12:00:00.000Z s3.amazonaws.com GetObject us-east-1 198.51.100.10  111122223333|Root    None true ",
            "2024-05-01T12:00:00.000Z s3.amazonaws.com GetObject eu-west-1 198.51.100.10  111122223333|AssumedRole  web  Some(false) false 2.0",
            "2024-05-01T12:00:00.000Z s3.amazonaws.com GetObject us-east-1 ecs.amazonaws.com  111122223333|AWSService   ecs.amazonaws.com None false ",
            "2024-05-01T12:00:00.000Z s3.amazonaws.com GetObject us-east-1 198.51.100.10  444455556666|FederatedUser  alice  None false ",
        ]
    );
}

#[test]
fn event_ids_differ_unless_given() {
    let event = Event::new("ec2", "RunInstances");
    assert_ne!(event.json(0), event.json(1));
    assert_eq!(event.json(0), event.json(0));
    let given = event.id("0c6ae7a5-0000-4000-8000-00000000000a");
    assert!(given.json(3).contains("\"eventID\":\"0c6ae7a5-0000-4000-8000-00000000000a\""));
}

#[test]
fn flows() {
    let [there, back] = Flow::inward("203.0.113.7", 22).here().both();
    let text = format!("{}\n{}\n{}\n", there.header(), there.line(), back.line());
    let place = format!("Some(\"{INSTANCE}\") Some(\"{VPC}\")");
    assert_eq!(
        shown(&text),
        [
            format!(
                "v5 {ACCOUNT} eni-0a1b2c3d4e5f60718 203.0.113.7:50001 10.0.1.5:22 2000 true {place} Some(3) Some(true)"
            ),
            format!(
                "v5 {ACCOUNT} eni-0a1b2c3d4e5f60718 10.0.1.5:22 203.0.113.7:50001 2000 true {place} Some(19) Some(false)"
            ),
        ]
    );
    let plain = Flow::out("2001:db8::1", 443).reject();
    assert_eq!(
        shown(&format!("{}\n{}\n", plain.header(), plain.line())),
        [format!("v2 {ACCOUNT} eni-0a1b2c3d4e5f60718 10.0.1.5:40001 2001:db8::1:443 2000 false None None None None")]
    );
}

#[test]
fn queries() {
    let query = Query::new("example.com").answer("CNAME", "a.example.").answer("A", "192.0.2.1").firewall("ALERT");
    assert_eq!(
        shown(&query.json()),
        [format!(
            "2024-05-01T12:00:00.000Z example.com. A {VPC} Some(\"10.0.1.5\") Some(\"{INSTANCE}\") Some(\"ALERT\") [\"CNAME a.example.\", \"A 192.0.2.1\"]"
        )]
    );
    assert!(shown(&Query::new("example.com").nameless().json())[0].contains("Some(\"10.0.1.5\") None None []"));
}
