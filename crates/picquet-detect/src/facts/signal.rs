//! Signals that a single record raises, summed up per key and hour.

use super::sketch::EventSet;
use crate::Str;
use picquet_model::finding::{Anomaly, PublicAccess, RemoteAccountDetails};
use picquet_model::{EventTime, Explanation, TypeId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Whether the resource suffers or acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// The resource is attacked, or its credentials were used.
    Target,
    /// The resource attacks.
    Actor,
}

impl Role {
    /// As a finding writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Target => "TARGET",
            Self::Actor => "ACTOR",
        }
    }
}

/// An API call, with what a finding needs of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ApiDetail {
    pub event_id: Str,
    pub api: Str,
    pub service: Str,
    /// As CloudTrail wrote it: an address or a service's name.
    pub source: Str,
    pub user_agent: Str,
    pub error_code: Str,
    pub access_key_id: Str,
    pub principal_id: Str,
    pub principal_arn: Str,
    /// What tells principals apart in aggregation: a role's id without its session, else what there is.
    pub principal: Str,
    pub user_name: Str,
    pub user_type: Str,
    pub buckets: Vec<BucketDetail>,
    pub affected: BTreeMap<Str, Str>,
    pub remote_account: Option<RemoteAccount>,
    /// What it was compared with. Judges add it; facts have none.
    #[serde(skip)]
    pub anomaly: Option<Box<Anomaly>>,
}

/// A bucket that a call is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketDetail {
    /// The bucket's name.
    pub name: Str,
    /// What the call says about public access, if it does.
    #[serde(with = "super::as_json")]
    pub public_access: Option<PublicAccess>,
}

/// The account that called, when it is another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RemoteAccount {
    pub account_id: Str,
    pub affiliated: bool,
}

impl From<&RemoteAccount> for RemoteAccountDetails {
    fn from(r: &RemoteAccount) -> Self {
        Self { account_id: r.account_id.to_string(), affiliated: r.affiliated }
    }
}

/// Who opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// The remote side.
    Inbound,
    /// The local side.
    Outbound,
    /// It cannot be told.
    Unknown,
}

impl Direction {
    /// As a finding writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inbound => "INBOUND",
            Self::Outbound => "OUTBOUND",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct NetworkDetail {
    pub interface_id: Str,
    pub local_ip: IpAddr,
    pub local_port: u16,
    pub remote_ip: IpAddr,
    pub remote_port: u16,
    pub protocol: u8,
    pub direction: Direction,
    pub blocked: bool,
}

/// A DNS query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DnsDetail {
    /// In lower case, without the trailing dot.
    pub domain: Str,
    pub transport: Str,
    pub blocked: bool,
    pub vpc_id: Str,
    pub source: Option<IpAddr>,
    pub instance_id: Option<Str>,
}

/// One probed port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ProbeDetail {
    pub last: EventTime,
    pub local_port: u16,
    pub remote_ip: IpAddr,
    pub local_ip: IpAddr,
}

/// What happened, by kind of action.
#[allow(clippy::large_enum_variant, reason = "a fact holds one, behind a box of its own")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Detail {
    /// An API call.
    Api(ApiDetail),
    /// A connection.
    Network(NetworkDetail),
    /// A DNS query.
    Dns(DnsDetail),
    /// Probes of open ports of an interface.
    Probe {
        /// The interface.
        interface_id: Str,
        /// The probes, oldest first.
        probes: Vec<ProbeDetail>,
    },
}

/// A threat list that matched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListMatch {
    /// The list's name.
    pub list: Str,
    /// What the list calls the threat; empty where it does not say.
    pub threat: Str,
}

/// The latest occurrence of a signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occurrence {
    /// When.
    pub time: EventTime,
    /// The record's hash, which breaks ties.
    pub hash: u64,
    /// What happened.
    pub detail: Detail,
    /// Why it counts.
    pub explanation: Explanation,
    /// Members of `additionalInfo` beside the explanation.
    pub extra: BTreeMap<String, String>,
}

impl Occurrence {
    /// Whether it counts as later: by time, then by the record's hash, then, for two versions of one record, by
    /// content.
    pub fn follows(&self, other: &Self) -> bool {
        match (self.time, self.hash).cmp(&(other.time, other.hash)) {
            std::cmp::Ordering::Equal => super::greater(self, other),
            order => order.is_gt(),
        }
    }
}

/// All occurrences of one signal in one hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalFacts {
    /// The finding type.
    pub finding_type: TypeId,
    /// The configuration key of the detector that raised it.
    pub detector: Str,
    /// Role of the resource.
    pub role: Role,
    /// In tenths, so that it has an order: the highest of all occurrences.
    pub severity_tenths: u8,
    /// A global service's event counts in every region of the account.
    pub global: bool,
    /// Events by API: each counts once, however many trails delivered it.
    pub events: BTreeMap<Str, EventSet>,
    /// Records of sources that have no event id.
    pub records: u64,
    /// The earliest occurrence.
    pub first: EventTime,
    /// The latest occurrence.
    pub last: EventTime,
    /// The lists that matched; the first 16 by name.
    pub lists: std::collections::BTreeSet<ListMatch>,
    /// The latest occurrence.
    pub latest: Occurrence,
}

impl SignalFacts {
    /// The most lists that are named.
    const LISTS: usize = 16;

    /// Sums, span, union, latest.
    pub fn merge(&mut self, other: Self) {
        self.severity_tenths = self.severity_tenths.max(other.severity_tenths);
        self.global |= other.global;
        self.records += other.records;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        for (api, events) in other.events {
            self.events.entry(api).or_default().merge(events);
        }
        self.lists.extend(other.lists);
        self.trim_lists();
        if other.latest.follows(&self.latest) {
            self.latest = other.latest;
        }
    }

    /// Keeps the first lists by name.
    pub fn trim_lists(&mut self) {
        while self.lists.len() > Self::LISTS {
            self.lists.pop_last();
        }
    }

    /// How often it happened.
    pub fn count(&self) -> u64 {
        self.records + self.events.values().map(EventSet::len).sum::<u64>()
    }

    /// How many event hashes are held.
    pub fn distinct_events(&self) -> usize {
        self.events.values().map(EventSet::held).sum()
    }
}
