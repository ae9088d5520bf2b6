//! What a lookup gives: a tiny handle, and the hits behind it.
//!
//! Many entries share list, threat and port, so the records of a match are kept once and referred to. The matched
//! entry itself is not stored: a record knows how long its prefix is (bits of an address, labels of a name), and the
//! place that was hit lies inside that entry.

use crate::category::Category;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::hash::BuildHasher;

/// One list that has what was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// What the list says of its entries.
    pub category: Category,
    /// The list's name, GuardDuty's `threatListName`.
    pub list: &'a str,
    /// The family or framework, if the list tells.
    pub threat: Option<&'a str>,
    /// Where it is set, the match counts only on this remote port.
    pub port: Option<u16>,
    /// The entry that matched, in normal form: `203.0.113.0/24`, `*.example.com`.
    pub indicator: Cow<'a, str>,
}

/// What a lookup found, in the [`Intel`](crate::Intel) that it was found in; [`Intel::hits`](crate::Intel::hits)
/// opens it. Another `Intel` gives other hits or none for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HitSet(u32);

/// Where in the matcher the match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    V4(u32),
    V6(u32),
    /// A listed name itself.
    Name(u32),
    /// A name under a listed one.
    Below(u32),
    Key(u32),
}

/// The number of places of one kind: 29 bits.
pub(crate) const MAX_PLACES: usize = 1 << 29;

impl HitSet {
    pub(crate) const fn new(place: Place) -> Self {
        let (kind, index) = match place {
            Place::V4(index) => (0, index),
            Place::V6(index) => (1, index),
            Place::Name(index) => (2, index),
            Place::Below(index) => (3, index),
            Place::Key(index) => (4, index),
        };
        Self(kind << 29 | index)
    }

    pub(crate) const fn place(self) -> Place {
        let index = self.0 & (MAX_PLACES as u32 - 1);
        match self.0 >> 29 {
            0 => Place::V4(index),
            1 => Place::V6(index),
            2 => Place::Name(index),
            3 => Place::Below(index),
            _ => Place::Key(index),
        }
    }
}

/// No threat name.
pub(crate) const NO_THREAT: u32 = u32::MAX;

/// One match, without the entry's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Record {
    /// Index of the list.
    pub list: u16,
    /// 0 for any.
    pub port: u16,
    /// Index of the threat name, or [`NO_THREAT`].
    pub threat: u32,
    /// Bits of the prefix, or labels of the name.
    pub depth: u8,
    /// A wildcard of a customer's list, which is shown with its `*.`.
    pub wildcard: bool,
    /// Of a customer's list, where the most specific name does not hide the others.
    pub custom: bool,
}

/// Sets of records, each kept once. The number of a set is an index into `bounds`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sets {
    records: Vec<Record>,
    /// The end of each set in `records`.
    ends: Vec<u32>,
}

/// The number of the empty set.
pub(crate) const EMPTY: u32 = 0;

impl Sets {
    pub(crate) fn get(&self, set: u32) -> &[Record] {
        let set = set as usize;
        let Some(end) = self.ends.get(set) else { return &[] };
        let start = if set == 0 { 0 } else { self.ends[set - 1] };
        &self.records[start as usize..*end as usize]
    }
}

/// Builds [`Sets`].
pub(crate) struct Interner {
    sets: Sets,
    table: HashTable<u32>,
    hasher: foldhash::fast::FixedState,
    /// The set that was asked for last: most entries of a list have the set of the entry before.
    last: u32,
}

impl Interner {
    pub(crate) fn new(seed: u64) -> Self {
        let hasher = foldhash::fast::FixedState::with_seed(seed);
        let mut this = Self { sets: Sets::default(), table: HashTable::new(), hasher, last: EMPTY };
        // The first set is the empty one, which is number 0.
        this.intern(&[]);
        this
    }

    /// The number of a set, given sorted and without repetition.
    pub(crate) fn intern(&mut self, records: &[Record]) -> u32 {
        if self.last != EMPTY && self.sets.get(self.last) == records {
            return self.last;
        }
        self.last = self.look_up(records);
        self.last
    }

    fn look_up(&mut self, records: &[Record]) -> u32 {
        let hash = self.hasher.hash_one(records);
        let sets = &mut self.sets;
        if let Some(found) = self.table.find(hash, |set| sets.get(*set) == records) {
            return *found;
        }
        let set = sets.ends.len() as u32;
        sets.records.extend_from_slice(records);
        sets.ends.push(sets.records.len() as u32);
        let hasher = &self.hasher;
        self.table.insert_unique(hash, set, |set| hasher.hash_one(sets.get(*set)));
        set
    }

    pub(crate) fn get(&self, set: u32) -> &[Record] {
        self.sets.get(set)
    }

    pub(crate) fn finish(mut self) -> Sets {
        self.sets.records.shrink_to_fit();
        self.sets.ends.shrink_to_fit();
        self.sets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back() {
        for index in [0, 1, MAX_PLACES as u32 - 1] {
            for place in
                [Place::V4(index), Place::V6(index), Place::Name(index), Place::Below(index), Place::Key(index)]
            {
                assert_eq!(HitSet::new(place).place(), place);
            }
        }
    }

    #[test]
    fn equal_sets_are_kept_once() {
        let record = |list| Record { list, port: 0, threat: NO_THREAT, depth: 32, wildcard: false, custom: false };
        let mut interner = Interner::new(7);
        assert_eq!(interner.intern(&[]), EMPTY);
        let one = interner.intern(&[record(1)]);
        let two = interner.intern(&[record(1), record(2)]);
        assert_eq!(interner.intern(&[record(1)]), one);
        assert_ne!(one, two);
        let sets = interner.finish();
        assert_eq!(sets.get(two).len(), 2);
        assert_eq!(sets.get(99), &[]);
    }
}
