//! Flow records to facts.
//!
//! What is cheap and common is summed up per object and interface and becomes facts at the object's end; what
//! is rare (a listed peer, a log-in attempt) goes to its own small map.

use super::traffic::Contacts;
use super::{FactMap, Reducer};
use crate::facts::inventory::Common;
use crate::facts::key::{KeyRef, SEPARATOR};
use crate::facts::network::Traffic;
use crate::facts::signal::Direction;
use crate::facts::{AccountFacts, AttemptFacts, Class, Fact, InterfaceFacts, Latest, PeerFacts};
use crate::net::{is_public, server_likeness};
use crate::{Map, Str, hash, map};
use picquet_logs::FlowRecord;
use picquet_logs::flow::Verdict;
use picquet_model::EventTime;
use std::fmt::Write;
use std::net::IpAddr;

const TCP: u8 = 6;
const SYN: u8 = 2;
const ACK: u8 = 16;

/// Ports where people log in: SSH, RDP, and WinRM without and with TLS.
#[inline]
fn is_login(port: u16) -> bool {
    matches!(port, 22 | 3389 | 5985 | 5986)
}

/// The flows of the object that is being read.
pub(super) struct FlowState {
    interfaces: Vec<Interface>,
    index: Map<Str, Vec<u32>>,
    current: usize,
    attempts: Map<(u32, IpAddr, IpAddr, u16, u32), AttemptFacts>,
    contacts: Contacts,
    seed: u64,
}

struct Interface {
    id: Str,
    account: Str,
    region: Str,
    facts: InterfaceFacts,
    first: EventTime,
    last: EventTime,
    described: bool,
    /// The instance that the latest records name, with the span of those records.
    instance: Option<Str>,
    span: (EventTime, EventTime),
}

/// Whether two short texts are equal, eight bytes at a time: asked three times a record, where a call of the C
/// library's comparison would cost more than the comparison.
#[inline(always)]
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    match (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(x), Some(y)) => x == y && a.chunks_exact(8).zip(b.chunks_exact(8)).all(|(x, y)| x == y),
        _ => a == b,
    }
}

impl FlowState {
    pub fn new(seed: u64) -> Self {
        let contacts = Contacts::new(seed);
        Self { interfaces: Vec::new(), index: map(seed), current: usize::MAX, attempts: map(seed), contacts, seed }
    }

    /// The interface of a record. Records of one interface often follow each other.
    #[inline]
    fn interface(&mut self, id: &str, account: &str, region: &str, time: EventTime) -> usize {
        if let Some(i) = self.interfaces.get(self.current)
            && same(&i.id, id)
            && same(&i.account, account)
            && same(&i.region, region)
        {
            return self.current;
        }
        self.other_interface(id, account, region, time)
    }

    #[inline(never)]
    fn other_interface(&mut self, id: &str, account: &str, region: &str, time: EventTime) -> usize {
        let same = |i: &Interface| i.id == id && i.account == account && i.region == region;
        let known =
            self.index.get(id).and_then(|all| all.iter().copied().find(|&n| same(&self.interfaces[n as usize])));
        self.current = match known {
            Some(n) => n as usize,
            None => {
                let n = self.interfaces.len();
                self.interfaces.push(Interface {
                    id: id.into(),
                    account: account.into(),
                    region: region.into(),
                    facts: InterfaceFacts::default(),
                    first: time,
                    last: time,
                    described: false,
                    instance: None,
                    span: (time, time),
                });
                self.index.entry(id.into()).or_default().push(n as u32);
                n
            }
        };
        self.current
    }

    /// Turns what was summed up into facts.
    pub fn flush(&mut self, facts: &mut FactMap) {
        let mut entity = String::new();
        for ((n, client, server, port, hour), fact) in self.attempts.drain() {
            let i = &self.interfaces[n as usize];
            entity.clear();
            // Writing to a String cannot fail.
            let _ = write!(entity, "{}{SEPARATOR}{client}{SEPARATOR}{server}{SEPARATOR}{port}", i.id);
            let key = KeyRef { account: &i.account, hour, class: Class::Attempts, region: &i.region, entity: &entity };
            facts.merge(key, Fact::Attempts(fact));
        }
        self.flush_contacts(facts);
        for mut i in self.interfaces.drain(..) {
            i.close_span();
            let account = KeyRef { account: &i.account, hour: 0, class: Class::Account, region: "", entity: "" };
            let mut seen = AccountFacts::new(&i.region, i.first);
            seen.last = i.last;
            facts.merge(account, Fact::Account(seen));
            let key =
                KeyRef { account: &i.account, hour: 0, class: Class::Interface, region: &i.region, entity: &i.id };
            facts.merge(key, Fact::Interface(Box::new(i.facts)));
        }
        if self.index.len() > 4096 {
            // An object with very many interfaces should not keep its memory for the next ones.
            self.index = map(self.seed);
        }
        self.index.clear();
        self.current = usize::MAX;
    }

