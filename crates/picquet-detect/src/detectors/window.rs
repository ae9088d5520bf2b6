//! The hours of an entity that are judged together: those within a day of the latest.

use crate::Str;
use picquet_model::EventTime;
use std::collections::{BTreeMap, VecDeque};

/// Hours of a window.
const DAY: u32 = 24;

/// An hour of an entity.
pub struct Hour<T> {
    /// Hours since the epoch.
    pub hour: u32,
    /// Whether a finding counts it already.
    pub counted: bool,
    /// What was seen in it.
    pub seen: T,
}

impl<T> Hour<T> {
    /// An hour that no finding counts yet.
    pub fn new(hour: u32, seen: T) -> Self {
        Self { hour, counted: false, seen }
    }
}

/// Hours of one entity, the earliest first.
pub type Hours<T> = VecDeque<Hour<T>>;

/// How much an hour has, and when it begins.
pub type Amount = (u64, EventTime);

/// What a finding of an hour counts, and since when: earlier hours that did not suffice by themselves belong to it, once.
pub fn count<T>(before: &mut Hours<T>, now: Amount, of: impl Fn(&T) -> Amount) -> Amount {
    before.iter_mut().filter(|h| !h.counted).fold(now, |(count, first), h| {
        h.counted = true;
        let (more, since) = of(&h.seen);
        (count + more, first.min(since))
    })
}

/// The hours of an account's entities, by region and name.
pub struct Windows<T> {
    of: BTreeMap<(Str, Str), Hours<T>>,
    hour: u32,
}

impl<T> Default for Windows<T> {
    fn default() -> Self {
        Self { of: BTreeMap::new(), hour: 0 }
    }
}

impl<T> Windows<T> {
    /// An hour begins, or goes on: what was last seen a day before it is forgotten.
    pub fn begin(&mut self, hour: u32) {
        if hour != self.hour {
            self.hour = hour;
            self.of.retain(|_, seen| seen.back().is_some_and(|h| h.hour + DAY > hour));
        }
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether an entity has hours.
    pub fn contains(&self, at: &(Str, Str)) -> bool {
        self.of.contains_key(at)
    }

    /// Takes out an entity's hours within a day of this one.
    pub fn take(&mut self, at: &(Str, Str)) -> Hours<T> {
        let mut seen = self.of.remove(at).unwrap_or_default();
        while seen.front().is_some_and(|h| h.hour + DAY <= self.hour) {
            seen.pop_front();
        }
        seen
    }

    /// Puts an entity's hours back.
    pub fn put(&mut self, at: (Str, Str), seen: Hours<T>) {
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
}
