//! What one principal called in one hour: from where, with which key and agent, which APIs, in which regions.
//!
//! Texts repeat from hour to hour, so they stand in facts of their own ([`Spelling`]), and the hours name them by hash.
//! Events are not added up but told apart: a call is counted by the hashes of its events, so that an event which two
//! trails deliver counts once.

use super::packed_api;
use crate::Str;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::{SmallVec, smallvec};

/// Who called, from where and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Visit {
    /// `userIdentity.type`.
    pub kind: Str,
    /// With the session's name behind a colon, as CloudTrail writes it.
    pub principal_id: Str,
    /// The principal's ARN, a session's for a role.
    pub arn: Str,
    /// The friendly name; a role's own.
    pub user_name: Str,
    /// The ARN of the role or user that issued the session.
    pub issuer: Str,
    /// The calling account, where it is another.
    pub account: Str,
    /// The key that signed.
    pub access_key_id: Str,
    /// As CloudTrail wrote it: an address or a name.
    pub source: Str,
    /// As the caller sent it.
    pub user_agent: Str,
    /// The VPC endpoint.
    pub endpoint: Str,
    /// Whether the address is on a trusted list: what comes from there is learned and never reported.
    pub trusted: bool,
}

impl Visit {
    /// What tells principals apart: a role's id without the session's name, else what there is.
    pub fn principal(&self) -> &str {
        let own = match self.kind.as_str() {
            "AssumedRole" => self.principal_id.split(':').next().unwrap_or_default(),
            _ => &self.principal_id,
        };
        [own, &self.arn, &self.user_name, &self.access_key_id].into_iter().find(|p| !p.is_empty()).unwrap_or(&self.kind)
    }
}

/// One API in one region with one outcome, of a bucket if it is about objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Call {
    /// Service and name: `ec2:RunInstances`. The service is that of `eventSource` without `.amazonaws.com`.
    pub api: Str,
    /// The region that it counts for.
    pub region: Str,
    /// `errorCode`, empty on success.
    pub error: Str,
    /// The bucket of an S3 data event.
    pub bucket: Str,
    /// Whether a global service was called.
    pub global: bool,
}

/// What a hash in [`ApiFacts`] stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Spelling {
    /// Of a visit.
    Visit(Visit),
    /// Of a call.
    Call(Call),
}

impl Spelling {
    /// Two texts of one hash would be a chance of one in 2^64; the greater stays, so that the order of merging does
    /// not show.
    pub fn merge(&mut self, other: Self) {
        if other > *self {
            *self = other;
        }
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Self::Visit(visit) => 384 + visit.user_agent.len() + visit.arn.len() + visit.issuer.len(),
            Self::Call(call) => 192 + call.api.len(),
        }
    }
}

/// Distinct events by hash: all below a bound, from there on those with the smallest hashes, from which their number
/// follows (Bar-Yossef et al., "Counting distinct elements in a data stream", 2002).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events {
    /// How many are kept.
    most: u16,
    /// Sorted, each once. Most calls have one or two.
    hashes: SmallVec<[u64; 2]>,
}

impl Events {
    /// Kept of a management call: counted exactly below so many, within a fifth beyond.
    pub const FEW: u16 = 32;
    /// Kept of calls on objects, whose number says how much was taken: within a sixteenth beyond.
    pub const MANY: u16 = 256;

    /// One; [`Self::FEW`] or [`Self::MANY`] at most are kept.
    pub fn of(hash: u64, most: u16) -> Self {
        Self { most, hashes: smallvec![hash] }
    }

    /// Of sorted hashes, each once, not more than are kept.
    pub(super) fn of_sorted(most: u16, hashes: SmallVec<[u64; 2]>) -> Option<Self> {
        let fits = !hashes.is_empty() && hashes.len() <= usize::from(most) && hashes.is_sorted_by(|a, b| a < b);
        fits.then_some(Self { most, hashes })
    }

    /// How many are kept at most.
    pub(super) fn most(&self) -> u16 {
        self.most
    }

    /// Those that are kept.
    pub(super) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Adds one.
    #[inline]
    pub fn insert(&mut self, hash: u64) {
        if self.hashes.len() >= usize::from(self.most) && self.hashes.last().is_some_and(|&last| last <= hash) {
            return;
        }
        if let Err(at) = self.hashes.binary_search(&hash) {
            self.hashes.insert(at, hash);
            self.hashes.truncate(usize::from(self.most));
        }
    }

    /// Union.
    pub fn merge(&mut self, other: &Self) {
        self.most = self.most.max(other.most);
        other.hashes.iter().for_each(|&hash| self.insert(hash));
    }

