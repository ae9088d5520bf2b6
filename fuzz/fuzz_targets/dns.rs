//! Arbitrary bytes where a record should be, alone and in the wrappings of AWS.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use picquet_logs::{Limits, json::Cursor};

fuzz_target!(|data: &[u8]| {
    let mut cursor = Cursor::new(data);
    if let Ok(record) = picquet_logs::dns::parse(&mut cursor) {
        assert!(cursor.pos() <= data.len());
        record.answers().for_each(drop);
    }
    support::whole(&[b"{\"query_name\":\"a.\",", data, b"}"].concat(), &Limits::default());
});
