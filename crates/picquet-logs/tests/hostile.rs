//! Objects that were made to break a reader.

mod common;

use common::{FLOW, V2, count, event, query, read, samples, stream};
use picquet_logs::{Limits, RecordKind};
use proptest::prelude::*;
use std::io::Read;

fn causes(bytes: &[u8]) -> Vec<(&'static str, u64)> {
    read(bytes).1.defects.iter().map(|d| (d.cause, d.count)).collect()
}

#[test]
fn a_line_of_a_gigabyte_is_one_defect() {
    let head = format!("{V2}\n{FLOW}\n");
    let tail = format!("\n{FLOW}\n");
    let line = std::io::repeat(b'7').take(1 << 30);
    let (_, report) = stream(head.as_bytes().chain(line).chain(tail.as_bytes()), &Limits::default());
    assert_eq!(count(&report, RecordKind::VpcFlow), 2);
    assert_eq!(report.defects.len(), 1);
    let defect = &report.defects[0];
    assert_eq!((defect.cause, defect.count, defect.line), ("the line is longer than allowed", 1, 3));
    assert_eq!(defect.offset, head.len() as u64);
}

#[test]
fn a_reader_that_fails_in_the_middle_of_a_line_gives_no_made_up_record() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("damaged"))
        }
    }
    // Cut behind the first digits of `start`, the last column.
    let bytes = b"srcaddr dstaddr start\n10.0.0.1 10.0.0.2 1772437800\n10.0.0.1 10.0.0.2 177";
    let (_, report) = stream(bytes.chain(Fails), &Limits::default());
    assert_eq!(count(&report, RecordKind::VpcFlow), 1);
    assert_eq!(report.defects.len(), 2, "{:?}", report.defects);
    assert_eq!((report.defects[0].cause, report.defects[0].line), ("the line is cut off", 3));
}

#[test]
fn every_flow_defect_has_its_cause_and_its_place() {
    let lines = [
        V2.to_owned(),
        FLOW.replace(" 443 ", " 18446744073709551616 "),
        FLOW.to_owned(),
        FLOW.replace(" 443 ", " 65536 "),
        FLOW.replace("10.0.0.1", "10.0.0.1\0"),
        FLOW.replace("1772437800", "NaN"),
    ];
    let (_, report) = read(lines.join("\n").as_bytes());
    assert_eq!(report.total_records(), 1);
    let got: Vec<_> = report.defects.iter().map(|d| (d.cause, d.count, d.line, d.offset)).collect();
    let offset = |n: usize| lines[..n].iter().map(|l| l.len() as u64 + 1).sum::<u64>();
    assert_eq!(
        got,
        [
            ("srcport is no port", 2, 2, offset(1)),
            ("srcaddr is missing or no address", 1, 5, offset(4)),
            ("start is missing or no time", 1, 6, offset(5)),
        ]
    );
}

#[test]
fn json_that_was_made_to_hurt() {
    let deep = format!(r#"{{"Records":[{{"eventVersion":"1","x":{}}},{}]}}"#, "[".repeat(200_000), event(0));
    assert!(!causes(deep.as_bytes()).is_empty());
    let balanced = deep.replacen('}', &("]".repeat(200_000) + "}"), 1);
    assert_eq!(read(balanced.as_bytes()).1.total_records(), 1);

    // Of a member that is there twice the last one counts.
    let twice = query(0).replacen('{', r#"{"query_name":"first.example.","#, 1);
    let (keep, report) = read(twice.as_bytes());
    assert!(report.defects.is_empty() && keep.0[0].contains("h0.example.com."), "{keep:?}");

    for (text, cause) in [
        (query(0).replace("2024-05-01T10:00:00Z", "NaN"), "query_timestamp is missing or no time"),
        (query(0).replace("\"2024-05-01T10:00:00Z\"", "NaN"), "query_timestamp is missing or no time"),
        (query(0).replace("\"h0.example.com.\"", "1e999"), "query_name is missing"),
        (event(0).replace("2024-05-01", "0000-00-00"), "eventTime is missing or no time"),
    ] {
        assert_eq!(causes(text.as_bytes()), [(cause, 1)], "{text}");
    }

    // Invalid UTF-8 in a text is replaced, the record counts.
    let bytes = [query(0).replace("h0", "h!").as_bytes()].concat();
    let bytes: Vec<u8> = bytes.iter().map(|&b| if b == b'!' { 0xff } else { b }).collect();
    let (keep, report) = read(&bytes);
    assert!(report.defects.is_empty() && keep.0[0].contains("h\u{fffd}.example.com."), "{keep:?}");
}

#[test]
fn what_is_no_log_is_not_read() {
    let gz = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0xaa; 600]].concat();
    for bytes in [&gz[..], b"\0\0\0\0", b"hello\nworld\n", b"%PDF-1.7\n", b"PK\x03\x04"] {
        let (keep, report) = read(bytes);
        assert!(keep.0.is_empty() && report.not_read == Some("not a log that Picquet knows"), "{report:?}");
    }
    for text in [
        "version resource-type account-id tgw-id srcaddr dstaddr start end\n",
        "6 TransitGateway 111122223333 tgw-0a tgw-attach-0a\n",
    ] {
        assert_eq!(read(text.as_bytes()).1.not_read, Some("Transit Gateway flow log: not supported"));
    }
    assert_eq!(read(b"srcaddr dstaddr bytes\n").1.not_read, Some("flow log without start: not supported"));
}

#[test]
fn a_file_that_is_cut_gives_the_records_before_the_cut() {
    for (name, bytes) in samples().into_iter().filter(|(n, _)| ["cloudtrail", "dns", "flow"].contains(n)) {
        let (all, _) = read(&bytes);
        for cut in 0..=bytes.len() {
            let (got, report) = read(&bytes[..cut]);
            assert!(got.0.len() <= all.0.len() && got.0 == all.0[..got.0.len()], "{name} cut at {cut}");
            if name != "flow" && cut < bytes.trim_ascii_end().len() && cut > 0 {
                // A flow line is known to be whole by its newline or its fields, JSON by its brackets.
                let ends_whole = name == "dns" && matches!(&bytes[cut - 1..=cut], b"}\n" | b"\n{");
                assert_eq!(report.defects.is_empty(), ends_whole, "{name} cut at {cut}: {report:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_never_panic(
        head in prop::sample::select(vec!["", "{", "[{", "PAR1", V2, "2 111122223333 eni-", "2024-05-01T00:00:00.000Z {"]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut all = head.as_bytes().to_vec();
        all.extend_from_slice(&bytes);
        read(&all);
        all.truncate(head.len());
        all.push(b'\n');
        all.extend_from_slice(&bytes);
        read(&all);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "(version|srcaddr|dstaddr|start|[0-9]{1,4}|[ \n{}\"\\\\:,.-]|\\PC){0,60}") {
        read(text.as_bytes());
        read(format!("{V2}\n{text}").as_bytes());
        read(format!("{{\"query_name\":\"a\",{text}").as_bytes());
    }
}
