//! An instance that relays for Tor.

use crate::detectors::carry::Carry;
use crate::detectors::threat_list::flow::Peer;
use crate::detectors::threat_list::{list_match, named};
use crate::detectors::{Meta, default_severity, raised};
use crate::facts::signal::{Detail, Direction, ListMatch, Role};
use crate::facts::{Class, Fact, FactKey, LearnedFacts};
use crate::judge::{Context, Judge};
use crate::{Signal, Str, Tuning};
use picquet_intel::Category;
use picquet_model::{EventTime, Explanation, Source};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "tor-relay",
    types: &["UnauthorizedAccess:EC2/TorRelay"],
    source: Source::Flow,
    detects: "An instance that Tor nodes connect to and that connects to Tor nodes, as a relay does.",
    decides: "Within 24 hours at least three Tor nodes connected to the instance and were answered, and it connected \
              to at least three. Nodes are those of the tor-relay and tor-exit lists; visitors who come out of an \
              exit node to a web port do not count.",
    benign: "A relay that is run on purpose.",
};

/// Web ports, to which people come through exit nodes.
const WEB: [u16; 4] = [80, 443, 8080, 8443];

/// Traffic with a Tor node in an hour.
#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    hour: u32,
    remote: IpAddr,
    inbound: bool,
    records: u64,
    first: EventTime,
    last: EventTime,
    hash: u64,
    detail: Detail,
    lists: BTreeSet<ListMatch>,
}

/// The judge. Its baseline is the Tor nodes of each interface within 24 hours.
pub struct TorRelay {
    min_nodes: usize,
    seen: BTreeMap<(Str, Str), Vec<Seen>>,
    hour: u32,
    account: Str,
    carry: Carry<Seen>,
}

impl TorRelay {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning) -> Self {
        let min_nodes = usize::try_from(tuning.tor_relay.min_nodes_each_way).unwrap_or(usize::MAX);
        Self { min_nodes, seen: BTreeMap::new(), hour: 0, account: Str::default(), carry: Carry::new(META.name, 1) }
    }

    /// Judges the hour that has ended.
    fn judge_hour(&mut self, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Some(finding_type) = raised(cx.env, META.types[0]) else { return };
        let hour = self.hour;
        for ((region, interface), seen) in &mut self.seen {
            seen.retain(|s| s.hour + 24 > hour);
            if !seen.iter().any(|s| s.hour == hour) {
                continue;
            }
            let nodes = |inbound: bool| {
                seen.iter().filter(|s| s.inbound == inbound).map(|s| s.remote).collect::<BTreeSet<_>>().len()
            };
            let (callers, called) = (nodes(true), nodes(false));
            if callers < self.min_nodes || called < self.min_nodes {
                continue;
            }
            let now: Vec<&Seen> = seen.iter().filter(|s| s.hour == hour).collect();
            let Some(latest) = now.iter().max_by_key(|s| (s.last, s.hash)) else { continue };
            let lists: BTreeSet<ListMatch> = now.iter().flat_map(|s| s.lists.iter().cloned()).take(16).collect();
            let resource =
                cx.inventory.instance_of(region, interface, latest.last).unwrap_or_else(|| interface.clone());
            out.push(Signal {
                finding_type,
                detector: META.name.into(),
                role: Role::Target,
                severity_tenths: default_severity(finding_type),
                account: self.account.clone(),
                region: region.clone(),
                global: false,
                key: vec![resource],
                count: now.iter().map(|s| s.records).sum(),
                first: now.iter().map(|s| s.first).fold(latest.first, EventTime::min),
                last: latest.last,
                hash: latest.hash,
                detail: latest.detail.clone(),
                explanation: Explanation::new(format!(
                    "Within 24 hours {callers} Tor nodes connected to the instance and it connected to {called}, as a relay does; they are on the list {}.",
                    named(&lists)
                ))
                .compare("Tor nodes that connected to it", callers, format!("{} or more", self.min_nodes))
                .compare("Tor nodes that it connected to", called, format!("{} or more", self.min_nodes)),
                lists,
                apis: BTreeMap::new(),
                extra: BTreeMap::new(),
            });
        }
        self.seen.retain(|_, seen| !seen.is_empty());
    }
}

impl Judge for TorRelay {
    fn class(&self) -> Class {
        Class::Peer
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        if key.hour != self.hour {
            self.judge_hour(cx, out);
            self.hour = key.hour;
            self.account = key.account.clone();
            for (at, hours) in self.carry.begin(&key.account, key.hour) {
                self.seen.insert(at, hours.into_iter().map(|(_, seen)| seen).collect());
            }
        }
        let Some(peer) = Peer::of(key, fact, cx) else { return };
        let inbound = peer.direction == Direction::Inbound;
        let Some(hits) = cx.env.intel.ip(peer.remote).filter(|_| peer.exchanged()) else { return };
        let lists: BTreeSet<_> = cx
            .env
            .intel
            .hits(hits)
            .filter(|h| match h.category {
                Category::TorRelay => true,
                Category::TorExit => !(inbound && WEB.contains(&peer.service_port)),
                _ => false,
            })
            .map(|h| list_match(&h))
            .collect();
        if lists.is_empty() || (!inbound && !peer.opened_by_instance()) {
            return;
        }
        let f = peer.facts;
        self.seen.entry((key.region.clone(), Str::from(peer.interface))).or_default().push(Seen {
            hour: key.hour,
            remote: peer.remote,
            inbound,
            records: peer.records(),
            first: f.first,
            last: f.last,
            hash: f.latest.1,
            detail: peer.detail(),
            lists,
        });
    }

    fn finish(&mut self, cx: &Context<'_>, out: &mut Vec<Signal>) {
        self.judge_hour(cx, out);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let hours = |seen: &'_ [Seen]| seen.iter().map(|s| (s.hour, Cow::Owned(s.clone()))).collect();
        self.carry.learned(self.hour, self.seen.iter().map(|(at, seen)| (at, hours(seen))), out);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.carry.recall(key, learned);
    }
}
