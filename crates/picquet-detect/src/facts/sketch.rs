//! Sets of events that stay small: exact up to a bound, HyperLogLog beyond.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many distinct events of one key and hour are counted exactly.
const EXACT: usize = 4096;
/// 2^12 registers: a standard error of 1.04 / sqrt(4096) = 1.6 % (Flajolet et al., "HyperLogLog", 2007).
const BITS: u32 = 12;

/// A set of events, by hash. The union of two sets is the same whichever way it came about: beyond the bound
/// a set is its registers, and registers merge by maximum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventSet {
    /// The hashes.
    Exact(BTreeSet<u64>),
    /// The registers of HyperLogLog.
    Many(Vec<u8>),
}

impl Default for EventSet {
    fn default() -> Self {
        Self::Exact(BTreeSet::new())
    }
}

impl EventSet {
    /// Adds an event by its hash.
    pub fn insert(&mut self, hash: u64) {
        match self {
            Self::Exact(set) => {
                set.insert(hash);
                self.shrink();
            }
            Self::Many(registers) => observe(registers, hash),
        }
    }

    /// Union.
    pub fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Exact(mine), Self::Exact(theirs)) => {
                mine.extend(theirs);
                self.shrink();
            }
            (Self::Many(mine), Self::Exact(theirs)) => theirs.into_iter().for_each(|h| observe(mine, h)),
            (Self::Many(mine), Self::Many(theirs)) => {
                mine.iter_mut().zip(theirs).for_each(|(a, b)| *a = (*a).max(b));
            }
            (Self::Exact(mine), Self::Many(mut theirs)) => {
                mine.iter().for_each(|&h| observe(&mut theirs, h));
                *self = Self::Many(theirs);
            }
        }
    }

    fn shrink(&mut self) {
        if let Self::Exact(set) = self
            && set.len() > EXACT
        {
            let mut registers = vec![0; 1 << BITS];
            set.iter().for_each(|&h| observe(&mut registers, h));
            *self = Self::Many(registers);
        }
    }

    /// How many distinct events: exact up to 4,096, an estimate beyond.
    pub fn len(&self) -> u64 {
        match self {
            Self::Exact(set) => set.len() as u64,
            Self::Many(registers) => estimate(registers),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many hashes are held in memory.
    pub fn held(&self) -> usize {
        match self {
            Self::Exact(set) => set.len(),
            Self::Many(_) => (1 << BITS) / 32,
        }
    }
}

fn observe(registers: &mut [u8], hash: u64) {
    let index = (hash >> (64 - BITS)) as usize;
    // The guard bit keeps the rank within 64 - BITS + 1.
    let rank = ((hash << BITS) | (1 << (BITS - 1))).leading_zeros() as u8 + 1;
    if let Some(register) = registers.get_mut(index) {
        *register = (*register).max(rank);
    }
}

fn estimate(registers: &[u8]) -> u64 {
    let m = registers.len() as f64;
    let zeros = registers.iter().filter(|&&r| r == 0).count();
    let sum: f64 = registers.iter().map(|&r| (-f64::from(r)).exp2()).sum();
    let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
    let value = if raw <= 2.5 * m && zeros > 0 { m * (m / zeros as f64).ln() } else { raw };
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(values: impl IntoIterator<Item = u64>) -> EventSet {
        let mut s = EventSet::default();
        for v in values {
            s.insert(crate::hash::stable(&[&v.to_le_bytes()]));
        }
        s
    }

    #[test]
    fn counts_exactly_then_within_five_percent() {
        assert_eq!(set((0..4096).chain(0..4096)).len(), 4096);
        let many = set(0..200_000).len() as f64;
        assert!((many / 200_000.0 - 1.0).abs() < 0.05, "{many}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn merging_is_a_union(cuts in prop::collection::vec(0u64..9000, 2..5), swap: bool) {
            let mut edges = cuts.clone();
            edges.sort_unstable();
            let parts: Vec<EventSet> = edges.windows(2).map(|w| set(w[0]..w[1].max(w[0] + 3))).collect();
            let whole = set(edges.windows(2).flat_map(|w| w[0]..w[1].max(w[0] + 3)));
            let mut merged = EventSet::default();
            let order: Vec<_> = if swap { parts.into_iter().rev().collect() } else { parts };
            for part in order {
                merged.merge(part);
            }
            prop_assert_eq!(merged, whole);
        }
    }
}
