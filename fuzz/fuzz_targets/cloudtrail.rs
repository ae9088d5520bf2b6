//! Arbitrary bytes where a record should be, alone and in the wrappings of AWS.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use picquet_logs::{CloudTrailRecord, Limits, json::Cursor};

fuzz_target!(|data: &[u8]| {
    let mut cursor = Cursor::new(data);
    let mut record = CloudTrailRecord::default();
    if picquet_logs::cloudtrail::parse(&mut cursor, &mut record).is_ok() {
        assert!(cursor.pos() <= data.len());
        for raw in [record.request, record.response, record.additional, record.resources].into_iter().flatten() {
            raw.to_value();
            raw.elements().for_each(drop);
            raw.member_text("bucketName");
        }
    }
    support::whole(&[b"{\"Records\":[", data, b"]}"].concat(), &Limits::default());
});
