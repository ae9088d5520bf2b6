//! The contacts of the object that is being read: one look-up a record, and no text.

use super::FactMap;
use crate::facts::key::KeyRef;
use crate::facts::network::Traffic;
use crate::facts::traffic::{Contact, ContactKey, Entry, Glance, Sample};
use crate::facts::{Class, Fact, TrafficFacts};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use picquet_logs::FlowRecord;
use picquet_logs::flow::Verdict;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};

/// How many contacts are held before they become facts, whatever the size of the object.
const HELD: usize = 1 << 16;

/// Whose contact it is.
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
        state.write_u64(group(self.interface, self.hour, self.heavy));
        self.key.hash(state);
    }
}

/// Interface, hour and whether heavy as one number, the hash, and where the contact is held.
type Place = (u64, u64, u32);

/// The first of a [`Place`].
fn group(interface: u32, hour: u32, heavy: bool) -> u64 {
    // Interfaces of an object are counted from 0: far fewer than 2^31.
    u64::from(interface) << 33 | u64::from(hour) << 1 | u64::from(heavy)
}

/// Contacts by interface and hour.
pub(super) struct Contacts {
    /// In the order in which they were first seen.
    held: Vec<(At, Contact)>,
    /// Where each is: small, so that it stays in the nearest caches.
    index: HashTable<u32>,
    /// Where the latest record's is: a record and its reply often follow each other.
    latest: usize,
    totals: BTreeMap<(u32, u32), Traffic>,
    /// The hour of an interface's latest records, and their sum.
    runs: Vec<(u32, Traffic)>,
    hasher: FixedState,
    /// A buffer of [`Self::flush`], kept for the next object.
    order: Vec<Place>,
}

impl Contacts {
    pub fn new(seed: u64) -> Self {
        Self {
            held: Vec::new(),
            index: HashTable::new(),
            latest: 0,
            totals: BTreeMap::new(),
            runs: Vec::new(),
            hasher: FixedState::with_seed(seed),
            order: Vec::new(),
        }
    }

    /// Where a contact is held.
    #[inline]
    fn place(&mut self, at: At) -> usize {
        if self.held.get(self.latest).is_some_and(|(latest, _)| *latest == at) {
            return self.latest;
        }
        let Self { held, index, hasher, .. } = self;
        let entry =
            index.entry(hasher.hash_one(at), |&n| held[n as usize].0 == at, |&n| hasher.hash_one(held[n as usize].0));
        self.latest = match entry {
            hashbrown::hash_table::Entry::Occupied(known) => *known.get() as usize,
            hashbrown::hash_table::Entry::Vacant(free) => {
                let n = held.len();
                // Never more than `HELD`.
                free.insert(n as u32);
                held.push((at, Contact::default()));
                n
            }
        };
        self.latest
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
        let place = self.place(at);
        self.held[place].1.add(to_service, &glance);
        let n = interface as usize;
        if n >= self.runs.len() {
            self.runs.resize(n + 1, (hour, Traffic::default()));
        }
        if self.runs[n].0 != hour {
            self.close_run(interface);
            self.runs[n].0 = hour;
        }
        self.runs[n].1.add(r.packets, r.bytes);
        self.held.len() >= HELD
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
        // Contacts are large: their places are sorted, not they themselves.
        self.order.clear();
        for (n, (at, _)) in self.held.iter().enumerate() {
            self.order.push((group(at.interface, at.hour, at.heavy), at.key.stable_hash(), n as u32));
        }
        let held = &self.held;
        self.order.sort_unstable_by(|a, b| {
            let key = |place: &Place| held[place.2 as usize].0.key;
            (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| key(a).cmp(&key(b)))
        });
        let mut rest = self.order.as_slice();
        for ((interface, hour), total) in std::mem::take(&mut self.totals) {
            let own = rest.partition_point(|place| place.0 <= group(interface, hour, true));
            let (mine, others) = rest.split_at(own);
            rest = others;
            let (light, heavy) = mine.split_at(mine.partition_point(|place| place.0 < group(interface, hour, true)));
            let sample = |part: &[Place], cap| {
                let entries = part.iter().map(|&(_, hash, n)| {
                    let (at, contact) = held[n as usize];
                    Entry { hash, key: at.key, contact }
                });
                Sample::of_sorted(entries, cap)
            };
            let fact = TrafficFacts {
                total,
                light: sample(light, TrafficFacts::LIGHT),
                heavy: sample(heavy, TrafficFacts::HEAVY),
            };
            let (account, region, id) = place(interface);
            let key = KeyRef { account, hour, class: Class::Traffic, region, entity: id };
            facts.merge(key, Fact::Traffic(Box::new(fact)));
        }
        self.held.clear();
        self.index.clear();
        self.latest = 0;
    }
}
