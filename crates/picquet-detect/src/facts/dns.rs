//! Facts of DNS queries: what a client asked for in an hour, what it asked for below one registered domain, and
//! which registered domains the account knows.

use super::Latest;
use super::bottom::{BottomK, Element};
use super::sketch::EventSet;
use crate::Str;
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Who asked, beside what the key says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Client {
    /// As the record names it.
    pub instance_id: Option<Str>,
    /// `vpc-...`, or empty.
    pub vpc_id: Str,
    /// The private address.
    pub source: Option<IpAddr>,
    /// `UDP` or `TCP`.
    pub transport: Str,
    /// Whether a DNS Firewall rule blocked it.
    pub blocked: bool,
}

/// Kinds of records, as [`Kinds`] counts them.
pub const KINDS: [&str; 12] = ["A", "AAAA", "CNAME", "TXT", "NULL", "MX", "SRV", "KEY", "PTR", "NS", "HTTPS", "others"];

/// A number for each of [`KINDS`], at most 2^32 - 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kinds(pub [u32; KINDS.len()]);

impl Kinds {
    /// The place of a kind.
    pub fn place(kind: &str) -> usize {
        KINDS.iter().position(|k| *k == kind).unwrap_or(KINDS.len() - 1)
    }

    /// Adds to a kind.
    pub fn add(&mut self, kind: &str, n: u32) {
        if let Some(sum) = self.0.get_mut(Self::place(kind)) {
            *sum = sum.saturating_add(n);
        }
    }

    /// Sums.
    pub fn merge(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a = a.saturating_add(b));
    }

    /// The sum of all.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|n| u64::from(*n)).sum()
    }

    /// The kinds that occurred, most first: "TXT 90, A 3".
    pub fn describe(&self) -> String {
        let mut seen: Vec<(u32, &str)> = self.0.iter().copied().zip(KINDS).filter(|(n, _)| *n > 0).collect();
        seen.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        seen.iter().map(|(n, kind)| format!("{kind} {n}")).collect::<Vec<_>>().join(", ")
    }
}

/// A registered domain that did not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The registered domain.
    pub domain: Str,
    /// The first query.
    pub first: EventTime,
    /// The last query.
    pub last: EventTime,
    /// How many queries.
    pub queries: u64,
}

impl Element for Missing {
    fn merge(&mut self, other: Self) {
        // Names that share a hash would have to be made for it; the smaller one stays.
        if other.domain < self.domain {
            self.domain = other.domain;
        }
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.queries = self.queries.saturating_add(other.queries);
    }
}

/// How many registered domains that do not exist are kept by name. Far more than a decision needs, and small enough
/// that a noisy client's hour stays below 16 KiB.
pub const MISSING: usize = 128;

/// What one client asked for in one hour. The key holds the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientFacts {
    /// Queries.
    pub queries: u64,
    /// Queries for names that do not exist.
    pub nxdomain: u64,
    /// Queries by record type.
    pub kinds: Kinds,
    /// Public registered domains, by hash.
    pub domains: EventSet,
    /// Registered domains that do not exist: those with the smallest hashes.
    pub missing: BottomK<Missing, MISSING>,
    /// All registered domains that do not exist, by hash.
    pub missing_all: EventSet,
    /// The earliest query.
    pub first: EventTime,
    /// The latest query.
    pub last: EventTime,
    /// The latest query's client.
    pub client: Option<Latest<Client>>,
}

impl ClientFacts {
    /// Of nothing yet: the first query sets the span.
    pub fn new(first: EventTime) -> Self {
        Self {
            queries: 0,
            nxdomain: 0,
            kinds: Kinds::default(),
            domains: EventSet::default(),
            missing: BottomK::default(),
            missing_all: EventSet::default(),
            first,
            last: first,
            client: None,
        }
    }

