//! What hours of clients usually come to in an account: a histogram by powers of two, so that it stays small.

use crate::facts::key::SEPARATOR;
use crate::facts::{Class, FactKey, LearnedFacts};
use crate::{Str, facts::key::KeyRef};
use serde::{Deserialize, Serialize};

/// Of which layout what is written is.
const VERSION: u16 = 1;

/// The hours so far, from scan to scan.
pub(super) struct Usual {
    /// By which a later scan knows it.
    name: &'static str,
    account: Str,
    begun: bool,
    hours: Counts,
    /// The hours that an earlier scan counted: they are not counted twice.
    known_to: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counts {
    /// By the bits of the value, as many as were needed.
    counts: Vec<u64>,
    /// The first hour and the last one.
    span: Option<(u32, u32)>,
}

const fn bits(value: u64) -> usize {
    (u64::BITS - value.leading_zeros()) as usize
}

impl Usual {
    /// Of a judge.
    pub fn new(name: &'static str) -> Self {
        Self { name, account: Str::default(), begun: false, hours: Counts::default(), known_to: 0 }
    }

    /// An hour begins, or goes on. Where this scan begins no later than the earlier one did, it counts all again.
    pub fn begin(&mut self, key: &FactKey) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        self.account.clone_from(&key.account);
        match self.hours.span {
            Some((first, _)) if key.hour <= first => self.hours = Counts::default(),
            Some((_, last)) => self.known_to = last,
            None => {}
        }
    }

    /// Adds an hour.
    pub fn add(&mut self, hour: u32, value: u64) {
        if hour <= self.known_to {
            return;
        }
        let at = bits(value);
        if self.hours.counts.len() <= at {
            self.hours.counts.resize(at + 1, 0);
        }
        if let Some(n) = self.hours.counts.get_mut(at) {
            *n += 1;
        }
        let (first, last) = self.hours.span.unwrap_or((hour, hour));
        self.hours.span = Some((first.min(hour), last.max(hour)));
    }

    /// How many hours there are.
    pub fn hours(&self) -> u64 {
        self.hours.counts.iter().sum()
    }

    /// The hour that was added first.
    pub fn since(&self) -> Option<u32> {
        self.hours.span.map(|(first, _)| first)
    }

    /// How many came to as much: at least half of it, since values are known by their bits.
    pub fn like(&self, value: u64) -> u64 {
        self.hours.counts.get(bits(value)..).unwrap_or_default().iter().sum()
    }

    /// What half of them stayed below.
    pub fn median(&self) -> u64 {
        let mut left = self.hours() / 2;
        for (bits, n) in self.hours.counts.iter().enumerate() {
            if *n > left {
                return 1u64.checked_shl(bits as u32).unwrap_or(u64::MAX);
            }
            left -= n;
        }
        0
    }

    /// Takes what an earlier scan counted, before the first hour.
    pub fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        if key.parts().next() == Some(self.name)
            && learned.version == VERSION
            && let Ok(hours) = postcard::from_bytes(&learned.state)
        {
            self.account.clone_from(&key.account);
            self.hours = hours;
        }
    }

    /// What a later scan begins with.
    pub fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let Some((_, hour)) = self.hours.span else { return };
        // Numbers can always be written.
        let Ok(state) = postcard::to_stdvec(&self.hours) else { return };
        let entity = format!("{}{SEPARATOR}", self.name);
        let key = KeyRef { account: &self.account, hour: 0, class: Class::Learned, region: "", entity: &entity };
        out(key.to_owned(), LearnedFacts { hour, version: VERSION, state });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(hour: u32) -> FactKey {
        KeyRef { account: "111122223333", hour, class: Class::DnsClient, region: "", entity: "" }.to_owned()
    }

    /// A scan of hours that begins with what another one learned.
    fn scan(known: Option<&(FactKey, LearnedFacts)>, hours: std::ops::Range<u32>) -> (Usual, (FactKey, LearnedFacts)) {
        let mut usual = Usual::new("usual");
        if let Some((key, learned)) = known {
            usual.recall(key, learned);
        }
        for hour in hours {
            usual.begin(&key(hour));
            usual.add(hour, 9);
        }
        let mut saved = None;
        usual.learned(&mut |key, learned| saved = Some((key, learned)));
        (usual, saved.unwrap())
    }

    #[test]
    fn values_are_known_by_their_bits() {
        let mut usual = Usual::new("usual");
        assert_eq!((usual.hours(), usual.median(), usual.since()), (0, 0, None));
        usual.begin(&key(7));
        for (hour, value) in [(7, 0), (8, 3), (9, 5), (10, u64::MAX)] {
            usual.add(hour, value);
        }
        assert_eq!((usual.hours(), usual.since()), (4, Some(7)));
        assert_eq!((usual.like(4), usual.like(8), usual.like(0)), (2, 1, 4));
        assert_eq!(usual.median(), 8);
    }

    #[test]
    fn hours_count_once_however_scans_overlap() {
        let (_, saved) = scan(None, 10..20);
        for (hours, all, since) in [(20..25, 15, 10), (15..25, 15, 10), (10..20, 10, 10), (5..20, 15, 5)] {
            let (usual, again) = scan(Some(&saved), hours.clone());
            assert_eq!((usual.hours(), usual.since()), (all, Some(since)), "{hours:?}");
            if hours == (10..20) {
                assert_eq!(again, saved);
            }
        }
    }
}
