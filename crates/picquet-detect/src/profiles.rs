//! Profiles of entities, by region and name: those that were seen last are in memory, the others packed on a shelf.
//!
//! The same logs, scanned again with the baseline that was learned from them, are to give the same findings: what they
//! show is no news only to what comes later. So a baseline holds the profiles of the scan that learned last both as
//! they were when it began and when it ended. A scan that begins where that one began to learn, or before, has all that
//! it learned in its own logs, and begins with the former. One that begins later begins with the latter: hours that it
//! shares with that one are judged again, but what they show is known and not learned twice.

use crate::cold::{Cold, Place, Shelf};
use crate::facts::key::SEPARATOR;
use crate::facts::{Class, FactKey, LearnedFacts};
use crate::{Map, Str, map};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is learned of an entity.
pub trait Profile: Serialize + DeserializeOwned {
    /// The name under which profiles are kept.
    const NAME: &'static str;
    /// The name of profiles as they were when the latest scan began.
    const BEFORE: &'static str;
    /// The version of the written form.
    const VERSION: u16;
    /// A rough size in memory, in bytes.
    fn weight(&self) -> usize;
    /// The latest hour that was folded in.
    fn last_hour(&self) -> u32;
}

/// Region and name.
pub type At = (Str, Str);

/// The profiles of one account.
pub struct Profiles<P> {
    /// Of the entities that were seen last. One that is packed as well is as it is here.
    held: Map<At, P>,
    /// The sum of their weights, and how much it may be.
    weight: usize,
    most: usize,
    packed: Shelf,
    /// What an earlier scan learned, and what it knew when it began, as they were written.
    after: Shelf,
    before: Shelf,
    cold: Cold,
    /// The hour from which on the scan learned that learned last.
    from: u32,
    begun: bool,
    account: Str,
}

impl<P: Profile> Profiles<P> {
    /// None; `most` bytes of them are held unpacked, about.
    pub fn new(cold: &Cold, most: usize) -> Self {
        Self {
            held: map(0),
            weight: 0,
            most,
            packed: Shelf::new(cold),
            after: Shelf::new(cold),
            before: Shelf::new(cold),
            cold: cold.clone(),
            from: u32::MAX,
            begun: false,
            account: Str::default(),
        }
    }

    /// The account's first fact is of this hour: what was learned before is chosen, and shown. True for that first one.
    pub fn begin(&mut self, key: &FactKey, mut known: impl FnMut(&At, &P)) -> bool {
        if self.begun {
            return false;
        }
        self.begun = true;
        if self.account.is_empty() {
            self.account.clone_from(&key.account);
        }
        if key.hour > self.from {
            self.before = std::mem::replace(&mut self.after, Shelf::new(&self.cold));
        }
        let mut latest: Option<u32> = None;
        for place in self.before.places() {
            let Some((at, learned)) = learned_at(&self.before, place) else { continue };
            let Ok((_, profile)) = postcard::from_bytes::<(u32, P)>(&learned.state) else { continue };
            latest = latest.max(Some(profile.last_hour()));
            known(&at, &profile);
            self.hold(at, profile);
        }
        self.from = latest.map_or(key.hour, |known| key.hour.max(known.saturating_add(1)));
        true
    }

    /// Takes a profile out, to be put back with [`Self::hold`].
    pub fn take(&mut self, at: &At) -> Option<P> {
        match self.held.remove(at) {
            Some(profile) => {
                self.weight = self.weight.saturating_sub(profile.weight());
                Some(profile)
            }
            None => self.unpack(at),
        }
    }

    /// Holds a profile unpacked; those that were seen longest ago are packed when it is one too many.
    pub fn hold(&mut self, at: At, profile: P) {
        self.weight += profile.weight();
        self.held.insert(at, profile);
        if self.weight <= self.most {
            return;
        }
        let mut oldest: Vec<(u32, &At)> = self.held.iter().map(|(at, profile)| (profile.last_hour(), at)).collect();
        oldest.sort_unstable();
        oldest.truncate(oldest.len().div_ceil(4));
        let oldest: Vec<At> = oldest.into_iter().map(|(_, at)| at.clone()).collect();
        for at in oldest {
            let Some(gone) = self.held.remove(&at) else { continue };
            self.weight = self.weight.saturating_sub(gone.weight());
            // Numbers, texts and short maps can always be written.
            if let Ok(packed) = postcard::to_stdvec(&gone) {
                self.packed.put(&at.0, &at.1, &packed);
            }
        }
    }