    /// Sums, unions, span, latest.
    pub fn merge(&mut self, other: Self) {
        self.queries = self.queries.saturating_add(other.queries);
        self.nxdomain = self.nxdomain.saturating_add(other.nxdomain);
        self.kinds.merge(other.kinds);
        self.domains.merge(other.domains);
        self.missing.merge(other.missing);
        self.missing_all.merge(other.missing_all);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        merge_client(&mut self.client, other.client);
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        384 + 96 * self.missing.len() + 16 * (self.domains.held() + self.missing_all.held())
    }
}

/// One whose address is known, the later one; of one moment the one with the greater hash (of its address), then the
/// greater one, so that the order of merging does not show.
pub fn merge_client(mine: &mut Option<Latest<Client>>, theirs: Option<Latest<Client>>) {
    fn rank(l: &Latest<Client>) -> (bool, EventTime, u64, &Client) {
        (l.value.source.is_some(), l.time, l.hash, &l.value)
    }
    match (&mut *mine, theirs) {
        (Some(a), Some(b)) if rank(a) < rank(&b) => *a = b,
        (None, theirs) => *mine = theirs,
        _ => {}
    }
}

/// What a distinct subdomain weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// Octets without dots.
    pub bytes: u16,
    /// Octets times min(1, H / 4), H being the entropy of its octets in bits.
    pub information: u16,
}

impl Element for Weighed {
    fn merge(&mut self, other: Self) {
        self.bytes = self.bytes.max(other.bytes);
        self.information = self.information.max(other.information);
    }
}

/// A subdomain, to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown(pub Str);

impl Element for Shown {
    fn merge(&mut self, other: Self) {
        if other.0 < self.0 {
            self.0 = other.0;
        }
    }
}

/// How many distinct subdomains are weighed. Of more, their mean weight is known to within 1/16 of its deviation.
pub const SAMPLE: usize = 256;
/// How many names a finding shows.
pub const SHOWN: usize = 3;

/// Long names that one client asked for below one registered domain in one hour. The key holds both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelFacts {
    /// Queries.
    pub queries: u64,
    /// Octets of the subdomains of all queries, without dots.
    pub bytes: u64,
    /// Distinct subdomains, by hash.
    pub distinct: EventSet,
    /// The distinct subdomains with the smallest hashes, weighed.
    pub sample: BottomK<Weighed, SAMPLE>,
    /// Names to show.
    pub shown: BottomK<Shown, SHOWN>,
    /// Queries by record type.
    pub kinds: Kinds,
    /// Octets of the answers by record type.
    pub answers: Kinds,
    /// The minutes of the hour with queries, one bit each.
    pub minutes: u64,
    /// The earliest query.
    pub first: EventTime,
    /// The latest query.
    pub last: EventTime,
    /// The latest query's client.
    pub client: Option<Latest<Client>>,
}

impl TunnelFacts {
    /// Of nothing yet: the first query sets the span.
    pub fn new(first: EventTime) -> Self {
        Self {
            queries: 0,
            bytes: 0,
            distinct: EventSet::default(),
            sample: BottomK::default(),
            shown: BottomK::default(),
            kinds: Kinds::default(),
            answers: Kinds::default(),
            minutes: 0,
            first,
            last: first,
            client: None,
        }
    }

    /// Sums, unions, span, latest.
    pub fn merge(&mut self, other: Self) {
        self.queries = self.queries.saturating_add(other.queries);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.distinct.merge(other.distinct);
        self.sample.merge(other.sample);
        self.shown.merge(other.shown);
        self.kinds.merge(other.kinds);
        self.answers.merge(other.answers);
        self.minutes |= other.minutes;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        merge_client(&mut self.client, other.client);
    }

    /// Octets of distinct subdomains, weighed by their entropy: exact while all are in the sample, else the sample's
    /// mean for each.
    pub fn information(&self) -> u64 {
        self.scaled(|w| w.information)
    }

    /// The mean length of the distinct subdomains, in octets.
    pub fn mean_bytes(&self) -> u64 {
        self.scaled(|w| w.bytes) / self.distinct.len().max(1)
    }

