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

    /// All entries, for a later scan. What was not active for so many hours before the last activity is left out.
    pub fn learned(&self, memory_hours: u32, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let now =
            |place| self.now.at(place, |_, name, packed| Some((Str::from(name), span(packed)?.1, packed.to_vec())));
        let hours = self.now.places().into_iter().filter_map(|place| now(place).flatten().map(|(_, hour, _)| hour));
        let known =
            self.before.places().into_iter().filter_map(|place| learned_at(&self.before, place).map(|(_, l)| l.hour));
        let last = hours.chain(known).max().unwrap_or(0);
        let kept = |hour: u32| hour.saturating_add(memory_hours) >= last;
        let mut write = |suffix: &str, name: &str, learned: LearnedFacts| {
            if !kept(learned.hour) {
                return;
            }
            let entity = format!("{}{suffix}{SEPARATOR}{name}", self.name).into();
            let key = FactKey {
                account: self.account.clone(),
                hour: 0,
                class: Class::Learned,
                region: Str::default(),
                entity,
            };
            out(key, learned);
        };
        // What this scan saw less of than the earlier one stays as that one learned it.
        let after =
            |name: &str| self.after.get("", name, |bytes| postcard::from_bytes::<LearnedFacts>(bytes).ok()).flatten();
        let longer = |name: &str, hour: u32| after(name).is_some_and(|after| after.hour > hour);
        let latest = |write: &mut dyn FnMut(&str, &str, LearnedFacts), name: &str, hour: u32, state: &[u8]| {
            // Numbers and bytes can always be written.
            if !longer(name, hour)
                && let Ok(state) = postcard::to_stdvec(&(self.from, state))
            {
                write("", name, LearnedFacts { hour, version: self.version, state });
            }
        };
        for place in self.before.places() {
            let Some((name, learned)) = learned_at(&self.before, place) else { continue };
            if self.now.get("", &name, |_| ()).is_none()
                && let Some((_, state)) = packed(&learned)
            {
                latest(&mut write, &name, learned.hour, &state);
            }
            write(BEFORE, &name, learned);
        }
        for place in self.now.places() {
            if let Some((name, hour, state)) = now(place).flatten() {
                latest(&mut write, &name, hour, &state);
            }
        }
        for place in self.after.places() {
            let Some((name, learned)) = learned_at(&self.after, place) else { continue };
            let now = self.now.get("", &name, span).flatten().map(|(_, hour)| hour);
            let before = || self.before.get("", &name, |bytes| postcard::from_bytes::<LearnedFacts>(bytes).ok());
            let mine = now.or_else(|| before().flatten().map(|learned| learned.hour));
            if mine.is_none_or(|hour| hour < learned.hour) {
                write("", &name, learned);
            }
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
