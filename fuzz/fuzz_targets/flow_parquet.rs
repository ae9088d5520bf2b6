//! Arbitrary bytes as a Parquet file.

#![no_main]

mod support;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use picquet_logs::Limits;

fuzz_target!(init: {
    // The reader turns panics of the `parquet` crate into defects. libFuzzer's hook would end the process at each of
    // them; without it only those that get out of the reader do.
    std::panic::set_hook(Box::new(|_| {}));
}, |data: &[u8]| {
    support::whole(data, &Limits::default());
});

// Most mutations move the footer, after which nothing else is read: keep the marks and the length right.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
    let before = size;
    let new = fuzzer_mutate(data, size, max_size);
    if new >= 12 && before >= 12 {
        data[..4].copy_from_slice(b"PAR1");
        data[new - 4..new].copy_from_slice(b"PAR1");
        let stated = u32::from_le_bytes([data[new - 8], data[new - 7], data[new - 6], data[new - 5]]) as usize;
        if stated > new - 12 {
            let len = (stated % (new - 11)) as u32;
            data[new - 8..new - 4].copy_from_slice(&len.to_le_bytes());
        }
    }
    new
});
