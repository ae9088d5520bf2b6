//! The contacts of the object that is being read: one look-up a record, and no text.

use super::FactMap;
use crate::facts::key::KeyRef;
use crate::facts::network::Traffic;
use crate::facts::traffic::{Contact, ContactKey, Entry, Glance, Sample};
use crate::facts::{Class, Fact, TrafficFacts};
use crate::{Map, map};
use picquet_logs::FlowRecord;
use picquet_logs::flow::Verdict;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// How many contacts are held before they become facts, whatever the size of the object.
const HELD: usize = 1 << 16;

#[derive(Clone, Copy, PartialEq, Eq)]
struct At {
    interface: u32,
    hour: u32,
    heavy: bool,
    key: ContactKey,
}

impl Hash for At {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.hour) << 33 | u64::from(self.interface) << 1 | u64::from(self.heavy));
        self.key.hash(state);
    }
}

/// Interface, hour, whether heavy, hash, and where the entry is held.
type Place = (u32, u32, bool, u64, u32);

/// Contacts by interface and hour.
pub(super) struct Contacts {
    contacts: Map<At, Contact>,
    totals: BTreeMap<(u32, u32), Traffic>,
    /// The hour of an interface's latest records, and their sum.
    runs: Vec<(u32, Traffic)>,
    seed: u64,
    /// Buffers of [`Self::flush`], kept for the next object.
    held: Vec<Entry>,
    order: Vec<Place>,
}

impl Contacts {
    pub fn new(seed: u64) -> Self {
        Self {
            contacts: map(seed),
            totals: BTreeMap::new(),
            runs: Vec::new(),
            seed,
            held: Vec::new(),
            order: Vec::new(),
        }
    }

    /// Adds a record; true when it is time to flush.
    #[inline]
    pub fn add(&mut self, interface: u32, r: &FlowRecord<'_>) -> bool {
        let secs = r.start.as_secs();
        let hour = r.start.hour();
        let (key, to_service) = ContactKey::of((r.src, r.src_port), (r.dst, r.dst_port), r.protocol);
        let glance = Glance {
            // Less than 3,600, and a span beyond 32 bits is none that a log has.
            second: (secs % 3600) as u16,
            span: u32::try_from(r.end.as_secs().saturating_sub(secs)).unwrap_or(0).saturating_add(1),
            packets: r.packets,
            bytes: r.bytes,
            accepted: r.verdict != Some(Verdict::Reject),
            flags: if r.protocol == 6 { r.tcp_flags } else { None },
            other_port: if to_service { r.src_port } else { r.dst_port },
        };
        let at = At { interface, hour, heavy: glance.is_heavy(), key };
        self.contacts.entry(at).or_default().add(to_service, &glance);
        let n = interface as usize;
        if n >= self.runs.len() {
            self.runs.resize(n + 1, (hour, Traffic::default()));
        }
        if self.runs[n].0 != hour {
            self.close_run(interface);
            self.runs[n].0 = hour;
        }
        self.runs[n].1.add(r.packets, r.bytes);
        self.contacts.len() >= HELD
    }

    fn close_run(&mut self, interface: u32) {
        let (hour, sum) = &mut self.runs[interface as usize];
        if sum.records > 0 {
            self.totals.entry((interface, *hour)).or_default().merge(std::mem::take(sum));
        }
    }

    /// Turns everything into facts; `place` gives account, region and id of an interface.
    pub fn flush<'i>(&mut self, place: impl Fn(u32) -> (&'i str, &'i str, &'i str), facts: &mut FactMap) {
        for interface in 0..self.runs.len() {
            self.close_run(interface as u32);
        }
        self.runs.clear();
        // Entries are large: their places are sorted, not they themselves.
        self.held.clear();
        self.order.clear();
        for (at, contact) in self.contacts.drain() {
            let entry = Entry::new(at.key, contact);
            // Never more than `HELD`.
            self.order.push((at.interface, at.hour, at.heavy, entry.hash, self.held.len() as u32));
            self.held.push(entry);
        }
        self.order.sort_unstable();
        let held = &self.held;
        let mut rest = self.order.as_slice();
        for ((interface, hour), total) in std::mem::take(&mut self.totals) {
            let own = rest.partition_point(|(i, h, ..)| (*i, *h) <= (interface, hour));
            let (mine, others) = rest.split_at(own);
            rest = others;
            let (light, heavy) = mine.split_at(mine.partition_point(|(_, _, heavy, ..)| !heavy));
            let entries = |part: &[Place]| part.iter().map(|(.., n)| held[*n as usize]).collect();
            let fact = TrafficFacts {
                total,
                light: Sample::new(entries(light), TrafficFacts::LIGHT),
                heavy: Sample::new(entries(heavy), TrafficFacts::HEAVY),
            };
            let (account, region, id) = place(interface);
            let key = KeyRef { account, hour, class: Class::Traffic, region, entity: id };
            facts.merge(key, Fact::Traffic(Box::new(fact)));
        }
        if self.contacts.capacity() > 2 * HELD {
            self.contacts = map(self.seed);
        }
    }
}
