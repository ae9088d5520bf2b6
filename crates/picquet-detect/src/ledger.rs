//! What a judge knows of many entities, packed, with what an earlier scan learned of them.
//!
//! A baseline holds each entry twice: as it was when the scan that learned last began, and as it was at its end. A scan
//! that begins no later than that one began to learn starts from the former, so that the same logs give the same
//! findings again; every other one starts from the latter.

use crate::Str;
use crate::cold::{Cold, Place, Shelf};
use crate::facts::key::SEPARATOR;
use crate::facts::{Class, FactKey, LearnedFacts};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An entry of a ledger: from when to when something is known.
pub trait Entry: Serialize + DeserializeOwned {
    /// The hours of the first and the last activity.
    fn span(&self) -> (u32, u32);
}

/// Entries by name.
pub struct Ledger {
    /// Under what names the entries are kept in a baseline.
    name: &'static str,
    version: u16,
    now: Shelf,
    /// What an earlier scan learned, and what it knew when it began, as they were written.
    after: Shelf,
    before: Shelf,
    cold: Cold,
    /// The hour from which on the scan learned that learned last.
    from: u32,
    begun: bool,
    first: u32,
    account: Str,
}

/// What is appended to the name of entries as they were when the latest scan began.
const BEFORE: &str = " before";

/// The span stands before each packed entry, so that it is read without knowing of what kind the entry is.
fn pack(entry: &impl Entry) -> Option<Vec<u8>> {
    // Numbers, texts and short lists can always be written.
    postcard::to_stdvec(&(entry.span(), entry)).ok()
}

fn span(packed: &[u8]) -> Option<(u32, u32)> {
    postcard::take_from_bytes::<(u32, u32)>(packed).ok().map(|(span, _)| span)
}

fn unpack<T: Entry>(packed: &[u8]) -> Option<T> {
    postcard::from_bytes::<((u32, u32), T)>(packed).ok().map(|(_, entry)| entry)
}

impl Ledger {
    /// An empty one. Entries of another version are not read.
    pub fn new(name: &'static str, version: u16, cold: &Cold) -> Self {
        Self {
            name,
            version,
            now: Shelf::new(cold),
            after: Shelf::new(cold),
            before: Shelf::new(cold),
            cold: cold.clone(),
            from: u32::MAX,
            begun: false,
            first: u32::MAX,
            account: Str::default(),
        }
    }

    /// The hour of the first activity of all.
    pub fn first_hour(&self) -> u32 {
        self.first
    }

    /// An entry.
    pub fn get<T: Entry>(&self, name: &str) -> Option<T> {
        if let Some(packed) = self.now.get("", name, |packed| unpack(packed)) {
            return packed;
        }
        self.before.get("", name, |learned| entry(learned).and_then(|(_, packed)| unpack(&packed))).flatten()
    }

    /// Puts an entry in the place of an earlier one.
    pub fn put(&mut self, name: &str, entry: &impl Entry) {
        if let Some(packed) = pack(entry) {
            self.now.put("", name, &packed);
        }
    }

    /// The first fact of the account, of this hour: what was learned before is chosen.
    pub fn begin(&mut self, account: &str, hour: u32) {
        if self.begun {
            return;
        }
        self.begun = true;
        self.account = account.into();
        if hour > self.from {
            self.before = std::mem::replace(&mut self.after, Shelf::new(&self.cold));
        }
        let mut known: Option<u32> = None;
        self.first = hour;
        for place in self.before.places() {
            let Some((_, learned)) = learned_at(&self.before, place) else { continue };
            known = known.max(Some(learned.hour));
            if let Some((first, _)) = packed(&learned).and_then(|(_, packed)| span(&packed)) {
                self.first = self.first.min(first);
            }
        }
        self.from = known.map_or(hour, |known| hour.max(known.saturating_add(1)));
    }

