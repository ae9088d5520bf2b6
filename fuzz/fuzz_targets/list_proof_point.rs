//! Arbitrary bytes as a list in this format, as each kind of list.

#![no_main]

mod lists;

use libfuzzer_sys::fuzz_target;
use picquet_intel::ListFormat;

fuzz_target!(|data: &[u8]| lists::check(data, ListFormat::ProofPoint));
