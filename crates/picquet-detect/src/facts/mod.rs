//! Facts: compact, mergeable summaries of records.
//!
//! A merge is commutative and associative, so that facts of any objects may be merged in any order: sums,
//! minima, maxima, unions, and the latest by (time, record hash). Nothing here holds a raw log line.

pub mod account;
pub mod api;
mod as_json;
pub mod bottom;
pub mod credentials;
pub mod dns;
pub mod inventory;
pub mod key;
pub mod learned;
pub mod logins;
pub mod network;
mod packed;
mod packed_api;
pub mod policy;
pub mod rare;
pub mod sessions;
pub mod signal;
pub mod sketch;
pub mod traffic;

pub use account::AccountFacts;
pub use api::{ApiFacts, Spelling};
pub use credentials::CredentialFacts;
pub use dns::{ClientFacts, DomainFacts, TunnelFacts};
pub use inventory::{InstanceFacts, InterfaceFacts};
pub use key::{Class, FactKey};
pub use learned::LearnedFacts;
pub use logins::LoginFacts;
pub use network::{AttemptFacts, PeerFacts};
pub use policy::{PolicyFacts, TrailFacts};
pub use rare::RareFacts;
pub use sessions::SessionFacts;
pub use signal::{Occurrence, SignalFacts};
pub use traffic::TrafficFacts;

use crate::Str;
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};

/// A value and when it was so. The later one wins; of one moment, the one with the greater hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest<T> {
    /// When it was observed.
    pub time: EventTime,
    /// Breaks ties.
    pub hash: u64,
    /// The value.
    pub value: T,
}

impl<T> Latest<T> {
    /// An observation.
    pub fn new(time: EventTime, hash: u64, value: T) -> Self {
        Self { time, hash, value }
    }

    /// Keeps the later of two.
    pub fn merge(into: &mut Option<Self>, other: Option<Self>) {
        if let Some(other) = other
            && into.as_ref().is_none_or(|mine| (mine.time, mine.hash) < (other.time, other.hash))
        {
            *into = Some(other);
        }
    }
}

/// One summary, by class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// An account: its regions and the span of its records.
    Account(AccountFacts),
    /// An EC2 instance.
    Instance(Box<InstanceFacts>),
    /// A network interface.
    Interface(Box<InterfaceFacts>),
    /// Changes of the account's password policy.
    PasswordPolicy(PolicyFacts),
    /// Buckets that receive trails.
    Trails(TrailFacts),
    /// Something that a rule or list saw.
    Signal(Box<SignalFacts>),
    /// Traffic with a listed peer.
    Peer(Box<PeerFacts>),
    /// Log-in attempts over the network.
    Attempts(AttemptFacts),
    /// Traffic of an interface.
    Traffic(Box<TrafficFacts>),
    /// What a judge learned in earlier scans.
    Learned(LearnedFacts),
    /// What a hash in API calls stands for.
    Spelling(Box<Spelling>),
    /// API calls of a principal.
    Api(Box<ApiFacts>),
    /// Registered domains that the account knows.
    Domains(DomainFacts),
    /// What a client asked for.
    DnsClient(Box<ClientFacts>),
    /// Long names below one registered domain.
    DnsTunnel(Box<TunnelFacts>),
    /// Where credentials were used.
    Credentials(Box<CredentialFacts>),
    /// Sign-ins to the console.
    Logins(Box<LoginFacts>),
    /// Sessions, and who opened them.
    Sessions(Box<SessionFacts>),
    /// A domain that is worth a second look.
    Rare(Box<RareFacts>),
}

impl Fact {
    /// Merges another fact of the same key.
    pub fn merge(&mut self, other: Fact) {
        match (self, other) {
            (Self::Account(a), Self::Account(b)) => a.merge(b),
            (Self::Instance(a), Self::Instance(b)) => a.merge(*b),
            (Self::Interface(a), Self::Interface(b)) => a.merge(*b),
            (Self::PasswordPolicy(a), Self::PasswordPolicy(b)) => a.merge(b),
            (Self::Trails(a), Self::Trails(b)) => a.merge(b),
            (Self::Signal(a), Self::Signal(b)) => a.merge(*b),
            (Self::Peer(a), Self::Peer(b)) => a.merge(*b),
            (Self::Attempts(a), Self::Attempts(b)) => a.merge(b),
            (Self::Traffic(a), Self::Traffic(b)) => a.merge(*b),
            (Self::Learned(a), Self::Learned(b)) => a.merge(b),
            (Self::Spelling(a), Self::Spelling(b)) => a.merge(*b),
            (Self::Api(a), Self::Api(b)) => a.merge(*b),
            (Self::Domains(a), Self::Domains(b)) => a.merge(b),
            (Self::DnsClient(a), Self::DnsClient(b)) => a.merge(*b),
            (Self::DnsTunnel(a), Self::DnsTunnel(b)) => a.merge(*b),
            (Self::Credentials(a), Self::Credentials(b)) => a.merge(*b),
            (Self::Logins(a), Self::Logins(b)) => a.merge(*b),
            (Self::Sessions(a), Self::Sessions(b)) => a.merge(*b),
            (Self::Rare(a), Self::Rare(b)) => a.merge(*b),
            // The class is part of the key, and each class has one variant: a mismatch would be a bug of the
            // caller. Keeping the first loses a fact but never a process.
            (_, _) => debug_assert!(false, "facts of different classes under one key"),
        }
    }

