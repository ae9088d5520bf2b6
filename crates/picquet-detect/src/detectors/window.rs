//! The hours of an entity that are judged together: those within a day of the latest.

use super::carry::{At, Carry, DAY};
use crate::facts::{FactKey, LearnedFacts};
use picquet_model::EventTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

/// An hour of an entity.
pub struct Hour<T> {
    /// Hours since the epoch.
    pub hour: u32,
    /// What was seen in it, and whether a finding counts it.
    pub noted: Noted<T>,
}

/// What was seen in an hour.
#[derive(Clone, Serialize, Deserialize)]
pub struct Noted<T> {
    /// Whether a finding counts it already.
    pub counted: bool,
    /// What was seen.
    pub seen: T,
}

impl<T> Hour<T> {
    /// An hour that no finding counts yet.
    pub fn new(hour: u32, seen: T) -> Self {
        Self { hour, noted: Noted { counted: false, seen } }
    }

    /// What was seen in it.
    pub fn seen(&self) -> &T {
        &self.noted.seen
    }
}

/// Hours of one entity, the earliest first.
pub type Hours<T> = VecDeque<Hour<T>>;

/// How much an hour has, and when it begins.
pub type Amount = (u64, EventTime);

/// What a finding of an hour counts, and since when: earlier hours that did not suffice by themselves belong to it, once.
pub fn count<T>(before: &mut Hours<T>, now: Amount, of: impl Fn(&T) -> Amount) -> Amount {
    before.iter_mut().map(|h| &mut h.noted).filter(|n| !n.counted).fold(now, |(count, first), n| {
        n.counted = true;
        let (more, since) = of(&n.seen);
        (count + more, first.min(since))
    })
}

/// The hours of an account's entities, by region and name.
pub struct Windows<T> {
    of: BTreeMap<At, Hours<T>>,
    hour: u32,
    carry: Carry<Noted<T>>,
}

impl<T: Clone + Serialize + DeserializeOwned> Windows<T> {
    /// Of a judge; see [`Carry::new`].
    pub fn new(name: &'static str, version: u16) -> Self {
        Self { of: BTreeMap::new(), hour: 0, carry: Carry::new(name, version) }
    }

    /// An hour begins, or goes on: what was last seen a day before it is forgotten.
    pub fn begin(&mut self, key: &FactKey) {
        if key.hour == self.hour {
            return;
        }
        self.hour = key.hour;
        for (at, hours) in self.carry.begin(&key.account, key.hour) {
            self.of.insert(at, hours.into_iter().map(|(hour, noted)| Hour { hour, noted }).collect());
        }
        self.of.retain(|_, seen| seen.back().is_some_and(|h| h.hour + DAY > key.hour));
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether an entity has hours.
    pub fn contains(&self, at: &At) -> bool {
        self.of.contains_key(at)
    }

    /// Takes out an entity's hours within a day of this one.
    pub fn take(&mut self, at: &At) -> Hours<T> {
        let mut seen = self.of.remove(at).unwrap_or_default();
        while seen.front().is_some_and(|h| h.hour + DAY <= self.hour) {
            seen.pop_front();
        }
        seen
    }

    /// [`Self::take`], unless it is one entity more than so many.
    pub fn follow(&mut self, at: &At, most: usize) -> Option<Hours<T>> {
        (self.of.len() < most || self.contains(at)).then(|| self.take(at))
    }

    /// Puts an entity's hours back.
    pub fn put(&mut self, at: At, seen: Hours<T>) {
        self.of.insert(at, seen);
    }

    /// Makes room for one more entity beside so many: only those of this hour stay, or none where even they are too
    /// many.
    pub fn make_room(&mut self, most: usize) {
        if self.of.len() >= most {
            let hour = self.hour;
            self.of.retain(|_, seen| seen.back().is_some_and(|h| h.hour == hour));
        }
        if self.of.len() >= most {
            self.of.clear();
        }
    }

    /// Takes what an earlier scan remembered, before the first fact.
    pub fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.carry.recall(key, learned);
    }

    /// What a later scan begins with.
    pub fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let now =
            self.of.iter().map(|(at, hours)| (at, hours.iter().map(|h| (h.hour, Cow::Borrowed(&h.noted))).collect()));
        self.carry.learned(self.hour, now, out);
    }
}
