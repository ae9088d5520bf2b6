//! Flows with listed addresses.

use super::{ByType, list_match, named};
use crate::detectors::{Meta, default_severity, raised};
use crate::facts::signal::{Detail, Direction, NetworkDetail, Role};
use crate::facts::{Class, Fact, FactKey, PeerFacts};
use crate::judge::{Context, Judge};
use crate::net::protocol_name;
use crate::{Signal, Str};
use picquet_intel::Category;
use picquet_intel::{Surface, finding_type};
use picquet_model::{Explanation, Source};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "threat-list-flow",
    types: &[
        "Backdoor:EC2/C&CActivity.B",
        "Backdoor:EC2/XORDDOS",
        "CryptoCurrency:EC2/BitcoinTool.A",
        "CryptoCurrency:EC2/BitcoinTool.B",
        "Trojan:EC2/BlackholeTraffic",
        "Trojan:EC2/DropPoint",
        "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
        "UnauthorizedAccess:EC2/TorClient",
        "UnauthorizedAccess:EC2/TorIPCaller",
    ],
    source: Source::Flow,
    detects: "Connections of an instance with an address that a threat list carries.",
    decides: "Connections that the instance opened count, let through or refused; an entry with a port counts on that \
              port only. Addresses of the customer's own lists count inbound as well, when the instance answered. \
              Who opened a connection is told by TCP flags where the log has them, else by the ports.",
    benign: "Shared hosting and content networks carry good and bad sites at one address; crawlers and mail servers \
             talk to anybody. Put such addresses on a trusted list.",
};

/// A listed peer's key and facts, taken apart.
pub(crate) struct Peer<'a> {
    pub interface: &'a str,
    pub local: IpAddr,
    pub remote: IpAddr,
    pub direction: Direction,
    pub protocol: u8,
    /// The port of the side that was called.
    pub service_port: u16,
    pub facts: &'a PeerFacts,
}

impl<'a> Peer<'a> {
    /// `None` when the fact is of another class, or when the "remote" address is the interface's own.
    pub fn of(key: &'a FactKey, fact: &'a Fact, cx: &Context<'_>) -> Option<Self> {
        let Fact::Peer(facts) = fact else { return None };
        let mut parts = key.parts();
        let peer = Self {
            interface: parts.next()?,
            local: parts.next()?.parse().ok()?,
            remote: parts.next()?.parse().ok()?,
            direction: match parts.next()? {
                "INBOUND" => Direction::Inbound,
                "OUTBOUND" => Direction::Outbound,
                _ => Direction::Unknown,
            },
            protocol: parts.next()?.parse().ok()?,
            service_port: parts.next()?.parse().ok()?,
            facts,
        };
        let own = cx.inventory.interface(&key.region, peer.interface).and_then(|i| i.owns(peer.remote));
        (own != Some(true)).then_some(peer)
    }

    /// The ports of the latest record, local and remote.
    pub fn ports(&self) -> (u16, u16) {
        let client = self.facts.latest.2;
        if self.direction == Direction::Inbound { (self.service_port, client) } else { (client, self.service_port) }
    }

    /// Whether the instance opened the connection. Where ports and flags do not tell, an exchange with payload
    /// both ways counts.
    pub fn opened_by_instance(&self) -> bool {
        match self.direction {
            Direction::Outbound => self.facts.out.records + self.facts.refused.records > 0,
            Direction::Inbound => false,
            Direction::Unknown => self.facts.answered && self.facts.out.bytes > 44 * self.facts.out.packets,
        }
    }

    /// Whether both sides sent something.
    pub fn exchanged(&self) -> bool {
        self.facts.out.records > 0 && self.facts.inward.records > 0
    }

    /// The connection as a finding shows it.
    pub fn detail(&self) -> Detail {
        let (local_port, remote_port) = self.ports();
        Detail::Network(NetworkDetail {
            interface_id: self.interface.into(),
            local_ip: self.local,
            local_port,
            remote_ip: self.remote,
            remote_port,
            protocol: self.protocol,
            direction: self.direction,
            blocked: self.facts.out.records + self.facts.inward.records == 0,
        })
    }

