//! A sink that keeps what it is given, and ways to read bytes whole and in chunks.

#![allow(dead_code)] // Each test file uses some of it.

use picquet_logs::{CloudTrailRecord, DnsRecord, FlowRecord, Input, Limits, ObjectName, ObjectReport, Sink, Window};
use picquet_logs::{RecordKind, read_object};
use std::io::Read;

/// Every record as text, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Keep(pub Vec<String>);

impl Sink for Keep {
    fn cloudtrail(&mut self, record: &CloudTrailRecord<'_>) {
        self.0.push(format!("{record:?}"));
    }

    fn flow(&mut self, record: &FlowRecord<'_>) {
        self.0.push(format!("{record:?}"));
    }

    fn dns(&mut self, record: &DnsRecord<'_>) {
        self.0.push(format!("{record:?} {:?}", record.answers().collect::<Vec<_>>()));
    }
}

pub fn whole(bytes: &[u8], limits: &Limits) -> (Keep, ObjectReport) {
    let mut keep = Keep::default();
    let input = Input::Bytes(bytes::Bytes::copy_from_slice(bytes));
    let report = read_object(input, &ObjectName::default(), limits, &mut keep);
    (keep, comparable(report))
}

/// Where nothing more is read, how much was looked at depends on the pieces.
fn comparable(mut report: ObjectReport) -> ObjectReport {
    if report.not_read.is_some() {
        report.bytes = 0;
    }
    report
}

pub fn stream(mut reader: impl Read, limits: &Limits) -> (Keep, ObjectReport) {
    let mut keep = Keep::default();
    let mut window = Window::stream(&mut reader, limits);
    let report = read_object(Input::Window(&mut window), &ObjectName::default(), limits, &mut keep);
    (keep, comparable(report))
}

/// Reads bytes with the default limits.
pub fn read(bytes: &[u8]) -> (Keep, ObjectReport) {
    whole(bytes, &Limits::default())
}

pub fn count(report: &ObjectReport, kind: RecordKind) -> u64 {
    report.records.get(&kind).copied().unwrap_or(0)
}

pub const V2: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

pub const FLOW: &str = "2 111122223333 eni-0a 10.0.0.1 203.0.113.7 443 50000 6 12 3400 1772437800 1772437803 ACCEPT OK";

pub fn event(n: usize) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","accountId":"111122223333","userName":"u{n}"}},"eventTime":"2024-05-01T10:00:{:02}Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","requestParameters":{{"a":["x\"}}",{{}}]}},"eventID":"e{n}","managementEvent":true}}"#,
        n % 60
    )
}

pub fn query(n: usize) -> String {
    format!(
        r#"{{"version":"1.1","account_id":"111122223333","region":"us-east-1","vpc_id":"vpc-0a","query_timestamp":"2024-05-01T10:00:{:02}Z","query_name":"h{n}.example.com.","query_type":"A","rcode":"NOERROR","answers":[{{"Rdata":"192.0.2.1","Type":"A","Class":"IN"}}],"srcaddr":"10.0.0.9","srcids":{{"instance":"i-0a"}}}}"#,
        n % 60
    )
}

/// Well-formed and damaged objects of all kinds.
pub fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let events: Vec<String> = (0..5).map(event).collect();
    let queries: Vec<String> = (0..5).map(query).collect();
    let nodata = "2 111122223333 eni-0a - - - - - - - 1431280876 1431280934 - NODATA";
    let exported: Vec<String> = [FLOW, nodata, &events[0], &queries[0], "hello"]
        .iter()
        .map(|m| format!("2024-05-01T00:00:00.000Z {m}"))
        .collect();
    vec![
        ("cloudtrail", format!("{{\"Records\":[{}]}}", events.join(",")).into_bytes()),
        ("cloudtrail spaced", format!("{{ \"Records\" : [\n{}\n] }}\n", events.join(" ,\n")).into_bytes()),
        ("cloudtrail lines", events.join("\n").into_bytes()),
        ("cloudtrail damaged", format!("{{\"Records\":[{},{{]{}]}}", events[0], events.join(",")).into_bytes()),
        ("dns", (queries.join("\n") + "\n").into_bytes()),
        ("dns damaged", queries.join("\n{\"query_name\":\n").into_bytes()),
        ("flow", format!("{V2}\n{FLOW}\n{nodata}\n{FLOW}\n").into_bytes()),
        ("flow crlf", format!("{V2}\r\n{FLOW}\r\n{FLOW}\r\n\r\n").into_bytes()),
        ("flow without header, no newline", format!("{FLOW}\n{FLOW}").into_bytes()),
        (
            "flow concatenated",
            format!("{V2}\n{FLOW}\nsrcaddr dstaddr start\n10.0.0.1 10.0.0.2 5\n{V2}\n{FLOW}\n").into(),
        ),
        ("flow damaged", [format!("{V2}\n{FLOW} x\n").as_bytes(), b"\xff\xfe\n", FLOW.as_bytes(), b"\n2 1\n"].concat()),
        ("export", exported.join("\n").into_bytes()),
        ("subscription", format!("{{\"logEvents\":[{{\"id\":\"1\",\"message\":\"{FLOW}\"}}]}}").into_bytes()),
        ("empty", Vec::new()),
        ("unknown", b"hello world\n".to_vec()),
    ]
}
