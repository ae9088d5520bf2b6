//! A bounded uniform sample of a set: the elements with the smallest hashes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What is kept of one element. Two of the same element merge, in any order, to the same.
pub trait Element {
    /// Merges what another part saw of the element.
    fn merge(&mut self, other: Self);
}

/// The `K` elements with the smallest hashes of all that were seen ("bottom-k", Cohen and Kaplan, "Summarizing data
/// using bottom-k sketches", 2007). An element that belongs to the sample of the whole belongs to the sample of
/// every part that it is in, so nothing of it is ever lost and merging is exactly associative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BottomK<V, const K: usize>(BTreeMap<u64, V>);

impl<V, const K: usize> Default for BottomK<V, K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V: Element, const K: usize> BottomK<V, K> {
    /// Adds an element; it is made only when it is kept.
    pub fn add(&mut self, hash: u64, element: impl FnOnce() -> V) {
        if self.is_full() && self.0.last_key_value().is_some_and(|(&last, _)| last < hash) {
            return;
        }
        match self.0.entry(hash) {
            Entry::Vacant(free) => {
                free.insert(element());
            }
            Entry::Occupied(mut mine) => mine.get_mut().merge(element()),
        }
        self.trim();
    }

    /// Union.
    pub fn merge(&mut self, other: Self) {
        for (hash, element) in other.0 {
            self.add(hash, || element);
        }
    }

    fn trim(&mut self) {
        while self.0.len() > K {
            self.0.pop_last();
        }
    }
}

impl<V, const K: usize> BottomK<V, K> {
    /// Whether there may be elements that are not in the sample.
    pub fn is_full(&self) -> bool {
        self.0.len() >= K
    }

    /// How many elements are held.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An element.
    pub fn get(&self, hash: u64) -> Option<&V> {
        self.0.get(&hash)
    }

    /// The elements by hash.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &V)> {
        self.0.iter().map(|(&hash, element)| (hash, element))
    }
}
