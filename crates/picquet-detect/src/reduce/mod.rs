//! Records to facts: pure, parallel, in any order.

mod api;
mod calls;
mod credentials;
mod dns;
mod dns_clients;
mod dns_names;
mod fact_map;
mod flow;
mod sessions;
mod traffic;

pub(crate) use fact_map::RawSignal;
pub use fact_map::{ApiSignal, FactMap};

use crate::detectors::{self, ApiRule};
use crate::facts::key::KeyRef;
use crate::facts::{AccountFacts, Class, Fact, FactKey};
use crate::{Env, Map, Str, map};
use picquet_logs::{CloudTrailRecord, DnsRecord, FlowRecord, ObjectName, Sink};
use picquet_model::EventTime;

/// Reduces objects, one after the other, into one set of facts. Each worker has its own.
pub struct Reducer {
    env: Env,
    facts: FactMap,
    rules: Map<&'static str, Vec<&'static dyn ApiRule>>,
    user_agents: Map<Str, Option<detectors::pentest::Distribution>>,
    /// The object that is being read.
    name: ObjectName,
    regions: Vec<RegionSpan>,
    calls: calls::Calls,
    flows: flow::FlowState,
    queries: dns_clients::DnsState,
    credentials: credentials::CredentialState,
    sessions: sessions::SessionState,
    scratch: String,
    unattributed: u64,
    defaulted: u64,
}

/// The records of one account and region in the object that is being read.
struct RegionSpan {
    account: Str,
    region: Str,
    first: EventTime,
    last: EventTime,
}

impl Reducer {
    /// An empty reducer.
    pub fn new(env: Env) -> Self {
        let mut rules: Map<&'static str, Vec<&'static dyn ApiRule>> = map(env.seed);
        for rule in detectors::api_rules() {
            for &(_, api) in rule.apis() {
                let of_api = rules.entry(api).or_default();
                // A rule may watch an API's name at several services.
                if !of_api.iter().any(|r| std::ptr::addr_eq(*r, rule)) {
                    of_api.push(rule);
                }
            }
        }
        Self {
            facts: FactMap::new(env.seed),
            rules,
            user_agents: map(env.seed),
            name: ObjectName::default(),
            regions: Vec::new(),
            calls: calls::Calls::new(),
            flows: flow::FlowState::new(env.seed),
            queries: dns_clients::DnsState::new(env.seed),
            credentials: credentials::CredentialState::new(env.seed),
            sessions: sessions::SessionState::default(),
            scratch: String::new(),
            unattributed: 0,
            defaulted: 0,
            env,
        }
    }

    /// Takes other lists or settings from the next object on.
    pub fn set_env(&mut self, env: Env) {
        self.queries.forget_names();
        self.env = env;
    }

    /// Begins an object; its records go to this reducer as a [`Sink`].
    pub fn begin(&mut self, name: ObjectName) {
        self.name = name;
    }

    /// Ends the object: what was summed up per object becomes facts.
    pub fn end(&mut self) {
        self.flush_regions();
        self.queries.flush(&mut self.facts);
        self.flows.flush(&mut self.facts);
        self.sessions.flush(&mut self.facts);
    }

    fn flush_regions(&mut self) {
        for span in self.regions.drain(..) {
            let mut fact = AccountFacts::new(&span.region, span.first);
            fact.last = span.last;
            let key = KeyRef { account: &span.account, hour: 0, class: Class::Account, region: "", entity: "" };
            self.facts.merge(key, Fact::Account(fact));
        }
    }

    /// A rough size in memory of what was reduced so far, in bytes.
    pub fn weight(&self) -> usize {
        self.facts.weight() + self.calls.weight() + self.credentials.weight()
    }

    /// How many new signals there were since this was last asked: what a progress bar shows.
    pub fn signalled(&mut self) -> u64 {
        self.facts.signalled()
    }

    /// What was reduced so far, in the order of keys; to be called between objects. Nothing is left afterwards.
    pub fn take_sorted(&mut self) -> Vec<(FactKey, Fact)> {
        self.calls.flush(&mut self.facts);
        self.credentials.flush(&mut self.facts);
        self.facts.take_sorted()
    }

    /// Records that name no account, and whose object's key names none: they count for nobody.
    pub fn unattributed(&self) -> u64 {
        self.unattributed
    }

    /// Records that were counted in the default region or account, since neither they nor their object's key
    /// name one.
    pub fn defaulted(&self) -> u64 {
        self.defaulted
    }

    fn seen(&mut self, account: &str, region: &str, time: EventTime) {
        let found = self.regions.iter_mut().rev().find(|s| s.account == account && s.region == region);
        match found {
            Some(span) => {
                span.first = span.first.min(time);
                span.last = span.last.max(time);
            }
            None => {
                // An object of one delivery has one account and region; a repacked one may have many.
                if self.regions.len() >= 256 {
                    self.flush_regions();
                }
                self.regions.push(RegionSpan {
                    account: account.into(),
                    region: region.into(),
                    first: time,
                    last: time,
                });
            }
        }
    }
}

impl Sink for Reducer {
    fn cloudtrail(&mut self, record: &CloudTrailRecord<'_>) {
        self.reduce_event(record);
    }

    fn flow(&mut self, record: &FlowRecord<'_>) {
        self.reduce_flow(record);
    }

    fn dns(&mut self, record: &DnsRecord<'_>) {
        self.reduce_query(record);
    }
}
