//! An object gives the same records and the same report in whatever pieces it arrives.

mod common;

use common::{samples, stream, whole};
use picquet_logs::Limits;
use proptest::prelude::*;
use std::io::{Cursor, Read};

/// Gives as many bytes at a time as the pattern says.
struct Dripping<'a> {
    bytes: Cursor<&'a [u8]>,
    pattern: Vec<usize>,
    turn: usize,
}

impl Read for Dripping<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let most = self.pattern[self.turn % self.pattern.len()].max(1).min(buf.len());
        self.turn += 1;
        self.bytes.read(&mut buf[..most])
    }
}

#[test]
fn chunks_of_any_size_read_the_same() {
    for (name, bytes) in samples() {
        let want = whole(&bytes, &Limits::default());
        for chunk_bytes in (1..40).chain([64, 100, 511, 512, 513, 1000, 4096]) {
            let limits = Limits { chunk_bytes, ..Limits::default() };
            assert_eq!(stream(&bytes[..], &limits), want, "{name} in chunks of {chunk_bytes}");
        }
    }
}

#[test]
fn records_that_are_too_long_are_the_same_ones() {
    for (name, bytes) in samples() {
        for max_record_bytes in [520, 600] {
            // Long enough to be refused, at the beginning, in the middle and at the end.
            for at in [0, bytes.len() / 2, bytes.len()] {
                let mut long = bytes.clone();
                long.splice(at..at, [b"x".repeat(700), b"\n".to_vec()].concat());
                let want = whole(&long, &Limits { max_record_bytes, ..Limits::default() });
                for chunk_bytes in [1, 7, 64, 512, 600, 1024] {
                    let got = stream(&long[..], &Limits { max_record_bytes, chunk_bytes });
                    assert_eq!(got, want, "{name}: limit {max_record_bytes}, chunk {chunk_bytes}, at {at}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn damage_reads_the_same_in_pieces(
        sample in 0..15usize,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        pattern in prop::collection::vec(1..300usize, 1..8),
        chunk_bytes in 1..2000usize,
    ) {
        let (_, mut bytes) = samples().swap_remove(sample);
        for (at, to) in flips {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = to;
            }
        }
        bytes.truncate(cut.index(bytes.len() * 2 + 1));
        let limits = Limits { chunk_bytes, max_record_bytes: 2000 };
        let want = whole(&bytes, &limits);
        let got = stream(Dripping { bytes: Cursor::new(&bytes), pattern, turn: 0 }, &limits);
        prop_assert_eq!(got, want);
    }
}