    fn scaled(&self, of: impl Fn(&Weighed) -> u16) -> u64 {
        let sum: u64 = self.sample.iter().map(|(_, w)| u64::from(of(w))).sum();
        let held = self.sample.len() as u64;
        if held < SAMPLE as u64 { sum } else { sum.saturating_mul(self.distinct.len()) / held }
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        768 + 16 * self.distinct.held() + 24 * self.sample.len() + 96 * self.shown.len()
    }
}

/// How many clients of a registered domain are known by their first hour: enough for the prevalence that settings
/// ask for. Beyond, "at least as many".
pub const CLIENTS: usize = 64;
/// How many registered domains of a shard are known. With [`SHARDS`] shards, 262,144 an account.
pub const KNOWN: usize = 4096;
/// Into how many facts an account's registered domains are spread, by the top bits of their hashes.
pub const SHARDS: u64 = 64;

/// When an account first dealt with a registered domain. Hours are those of fact keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The first hour in which it was asked for.
    pub asked: u32,
    /// The first hour in which it, or a name below it, existed.
    pub existed: Option<u32>,
    /// The clients that asked for it earliest, by (first hour, hash).
    pub clients: Vec<(u32, u32)>,
}

impl Known {
    /// One client's queries of one hour.
    pub fn new(hour: u32, exists: bool, client: u32) -> Self {
        Self { asked: hour, existed: exists.then_some(hour), clients: vec![(hour, client)] }
    }

    /// How many clients had asked by an hour, that hour included; [`CLIENTS`] means "at least".
    pub fn clients_by(&self, hour: u32) -> usize {
        self.clients.iter().filter(|(first, _)| *first <= hour).count()
    }
}

impl Element for Known {
    /// Each client's first hour, and of the clients the earliest. A client that a part has dropped has as many
    /// earlier ones in that part as are kept, and so in the whole.
    fn merge(&mut self, other: Self) {
        self.asked = self.asked.min(other.asked);
        self.existed = match (self.existed, other.existed) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if other.clients.iter().all(|c| self.clients.contains(c)) {
            return;
        }
        let mut first: BTreeMap<u32, u32> = BTreeMap::new();
        for (hour, client) in self.clients.drain(..).chain(other.clients) {
            first.entry(client).and_modify(|h| *h = hour.min(*h)).or_insert(hour);
        }
        self.clients.extend(first.into_iter().map(|(client, hour)| (hour, client)));
        self.clients.sort_unstable();
        self.clients.truncate(CLIENTS);
    }
}

/// Registered domains of one account that share the top bits of their hash; or, under the key [`CLIENT_SHARD`], its
/// clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainFacts(pub BottomK<Known, KNOWN>);

/// The entity of the fact that holds an account's clients instead of domains.
pub const CLIENT_SHARD: &str = "clients";

/// The hash by which a client is known, from its region and key.
pub fn client_hash(region: &str, who: &str) -> u64 {
    crate::hash::stable(&[region.as_bytes(), who.as_bytes()])
}

/// The part of a client's hash that a domain's clients are told apart by.
pub const fn short(client: u64) -> u32 {
    (client >> 32) as u32
}

/// The entity of the fact that holds a domain.
pub fn shard(hash: u64) -> &'static str {
    /// Two hexadecimal digits for each shard.
    const NAMES: [&str; SHARDS as usize] = [
        "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "0a", "0b", "0c", "0d", "0e", "0f", "10", "11",
        "12", "13", "14", "15", "16", "17", "18", "19", "1a", "1b", "1c", "1d", "1e", "1f", "20", "21", "22", "23",
        "24", "25", "26", "27", "28", "29", "2a", "2b", "2c", "2d", "2e", "2f", "30", "31", "32", "33", "34", "35",
        "36", "37", "38", "39", "3a", "3b", "3c", "3d", "3e", "3f",
    ];
    NAMES[(hash >> 58) as usize]
}

impl DomainFacts {
    /// Union.
    pub fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        64 + 112 * self.0.len()
    }
}
