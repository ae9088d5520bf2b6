//! What the targets have in common.

#![allow(dead_code)] // Each target uses some of it.

use picquet_logs::{CloudTrailRecord, DnsRecord, FlowRecord, Input, Limits, ObjectName, ObjectReport, Sink, Window};
use picquet_logs::{read_object, report::RecordKind};

/// Every record as text, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Keep(pub Vec<String>);

impl Sink for Keep {
    fn cloudtrail(&mut self, record: &CloudTrailRecord<'_>) {
        self.0.push(format!("{record:?}"));
    }

    fn flow(&mut self, record: &FlowRecord<'_>) {
        assert!(record.start <= record.end);
        self.0.push(format!("{record:?}"));
    }

    fn dns(&mut self, record: &DnsRecord<'_>) {
        assert!(!record.name.is_empty());
        self.0.push(format!("{record:?} {:?}", record.answers().collect::<Vec<_>>()));
    }
}

pub fn whole(data: &[u8], limits: &Limits) -> (Keep, ObjectReport) {
    let mut keep = Keep::default();
    let input = Input::Bytes(bytes::Bytes::copy_from_slice(data));
    let report = read_object(input, &ObjectName::default(), limits, &mut keep);
    check(&keep, &report);
    (keep, report)
}

pub fn stream(mut data: &[u8], limits: &Limits) -> (Keep, ObjectReport) {
    let mut keep = Keep::default();
    let report =
        read_object(Input::Window(&mut Window::stream(&mut data, limits)), &ObjectName::default(), limits, &mut keep);
    check(&keep, &report);
    (keep, report)
}

/// What holds of every report.
fn check(keep: &Keep, report: &ObjectReport) {
    assert_eq!(keep.0.len() as u64, report.total_records());
    assert_eq!(report.span.is_some(), report.total_records() > 0);
    for kind in report.records.keys() {
        assert!(RecordKind::ALL.contains(kind));
    }
    for defect in &report.defects {
        assert!(defect.count > 0 && defect.line > 0 && !defect.cause.is_empty());
        assert!(defect.offset <= report.bytes, "{defect:?} {}", report.bytes);
    }
}