    fn flush_contacts(&mut self, facts: &mut FactMap) {
        let interfaces = &self.interfaces;
        let place = |n: u32| {
            let i = &interfaces[n as usize];
            (i.account.as_str(), i.region.as_str(), i.id.as_str())
        };
        self.contacts.flush(place, facts);
    }
}

impl Reducer {
    pub(super) fn reduce_flow(&mut self, r: &FlowRecord<'_>) {
        let account = if r.account_id.is_empty() { self.env.default_account.as_str() } else { r.account_id };
        let region = match r.region.or(self.name.region.as_deref()) {
            Some(region) => region,
            None => {
                self.defaulted += 1;
                self.env.default_region.as_str()
            }
        };
        let n = self.flows.interface(r.interface_id, account, region, r.start);
        let i = &mut self.flows.interfaces[n];
        i.first = i.first.min(r.start);
        i.last = i.last.max(r.start);
        let (src_public, dst_public) = (is_public(r.src), is_public(r.dst));
        i.note(r, src_public, dst_public);
        // What was usual before the window counts: judges learn from it.
        if self.flows.contacts.add(n as u32, r) {
            self.flows.flush_contacts(&mut self.facts);
        }
        if !self.env.covers(r.start) {
            return;
        }
        if r.protocol == TCP && (is_login(r.dst_port) || is_login(r.src_port)) {
            attempt(&mut self.flows.attempts, n as u32, r);
        }
        if self.env.intel.has_ips() {
            if dst_public && self.env.intel.ip(r.dst).is_some() {
                self.peer(n, r, true);
            }
            if src_public && self.env.intel.ip(r.src).is_some() {
                self.peer(n, r, false);
            }
        }
    }

    /// Traffic with a listed address. `sent`: the listed address is the destination.
    fn peer(&mut self, n: usize, r: &FlowRecord<'_>, sent: bool) {
        let i = &self.flows.interfaces[n];
        let (local, remote) = if sent { (r.src, r.dst) } else { (r.dst, r.src) };
        let (local_port, remote_port) = if sent { (r.src_port, r.dst_port) } else { (r.dst_port, r.src_port) };
        let direction = match source_opened(r) {
            Some(source) if source == sent => Direction::Outbound,
            Some(_) => Direction::Inbound,
            None => Direction::Unknown,
        };
        let (service, client) =
            if direction == Direction::Inbound { (local_port, remote_port) } else { (remote_port, local_port) };
        let mut entity = std::mem::take(&mut self.scratch);
        entity.clear();
        let _ = write!(
            entity,
            "{}{SEPARATOR}{local}{SEPARATOR}{remote}{SEPARATOR}{}{SEPARATOR}{}{SEPARATOR}{service}",
            i.id,
            direction.name(),
            r.protocol
        );
        let mut fact = PeerFacts {
            out: Traffic::default(),
            inward: Traffic::default(),
            refused: Traffic::default(),
            answered: false,
            first: r.start,
            last: r.start,
            latest: (r.start, record_hash(r), client),
        };
        if r.verdict == Some(Verdict::Reject) {
            fact.refused.add(r.packets, r.bytes);
        } else if sent {
            fact.out.add(r.packets, r.bytes);
        } else {
            fact.inward.add(r.packets, r.bytes);
        }
        // The answer comes from the side that was called.
        let from_server = (direction == Direction::Inbound) == sent;
        fact.answered = from_server && r.verdict != Some(Verdict::Reject) && answers(r);
        let key = KeyRef {
            account: &i.account,
            hour: r.start.hour(),
            class: Class::Peer,
            region: &i.region,
            entity: &entity,
        };
        self.facts.merge(key, Fact::Peer(Box::new(fact)));
        self.scratch = entity;
    }
}

impl Interface {
    /// What a record tells of the interface itself.
    #[inline]
    fn note(&mut self, r: &FlowRecord<'_>, src_public: bool, dst_public: bool) {
        // Where the log has the direction, the own address is no guess.
        let (a, b) = match r.ingress {
            Some(true) => (r.interface_dst, r.interface_dst),
            Some(false) => (r.interface_src, r.interface_src),
            None => (r.interface_src, r.interface_dst),
        };
        match self.facts.common {
            Some(Common::One(own)) if own == a || own == b => {}
            Some(known) => self.facts.common = Some(known.and(Common::of(a, b))),
            None => self.facts.common = Some(Common::of(a, b)),
        }
        if src_public != dst_public {
            let own = if src_public { r.interface_dst } else { r.interface_src };
            if !is_public(own) && !self.facts.facing_public.contains(&own) {
                let mut one = InterfaceFacts::default();
                one.facing_public.insert(own);
                self.facts.merge(one);
            }
        }
        if r.instance_id.is_some() || r.vpc_id.is_some() {
            self.describe(r);
        }
    }

