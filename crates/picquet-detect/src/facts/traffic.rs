//! Facts of an interface's traffic in one hour: with whom, on which service port, how much, and what tells who
//! opened the connections.
//!
//! Records are summed up by *contact*: both addresses, the protocol and the service port. Which of two ports is the
//! service's follows from the ports alone and is the same for a record and its reply, so that the two meet in one
//! contact whichever objects they come from. That choice is a name and no verdict: who opened the connections is
//! decided when all is merged, see [`crate::initiator`].

use super::packed;
use crate::net::server_likeness;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

/// TCP flags (AWS, "Flow log records", tcp-flags).
const SYN: u8 = 2;
const ACK: u8 = 16;

/// What tells contacts of one interface and hour apart. `server` is the side of the service port; ports are 0 for
/// protocols without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactKey {
    /// The address on the side of the other port.
    pub client: IpAddr,
    /// The address on the side of the service port.
    pub server: IpAddr,
    /// The service port.
    pub port: u16,
    /// IANA protocol number.
    pub protocol: u8,
}

impl Hash for ContactKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let rest = u64::from(self.port) << 8 | u64::from(self.protocol);
        match (self.client, self.server) {
            (IpAddr::V4(client), IpAddr::V4(server)) => {
                state.write_u64(u64::from(client.to_bits()) << 32 | u64::from(server.to_bits()));
                state.write_u64(rest);
            }
            (client, server) => {
                state.write_u128(bits(client));
                state.write_u128(bits(server));
                state.write_u64(rest);
            }
        }
    }
}

fn bits(ip: IpAddr) -> u128 {
    match ip {
        // Never an IPv6 address that is in use: the first bits are those of the multicast block.
        IpAddr::V4(v4) => u128::from(v4.to_bits()) | 0xff << 120,
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl ContactKey {
    /// The contact of a record, and whether the record goes to the service port. The side that looks more like a
    /// service has the service port; of two alike the lower port, of two equal ports the lower address.
    #[inline]
    pub fn of(src: (IpAddr, u16), dst: (IpAddr, u16), protocol: u8) -> (Self, bool) {
        let (s, d) = (server_likeness(src.1), server_likeness(dst.1));
        let to_service = match d.cmp(&s).then(src.1.cmp(&dst.1)) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => dst.0 < src.0,
        };
        let (client, server) = if to_service { (src, dst) } else { (dst, src) };
        (Self { client: client.0, server: server.0, port: server.1, protocol }, to_service)
    }

    /// A hash that is the same everywhere: which contacts are kept when there are too many follows from it.
    pub fn stable_hash(&self) -> u64 {
        let mut h = mix(0x9e37_79b9_7f4a_7c15, bits(self.client));
        h = mix(h, bits(self.server));
        mix(h, u128::from(self.port) << 8 | u128::from(self.protocol))
    }
}

/// The finalizer of MurmurHash3 over what was hashed and 128 bits more.
fn mix(h: u64, bits: u128) -> u64 {
    let step = |h: u64, word: u64| {
        let mut x = h.rotate_left(27) ^ word;
        x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        x ^ (x >> 33)
    };
    step(step(h, bits as u64), (bits >> 64) as u64)
}

/// One direction of a contact. All counts stop at their maximum, which keeps sums associative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Packets that were let through.
    pub packets: u64,
    /// Bytes that were let through.
    pub bytes: u64,
    /// Records that were let through.
    pub records: u32,
    /// Records that were refused.
    pub refused: u32,
    /// Records with a SYN and no ACK: what the side that opens a connection sends.
    pub syn: u32,
    /// Records with SYN and ACK.
    pub syn_ack: u32,
    /// The highest packets a second of a record.
    pub peak: u32,
    /// The fewest bytes of a record; `u32::MAX` before the first.
    pub bytes_min: u32,
    /// The most bytes of a record.
    pub bytes_max: u32,
    /// Seconds into the hour of the first record; `u16::MAX` before it.
    pub first: u16,
    /// All TCP flags that were seen.
    pub flags: u8,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            packets: 0,
            bytes: 0,
            records: 0,
            refused: 0,
            syn: 0,
            syn_ack: 0,
            peak: 0,
            bytes_min: u32::MAX,
            bytes_max: 0,
            first: u16::MAX,
            flags: 0,
        }
    }
}

impl Way {
    /// Sums, extremes, union.
    pub fn merge(&mut self, other: &Self) {
        self.packets = self.packets.saturating_add(other.packets);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.records = self.records.saturating_add(other.records);
        self.refused = self.refused.saturating_add(other.refused);
        self.syn = self.syn.saturating_add(other.syn);
        self.syn_ack = self.syn_ack.saturating_add(other.syn_ack);
        self.peak = self.peak.max(other.peak);
        self.bytes_min = self.bytes_min.min(other.bytes_min);
        self.bytes_max = self.bytes_max.max(other.bytes_max);
        self.first = self.first.min(other.first);
        self.flags |= other.flags;
    }

    /// Whether there was any record, let through or refused.
    pub fn is_used(&self) -> bool {
        self.first != u16::MAX
    }

