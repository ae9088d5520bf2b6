//! A flow that is written in any order of columns reads back as it was.

mod common;

use picquet_logs::flow::Verdict;
use picquet_logs::{CloudTrailRecord, DnsRecord, FlowRecord, Input, Limits, ObjectName, Sink, Window, read_object};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::net::IpAddr;

const COLUMNS: [&str; 36] = [
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
    "vpc-id",
    "subnet-id",
    "instance-id",
    "tcp-flags",
    "type",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "region",
    "az-id",
    "sublocation-type",
    "sublocation-id",
    "pkt-src-aws-service",
    "pkt-dst-aws-service",
    "flow-direction",
    "traffic-path",
    "ecs-cluster-arn",
    "ecs-task-id",
    "reject-reason",
    "resource-id",
    "encryption-status",
    "next-years-field",
    "x9",
];

/// What each column says of one flow; `None` is written as `-`.
#[derive(Clone, Debug)]
struct Flow {
    account: Option<&'static str>,
    src: IpAddr,
    dst: IpAddr,
    packet_src: Option<IpAddr>,
    packet_dst: Option<IpAddr>,
    ports: Option<(u16, u16)>,
    protocol: u8,
    counts: (u64, u64),
    start: u32,
    lasted: u16,
    verdict: Option<Verdict>,
    words: [Option<&'static str>; 6],
    tcp_flags: Option<u8>,
    ingress: Option<bool>,
}

impl Flow {
    fn column(&self, name: &str) -> String {
        fn or_dash<T: ToString>(value: Option<T>) -> String {
            value.map_or("-".to_owned(), |v| v.to_string())
        }
        match name {
            "version" => "5".to_owned(),
            "account-id" => or_dash(self.account),
            "interface-id" => "eni-0a1b2c".to_owned(),
            "srcaddr" => self.src.to_string(),
            "dstaddr" => self.dst.to_string(),
            "pkt-srcaddr" => or_dash(self.packet_src),
            "pkt-dstaddr" => or_dash(self.packet_dst),
            "srcport" => or_dash(self.ports.map(|p| p.0)),
            "dstport" => or_dash(self.ports.map(|p| p.1)),
            "protocol" => self.protocol.to_string(),
            "packets" => self.counts.0.to_string(),
            "bytes" => self.counts.1.to_string(),
            "start" => self.start.to_string(),
            "end" => (u64::from(self.start) + u64::from(self.lasted)).to_string(),
            "action" => or_dash(self.verdict.map(|v| if v == Verdict::Accept { "ACCEPT" } else { "REJECT" })),
            "log-status" => "OK".to_owned(),
            "vpc-id" => or_dash(self.words[0]),
            "subnet-id" => or_dash(self.words[1]),
            "instance-id" => or_dash(self.words[2]),
            "region" => or_dash(self.words[3]),
            "pkt-src-aws-service" => or_dash(self.words[4]),
            "pkt-dst-aws-service" => or_dash(self.words[5]),
            "tcp-flags" => or_dash(self.tcp_flags),
            "flow-direction" => or_dash(self.ingress.map(|i| if i { "ingress" } else { "egress" })),
            "type" => "IPv4".to_owned(),
            _ => "-".to_owned(),
        }
    }

