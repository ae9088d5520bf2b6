//! Arbitrary bytes as an object: whole and in chunks of a size that the first byte tells, the same comes out.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use picquet_logs::Limits;

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    if data.starts_with(b"PAR1") {
        return;
    }
    // Not shorter than what the format is told from, or the pieces would decide the format.
    let max_record_bytes = 513 + usize::from(first & 0x0f) * 64;
    let chunk_bytes = 1 + usize::from(first >> 4) * 37;
    let limits = Limits { max_record_bytes, chunk_bytes };
    let (keep, report) = support::whole(data, &limits);
    let (pieces, other) = support::stream(data, &limits);
    assert_eq!(keep, pieces);
    // Where nothing more is read, how much was looked at depends on the pieces.
    if report.not_read.is_none() {
        assert_eq!(report, other);
    }
});
