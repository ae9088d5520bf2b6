//! API calls before they become facts: a hash and two look-ups a record, and no text for what was seen before.
//!
//! They are held over several objects: an account's trail writes a small object every few minutes, in which hardly any
//! call comes twice.

use super::FactMap;
use crate::Str;
use crate::api::principal;
use crate::event::ApiEvent;
use crate::facts::api::{ApiFacts, Call, Events, Spelling, Use, Visit};
use crate::facts::credentials::Event;
use crate::facts::key::KeyRef;
use crate::facts::{Class, Fact, bounded};
use crate::hash::stable_wide;
use hashbrown::HashTable;
use picquet_logs::cloudtrail::Category;
use std::borrow::Cow;

/// How many calls are held before they become facts: few enough to stay in the nearer caches.
const HELD: usize = 1 << 13;
/// The size of a held call with its share of the visit, in bytes, about.
const WEIGHT: usize = 192;
/// How many spellings are remembered to have been told: telling one again changes nothing.
const TOLD: usize = 1 << 16;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// Whose calls they are.
struct Group {
    account: Str,
    /// The principal's facts.
    entity: Str,
    hour: u32,
    visit: u64,
}

impl Group {
    /// Whether both are of one fact.
    fn is_same(&self, other: &Self) -> bool {
        (self.hour, &self.account, &self.entity) == (other.hour, &other.account, &other.entity)
    }
}

/// A call of a group.
struct Held {
    group: u32,
    call: u64,
    used: Use,
}

/// Calls by group.
pub(super) struct Calls {
    groups: Vec<Group>,
    group_index: HashTable<(u64, u32)>,
    /// The latest record's group and its hash: records of one often follow each other.
    current: (u64, usize),
    held: Vec<Held>,
    index: HashTable<(u64, u32)>,
    told: HashTable<u64>,
    scratch: String,
}

/// Spreads a hash that was combined of others (Fibonacci hashing).
fn spread(hash: u64) -> u64 {
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)
}

impl Calls {
    pub fn new() -> Self {
        Self {
            groups: Vec::new(),
            group_index: HashTable::new(),
            current: (0, usize::MAX),
            held: Vec::new(),
            index: HashTable::new(),
            told: HashTable::new(),
            scratch: String::new(),
        }
    }

    /// Whether an event is an identity's own activity, and of a kind that is profiled.
    fn counts(event: &ApiEvent<'_>, data_events: bool) -> bool {
        let id = &event.record.identity;
        // A sign-in that failed names a user and no principal: nobody knows who tried.
        let named = !(id.principal_id.is_empty() && id.arn.is_empty() && id.on_behalf_of.is_empty());
        let credentials = named && id.account_id != "ANONYMOUS_PRINCIPAL" && !id.kind.is_empty();
        credentials
            && match event.record.category {
                Category::Management => true,
                Category::Data => data_events && event.is_s3_data(),
                Category::NetworkActivity | Category::Insight => false,
            }
    }

    /// Adds an event that no service made; how facts name it, if it counts.
    pub fn add(
        &mut self,
        event: &ApiEvent<'_>,
        trusted: bool,
        data_events: bool,
        facts: &mut FactMap,
    ) -> Option<Event> {
        if !Self::counts(event, data_events) {
            return None;
        }
        let group = self.group(event, trusted, facts);
        let record = event.record;
        let data = record.category == Category::Data;
        let bucket: Cow<'_, str> =
            if data { event.parameter("bucketName").unwrap_or_default() } else { Cow::Borrowed("") };
        let source = record.event_source.as_ref();
        let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
        let name = record.event_name.as_ref();
        let call = stable_wide([event.account, service, name, event.region, &record.error_code, &bucket]);
        let (id, hash) = event.identity();
        let named = Event { hash, id, visit: self.groups[group].visit, call };
        // At most an hour, so it fits.
        let moment = record.time.as_millis().rem_euclid(HOUR) as u32;
        let both = spread(call ^ (group as u64).wrapping_mul(0xff51_afd7_ed55_8ccd));
        let Self { held, index, .. } = self;
        if let Some(&(_, n)) = index.find(both, |&(of, _)| of == both) {
            held[n as usize].used.add(moment, hash, id);
            return Some(named);
        }
        index.insert_unique(both, (both, held.len() as u32), |&(of, _)| of);
        let used = Use::of(moment, hash, id, if data { Events::MANY } else { Events::FEW });
        held.push(Held { group: group as u32, call, used });
        self.tell(event.account, call, facts, || {
            let api = compact_str::format_compact!("{}:{}", short(service), short(name));
            let error = short(&record.error_code).into();
            Spelling::Call(Call {
                api,
                region: bounded(event.region),
                error,
                bucket: short(&bucket).into(),
                global: event.global,
            })
        });
        if self.held.len() >= HELD {
            self.flush(facts);
        }
        Some(named)
    }