    /// The instance, else the interface: what a finding is about.
    pub fn resource(&self, key: &FactKey, cx: &Context<'_>) -> Str {
        cx.inventory
            .instance_of(&key.region, self.interface, self.facts.latest.0)
            .unwrap_or_else(|| Str::from(self.interface))
    }

    /// Records of the hour.
    pub fn records(&self) -> u64 {
        self.facts.out.records + self.facts.inward.records + self.facts.refused.records
    }
}

/// The judge.
pub struct ThreatListFlow;

impl Judge for ThreatListFlow {
    fn class(&self) -> Class {
        Class::Peer
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Some(peer) = Peer::of(key, fact, cx) else { return };
        let Some(hits) = cx.env.intel.ip(peer.remote) else { return };
        let mut found = ByType::new();
        for hit in cx.env.intel.hits(hits) {
            let port_fits = hit.port.is_none_or(|p| p == peer.service_port && peer.direction != Direction::Inbound);
            if !port_fits {
                continue;
            }
            for name in types_of(hit.category, &peer, hit.threat) {
                if let Some(t) = raised(cx.env, name) {
                    found.entry(t).or_default().insert(list_match(&hit));
                }
            }
        }
        let f = peer.facts;
        for (finding_type, lists) in found {
            let verb = match peer.direction {
                Direction::Inbound => "was called by",
                Direction::Outbound if f.out.records == 0 => "tried to connect to",
                _ => "connected to",
            };
            let explanation = Explanation::new(format!(
                "The instance {verb} {} on port {}, which is on the list {}.",
                peer.remote,
                peer.service_port,
                named(&lists)
            ))
            .observe("protocol", protocol_name(peer.protocol))
            .observe("bytes sent in the hour", f.out.bytes)
            .observe("bytes received in the hour", f.inward.bytes)
            .observe("records refused in the hour", f.refused.records);
            out.push(Signal {
                finding_type,
                detector: META.name.into(),
                role: if finding_type.row().role == "ACTOR" { Role::Actor } else { Role::Target },
                severity_tenths: default_severity(finding_type),
                account: key.account.clone(),
                region: key.region.clone(),
                global: false,
                key: vec![peer.resource(key, cx)],
                count: peer.records(),
                first: f.first,
                last: f.last,
                hash: f.latest.1,
                detail: peer.detail(),
                lists,
                apis: BTreeMap::new(),
                extra: BTreeMap::from([
                    ("inBytes".into(), f.inward.bytes.to_string()),
                    ("outBytes".into(), f.out.bytes.to_string()),
                ]),
                explanation,
            });
        }
    }
}

/// The finding types that a listed peer's traffic gives.
fn types_of(category: Category, peer: &Peer<'_>, threat: Option<&str>) -> Vec<&'static str> {
    let by_table = finding_type(category, Surface::Flow).map(picquet_model::TypeId::name);
    match category {
        // The probe has a detector of its own.
        Category::Scanner => vec![],
        Category::Custom if peer.opened_by_instance() || peer.exchanged() => by_table.into_iter().collect(),
        Category::TorExit if peer.direction == Direction::Inbound && peer.exchanged() => {
            vec!["UnauthorizedAccess:EC2/TorIPCaller"]
        }
        Category::Custom | Category::TorExit => vec![],
        _ if !peer.opened_by_instance() => vec![],
        Category::Miner => by_table.into_iter().chain(["CryptoCurrency:EC2/BitcoinTool.A"]).collect(),
        Category::C2 if threat.is_some_and(is_xor_ddos) => {
            by_table.into_iter().chain(["Backdoor:EC2/XORDDOS"]).collect()
        }
        _ => by_table.into_iter().collect(),
    }
}

fn is_xor_ddos(threat: &str) -> bool {
    let letters: String = threat.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.to_ascii_lowercase().contains("xorddos")
}
