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

/// Contacts by interface and hour.
pub(super) struct Contacts {
    contacts: Map<At, Contact>,
    totals: BTreeMap<(u32, u32), Traffic>,
    /// The sum of the interface and hour of the latest records.
    run: ((u32, u32), Traffic),
    seed: u64,
}

impl Contacts {
    pub fn new(seed: u64) -> Self {
        Self { contacts: map(seed), totals: BTreeMap::new(), run: Default::default(), seed }
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
        if self.run.0 != (interface, hour) {
            self.close_run();
            self.run.0 = (interface, hour);
        }
        self.run.1.add(r.packets, r.bytes);
        self.contacts.len() >= HELD
    }

    fn close_run(&mut self) {
        let sum = std::mem::take(&mut self.run.1);
        if sum.records > 0 {
            self.totals.entry(self.run.0).or_default().merge(sum);
        }
    }

    /// Turns everything into facts; `place` gives account, region and id of an interface.
    pub fn flush<'i>(&mut self, place: impl Fn(u32) -> (&'i str, &'i str, &'i str), facts: &mut FactMap) {
        self.close_run();
        let mut all: Vec<(u32, u32, bool, Entry)> = self
            .contacts
            .drain()
            .map(|(at, contact)| (at.interface, at.hour, at.heavy, Entry::new(at.key, contact)))
            .collect();
        all.sort_unstable_by_key(|(interface, hour, heavy, entry)| (*interface, *hour, *heavy, entry.hash));
        let mut rest = all.as_slice();
        for ((interface, hour), total) in std::mem::take(&mut self.totals) {
            let own = rest.partition_point(|(i, h, ..)| (*i, *h) <= (interface, hour));
            let (mine, others) = rest.split_at(own);
            rest = others;
            let (light, heavy) = mine.split_at(mine.partition_point(|(_, _, heavy, _)| !heavy));
            let entries = |part: &[(u32, u32, bool, Entry)]| part.iter().map(|(.., entry)| *entry).collect();
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