    /// Records, let through or refused.
    pub fn seen(&self) -> u64 {
        u64::from(self.records) + u64::from(self.refused)
    }
}

/// The traffic of one contact in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// To the service port.
    pub to: Way,
    /// From the service port.
    pub from: Way,
    /// The minutes of the hour in which records began, one bit each.
    pub minutes: u64,
    /// The lowest and the highest port on the other side.
    pub other_port: (u16, u16),
    /// Seconds into the hour and other port of the latest record.
    pub latest: (u16, u16),
}

impl Default for Contact {
    fn default() -> Self {
        let (to, from) = (Way::default(), Way::default());
        Self { to, from, minutes: 0, other_port: (u16::MAX, 0), latest: (0, 0) }
    }
}

/// What a contact takes of one record.
#[derive(Clone, Copy, Debug)]
pub struct Glance {
    /// Seconds into the hour of the start.
    pub second: u16,
    /// How long the record spans, in seconds, 1 or more.
    pub span: u32,
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
    /// Whether it was let through.
    pub accepted: bool,
    /// TCP flags, where the log has them.
    pub flags: Option<u8>,
    /// The port that is not the service's.
    pub other_port: u16,
}

impl Glance {
    /// Packets of a record from which on a contact is kept with the heavy ones.
    pub const HEAVY_PACKETS: u64 = 1000;
    /// Bytes of such a record.
    pub const HEAVY_BYTES: u64 = 1 << 20;

    /// Whether the record is so large that sampling must not lose it.
    #[inline]
    pub fn is_heavy(&self) -> bool {
        self.packets >= Self::HEAVY_PACKETS || self.bytes >= Self::HEAVY_BYTES
    }
}

impl Contact {
    /// Adds a record.
    #[inline]
    pub fn add(&mut self, to_service: bool, r: &Glance) {
        let way = if to_service { &mut self.to } else { &mut self.from };
        way.first = way.first.min(r.second);
        if r.accepted {
            way.records = way.records.saturating_add(1);
            way.packets = way.packets.saturating_add(r.packets);
            way.bytes = way.bytes.saturating_add(r.bytes);
            let bytes = u32::try_from(r.bytes).unwrap_or(u32::MAX);
            way.bytes_min = way.bytes_min.min(bytes);
            way.bytes_max = way.bytes_max.max(bytes);
            if r.packets > 100 {
                let rate = u32::try_from(r.packets / u64::from(r.span.max(1))).unwrap_or(u32::MAX);
                way.peak = way.peak.max(rate);
            }
        } else {
            way.refused = way.refused.saturating_add(1);
        }
        if let Some(flags) = r.flags {
            way.flags |= flags;
            if flags & SYN != 0 {
                let count = if flags & ACK == 0 { &mut way.syn } else { &mut way.syn_ack };
                *count = count.saturating_add(1);
            }
        }
        self.minutes |= 1 << (r.second / 60).min(59);
        self.other_port = (self.other_port.0.min(r.other_port), self.other_port.1.max(r.other_port));
        self.latest = self.latest.max((r.second, r.other_port));
    }

    /// Sums, extremes, unions, latest.
    pub fn merge(&mut self, other: &Self) {
        self.to.merge(&other.to);
        self.from.merge(&other.from);
        self.minutes |= other.minutes;
        self.other_port = (self.other_port.0.min(other.other_port.0), self.other_port.1.max(other.other_port.1));
        self.latest = self.latest.max(other.latest);
    }

    /// Seconds into the hour of the first record.
    pub fn first(&self) -> u16 {
        self.to.first.min(self.from.first)
    }
}

/// A contact with its key and the key's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// [`ContactKey::stable_hash`].
    pub hash: u64,
    /// The key.
    pub key: ContactKey,
    /// The traffic.
    pub contact: Contact,
}

impl Entry {
    /// An entry of a key.
    pub fn new(key: ContactKey, contact: Contact) -> Self {
        Self { hash: key.stable_hash(), key, contact }
    }

    fn order(&self) -> (u64, ContactKey) {
        (self.hash, self.key)
    }
}

/// Contacts with the smallest hashes, sorted by them. Which ones those are does not depend on the order of merging:
/// a contact that is kept in the end was among the smallest of every part, so nothing of it was lost on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    entries: Vec<Entry>,
    cut: bool,
}

/// Bytes that are written as such.
struct Blob(Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl Serialize for Sample {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.cut, self.entries.len() as u64, Blob(packed::write(&self.entries))).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (cut, count, bytes) = <(bool, u64, &[u8])>::deserialize(deserializer)?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let entries = packed::read(bytes, count).ok_or_else(|| D::Error::custom("contacts are damaged"))?;
        Ok(Self { entries, cut })
    }
}

impl Sample {
    /// Of entries with a key each, in their order, keeping at most `cap`.
    pub(crate) fn of_sorted(entries: impl ExactSizeIterator<Item = Entry>, cap: usize) -> Self {
        let cut = entries.len() > cap;
        let entries: Vec<Entry> = entries.take(cap).collect();
        debug_assert!(entries.is_sorted_by(|a, b| a.order() < b.order()), "entries that are sorted and distinct");
        Self { entries, cut }
    }

