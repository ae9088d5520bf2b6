//! An interface's hour as detectors look at it: contacts with a near and a far side, and who opened them.

use crate::facts::signal::{Detail, Direction, NetworkDetail};
use crate::facts::traffic::{Entry, Way};
use crate::facts::{FactKey, InterfaceFacts, TrafficFacts};
use crate::initiator::{self, Certainty, Opened};
use crate::net::{bare_segment, is_public, server_likeness};
use crate::{Map, Str, map};
use picquet_model::EventTime;
use picquet_model::time::HOUR_MS;
use std::net::IpAddr;

/// How often a port was seen in contacts whose ports do not tell the service: a service's comes back, a client's
/// hardly ever does.
#[derive(Debug)]
pub struct Listeners(Map<(IpAddr, u16), u32>);

impl Default for Listeners {
    fn default() -> Self {
        Self(map(0))
    }
}

impl Listeners {
    /// Notes the ports of a contact.
    fn note(&mut self, entry: &Entry) {
        let (low, high) = entry.contact.other_port;
        if entry.key.port == 0 || server_likeness(entry.key.port) >= 2 {
            return;
        }
        // A scanner sends all its probes from one port: only what came to more than a handshake tells a service.
        let (to, from) = (&entry.contact.to, &entry.contact.from);
        let least = if entry.key.protocol == 6 { 3 } else { 1 };
        if to.packets < least || from.packets < least {
            return;
        }
        // Several ports that call one are as good as several callers.
        let times = if low < high { 8 } else { 1 };
        *self.0.entry((entry.key.server, entry.key.port)).or_default() += times;
        if low == high {
            *self.0.entry((entry.key.client, high)).or_default() += 1;
        }
    }

    fn times(&self, ip: IpAddr, port: u16) -> u32 {
        self.0.get(&(ip, port)).copied().unwrap_or(0)
    }
}

impl Listeners {
    /// Of an hour.
    fn of(entries: &[Entry]) -> Self {
        let mut listeners = Self::default();
        entries.iter().for_each(|entry| listeners.note(entry));
        listeners
    }
}

/// The contacts of an hour, each with who opened it.
pub fn opened(facts: &TrafficFacts) -> Vec<(Entry, Opened)> {
    let entries = facts.contacts();
    let listeners = Listeners::of(&entries);
    entries.iter().map(|e| (*e, initiator::opened(&e.key, &e.contact, |ip, port| listeners.times(ip, port)))).collect()
}

/// A contact, seen from the interface.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The interface's address.
    pub local: IpAddr,
    /// The other address.
    pub remote: IpAddr,
    /// Whether the other address is reached over the internet.
    pub public: bool,
    /// IANA protocol number.
    pub protocol: u8,
    /// The port of the side that was called; 0 for protocols without.
    pub port: u16,
    /// Who opened it.
    pub direction: Direction,
    /// How sure that is.
    pub certainty: Certainty,
    /// From the interface.
    pub out: Way,
    /// To the interface.
    pub inward: Way,
    /// The minutes of the hour in which records began, one bit each.
    pub minutes: u64,
    /// Seconds into the hour and other port of the latest record.
    pub latest: (u16, u16),
    /// The hash of the contact's key.
    pub hash: u64,
    /// How many contacts this one stands for: 1 unless there were more than are kept.
    pub stands_for: f64,
    /// Whether the key's service port is the interface's.
    service_is_local: bool,
    service_port: u16,
}

impl Link {
    /// Whether the instance opened it, and that is no guess.
    pub fn is_outbound(&self) -> bool {
        self.direction == Direction::Outbound && self.certainty >= Certainty::Likely
    }

    /// Whether the other side opened it, and that is no guess.
    pub fn is_inbound(&self) -> bool {
        self.direction == Direction::Inbound && self.certainty >= Certainty::Likely
    }

    /// What the side that was called sent.
    pub fn answer(&self) -> &Way {
        if self.direction == Direction::Inbound { &self.out } else { &self.inward }
    }

    /// Whether the side that was called took the connection: a SYN-ACK, or more than the bare reset that a closed port
    /// sends for each SYN.
    pub fn is_answered(&self) -> bool {
        let answer = self.answer();
        let reset = bare_segment(self.remote);
        match answer.flags {
            flags if flags & 6 == 4 && answer.syn_ack == 0 && self.has_flags() => false,
            _ => answer.syn_ack > 0 || answer.bytes > answer.packets.saturating_mul(reset),
        }
    }

