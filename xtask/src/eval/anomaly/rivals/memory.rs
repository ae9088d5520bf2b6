//! What rivals know of principals, and what an hour of a principal looks like beside it.

use crate::eval::anomaly::geo::Countries;
use crate::eval::anomaly::log::{Event, Log};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Numbers that an hour is described by.
pub const FEATURES: usize = 11;

/// An hour of a principal as the rivals see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// Interfaces that the principal calls for the first time.
    pub first: f64,
    /// The greatest surprise of a call, in bits: the logarithm of the share that its interface has of the principal's.
    pub surprise: f64,
    /// What the forest sees.
    pub features: [f64; FEATURES],
}

/// What was seen so far.
pub struct Memory<'a> {
    countries: &'a Countries,
    accounts: Vec<u32>,
    seen: HashMap<u32, Seen>,
    of_account: HashSet<(u32, u32)>,
}

#[derive(Default)]
struct Seen {
    apis: HashMap<u32, u32>,
    calls: u32,
    networks: HashSet<u32>,
    countries: HashSet<Option<[u8; 2]>>,
    agents: HashSet<u32>,
    regions: HashSet<u32>,
    hours: HashSet<i64>,
}

impl<'a> Memory<'a> {
    /// Nothing seen yet.
    pub fn new(log: &Log, countries: &'a Countries) -> Self {
        let mut known = BTreeMap::new();
        let accounts = log.principals.iter().map(|p| {
            let next = known.len() as u32;
            *known.entry(p.account.clone()).or_insert(next)
        });
        Self { countries, accounts: accounts.collect(), seen: HashMap::new(), of_account: HashSet::new() }
    }

    /// An hour's calls of one principal, held against what was seen before.
    pub fn look(&self, calls: &[Event]) -> Hour {
        let nothing = Seen::default();
        let Some(first) = calls.first() else { return Hour { first: 0.0, surprise: 0.0, features: [0.0; FEATURES] } };
        let seen = self.seen.get(&first.principal).unwrap_or(&nothing);
        let account = self.accounts.get(first.principal as usize).copied().unwrap_or_default();
        let apis: BTreeSet<u32> = calls.iter().map(|c| c.api).collect();
        let count = |what: &dyn Fn(&u32) -> bool| apis.iter().filter(|api| what(api)).count() as f64;
        let any = |what: &dyn Fn(&Event) -> bool| f64::from(u8::from(calls.iter().any(what)));
        let many = |what: &dyn Fn(&Event) -> bool| (1.0 + calls.iter().filter(|c| what(c)).count() as f64).ln();
        let new = count(&|api| !seen.apis.contains_key(api));
        let rarest = apis.iter().map(|api| seen.apis.get(api).copied().unwrap_or(0)).min().unwrap_or(0);
        Hour {
            first: new,
            // One is added so that what was never seen has a share too, less the more was seen.
            surprise: -((f64::from(rarest) + 1.0) / (f64::from(seen.calls) + 1.0 + seen.apis.len() as f64)).log2(),
            features: [
                (1.0 + calls.len() as f64).ln(),
                (1.0 + apis.len() as f64).ln(),
                new,
                count(&|api| !self.of_account.contains(&(account, *api))),
                any(&|c| !seen.networks.contains(&network(c))),
                any(&|c| !seen.countries.contains(&self.country(c))),
                any(&|c| !seen.agents.contains(&c.agent)),
                any(&|c| !seen.regions.contains(&c.region)),
                any(&|c| !seen.hours.contains(&hour(c))),
                many(&|c| c.error != 0),
                many(&|c| c.writes),
            ],
        }
    }

    /// Takes calls in.
    pub fn learn(&mut self, calls: &[Event]) {
        for call in calls {
            let account = self.accounts.get(call.principal as usize).copied().unwrap_or_default();
            self.of_account.insert((account, call.api));
            let country = self.country(call);
            let seen = self.seen.entry(call.principal).or_default();
            *seen.apis.entry(call.api).or_default() += 1;
            seen.calls += 1;
            seen.networks.insert(network(call));
            seen.countries.insert(country);
            seen.agents.insert(call.agent);
            seen.regions.insert(call.region);
            seen.hours.insert(hour(call));
        }
    }

    fn country(&self, call: &Event) -> Option<[u8; 2]> {
        self.countries.of(call.address?)
    }
}

/// The /16 that an address is in: about what one provider has in one place.
fn network(call: &Event) -> u32 {
    call.address.map_or(0, |a| u32::from(a) >> 16)
}

fn hour(call: &Event) -> i64 {
    call.time.rem_euclid(86_400) / 3600
}