    /// How many there are, about.
    pub fn count(&self) -> u64 {
        let kept = self.hashes.len();
        match self.hashes.last() {
            Some(&last) if kept >= usize::from(self.most) && kept > 1 => {
                // The mean gap of the kept ones, over the whole range of hashes.
                ((kept - 1) as f64 * (u64::MAX as f64 / (last as f64).max(1.0))).round().max(kept as f64) as u64
            }
            _ => kept as u64,
        }
    }
}

/// The hash of an event that has a UUID: the same in every copy of the event.
pub fn event_hash(id: [u64; 2]) -> Option<u64> {
    if id == [0; 2] {
        return None;
    }
    // The finalizer of MurmurHash3, over both halves: versions and variants are fixed bits of a UUID.
    let mut h = id[0] ^ id[1].rotate_left(29);
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    Some(h ^ (h >> 33))
}

/// A call in an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The first, in milliseconds of the hour.
    pub first: u32,
    /// The latest: milliseconds of the hour, hash, and `eventID` where it is a UUID.
    pub latest: (u32, u64, [u64; 2]),
    /// The events.
    pub events: Events,
}

impl Use {
    /// One event.
    pub fn of(moment: u32, hash: u64, id: [u64; 2], most: u16) -> Self {
        // A small vector that is made with its element is copied whole, which stalls on what was just written.
        let mut used =
            Self { first: moment, latest: (moment, hash, id), events: Events { most, hashes: SmallVec::new() } };
        used.events.hashes.push(hash);
        used
    }

    /// Adds an event.
    #[inline]
    pub fn add(&mut self, moment: u32, hash: u64, id: [u64; 2]) {
        self.first = self.first.min(moment);
        self.latest = self.latest.max((moment, hash, id));
        self.events.insert(hash);
    }

    fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.latest = self.latest.max(other.latest);
        self.events.merge(&other.events);
    }
}

/// All calls of a principal in an hour: by visit and call, sorted. Of more than [`Self::KEPT`] those with the smallest
/// keys are kept, which are a sample of visits: keys are hashes. Merging is associative as that of
/// `BottomK` is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiFacts {
    calls: Vec<((u64, u64), Use)>,
}

impl Serialize for ApiFacts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&packed_api::write(&self.calls))
    }
}

impl<'de> Deserialize<'de> for ApiFacts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        let calls = packed_api::read(bytes).ok_or_else(|| D::Error::custom("API calls are damaged"))?;
        Ok(Self { calls })
    }
}

impl ApiFacts {
    /// Calls that are kept of a principal in an hour: the widest enumeration tools make a few hundred.
    pub const KEPT: usize = 2048;

    /// Of calls by visit and call, sorted, each once.
    pub fn of_sorted(calls: Vec<((u64, u64), Use)>) -> Self {
        let mut facts = Self { calls };
        facts.calls.truncate(Self::KEPT);
        facts
    }

    /// Union.
    pub fn merge(&mut self, other: Self) {
        let mut merged = Vec::with_capacity((self.calls.len() + other.calls.len()).min(Self::KEPT));
        let mut mine = std::mem::take(&mut self.calls).into_iter().peekable();
        let mut theirs = other.calls.into_iter().peekable();
        while merged.len() < Self::KEPT {
            let next = match (mine.peek(), theirs.peek()) {
                (Some(a), Some(b)) => match a.0.cmp(&b.0) {
                    std::cmp::Ordering::Less => mine.next(),
                    std::cmp::Ordering::Greater => theirs.next(),
                    std::cmp::Ordering::Equal => mine.next().map(|mut both| {
                        if let Some(other) = theirs.next() {
                            both.1.merge(&other.1);
                        }
                        both
                    }),
                },
                (Some(_), None) => mine.next(),
                (None, _) => theirs.next(),
            };
            let Some(next) = next else { break };
            merged.push(next);
        }
        self.calls = merged;
    }

    /// The calls: hashes of visit and call.
    pub fn iter(&self) -> impl Iterator<Item = ((u64, u64), &Use)> {
        self.calls.iter().map(|(key, used)| (*key, used))
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        64 + 128 * self.calls.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_exactly_and_then_about() {
        let of = |n: u64| {
            let mut events = Events { most: Events::FEW, hashes: SmallVec::new() };
            (0..n).chain(0..n).for_each(|i| events.insert(crate::hash::stable(&[&i.to_le_bytes()])));
            events.count()
        };
        assert_eq!((of(0), of(1), of(31)), (0, 1, 31));
        let many = of(5000) as f64;
        assert!((many / 5000.0 - 1.0).abs() < 0.5, "{many}");
    }
}