    /// What a later scan begins with: what is so, without what happened and was judged.
    pub fn into_baseline(self) -> Self {
        match self {
            Self::PasswordPolicy(f) => Self::PasswordPolicy(f.into_baseline()),
            Self::Trails(f) => Self::Trails(f.into_baseline()),
            other => other,
        }
    }

    /// A rough size in memory, in bytes, for the memory bound.
    pub fn weight(&self) -> usize {
        match self {
            Self::Account(_) => 512,
            Self::Instance(_) => 1024,
            Self::Interface(_) => 512,
            Self::PasswordPolicy(f) => 64 + 160 * f.changes.len(),
            Self::Trails(f) => 64 + 128 * (f.buckets.len() + f.deleted.len()),
            Self::Signal(f) => 1536 + 32 * f.distinct_events(),
            Self::Peer(_) => 512,
            Self::Attempts(_) => 128,
            Self::Traffic(f) => f.weight(),
            Self::Learned(f) => 64 + f.state.len(),
            Self::Spelling(f) => f.weight(),
            Self::Api(f) => f.weight(),
            Self::Domains(f) => f.weight(),
            Self::DnsClient(f) => f.weight(),
            Self::DnsTunnel(f) => f.weight(),
            Self::Credentials(f) => f.weight(),
            Self::Logins(f) => f.weight(),
            Self::Sessions(f) => f.weight(),
            Self::Rare(f) => f.weight(),
        }
    }
}

/// The latest of a bounded history, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History<T: Ord>(std::collections::BTreeMap<(EventTime, u64), T>);

impl<T: Ord + Clone> History<T> {
    /// How many observations are kept: an interface or address that moves more often than that is not what
    /// a finding needs.
    const KEPT: usize = 32;

    /// Adds an observation.
    pub fn add(&mut self, time: EventTime, hash: u64, value: T) {
        self.keep(time, hash, value);
        self.trim();
    }

    /// Two values under one key would need one record that says both. Then the greater one stays, so that the order
    /// of merging does not show.
    fn keep(&mut self, time: EventTime, hash: u64, value: T) {
        match self.0.entry((time, hash)) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(value);
            }
            std::collections::btree_map::Entry::Occupied(mut mine) if *mine.get() < value => {
                mine.insert(value);
            }
            std::collections::btree_map::Entry::Occupied(_) => {}
        }
    }

    /// Merges another history.
    pub fn merge(&mut self, other: Self) {
        for ((time, hash), value) in other.0 {
            self.keep(time, hash, value);
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.0.len() > Self::KEPT {
            self.0.pop_first();
        }
    }

    /// The value at a moment: the last one observed by then, else the first one after.
    pub fn at(&self, time: EventTime) -> Option<&T> {
        self.by(time).or_else(|| self.after(time)).map(|(_, value)| value)
    }

    /// The last observation by a moment.
    pub fn by(&self, time: EventTime) -> Option<(EventTime, &T)> {
        self.0.range(..=(time, u64::MAX)).next_back().map(|(&(at, _), value)| (at, value))
    }

    /// The first observation after a moment.
    pub fn after(&self, time: EventTime) -> Option<(EventTime, &T)> {
        let from = (std::ops::Bound::Excluded((time, u64::MAX)), std::ops::Bound::Unbounded);
        self.0.range(from).next().map(|(&(at, _), value)| (at, value))
    }

    /// All values, oldest first.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    /// Whether nothing was observed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Inserts under a key of time and record hash. CloudTrail delivers an event again when its content was amended
/// (`addendum`): of two versions the greater one stays, so that the order of merging does not show.
pub(crate) fn keep_greater<K: Ord, V: PartialEq + std::fmt::Debug>(
    map: &mut std::collections::BTreeMap<K, V>,
    key: K,
    value: V,
) {
    match map.entry(key) {
        std::collections::btree_map::Entry::Vacant(free) => {
            free.insert(value);
        }
        std::collections::btree_map::Entry::Occupied(mut mine) => {
            if greater(&value, mine.get()) {
                mine.insert(value);
            }
        }
    }
}

/// An order of values that have none of their own. Rarely asked: only for two versions of one record.
pub(crate) fn greater<T: PartialEq + std::fmt::Debug>(a: &T, b: &T) -> bool {
    a != b && format!("{a:?}") > format!("{b:?}")
}

/// Shortens text from a log to what a finding may carry.
pub fn bounded(text: &str) -> Str {
    /// Longer values tell a person nothing more; CloudTrail itself cuts user agents at 1 KB.
    const MAX: usize = 2048;
    if text.len() <= MAX {
        return Str::from(text);
    }
    let mut end = MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Str::from(&text[..end])
}