    /// Of any entries, keeping at most `cap`.
    pub fn new(mut entries: Vec<Entry>, cap: usize) -> Self {
        entries.sort_unstable_by_key(Entry::order);
        entries.dedup_by(|b, a| {
            let same = a.key == b.key;
            if same {
                a.contact.merge(&b.contact);
            }
            same
        });
        let cut = entries.len() > cap;
        entries.truncate(cap);
        Self { entries, cut }
    }

    /// The entries, by hash.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether a key is among them.
    pub fn holds(&self, entry: &Entry) -> bool {
        self.entries.binary_search_by_key(&entry.order(), Entry::order).is_ok()
    }

    /// Union, then the smallest hashes.
    pub fn merge(&mut self, other: Self, cap: usize) {
        self.cut |= other.cut;
        if self.entries.is_empty() {
            self.entries = other.entries;
            return;
        }
        if other.entries.is_empty() {
            return;
        }
        let mut merged = Vec::with_capacity((self.entries.len() + other.entries.len()).min(cap));
        let mut mine = std::mem::take(&mut self.entries).into_iter().peekable();
        let mut theirs = other.entries.into_iter().peekable();
        while merged.len() < cap {
            let order = match (mine.peek(), theirs.peek()) {
                (Some(a), Some(b)) => a.order().cmp(&b.order()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => break,
            };
            let mut next = if order.is_gt() { theirs.next() } else { mine.next() };
            if order.is_eq()
                && let (Some(a), Some(b)) = (&mut next, theirs.next())
            {
                a.contact.merge(&b.contact);
            }
            merged.extend(next);
        }
        self.cut |= mine.peek().is_some() || theirs.peek().is_some();
        self.entries = merged;
    }

    /// The share of all contacts that was kept: 1 where nothing was cut, else how far the hashes reach, which is
    /// that share since hashes are spread evenly ("k minimum values", Bar-Yossef et al., 2002).
    pub fn share(&self) -> f64 {
        match self.entries.last() {
            Some(last) if self.cut => (last.hash as f64 / u64::MAX as f64).max(1e-9),
            _ => 1.0,
        }
    }
}

/// An interface's traffic in one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficFacts {
    /// Records, packets and bytes, all of them, let through or refused.
    pub total: super::network::Traffic,
    /// Contacts, of all records that are not heavy.
    pub light: Sample,
    /// Contacts, of heavy records alone: see [`Glance::is_heavy`].
    pub heavy: Sample,
}

impl TrafficFacts {
    /// The most contacts of an hour: what a busy server meets; a scan that is larger is a scan in its sample too.
    pub const LIGHT: usize = 8192;
    /// The most contacts with heavy records.
    pub const HEAVY: usize = 1024;

    /// Sums and samples.
    pub fn merge(&mut self, other: Self) {
        self.total.merge(other.total);
        self.light.merge(other.light, Self::LIGHT);
        self.heavy.merge(other.heavy, Self::HEAVY);
    }

    /// Whether there were more contacts than are kept.
    pub fn is_sampled(&self) -> bool {
        self.light.cut || self.heavy.cut
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        64 + (self.light.entries.len() + self.heavy.entries.len()) * size_of::<Entry>()
    }

    /// All contacts in the order of their hashes, light and heavy records of one key together.
    pub fn contacts(&self) -> Cow<'_, [Entry]> {
        if self.heavy.entries.is_empty() {
            return Cow::Borrowed(&self.light.entries);
        }
        let mut all = self.light.clone();
        all.merge(self.heavy.clone(), usize::MAX);
        Cow::Owned(all.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_record_and_its_reply_are_one_contact() {
        let ports = [0, 22, 443, 1024, 8080, 31_000, 33_000, 45_000, 60_000];
        for (a, b) in [("10.0.0.1", "10.0.0.2"), ("203.0.113.1", "10.0.0.1"), ("::1", "2001:db8::1")] {
            for p in ports {
                for q in ports {
                    let (there, to) = ContactKey::of((ip(a), p), (ip(b), q), 6);
                    let (back, also) = ContactKey::of((ip(b), q), (ip(a), p), 6);
                    assert_eq!(there, back, "{a}:{p} {b}:{q}");
                    assert_ne!(to, also, "{a}:{p} {b}:{q}");
                }
            }
        }
    }

    #[test]
    fn a_sample_tells_its_share() {
        let entry = |n: u32| {
            let key = ContactKey { client: n.to_be_bytes().into(), server: ip("10.0.0.1"), port: 80, protocol: 6 };
            Entry::new(key, Contact::default())
        };
        let all = Sample::new((0..50_000).map(entry).collect(), TrafficFacts::LIGHT);
        let estimate = all.entries().len() as f64 / all.share();
        assert!((estimate / 50_000.0 - 1.0).abs() < 0.05, "{estimate}");
        assert_eq!(Sample::new((0..100).map(entry).collect(), 100).share(), 1.0);
    }

    #[test]
    fn entries_are_small() {
        assert!(size_of::<Entry>() <= 176, "{}", size_of::<Entry>());
    }
}