    /// Whether the log has TCP flags, as far as the contact shows.
    fn has_flags(&self) -> bool {
        self.out.flags | self.inward.flags != 0
    }

    /// The ports of the latest record, local and remote.
    pub fn ports(&self) -> (u16, u16) {
        let other = self.latest.1;
        if self.service_is_local { (self.service_port, other) } else { (other, self.service_port) }
    }

    /// A count of this contact as one of all the contacts that it stands for.
    pub fn of_all(&self, count: u64) -> u64 {
        if self.stands_for > 1.0 { (count as f64 * self.stands_for).round() as u64 } else { count }
    }

    /// Seconds into the hour of the first record.
    pub fn first(&self) -> u16 {
        self.out.first.min(self.inward.first)
    }

    /// Connections, about: records of the side that opened.
    pub fn connections(&self) -> u64 {
        if self.direction == Direction::Inbound { self.inward.seen() } else { self.out.seen() }
    }

    /// The connection as a finding shows it.
    pub fn detail(&self, interface: &str) -> Detail {
        let (local_port, remote_port) = self.ports();
        Detail::Network(NetworkDetail {
            interface_id: interface.into(),
            local_ip: self.local,
            local_port,
            remote_ip: self.remote,
            remote_port,
            protocol: self.protocol,
            direction: self.direction,
            blocked: self.out.records + self.inward.records == 0,
        })
    }
}

/// An interface's hour.
pub struct HourView<'a> {
    /// The account.
    pub account: &'a Str,
    /// The region.
    pub region: &'a Str,
    /// The interface.
    pub interface: &'a Str,
    /// Hours since the epoch.
    pub hour: u32,
    /// Its contacts, by hash.
    pub links: Vec<Link>,
    /// The share of all contacts that are here: below 1 only where there were more than are kept.
    pub share: f64,
}

impl<'a> HourView<'a> {
    /// Of a fact. Contacts of which it cannot be told which side is the interface's are left out.
    pub fn new(key: &'a FactKey, facts: &TrafficFacts, interface: Option<&InterfaceFacts>) -> Self {
        let owns = |ip: IpAddr| interface.and_then(|i| i.owns(ip));
        let entries = facts.contacts();
        let listeners = Listeners::of(&entries);
        let (light, heavy) = (1.0 / facts.light.share(), 1.0 / facts.heavy.share());
        let mut links = Vec::with_capacity(entries.len());
        for entry in entries.iter() {
            let (client, server) = (entry.key.client, entry.key.server);
            let service_is_local = match (owns(client), owns(server)) {
                (Some(true), Some(true)) => continue,
                (Some(true), _) => false,
                (_, Some(true)) => true,
                _ => match (is_public(client), is_public(server)) {
                    (true, false) => true,
                    (false, true) => false,
                    _ => continue,
                },
            };
            let (local, remote) = if service_is_local { (server, client) } else { (client, server) };
            let c = &entry.contact;
            let opened = initiator::opened(&entry.key, c, |ip, port| listeners.times(ip, port));
            let outbound = opened.by_client != service_is_local;
            let called = if opened.by_client { entry.key.port } else { c.latest.1 };
            let (out, inward) = if service_is_local { (c.from, c.to) } else { (c.to, c.from) };
            links.push(Link {
                local,
                remote,
                public: is_public(remote),
                protocol: entry.key.protocol,
                port: called,
                direction: if outbound { Direction::Outbound } else { Direction::Inbound },
                certainty: opened.certainty,
                out,
                inward,
                minutes: c.minutes,
                latest: c.latest,
                hash: entry.hash,
                // What has heavy records is drawn from those alone; its light ones are little beside them.
                stands_for: if facts.heavy.holds(entry) { heavy } else { light },
                service_is_local,
                service_port: entry.key.port,
            });
        }
        Self {
            account: &key.account,
            region: &key.region,
            interface: &key.entity,
            hour: key.hour,
            links,
            share: facts.light.share(),
        }
    }

    /// The moment of a second of the hour.
    pub fn moment(&self, second: u16) -> EventTime {
        let ms = i64::from(self.hour) * HOUR_MS + i64::from(second) * 1000;
        EventTime::from_millis(ms).unwrap_or(EventTime::MAX)
    }

    /// A count of the kept contacts as one of all contacts.
    pub fn scaled(&self, count: usize) -> u64 {
        (count as f64 / self.share).round() as u64
    }
}