    /// What a reader should make of the columns that are there.
    fn check(&self, r: &FlowRecord<'_>, columns: &[&str]) {
        let has = |name: &str| columns.contains(&name);
        let word = |name: &str, n: usize| has(name).then_some(self.words[n]).flatten();
        let ports = self.ports.unwrap_or((0, 0));
        let packet = |name, ip: Option<IpAddr>| has(name).then_some(ip).flatten();
        assert_eq!(r.version, if has("version") { 5 } else { 2 });
        assert_eq!(r.account_id, has("account-id").then_some(self.account).flatten().unwrap_or("999988887777"));
        assert_eq!(r.interface_id, if has("interface-id") { "eni-0a1b2c" } else { "" });
        assert_eq!((r.interface_src, r.interface_dst), (self.src, self.dst));
        assert_eq!(r.src, packet("pkt-srcaddr", self.packet_src).unwrap_or(self.src));
        assert_eq!(r.dst, packet("pkt-dstaddr", self.packet_dst).unwrap_or(self.dst));
        assert_eq!(r.src_port, if has("srcport") { ports.0 } else { 0 });
        assert_eq!(r.dst_port, if has("dstport") { ports.1 } else { 0 });
        assert_eq!(r.protocol, if has("protocol") { self.protocol } else { 0 });
        assert_eq!(r.packets, if has("packets") { self.counts.0 } else { 0 });
        assert_eq!(r.bytes, if has("bytes") { self.counts.1 } else { 0 });
        assert_eq!(r.start.as_secs(), i64::from(self.start));
        let lasted = if has("end") { i64::from(self.lasted) } else { 0 };
        assert_eq!(r.end.as_secs() - r.start.as_secs(), lasted);
        assert_eq!(r.verdict, has("action").then_some(self.verdict).flatten());
        assert_eq!((r.vpc_id, r.subnet_id), (word("vpc-id", 0), word("subnet-id", 1)));
        assert_eq!((r.instance_id, r.region), (word("instance-id", 2), word("region", 3)));
        assert_eq!(r.src_aws_service, word("pkt-src-aws-service", 4));
        assert_eq!(r.dst_aws_service, word("pkt-dst-aws-service", 5));
        assert_eq!(r.tcp_flags, has("tcp-flags").then_some(self.tcp_flags).flatten());
        assert_eq!(r.ingress, has("flow-direction").then_some(self.ingress).flatten());
    }
}

fn flow() -> impl Strategy<Value = Flow> {
    let ip = || prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from)];
    let words = ["vpc-0a", "subnet-0b", "i-0123456789abcdef0", "eu-west-1", "S3", "AMAZON"].map(Some);
    let word = || select([&words[..], &[None]].concat());
    (
        (prop::option::of(select(vec!["111122223333", "444455556666"])), ip(), ip()),
        (prop::option::of(ip()), prop::option::of(ip()), any::<Option<(u16, u16)>>(), any::<u8>()),
        (any::<(u64, u64)>(), any::<u32>(), any::<u16>()),
        prop::option::of(select(vec![Verdict::Accept, Verdict::Reject])),
        [word(), word(), word(), word(), word(), word()],
        any::<Option<u8>>(),
        any::<Option<bool>>(),
    )
        .prop_map(
            |((account, src, dst), (packet_src, packet_dst, ports, protocol), counts, verdict, words, f, ingress)| {
                let (counts, start, lasted) = counts;
                let tcp_flags = f;
                Flow {
                    account,
                    src,
                    dst,
                    packet_src,
                    packet_dst,
                    ports,
                    protocol,
                    counts,
                    start,
                    lasted,
                    verdict,
                    words,
                    tcp_flags,
                    ingress,
                }
            },
        )
}

struct Check<'c> {
    flows: &'c [Flow],
    columns: &'c [&'c str],
    next: usize,
}

impl Sink for Check<'_> {
    fn cloudtrail(&mut self, _: &CloudTrailRecord<'_>) {
        panic!("no event was written");
    }

    fn flow(&mut self, record: &FlowRecord<'_>) {
        self.flows[self.next].check(record, self.columns);
        self.next += 1;
    }

    fn dns(&mut self, _: &DnsRecord<'_>) {
        panic!("no query was written");
    }
}

fn round_trip(flows: &[Flow], columns: &[&str], end: &str) {
    let mut text = columns.join(" ") + end;
    for flow in flows {
        text += &(columns.iter().map(|c| flow.column(c)).collect::<Vec<_>>().join(" ") + end);
    }
    let name = ObjectName { account: Some("999988887777".to_owned()), ..ObjectName::default() };
    let limits = Limits::default();
    let mut check = Check { flows, columns, next: 0 };
    let report = read_object(Input::Window(&mut Window::whole(text.as_bytes(), &limits)), &name, &limits, &mut check);
    assert_eq!((report.defects.as_slice(), report.not_read), (&[][..], None), "{text}");
    assert_eq!((check.next, report.total_records()), (flows.len(), flows.len() as u64), "{text}");
}

proptest! {
    #[test]
    fn any_order_of_columns(
        flows in prop::collection::vec(flow(), 1..5),
        order in Just(COLUMNS.to_vec()).prop_shuffle(),
        leave_out in prop::collection::vec(any::<Index>(), 0..30),
        crlf: bool,
    ) {
        let mut columns = order;
        for index in leave_out {
            let at = index.index(columns.len());
            if !["srcaddr", "dstaddr", "start"].contains(&columns[at]) {
                columns.remove(at);
            }
        }
        round_trip(&flows, &columns, if crlf { "\r\n" } else { "\n" });
    }

    #[test]
    fn the_default_format(flows in prop::collection::vec(flow(), 1..5)) {
        round_trip(&flows, &COLUMNS[..14], "\n");
    }
}
