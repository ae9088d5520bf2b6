//! Pieces that many chosen names have: two names that share one of them are no kin for it.

use super::text::Text;
use std::collections::BTreeMap;

/// Characters of a piece.
pub const PIECE: usize = 5;
/// Bits of the filter, as a power of two.
const BITS: u32 = 18;
/// Bytes of the filter.
pub const BYTES: usize = 1 << (BITS - 3);

/// A Bloom filter with two probes over pieces of [`PIECE`] characters, an edge counting as one.
#[derive(Clone, Debug)]
pub struct Common {
    bits: Vec<u8>,
}

impl Common {
    /// The pieces that `least` of the labels have, or more.
    pub fn learn<'a>(labels: impl Iterator<Item = &'a Text>, least: u32) -> Self {
        let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
        for text in labels {
            for piece in pieces(text) {
                *counts.entry(piece).or_default() += 1;
            }
        }
        let mut common = Self { bits: vec![0; BYTES] };
        for (piece, _) in counts.into_iter().filter(|&(_, n)| n >= least) {
            for bit in probes(piece) {
                common.bits[bit >> 3] |= 1 << (bit & 7);
            }
        }
        common
    }

    /// Whether a piece is common; of ones that are not, one in about a hundred is said to be.
    pub fn has(&self, piece: u64) -> bool {
        probes(piece).iter().all(|&bit| self.bits[bit >> 3] & 1 << (bit & 7) != 0)
    }

    /// The filter's bytes, for the artefact.
    pub fn to_bytes(&self) -> &[u8] {
        &self.bits
    }

    /// A filter from its bytes; `None` when they are not as many as they have to be.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == BYTES).then(|| Self { bits: bytes.to_vec() })
    }
}

/// The distinct pieces of a label, sorted. The edge behind is a character, the one before as well.
pub fn pieces(text: &Text) -> Vec<u64> {
    let edged = &text.padded()[1..];
    let pack = |w: &[u8]| w.iter().fold(0, |key, &s| key << 6 | u64::from(s));
    let mut all: Vec<u64> = edged.windows(PIECE).map(pack).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn probes(piece: u64) -> [usize; 2] {
    let mixed = (piece + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let mask = (1 << BITS) - 1;
    [(mixed >> 40) as usize & mask, (mixed >> 12) as usize & mask]
}
