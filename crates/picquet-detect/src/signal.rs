//! What a detector says.

use crate::Str;
use crate::facts::signal::{Detail, ListMatch, Role};
use picquet_model::{EventTime, Explanation, TypeId};
use std::collections::{BTreeMap, BTreeSet};

/// One judgement. Signals with the same account, region, type, role and key are one finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The finding type.
    pub finding_type: TypeId,
    /// The configuration key of the detector.
    pub detector: Str,
    /// Role of the resource.
    pub role: Role,
    /// 1.0 to 10.0, in tenths.
    pub severity_tenths: u8,
    /// The account.
    pub account: Str,
    /// The region.
    pub region: Str,
    /// Whether it counts in every region of the account.
    pub global: bool,
    /// The aggregation key beside type, role, account and region.
    pub key: Vec<Str>,
    /// How often.
    pub count: u64,
    /// The earliest occurrence.
    pub first: EventTime,
    /// The latest occurrence.
    pub last: EventTime,
    /// The latest record's hash, which breaks ties.
    pub hash: u64,
    /// The latest occurrence.
    pub detail: Detail,
    /// Threat lists that matched.
    pub lists: BTreeSet<ListMatch>,
    /// How often by API, for types that say so.
    pub apis: BTreeMap<Str, u64>,
    /// Members of `additionalInfo` beside the explanation.
    pub extra: BTreeMap<String, String>,
    /// Why.
    pub explanation: Explanation,
}

impl Signal {
    /// How many probes of a finding are kept, the newest.
    const PROBES: usize = 20;
    /// How many lists are named.
    const LISTS: usize = 16;

    /// Joins another signal of the same finding: counts add, the span grows, the latest occurrence stays.
    pub fn merge(&mut self, other: Self) {
        self.severity_tenths = self.severity_tenths.max(other.severity_tenths);
        self.count += other.count;
        self.first = self.first.min(other.first);
        for (api, n) in other.apis {
            *self.apis.entry(api).or_default() += n;
        }
        self.lists.extend(other.lists);
        while self.lists.len() > Self::LISTS {
            self.lists.pop_last();
        }
        let newer = (other.last, other.hash) > (self.last, self.hash);
        self.last = self.last.max(other.last);
        match (&mut self.detail, other.detail) {
            (Detail::Probe { probes, .. }, Detail::Probe { probes: more, .. }) => {
                probes.extend(more);
                newest_probes(probes, Self::PROBES);
            }
            (mine, theirs) => {
                if newer {
                    *mine = theirs;
                }
            }
        }
        if newer {
            self.hash = other.hash;
            self.extra = other.extra;
            self.explanation = other.explanation;
        }
    }
}

/// The newest sighting of each probed port and source, newest last.
fn newest_probes(probes: &mut Vec<crate::facts::signal::ProbeDetail>, keep: usize) {
    let mut latest: BTreeMap<_, crate::facts::signal::ProbeDetail> = BTreeMap::new();
    for probe in probes.drain(..) {
        latest
            .entry((probe.local_port, probe.remote_ip))
            .and_modify(|p| *p = p.clone().max(probe.clone()))
            .or_insert(probe);
    }
    probes.extend(latest.into_values());
    probes.sort();
    let excess = probes.len().saturating_sub(keep);
    probes.drain(..excess);
}
