//! Facts by key, with a bound on their memory.

use crate::event::ApiEvent;
use crate::facts::key::{KeyRef, SEPARATOR};
use crate::facts::signal::{ApiDetail, Detail, ListMatch, Occurrence, Role};
use crate::facts::{Class, Fact, FactKey, SignalFacts};
use crate::{Map, map};
use picquet_model::{EventTime, Explanation, TypeId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Facts by key.
pub struct FactMap {
    map: Map<FactKey, Fact>,
    weight: usize,
    scratch: String,
    signalled: u64,
}

/// What a rule says of an event, beside the event itself.
pub struct ApiSignal<'a> {
    /// The finding type.
    pub finding_type: TypeId,
    /// The detector's configuration key.
    pub detector: &'static str,
    /// Severity in tenths.
    pub severity_tenths: u8,
    /// The aggregation key.
    pub key: &'a [&'a str],
    /// Lists that matched.
    pub lists: BTreeSet<ListMatch>,
    /// Members of `additionalInfo`.
    pub extra: BTreeMap<String, String>,
}

/// A signal of any source, with its occurrence.
pub(crate) struct RawSignal<'a> {
    pub account: &'a str,
    pub region: &'a str,
    pub finding_type: TypeId,
    pub detector: &'static str,
    pub role: Role,
    pub severity_tenths: u8,
    pub global: bool,
    pub key: &'a [&'a str],
    pub time: EventTime,
    pub hash: u64,
    /// The API, for sources whose events have ids; each id counts once.
    pub api: Option<&'a str>,
    pub lists: BTreeSet<ListMatch>,
}

impl FactMap {
    /// An empty map.
    pub fn new(seed: u64) -> Self {
        Self { map: map(seed), weight: 0, scratch: String::new(), signalled: 0 }
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// How many new signals there were since this was last asked: what a progress bar shows.
    pub fn signalled(&mut self) -> u64 {
        std::mem::take(&mut self.signalled)
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Merges a fact.
    pub fn merge(&mut self, key: KeyRef<'_>, fact: Fact) {
        match self.map.get_mut(&key) {
            Some(mine) => {
                // Some facts grow when they are merged.
                let before = mine.weight();
                mine.merge(fact);
                self.weight = (self.weight + mine.weight()).saturating_sub(before);
            }
            None => {
                self.weight += fact.weight() + 128 + key.entity.len();
                self.map.insert(key.to_owned(), fact);
            }
        }
    }

    /// All facts in the order of their keys; the map is empty afterwards.
    pub fn take_sorted(&mut self) -> Vec<(FactKey, Fact)> {
        self.weight = 0;
        let mut all: Vec<_> = self.map.drain().collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Adds an occurrence of a signal that an event raises. `change` completes the call's detail, `why`
    /// explains; both are asked only when the occurrence is the latest so far.
    pub fn api_signal(
        &mut self,
        event: &ApiEvent<'_>,
        signal: ApiSignal<'_>,
        change: impl FnOnce(&mut ApiDetail),
        why: impl FnOnce() -> Explanation,
    ) {
        let extra = signal.extra;
        let raw = RawSignal {
            account: event.account,
            region: event.region,
            finding_type: signal.finding_type,
            detector: signal.detector,
            role: Role::Target,
            severity_tenths: signal.severity_tenths,
            global: event.global,
            key: signal.key,
            time: event.record.time,
            hash: event.hash(),
            api: Some(&event.record.event_name),
            lists: signal.lists,
        };
        self.signal(raw, || {
            let mut detail = event.detail();
            change(&mut detail);
            (Detail::Api(detail), why(), extra)
        });
    }

    /// Adds an occurrence of a signal.
    pub(crate) fn signal(
        &mut self,
        raw: RawSignal<'_>,
        occurrence: impl FnOnce() -> (Detail, Explanation, BTreeMap<String, String>),
    ) {
        let mut entity = std::mem::take(&mut self.scratch);
        entity.clear();
        // Writing to a String cannot fail.
        let _ = write!(entity, "{}{SEPARATOR}{}", raw.finding_type.name(), raw.role.name());
        for part in raw.key {
            let _ = write!(entity, "{SEPARATOR}{part}");
        }
        let key = KeyRef {
            account: raw.account,
            hour: raw.time.hour(),
            class: Class::Signal,
            region: raw.region,
            entity: &entity,
        };
        let mut occurrence = Some(occurrence);
        let mut latest = || {
            let (detail, explanation, extra) = occurrence.take().map(|make| make())?;
            Some(Occurrence { time: raw.time, hash: raw.hash, detail, explanation, extra })
        };
        match self.map.get_mut(&key) {
            Some(Fact::Signal(fact)) => {
                fact.severity_tenths = fact.severity_tenths.max(raw.severity_tenths);
                fact.global |= raw.global;
                fact.first = fact.first.min(raw.time);
                fact.last = fact.last.max(raw.time);
                fact.lists.extend(raw.lists);
                fact.trim_lists();
                self.weight += 32;
                match raw.api {
                    Some(api) => fact.events.entry(api.into()).or_default().insert(raw.hash),
                    None => fact.records += 1,
                }
                if (raw.time, raw.hash) >= (fact.latest.time, fact.latest.hash)
                    && let Some(other) = latest()
                    && other.follows(&fact.latest)
                {
                    fact.latest = other;
                }
            }
            _ => {
                if let Some(latest) = latest() {
                    let mut fact = SignalFacts {
                        finding_type: raw.finding_type,
                        detector: raw.detector.into(),
                        role: raw.role,
                        severity_tenths: raw.severity_tenths,
                        global: raw.global,
                        events: BTreeMap::new(),
                        records: 0,
                        first: raw.time,
                        last: raw.time,
                        lists: raw.lists,
                        latest,
                    };
                    fact.trim_lists();
                    match raw.api {
                        Some(api) => fact.events.entry(api.into()).or_default().insert(raw.hash),
                        None => fact.records = 1,
                    }
                    self.signalled += 1;
                    self.merge(key, Fact::Signal(Box::new(fact)));
                }
            }
        }
        self.scratch = entity;
    }
}
