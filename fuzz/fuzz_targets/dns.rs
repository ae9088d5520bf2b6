//! Arbitrary bytes where a record should be, alone and in the wrappings of AWS.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use picquet_logs::{DnsRecord, Limits, json::Cursor};

fuzz_target!(|data: &[u8]| {
    let mut cursor = Cursor::new(data);
    let mut record = DnsRecord::default();
    if picquet_logs::dns::parse(&mut cursor, &mut record).is_ok() {
        assert!(cursor.pos() <= data.len());
        record.answers().for_each(drop);
    }
    support::whole(&[b"{\"query_name\":\"a.\",", data, b"}"].concat(), &Limits::default());
});