    /// Takes an entry of an earlier scan, before the first fact.
    pub fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        let Some((of, name)) = key.entity.split_once(SEPARATOR) else { return };
        let Some(which) = of.strip_prefix(self.name) else { return };
        if learned.version != self.version || !matches!(which, "" | BEFORE) {
            return;
        }
        let into = if which.is_empty() { &mut self.after } else { &mut self.before };
        // Numbers and bytes can always be written.
        if let Ok(bytes) = postcard::to_stdvec(learned) {
            into.put("", name, &bytes);
        }
        self.account.clone_from(&key.account);
        if which.is_empty()
            && let Some((from, _)) = packed(learned)
        {
            self.from = self.from.min(from);
        }
    }

    /// All entries by name, for a later scan. What was not active for so many hours before the last activity is left
    /// out.
    pub fn learned(&self, memory_hours: u32, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let shelves = [&self.now, &self.before, &self.after];
        let of = |shelf: &Shelf| -> Vec<Str> {
            shelf.places().into_iter().filter_map(|at| shelf.at(at, |_, name, _| Str::from(name))).collect()
        };
        let mut names: Vec<Str> = shelves.into_iter().flat_map(of).collect();
        names.sort_unstable();
        names.dedup();
        let recalled = |shelf: &Shelf, name: &str| -> Option<LearnedFacts> {
            shelf.get("", name, |bytes| postcard::from_bytes(bytes).ok()).flatten()
        };
        let now =
            |name: &str| self.now.get("", name, |bytes| span(bytes).map(|(_, hour)| (hour, bytes.to_vec()))).flatten();
        let before = |name: &str| recalled(&self.before, name);
        // As this scan knows it; what it saw less of than the earlier one stays as that one learned it.
        let latest = |name: &str| {
            let mine = now(name).or_else(|| before(name).and_then(|l| packed(&l).map(|(_, state)| (l.hour, state))));
            let after = recalled(&self.after, name);
            match mine {
                Some((hour, _)) if after.as_ref().is_some_and(|a| a.hour > hour) => after,
                // Numbers and bytes can always be written.
                Some((hour, state)) => {
                    let state = postcard::to_stdvec(&(self.from, state)).ok()?;
                    Some(LearnedFacts { hour, version: self.version, state })
                }
                None => after,
            }
        };
        let last = names.iter().filter_map(|name| latest(name)).map(|l| l.hour).max().unwrap_or(0);
        let mut write = |suffix: &str, name: &str, learned: LearnedFacts| {
            if learned.hour.saturating_add(memory_hours) < last {
                return;
            }
            let entity = format!("{}{suffix}{SEPARATOR}{name}", self.name).into();
            let account = self.account.clone();
            out(FactKey { account, hour: 0, class: Class::Learned, region: Str::default(), entity }, learned);
        };
        for name in &names {
            latest(name).into_iter().for_each(|learned| write("", name, learned));
            before(name).into_iter().for_each(|learned| write(BEFORE, name, learned));
        }
    }
}

/// From which hour on it was learned, and the entry, packed.
fn packed(learned: &LearnedFacts) -> Option<(u32, Vec<u8>)> {
    postcard::from_bytes(&learned.state).ok()
}

fn entry(bytes: &[u8]) -> Option<(u32, Vec<u8>)> {
    postcard::from_bytes::<LearnedFacts>(bytes).ok().and_then(|learned| packed(&learned))
}

fn learned_at(shelf: &Shelf, place: Place) -> Option<(Str, LearnedFacts)> {
    shelf.at(place, |_, name, bytes| postcard::from_bytes(bytes).ok().map(|learned| (name.into(), learned))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Seen {
        hours: (u32, u32),
        calls: u32,
    }

    impl Entry for Seen {
        fn span(&self) -> (u32, u32) {
            self.hours
        }
    }

    type Saved = Vec<(FactKey, LearnedFacts)>;

    /// A scan of so many hours: each counts.
    fn scan(known: &Saved, hours: std::ops::RangeInclusive<u32>) -> (Ledger, Saved) {
        let mut ledger = Ledger::new("seen", 1, &Cold::default());
        known.iter().for_each(|(key, learned)| ledger.recall(key, learned));
        for hour in hours {
            ledger.begin("111122223333", hour);
            let mut seen = ledger.get("a").unwrap_or(Seen { hours: (hour, hour), calls: 0 });
            seen.hours.1 = hour.max(seen.hours.1);
            seen.calls += 1;
            ledger.put("a", &seen);
        }
        let mut saved = Saved::new();
        ledger.learned(100, &mut |key, learned| saved.push((key, learned)));
        (ledger, saved)
    }

    fn calls(ledger: &Ledger) -> u32 {
        ledger.get::<Seen>("a").map_or(0, |seen| seen.calls)
    }

    #[test]
    fn the_same_hours_are_seen_with_what_was_known_before_them() {
        let (first, one) = scan(&Saved::new(), 10..=19);
        let (again, two) = scan(&one, 10..=19);
        assert_eq!((calls(&first), calls(&again)), (10, 10));
        assert_eq!(one, two);
        let (later, three) = scan(&two, 20..=24);
        assert_eq!((calls(&later), later.first_hour()), (15, 10));
        let (again, four) = scan(&three, 20..=24);
        assert_eq!(calls(&again), 15);
        assert_eq!(three, four);
    }

    #[test]
    fn what_is_old_or_of_another_version_is_forgotten() {
        let (_, one) = scan(&Saved::new(), 10..=19);
        let mut ledger = Ledger::new("seen", 1, &Cold::default());
        one.iter().for_each(|(key, learned)| ledger.recall(key, learned));
        ledger.begin("111122223333", 500);
        ledger.put("b", &Seen { hours: (500, 500), calls: 1 });
        let mut names = Vec::new();
        ledger.learned(100, &mut |key, _| names.push(key.entity));
        assert!(names.iter().all(|name| name.ends_with('b')) && names.len() == 1, "{names:?}");
        let mut other = Ledger::new("seen", 2, &Cold::default());
        one.iter().for_each(|(key, learned)| other.recall(key, learned));
        other.begin("111122223333", 500);
        assert_eq!(calls(&other), 0);
    }
}
