//! The filter in front of the names: most of what hosts ask for shares not even its last two labels with a listed name.

use super::{Names, hash, name_of};
use foldhash::fast::FixedState;

/// Which pairs of last labels any listed name has, as bits by hash. Nearly every name that is asked for ends here; every
/// listed name has two labels at least.
#[derive(Clone, Debug, Default)]
pub(super) struct Families {
    words: Box<[u64]>,
    mask: u64,
}

impl Families {
    /// Bits for each name: a name that is in no listed family gets through one time in 16.
    const BITS: usize = 16;

    pub(super) fn new(names: &Names) -> Self {
        let words = (names.nodes.len() * Self::BITS / 64).next_power_of_two();
        let mut this = Self { words: vec![0; words].into(), mask: (words * 64 - 1) as u64 };
        for node in &names.nodes {
            if let Some(family) = last_two_labels(name_of(&names.text, node).as_bytes()) {
                let bit = hash(&names.hasher, family) & this.mask;
                this.words[(bit >> 6) as usize] |= 1 << (bit & 63);
            }
        }
        this
    }

    #[inline]
    pub(super) fn may_have(&self, family: &[u8], hasher: &FixedState) -> bool {
        let bit = hash(hasher, family) & self.mask;
        self.words.get((bit >> 6) as usize).is_some_and(|word| word & (1 << (bit & 63)) != 0)
    }
}

/// `example.com` of `a.b.example.com`; `None` where there is but one label.
#[inline]
pub(super) fn last_two_labels(name: &[u8]) -> Option<&[u8]> {
    let last = memchr::memrchr(b'.', name)?;
    let start = memchr::memrchr(b'.', &name[..last]).map_or(0, |dot| dot + 1);
    Some(&name[start..])
}