    /// Fields of version 3 and later: noted once per object, and again when the interface was moved.
    #[inline]
    fn describe(&mut self, r: &FlowRecord<'_>) {
        if self.described && self.instance.as_deref() == r.instance_id {
            self.span = (self.span.0.min(r.start), self.span.1.max(r.start));
            return;
        }
        self.close_span();
        self.described = true;
        self.instance = r.instance_id.map(Str::from);
        self.span = (r.start, r.start);
        let text = |t: Option<&str>| t.map(|t| Latest::new(r.start, hash::stable(&[t.as_bytes()]), Str::from(t)));
        let one = InterfaceFacts { vpc_id: text(r.vpc_id), subnet_id: text(r.subnet_id), ..InterfaceFacts::default() };
        self.facts.merge(one);
    }

    /// Notes the span of the records that named one instance.
    fn close_span(&mut self) {
        if let Some(instance) = self.instance.take() {
            self.facts.see(instance, self.span);
        }
    }
}

/// A connection to a log-in port, by either direction's record.
fn attempt(attempts: &mut Map<(u32, IpAddr, IpAddr, u16, u32), AttemptFacts>, interface: u32, r: &FlowRecord<'_>) {
    if r.verdict == Some(Verdict::Reject) || (is_login(r.dst_port) && is_login(r.src_port)) {
        return;
    }
    let to_server = is_login(r.dst_port);
    let (client, server) = if to_server { (r.src, r.dst) } else { (r.dst, r.src) };
    let (client_port, port) = if to_server { (r.src_port, r.dst_port) } else { (r.dst_port, r.src_port) };
    let fact = attempts.entry((interface, client, server, port, r.start.hour())).or_insert_with(|| AttemptFacts {
        attempts: Traffic::default(),
        other: Traffic::default(),
        replies: Traffic::default(),
        minutes: 0,
        first: EventTime::MAX,
        last: EventTime::MIN,
        latest: (EventTime::MIN, 0, 0),
    });
    if !to_server {
        fact.replies.add(r.packets, r.bytes);
        return;
    }
    // The widest shape that any setting could call an attempt; the judge applies the configured one to means.
    if r.packets < 4 || r.bytes > 32_768 {
        fact.other.add(r.packets, r.bytes);
        return;
    }
    fact.attempts.add(r.packets, r.bytes);
    fact.minutes |= 1 << (r.start.as_secs() / 60 % 60);
    fact.first = fact.first.min(r.start);
    fact.last = fact.last.max(r.start);
    fact.latest = fact.latest.max((r.start, record_hash(r), client_port));
}

/// Whether the source opened the connection, as far as one record can tell.
///
/// TCP flags are OR-ed over the record: a SYN without an ACK comes from the side that opens, a SYN-ACK from
/// the other (AWS, "Flow log records", tcp-flags). Without flags the ports decide: servers listen on
/// well-known ports, clients call from ephemeral ones (32768 and up on Linux, RFC 6335 49152 and up).
pub(crate) fn source_opened(r: &FlowRecord<'_>) -> Option<bool> {
    if r.protocol == TCP
        && let Some(flags) = r.tcp_flags
        && flags & SYN != 0
    {
        return Some(flags & ACK == 0);
    }
    let (src, dst) = (server_likeness(r.src_port), server_likeness(r.dst_port));
    match src.cmp(&dst) {
        std::cmp::Ordering::Less => Some(true),
        std::cmp::Ordering::Greater => Some(false),
        std::cmp::Ordering::Equal if src == 0 || r.src_port == r.dst_port => None,
        std::cmp::Ordering::Equal => Some(r.dst_port < r.src_port),
    }
}

/// Whether a record of the called side shows an open port: a SYN-ACK, or more than the bare reset that a closed port
/// sends for each SYN, which is 40 bytes long, 60 with IPv6. Records of a connection under way have no SYN: an ACK
/// alone is not shown (AWS, "Flow log records", tcp-flags).
fn answers(r: &FlowRecord<'_>) -> bool {
    match r.tcp_flags {
        Some(flags) if r.protocol == TCP && flags & SYN != 0 => flags & ACK != 0,
        _ => r.bytes > r.packets.saturating_mul(if r.src.is_ipv6() { 60 } else { 40 }),
    }
}

/// Tells records of one moment apart.
fn record_hash(r: &FlowRecord<'_>) -> u64 {
    hash::stable(&[
        r.interface_id.as_bytes(),
        r.src.to_string().as_bytes(),
        r.dst.to_string().as_bytes(),
        &r.src_port.to_le_bytes(),
        &r.dst_port.to_le_bytes(),
        &[r.protocol],
        &r.packets.to_le_bytes(),
        &r.bytes.to_le_bytes(),
        &r.end.as_millis().to_le_bytes(),
    ])
}
