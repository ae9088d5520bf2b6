//! Where the credentials of instances, functions and tasks were used: one fact for each of them, hour and region.

use crate::Str;
use crate::event::IssuedKind;
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// From where a call came. The order is that of keeping: what is suspicious comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// A public address that is not AWS's.
    Outside(IpAddr),
    /// A VPC endpoint, and the account that owns it, where the record says so.
    Endpoint(Str, Str),
    /// An address of AWS.
    Aws(IpAddr),
    /// Any address of AWS. Functions outside of a VPC call from AWS's own networks, each time from another address.
    AnyAws,
    /// Anywhere: it is not asked from where a long-term key is used.
    Anywhere,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Outside(ip) | Self::Aws(ip) => write!(f, "{ip}"),
            Self::Endpoint(id, owner) if owner.is_empty() => write!(f, "VPC endpoint {id}"),
            Self::Endpoint(id, owner) => write!(f, "VPC endpoint {id} of account {owner}"),
            Self::AnyAws => f.write_str("an address of AWS"),
            Self::Anywhere => f.write_str("anywhere"),
        }
    }
}

/// A set of events, by hash, of which the smallest 64 are kept: it counts exactly up to there, and estimates beyond
/// (Bar-Yossef et al., "Counting distinct elements in a data stream", 2002, algorithm 1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FewEvents(Vec<u64>);

impl FewEvents {
    const KEPT: usize = 64;

    /// Adds an event.
    pub fn insert(&mut self, hash: u64) {
        if self.0.len() >= Self::KEPT && self.0.last().is_some_and(|last| *last <= hash) {
            return;
        }
        if let Err(at) = self.0.binary_search(&hash) {
            self.0.insert(at, hash);
            self.0.truncate(Self::KEPT);
        }
    }

    /// Union.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|&hash| self.insert(hash));
    }

    /// How many distinct events.
    pub fn len(&self) -> u64 {
        match self.0.last() {
            // The 64th smallest of n hashes that are spread evenly lies near 64 / n of the range.
            Some(&last) if self.0.len() >= Self::KEPT => {
                ((Self::KEPT as u128 - 1) * (1 << 64) / u128::from(last.max(1))).try_into().unwrap_or(u64::MAX)
            }
            _ => self.0.len() as u64,
        }
    }

    /// How many hashes are held in memory.
    pub fn held(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The calls from one origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The earliest call.
    pub first: EventTime,
    /// The latest call.
    pub last: EventTime,
    /// The minutes of the hour with calls, a bit each.
    pub minutes: u64,
    /// The calls.
    pub events: FewEvents,
    /// The access keys that signed them, by name; the first four.
    pub keys: Vec<Str>,
    /// Whether one of them was a global service's.
    pub global: bool,
    /// The earliest call, of several in that moment the one with the smallest hash.
    pub earliest: Event,
}

/// An event, by the hashes that [`super::Spelling`] facts spell out. What is ordered by comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// The record's hash.
    pub hash: u64,
    /// `eventID`, where it is a UUID.
    pub id: [u64; 2],
    /// Who called.
    pub visit: u64,
    /// What was called.
    pub call: u64,
}

impl Use {
    const KEYS: usize = 4;

    /// One call.
    pub fn of(time: EventTime, event: Event, global: bool) -> Self {
        let mut events = FewEvents::default();
        events.insert(event.hash);
        Self { first: time, last: time, minutes: Self::minute(time), events, keys: Vec::new(), global, earliest: event }
    }

    /// Adds a call.
    pub fn add(&mut self, time: EventTime, event: Event, global: bool) {
        if (time, event) < (self.first, self.earliest) {
            (self.first, self.earliest) = (time, event);
        }
        self.last = self.last.max(time);
        self.minutes |= Self::minute(time);
        self.events.insert(event.hash);
        self.global |= global;
    }

    /// Sums, span, and the earliest call.
    pub fn merge(&mut self, other: Self) {
        if (other.first, other.earliest) < (self.first, self.earliest) {
            (self.first, self.earliest) = (other.first, other.earliest);
        }
        self.last = self.last.max(other.last);
        self.minutes |= other.minutes;
        self.events.merge(&other.events);
        self.global |= other.global;
        other.keys.iter().for_each(|key| self.key(key));
    }

    fn weight(&self) -> usize {
        256 + 8 * self.events.held()
    }

    /// Adds an access key.
    pub fn key(&mut self, key: &str) {
        if key.is_empty() {
            return;
        }
        if let Err(at) = self.keys.binary_search_by(|known| known.as_str().cmp(key)) {
            self.keys.insert(at, super::bounded(key));
            self.keys.truncate(Self::KEYS);
        }
    }

    /// The minute of a moment, as a bit.
    pub fn minute(time: EventTime) -> u64 {
        1 << (time.as_secs().rem_euclid(3600) / 60)
    }
}

/// Where the credentials of one instance, function or task were used in one hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialFacts {
    /// What they were issued to.
    pub kind: IssuedKind,
    /// The VPC that they were issued in, where a record says so; of several the last by name.
    pub vpc: Str,
    /// By origin, sorted, each once.
    pub uses: Vec<(Origin, Use)>,
}

impl CredentialFacts {
    /// How many origins are kept, those that come first. One instance has a handful.
    const ORIGINS: usize = 32;

    /// Union.
    pub fn merge(&mut self, other: Self) {
        self.kind = self.kind.min(other.kind);
        if other.vpc > self.vpc {
            self.vpc = other.vpc;
        }
        for (origin, theirs) in other.uses {
            match self.uses.binary_search_by(|(mine, _)| mine.cmp(&origin)) {
                Ok(at) => self.uses[at].1.merge(theirs),
                Err(at) => self.uses.insert(at, (origin, theirs)),
            }
        }
        self.uses.truncate(Self::ORIGINS);
    }

    /// The calls from an origin.
    pub fn of(&self, origin: &Origin) -> Option<&Use> {
        self.uses.binary_search_by(|(mine, _)| mine.cmp(origin)).ok().map(|at| &self.uses[at].1)
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        64 + self.uses.iter().map(|(_, u)| u.weight()).sum::<usize>()
    }
}