    /// Where the calls of an event are held.
    fn group(&mut self, event: &ApiEvent<'_>, trusted: bool, facts: &mut FactMap) -> usize {
        let record = event.record;
        let id = &record.identity;
        let principal = event.principal();
        let principal_id = if id.principal_id.is_empty() { &id.on_behalf_of } else { &id.principal_id };
        let caller = if id.account_id == event.account { "" } else { id.account_id.as_ref() };
        let visit = stable_wide([
            event.account,
            principal,
            &id.kind,
            principal_id,
            &id.arn,
            event.user_name(),
            &id.issuer.arn,
            caller,
            &id.access_key_id,
            &record.source_ip,
            &record.user_agent,
            &record.vpc_endpoint_id,
            if trusted { "trusted" } else { "" },
        ]);
        let hour = record.time.hour();
        let key = spread(visit ^ u64::from(hour));
        if self.current.0 == key && self.current.1 < self.groups.len() {
            return self.current.1;
        }
        let found = self.group_index.find(key, |&(of, _)| of == key).map(|&(_, n)| n as usize);
        let n = found.unwrap_or_else(|| {
            principal::entity(event, &mut self.scratch);
            let n = self.groups.len();
            self.groups.push(Group { account: event.account.into(), entity: bounded(&self.scratch), hour, visit });
            self.group_index.insert_unique(key, (key, n as u32), |&(of, _)| of);
            self.tell(event.account, visit, facts, || {
                Spelling::Visit(Visit {
                    kind: bounded(&id.kind),
                    principal_id: bounded(principal_id),
                    arn: bounded(&id.arn),
                    user_name: bounded(event.user_name()),
                    issuer: bounded(&id.issuer.arn),
                    account: bounded(caller),
                    access_key_id: bounded(&id.access_key_id),
                    source: bounded(&record.source_ip),
                    user_agent: bounded(&record.user_agent),
                    endpoint: bounded(&record.vpc_endpoint_id),
                    trusted,
                })
            });
            n
        });
        self.current = (key, n);
        n
    }

    /// Says what a hash stands for, unless that was said.
    fn tell(&mut self, account: &str, hash: u64, facts: &mut FactMap, spelling: impl FnOnce() -> Spelling) {
        if self.told.find(hash, |&of| of == hash).is_some() {
            return;
        }
        if self.told.len() >= TOLD {
            self.told.clear();
        }
        self.told.insert_unique(hash, hash, |&of| of);
        let entity = compact_str::format_compact!("{hash:016x}");
        let key = KeyRef { account, hour: 0, class: Class::Spelling, region: "", entity: &entity };
        facts.merge(key, Fact::Spelling(Box::new(spelling())));
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        self.held.len() * WEIGHT
    }

    /// Turns everything into facts.
    pub fn flush(&mut self, facts: &mut FactMap) {
        // Calls of one principal and hour become one fact, sorted as facts are. Groups are few beside their calls, so
        // that texts are compared for them alone.
        let groups = &self.groups;
        let mut order: Vec<u32> = (0..groups.len() as u32).collect();
        let of = |n: u32| &groups[n as usize];
        order.sort_unstable_by(|&a, &b| {
            let (a, b) = (of(a), of(b));
            (a.hour, &a.account, &a.entity, a.visit).cmp(&(b.hour, &b.account, &b.entity, b.visit))
        });
        let mut rank = vec![0_u32; groups.len()];
        order.iter().enumerate().for_each(|(at, &n)| rank[n as usize] = at as u32);
        self.held.sort_unstable_by_key(|held| (rank[held.group as usize], held.call));
        let mut held = self.held.drain(..).peekable();
        for same in order.chunk_by(|&a, &b| of(a).is_same(of(b))) {
            let last = rank[same[same.len() - 1] as usize];
            let mut calls = Vec::new();
            while let Some(next) = held.next_if(|held| rank[held.group as usize] <= last) {
                calls.push(((of(next.group).visit, next.call), next.used));
            }
            let group = of(same[0]);
            let (account, entity) = (group.account.as_str(), group.entity.as_str());
            let key = KeyRef { account, hour: group.hour, class: Class::Api, region: "", entity };
            facts.merge(key, Fact::Api(Box::new(ApiFacts::of_sorted(calls))));
        }
        drop(held);
        self.groups.clear();
        self.group_index.clear();
        self.index.clear();
        self.current = (0, usize::MAX);
        if self.told.len() >= TOLD / 2 {
            self.told.clear();
        }
    }
}

/// Enough of a name to tell it: no API, error or bucket is longer.
fn short(text: &str) -> &str {
    const MOST: usize = 128;
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