    /// A profile that is packed.
    fn unpack(&self, at: &At) -> Option<P> {
        self.packed.get(&at.0, &at.1, |packed| postcard::from_bytes(packed).ok()).flatten()
    }

    /// Writes all profiles: what a later scan begins with.
    pub fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let mut write = |name: &str, (region, entity): &At, hour, state| {
            let entity = compact_str::format_compact!("{name}{SEPARATOR}{entity}");
            let key = FactKey {
                account: self.account.clone(),
                hour: 0,
                class: Class::Learned,
                region: region.clone(),
                entity,
            };
            out(key, LearnedFacts { hour, version: P::VERSION, state });
        };
        for place in self.before.places() {
            let Some((at, before)) = learned_at(&self.before, place) else { continue };
            write(P::BEFORE, &at, before.hour, before.state);
        }
        // What this scan saw less of than the earlier one stays as that one learned it.
        let longer = |at: &At, hour: u32| {
            let after = self.after.get(&at.0, &at.1, |packed| postcard::from_bytes::<LearnedFacts>(packed).ok());
            after.flatten().is_some_and(|after| after.hour > hour)
        };
        let mut latest = |at: &At, profile: &P| {
            if longer(at, profile.last_hour()) {
                return;
            }
            // Numbers, texts and short maps can always be written.
            let Ok(state) = postcard::to_stdvec(&(self.from, profile)) else { return };
            write(P::NAME, at, profile.last_hour(), state);
        };
        let mut held: Vec<_> = self.held.iter().collect();
        held.sort_unstable_by_key(|(at, _)| *at);
        held.into_iter().for_each(|(at, profile)| latest(at, profile));
        for place in self.packed.places() {
            let packed = self.packed.at(place, |region, entity, packed| {
                let at = (region.clone(), entity.into());
                let stale = self.held.contains_key(&at);
                (!stale).then(|| postcard::from_bytes::<P>(packed).ok()).flatten().map(|profile| (at, profile))
            });
            if let Some((at, profile)) = packed.flatten() {
                latest(&at, &profile);
            }
        }
        let last = |at: &At| match self.held.get(at) {
            Some(profile) => Some(profile.last_hour()),
            None => self.unpack(at).map(|profile| profile.last_hour()),
        };
        for place in self.after.places() {
            let Some((at, after)) = learned_at(&self.after, place) else { continue };
            if last(&at).is_none_or(|hour| hour < after.hour) {
                write(P::NAME, &at, after.hour, after.state);
            }
        }
    }

    /// Takes what an earlier scan wrote, before the first fact. What is of another kind is passed over.
    pub fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        let Some((name, entity)) = key.entity.split_once(SEPARATOR) else { return };
        if learned.version != P::VERSION {
            return;
        }
        let into = match name {
            _ if name == P::NAME => &mut self.after,
            _ if name == P::BEFORE => &mut self.before,
            _ => return,
        };
        // Numbers and bytes can always be written.
        if let Ok(packed) = postcard::to_stdvec(learned) {
            into.put(&key.region, entity, &packed);
        }
        self.account.clone_from(&key.account);
        if name == P::NAME
            && let Ok((from, _)) = postcard::take_from_bytes::<u32>(&learned.state)
        {
            self.from = self.from.min(from);
        }
    }
}

/// What an earlier scan learned of an entity.
fn learned_at(shelf: &Shelf, place: Place) -> Option<(At, LearnedFacts)> {
    let read = |region: &Str, entity: &str, packed: &[u8]| {
        let learned = postcard::from_bytes(packed).ok()?;
        Some(((region.clone(), entity.into()), learned))
    };
    shelf.at(place, read).flatten()
}
