//! Where credentials of instances, functions and tasks were used, summed up per object before it becomes facts.

use super::fact_map::FactMap;
use crate::event::{ApiEvent, Caller, IssuedKind};
use crate::facts::credentials::{Event, Origin, Use};
use crate::facts::key::KeyRef;
use crate::facts::{Class, CredentialFacts, Fact, bounded};
use crate::net::is_public;
use crate::{Env, Map, Str, map};
use hashbrown::HashTable;
use picquet_model::EventTime;
use std::hash::BuildHasher;
use std::net::IpAddr;

/// How many cells are held at a time, over several objects: an account's trail writes a small one every few minutes.
const CELLS: usize = 1 << 12;
/// The size of a cell, in bytes, about.
const WEIGHT: usize = 256;
/// Of how many keys it is remembered what was told.
const TOLD: usize = 1 << 17;
/// Hours of a day.
const DAY: u32 = 24;

/// What the records of one object add up to.
pub(super) struct CredentialState {
    hasher: foldhash::fast::FixedState,
    cells: Vec<Cell>,
    table: HashTable<u32>,
    /// The earliest call that facts hold already, by long-term key and day.
    told: Map<u64, (EventTime, Event)>,
}

/// From where, before it is known whose address it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum From<'a> {
    Ip(IpAddr),
    Endpoint(&'a str, &'a str),
}

/// One origin of one holder in one hour.
struct Cell {
    account: Str,
    region: Str,
    hour: u32,
    holder: Str,
    kind: IssuedKind,
    vpc: Str,
    ip: Option<IpAddr>,
    origin: Origin,
    seen: Use,
}

impl Cell {
    fn from(&self) -> Option<From<'_>> {
        match (&self.ip, &self.origin) {
            (Some(ip), _) => Some(From::Ip(*ip)),
            (None, Origin::Endpoint(id, owner)) => Some(From::Endpoint(id, owner)),
            _ => None,
        }
    }
}

impl CredentialState {
    pub(super) fn new(seed: u64) -> Self {
        let hasher = foldhash::fast::FixedState::with_seed(seed);
        Self { hasher, cells: Vec::new(), table: HashTable::new(), told: map(seed) }
    }

    /// Adds a call, if it was signed with such credentials, or with a long-term key. Calls that AWS services made are
    /// not the holder's; private addresses without an endpoint say nothing.
    #[inline]
    pub(super) fn add(&mut self, event: &ApiEvent<'_>, of: Event, env: &Env, out: &mut FactMap) {
        if let Some((kind, holder)) = event.issued_to() {
            self.add_use((event, of), (kind, holder), env, out);
        } else if event.record.identity.access_key_id.starts_with("AKIA") {
            // The prefix of long-term keys (IAM user guide, "Understanding unique ID prefixes").
            self.add_key(event, of, out);
        }
    }

    /// A long-term key: that it was used on a day, and the earliest call of that day.
    fn add_key(&mut self, event: &ApiEvent<'_>, of: Event, out: &mut FactMap) {
        let r = event.record;
        let holder = r.identity.access_key_id.as_ref();
        let hour = r.time.hour() / DAY * DAY;
        let hash = self.hasher.hash_one((hour, holder, event.region, event.account));
        if self.told.get(&hash).is_some_and(|told| (r.time, of) >= *told) {
            return;
        }
        if self.told.len() >= TOLD {
            self.told.clear();
        }
        self.told.insert(hash, (r.time, of));
        let uses = vec![(Origin::Anywhere, Use::of(r.time, of, event.global))];
        let entity = bounded(holder);
        let key = KeyRef { account: event.account, hour, class: Class::Keys, region: event.region, entity: &entity };
        out.merge(
            key,
            Fact::Credentials(Box::new(CredentialFacts { kind: IssuedKind::User, vpc: Str::default(), uses })),
        );
    }

    fn add_use(
        &mut self,
        (event, of): (&ApiEvent<'_>, Event),
        (kind, holder): (IssuedKind, &str),
        env: &Env,
        out: &mut FactMap,
    ) {
        let r = event.record;
        let from = match event.caller {
            _ if !r.vpc_endpoint_id.is_empty() => From::Endpoint(&r.vpc_endpoint_id, &r.vpc_endpoint_account),
            Caller::Ip(ip) if is_public(ip) => From::Ip(ip),
            _ => return,
        };
        let hour = r.time.hour();
        let hash = self.hasher.hash_one((hour, holder, from, event.region, event.account));
        let cells = &self.cells;
        let found = self.table.find(hash, |&i| {
            cells.get(i as usize).is_some_and(|c| {
                c.hour == hour
                    && c.holder == holder
                    && c.from() == Some(from)
                    && c.region == event.region
                    && c.account == event.account
            })
        });
        if let Some(cell) = found.and_then(|&i| self.cells.get_mut(i as usize)) {
            cell.seen.add(r.time, of, event.global);
            cell.seen.key(&r.identity.access_key_id);
            return;
        }
        if self.cells.len() >= CELLS {
            self.flush(out);
        }
        // Bounded by CELLS.
        let new = self.cells.len() as u32;
        let origin = match from {
            From::Endpoint(endpoint, owner) => Origin::Endpoint(bounded(endpoint), bounded(owner)),
            From::Ip(ip) if !env.aws.contains(ip) => Origin::Outside(ip),
            From::Ip(_) if kind == IssuedKind::Function => Origin::AnyAws,
            From::Ip(ip) => Origin::Aws(ip),
        };
        let mut seen = Use::of(r.time, of, event.global);
        seen.key(&r.identity.access_key_id);
        self.cells.push(Cell {
            account: event.account.into(),
            region: event.region.into(),
            hour,
            holder: bounded(holder),
            kind,
            vpc: bounded(&r.identity.ec2_issued_in_vpc),
            ip: if let From::Ip(ip) = from { Some(ip) } else { None },
            origin,
            seen,
        });
        let (cells, hasher) = (&self.cells, &self.hasher);
        self.table.insert_unique(hash, new, |&i| {
            cells
                .get(i as usize)
                .and_then(|c| {
                    Some(hasher.hash_one((c.hour, c.holder.as_str(), c.from()?, c.region.as_str(), c.account.as_str())))
                })
                .unwrap_or(0)
        });
    }

    /// A rough size in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.cells.len() * WEIGHT
    }

    /// Makes facts of everything.
    pub(super) fn flush(&mut self, out: &mut FactMap) {
        self.table.clear();
        for cell in self.cells.drain(..) {
            let key = KeyRef {
                account: &cell.account,
                hour: cell.hour,
                class: Class::Credentials,
                region: &cell.region,
                entity: &cell.holder,
            };
            let uses = vec![(cell.origin, cell.seen)];
            out.merge(key, Fact::Credentials(Box::new(CredentialFacts { kind: cell.kind, vpc: cell.vpc, uses })));
        }
    }
}
