//! Address lookup: a filter that says no to nearly all, in front of sorted disjoint ranges.
//!
//! IPv4: one bit for each /24 (2 MiB), then a binary search among the ranges of the address's /16. IPv6: one bit for
//! each /32 by hash, then a binary search. Measured against tries in the project's performance notes, section (d).

use crate::ranges::Range;

/// A column of starts, ends and set numbers, sorted by start.
#[derive(Clone, Debug)]
struct Columns<A> {
    first: Box<[A]>,
    last: Box<[A]>,
    set: Box<[u32]>,
}

impl<A: Copy + Ord> Columns<A> {
    fn new(ranges: &[Range<A>]) -> Self {
        Self {
            first: ranges.iter().map(|range| range.first).collect(),
            last: ranges.iter().map(|range| range.last).collect(),
            set: ranges.iter().map(|range| range.set).collect(),
        }
    }

    /// The range that holds the address, among those of the window.
    fn find(&self, window: std::ops::Range<usize>, address: A) -> Option<u32> {
        let base = window.start;
        let firsts = self.first.get(window)?;
        let place = base + firsts.partition_point(|first| *first <= address);
        let index = place.checked_sub(1)?;
        (*self.last.get(index)? >= address && *self.first.get(index)? <= address).then_some(index as u32)
    }

    fn range(&self, index: u32) -> Option<Range<A>> {
        let index = index as usize;
        Some(Range { first: *self.first.get(index)?, last: *self.last.get(index)?, set: *self.set.get(index)? })
    }
}

/// IPv4 addresses. Empty takes no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct V4(Option<Box<V4Index>>);

#[derive(Clone, Debug)]
struct V4Index {
    /// A bit for each /24 that has any listed address.
    present: Box<[u64]>,
    /// For each /16, the first range that ends in it or behind it; one more at the end.
    bucket: Box<[u32]>,
    columns: Columns<u32>,
}

const V4_WORDS: usize = 1 << 18;
const V4_BUCKETS: usize = 1 << 16;

impl V4 {
    pub(crate) fn new(ranges: &[Range<u32>]) -> Self {
        if ranges.is_empty() {
            return Self(None);
        }
        let mut present = vec![0_u64; V4_WORDS].into_boxed_slice();
        for range in ranges {
            mark(&mut present, range.first >> 8, range.last >> 8);
        }
        let mut bucket = Vec::with_capacity(V4_BUCKETS + 1);
        let mut next = 0;
        for top in 0..V4_BUCKETS as u32 {
            while ranges.get(next).is_some_and(|range| range.last >> 16 < top) {
                next += 1;
            }
            bucket.push(next as u32);
        }
        bucket.push(ranges.len() as u32);
        Self(Some(Box::new(V4Index { present, bucket: bucket.into_boxed_slice(), columns: Columns::new(ranges) })))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    #[inline]
    pub(crate) fn find(&self, address: u32) -> Option<u32> {
        let index = self.0.as_deref()?;
        let block = (address >> 8) as usize;
        if index.present[block >> 6] & (1 << (block & 63)) == 0 {
            return None;
        }
        index.search(address)
    }

    pub(crate) fn range(&self, index: u32) -> Option<Range<u32>> {
        self.0.as_deref()?.columns.range(index)
    }
}

impl V4Index {
    #[inline(never)]
    fn search(&self, address: u32) -> Option<u32> {
        let top = (address >> 16) as usize;
        let start = *self.bucket.get(top)? as usize;
        // The last range that begins in this /16 may end behind it, where the next /16's window begins with it.
        let end = (*self.bucket.get(top + 1)? as usize + 1).min(self.columns.first.len());
        self.columns.find(start..end, address)
    }
}

/// Sets the bits from `low` to `high`, both included.
fn mark(words: &mut [u64], low: u32, high: u32) {
    let (low_word, high_word) = ((low >> 6) as usize, (high >> 6) as usize);
    let (low_mask, high_mask) = (u64::MAX << (low & 63), u64::MAX >> (63 - (high & 63)));
    if low_word == high_word {
        words[low_word] |= low_mask & high_mask;
        return;
    }
    words[low_word] |= low_mask;
    words[low_word + 1..high_word].fill(u64::MAX);
    words[high_word] |= high_mask;
}

/// IPv6 addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct V6(Option<Box<V6Index>>);

#[derive(Clone, Debug)]
struct V6Index {
    /// A bit for each /32 that has a listed range inside it, by hash: a wrong yes costs one search.
    narrow: Box<[u64]>,
    /// A bit for each /16 that a range crosses that is wider than /32.
    wide: Box<[u64]>,
    columns: Columns<u128>,
}

/// 2^20 bits: 128 KiB, half of them clear with 700,000 different /32s, more than are allocated (about 250,000).
const V6_WORDS: usize = 1 << 14;
const WIDE_WORDS: usize = 1 << 10;

fn narrow_bit(top: u32) -> u32 {
    // Fibonacci hashing: the top 20 bits of a product with 2^32 over the golden ratio.
    top.wrapping_mul(0x9e37_79b9) >> 12
}

impl V6 {
    pub(crate) fn new(ranges: &[Range<u128>]) -> Self {
        if ranges.is_empty() {
            return Self(None);
        }
        let mut narrow = vec![0; V6_WORDS].into_boxed_slice();
        let mut wide = vec![0; WIDE_WORDS].into_boxed_slice();
        for range in ranges {
            let (first, last) = ((range.first >> 96) as u32, (range.last >> 96) as u32);
            if first == last {
                mark(&mut narrow, narrow_bit(first), narrow_bit(first));
            } else {
                mark(&mut wide, first >> 16, last >> 16);
            }
        }
        Self(Some(Box::new(V6Index { narrow, wide, columns: Columns::new(ranges) })))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    #[inline]
    pub(crate) fn find(&self, address: u128) -> Option<u32> {
        let index = self.0.as_deref()?;
        let top = (address >> 96) as u32;
        let is_set = |words: &[u64], bit: u32| words[(bit >> 6) as usize] & (1 << (bit & 63)) != 0;
        if !is_set(&index.narrow, narrow_bit(top)) && !is_set(&index.wide, top >> 16) {
            return None;
        }
        index.columns.find(0..index.columns.first.len(), address)
    }

    pub(crate) fn range(&self, index: u32) -> Option<Range<u128>> {
        self.0.as_deref()?.columns.range(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_reach_from_end_to_end() {
        let mut words = [0_u64; 4];
        mark(&mut words, 63, 130);
        assert_eq!(words, [1 << 63, u64::MAX, 0b111, 0]);
        mark(&mut words, 255, 255);
        assert_eq!(words[3], 1 << 63);
    }

    #[test]
    fn a_range_over_several_buckets_is_found_in_each() {
        let ranges = [
            Range { first: 0x0a00_0000, last: 0x0a02_0005, set: 1 },
            Range { first: 0x0a02_0007, last: 0x0a02_0007, set: 2 },
            Range { first: 0xffff_ff00, last: 0xffff_ffff, set: 3 },
        ];
        let index = V4::new(&ranges);
        let set = |address| index.find(address).and_then(|found| index.range(found)).map(|range| range.set);
        assert_eq!(set(0x0a00_0000), Some(1));
        assert_eq!(set(0x0a01_ffff), Some(1));
        assert_eq!(set(0x0a02_0005), Some(1));
        assert_eq!(set(0x0a02_0006), None);
        assert_eq!(set(0x0a02_0007), Some(2));
        assert_eq!(set(0x09ff_ffff), None);
        assert_eq!(set(u32::MAX), Some(3));
        assert_eq!(set(0), None);
    }
}
