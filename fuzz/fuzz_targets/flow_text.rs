//! Arbitrary lines behind the default header and behind one of their own.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use picquet_logs::Limits;

const DEFAULT: &[u8] = b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start \
end action log-status\n";
/// The same order with a column more in front, so that the general way is taken: both must agree.
const GENERAL: &[u8] = b"type version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes \
start end action log-status\n";

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    support::whole(data, &limits);
    let (by_default, report) = support::whole(&[DEFAULT, data].concat(), &limits);
    let lines: Vec<&[u8]> = data.strip_suffix(b"\n").unwrap_or(data).split(|b| *b == b'\n').collect();
    // A line may be a header of its own, and an empty one is passed over.
    if lines.iter().all(|l| l.first().is_some_and(|b| !b.is_ascii_lowercase() && *b != b'\r')) {
        let general = lines.iter().map(|l| [b"IPv4 ", *l].concat()).collect::<Vec<_>>().join(&b'\n');
        let (in_general, other) = support::whole(&[GENERAL, &general].concat(), &limits);
        assert_eq!(by_default, in_general);
        assert_eq!(report.records, other.records);
        assert_eq!(report.passed_over, other.passed_over);
    }
});
