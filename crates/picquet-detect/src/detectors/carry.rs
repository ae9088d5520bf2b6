//! What judges remember of the last day, carried from one scan to the next: a window that began before a scan did.

use crate::Str;
use crate::facts::key::SEPARATOR;
use crate::facts::{Class, FactKey, LearnedFacts};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Hours of the longest window: what is older is not carried.
pub const DAY: u32 = 24;

/// An entity: its region and name.
pub type At = (Str, Str);

/// What an earlier scan remembered, by entity and hour, until it is known with which hour this scan begins.
///
/// Only the hours before that one count: those after it are judged again, or belong to a scan that went on longer and
/// are written again as they are. So a scan of the same logs with what they taught finds the same.
pub struct Carry<T> {
    name: &'static str,
    version: u16,
    account: Str,
    left: BTreeMap<At, Vec<(u32, T)>>,
    begun: bool,
}

impl<T: Clone + Serialize + DeserializeOwned> Carry<T> {
    /// Of a judge. `version` changes when what it remembers is written another way.
    pub fn new(name: &'static str, version: u16) -> Self {
        Self { name, version, account: Str::default(), left: BTreeMap::new(), begun: false }
    }

    /// Takes what an earlier scan wrote, before the first fact; what is another judge's, or of another version, is
    /// passed over.
    pub fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        let Some(entity) = key.entity.strip_prefix(self.name).and_then(|e| e.strip_prefix(SEPARATOR)) else { return };
        if learned.version == self.version
            && let Ok(hours) = postcard::from_bytes(&learned.state)
        {
            self.account.clone_from(&key.account);
            self.left.insert((key.region.clone(), entity.into()), hours);
        }
    }

    /// This scan's first hour, whoever's it is: gives what is remembered of the day before it. Nothing later on.
    pub fn begin(&mut self, account: &str, hour: u32) -> Vec<(At, Vec<(u32, T)>)> {
        if std::mem::replace(&mut self.begun, true) {
            return Vec::new();
        }
        self.account = account.into();
        let mut before = Vec::new();
        for (at, hours) in std::mem::take(&mut self.left) {
            let (earlier, later): (Vec<_>, Vec<_>) = hours.into_iter().partition(|(of, _)| *of < hour);
            let recent: Vec<_> = earlier.into_iter().filter(|(of, _)| of + DAY > hour).collect();
            if !recent.is_empty() {
                before.push((at.clone(), recent));
            }
            if !later.is_empty() {
                self.left.insert(at, later);
            }
        }
        before
    }

    /// Writes what this scan remembers of the day that ends with `hour`, its last one, and what an earlier scan does
    /// of later hours.
    pub fn learned<'t>(
        &'t self,
        hour: u32,
        now: impl Iterator<Item = (&'t At, Vec<(u32, Cow<'t, T>)>)>,
        out: &mut dyn FnMut(FactKey, LearnedFacts),
    ) {
        let mut all: BTreeMap<&At, Vec<(u32, Cow<'_, T>)>> = BTreeMap::new();
        for (at, hours) in now {
            let recent = hours.into_iter().filter(|(of, _)| of + DAY > hour);
            all.entry(at).or_default().extend(recent);
        }
        for (at, hours) in &self.left {
            let later =
                hours.iter().filter(|(of, _)| !self.begun || *of > hour).map(|(of, seen)| (*of, Cow::Borrowed(seen)));
            all.entry(at).or_default().extend(later);
        }
        for ((region, entity), hours) in all.into_iter().filter(|(_, hours)| !hours.is_empty()) {
            // Numbers, texts and maps can always be written.
            let Ok(state) = postcard::to_stdvec(&hours) else { continue };
            let key = FactKey {
                account: self.account.clone(),
                hour: 0,
                class: Class::Learned,
                region: region.clone(),
                entity: format!("{}{SEPARATOR}{entity}", self.name).into(),
            };
            let hour = hours.iter().map(|(of, _)| *of).max().unwrap_or_default();
            out(key, LearnedFacts { hour, version: self.version, state });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Saved = Vec<(FactKey, LearnedFacts)>;

    fn recalled(saved: &Saved) -> Carry<u8> {
        let mut carry = Carry::new("judge", 1);
        saved.iter().for_each(|(key, learned)| carry.recall(key, learned));
        carry
    }

    /// Writes hours of one entity at the end of a scan.
    fn write(carry: &Carry<u8>, hour: u32, hours: &[(u32, u8)]) -> Saved {
        let mut out = Vec::new();
        let at = ("eu-west-1".into(), "i-1".into());
        let hours = hours.iter().map(|(of, seen)| (*of, Cow::Borrowed(seen))).collect();
        carry.learned(hour, std::iter::once((&at, hours)), &mut |key, learned| out.push((key, learned)));
        out
    }

    fn first(hour: u32, hours: &[(u32, u8)]) -> Saved {
        let mut carry = recalled(&Vec::new());
        assert!(carry.begin("111122223333", 100).is_empty());
        write(&carry, hour, hours)
    }

    #[test]
    fn a_later_scan_begins_with_the_day_before_it() {
        let saved = first(130, &[(106, 1), (107, 2), (130, 3)]);
        let mut carry = recalled(&saved);
        let hours = carry.begin("111122223333", 131);
        assert_eq!(hours, [(("eu-west-1".into(), "i-1".into()), vec![(130, 3)])], "107 is a day ago for 131");
        assert!(carry.begin("111122223333", 131).is_empty(), "once");
        assert!(recalled(&saved).begin("111122223333", 200).is_empty(), "long ago");
    }

    #[test]
    fn a_scan_of_the_same_hours_takes_nothing_of_them() {
        let saved = first(130, &[(128, 1), (130, 3)]);
        let mut carry = recalled(&saved);
        assert!(carry.begin("111122223333", 100).is_empty());
        assert_eq!(write(&carry, 130, &[(128, 1), (130, 3)]), saved);
    }

    #[test]
    fn what_a_longer_scan_saw_stays() {
        let saved = first(130, &[(128, 1), (130, 3)]);
        let mut carry = recalled(&saved);
        carry.begin("111122223333", 90);
        let again = write(&carry, 128, &[(128, 1)]);
        assert_eq!(again, saved, "130 is what the earlier scan wrote");
        // Without any fact of its class in a scan, everything stays.
        let mut out = Vec::new();
        recalled(&saved).learned(0, std::iter::empty(), &mut |key, learned| out.push((key, learned)));
        assert_eq!(out, saved);
    }

    #[test]
    fn what_is_of_another_judge_or_version_is_passed_over() {
        let saved = first(130, &[(130, 3)]);
        let mut other: Carry<u8> = Carry::new("judges", 1);
        let mut newer: Carry<u8> = Carry::new("judge", 2);
        for (key, learned) in &saved {
            other.recall(key, learned);
            newer.recall(key, learned);
        }
        assert!(other.begin("111122223333", 131).is_empty());
        assert!(newer.begin("111122223333", 131).is_empty());
    }
}
