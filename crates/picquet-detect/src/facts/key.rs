//! The key of a fact: account, hour, class, region, entity. Facts are judged in this order.

use crate::Str;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};

/// What a fact is about. The order is that of judging: what others look things up in comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// The account itself.
    Account,
    /// An instance.
    Instance,
    /// An interface.
    Interface,
    /// Password policy.
    PasswordPolicy,
    /// Trails and their buckets.
    Trails,
    /// Immediate signals.
    Signal,
    /// Listed peers of interfaces.
    Peer,
    /// Log-in attempts.
    Attempts,
    /// Traffic of an interface.
    Traffic,
    /// What judges learned in earlier scans.
    Learned,
    /// Registered domains that the account knows.
    Domains,
    /// Queries of a client.
    DnsClient,
    /// Long names of a client below one registered domain.
    DnsTunnel,
    /// Where an instance's, function's or task's credentials were used.
    Credentials,
    /// Sign-ins to the console of one user.
    Logins,
    /// Use of a long-term access key.
    Keys,
    /// Sessions, and who opened them.
    Sessions,
    /// What hashes in API calls stand for.
    Spelling,
    /// API calls of a principal.
    Api,
    /// What a client asked for below one domain that is worth a second look.
    Rare,
}

impl Class {
    /// Whether facts of the class describe the world rather than an hour of it. They have hour 0.
    pub const fn is_reference(self) -> bool {
        matches!(
            self,
            Self::Account
                | Self::Instance
                | Self::Interface
                | Self::PasswordPolicy
                | Self::Trails
                | Self::Learned
                | Self::Domains
                | Self::Spelling
        )
    }

    /// Whether its facts are judged as soon as there are any, and not only when their hour is over: what they show does
    /// not turn into something else with what comes later.
    pub const fn is_immediate(self) -> bool {
        self.is_reference() || matches!(self, Self::Signal | Self::Peer | Self::Attempts | Self::Sessions)
    }

    /// Whether a baseline file carries its facts as they are.
    pub const fn is_kept(self) -> bool {
        // What judges learned comes back from them, with what a scan adds; and what only the scan's own facts name is
        // nothing to a later one.
        self.is_reference() && !matches!(self, Self::Learned | Self::Spelling)
    }
}

/// Separates the parts of an entity; no AWS identifier contains it.
pub const SEPARATOR: char = '\u{1f}';

/// The key of a fact. The order of the members is the order of judging.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactKey {
    /// Twelve digits.
    pub account: Str,
    /// Hours since the epoch; 0 for facts that describe the world.
    pub hour: u32,
    /// What it is about.
    pub class: Class,
    /// The region's name.
    pub region: Str,
    /// The entity, its parts apart by [`SEPARATOR`].
    pub entity: Str,
}

/// A key to look up with, without owning its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRef<'a> {
    /// Twelve digits.
    pub account: &'a str,
    /// Hours since the epoch.
    pub hour: u32,
    /// What it is about.
    pub class: Class,
    /// The region's name.
    pub region: &'a str,
    /// The entity.
    pub entity: &'a str,
}

impl<'a> KeyRef<'a> {
    /// The key, owned.
    pub fn to_owned(self) -> FactKey {
        FactKey {
            account: self.account.into(),
            hour: self.hour,
            class: self.class,
            region: self.region.into(),
            entity: self.entity.into(),
        }
    }
}

impl Hash for KeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.account.hash(state);
        self.hour.hash(state);
        self.class.hash(state);
        self.region.hash(state);
        self.entity.hash(state);
    }
}

impl Hash for FactKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.borrowed().hash(state);
    }
}

impl FactKey {
    /// The key, borrowed.
    pub fn borrowed(&self) -> KeyRef<'_> {
        KeyRef {
            account: &self.account,
            hour: self.hour,
            class: self.class,
            region: &self.region,
            entity: &self.entity,
        }
    }

    /// The parts of the entity.
    pub fn parts(&self) -> impl Iterator<Item = &str> + Clone {
        self.entity.split(SEPARATOR)
    }
}

impl hashbrown::Equivalent<FactKey> for KeyRef<'_> {
    fn equivalent(&self, key: &FactKey) -> bool {
        *self == key.borrowed()
    }
}
