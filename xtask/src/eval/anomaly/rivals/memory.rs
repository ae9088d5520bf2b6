//! What rivals know of principals, and what an hour of a principal looks like beside it.

use crate::eval::anomaly::geo::Countries;
use crate::eval::anomaly::log::{Event, Log};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Properties of a call that are counted for each principal: interface, network, country, agent, region, hour of day.
const COUNTED: usize = 6;
/// Numbers that an hour is described by: how surprising each property is, and how much of what there was.
pub const FEATURES: usize = COUNTED + 6;

/// An hour of a principal as the rivals see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// Interfaces that the principal calls for the first time.
    pub first: f64,
    /// The greatest surprise of a call's interface, in bits.
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
    calls: u32,
    counts: [HashMap<u32, u32>; COUNTED],
}

impl Seen {
    /// The logarithm of the share that a value has. One is added, so that what was never seen has a share too: the less
    /// the more was seen.
    fn bits(&self, property: usize, value: u32) -> f64 {
        let counts = &self.counts[property];
        let count = f64::from(counts.get(&value).copied().unwrap_or(0)) + 1.0;
        -(count / (f64::from(self.calls) + 1.0 + counts.len() as f64)).log2()
    }
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
        let seen = calls.first().and_then(|call| self.seen.get(&call.principal)).unwrap_or(&nothing);
        let mut bits = [0.0_f64; COUNTED];
        for call in calls {
            for (property, value) in self.values(call).into_iter().enumerate() {
                bits[property] = bits[property].max(seen.bits(property, value));
            }
        }
        let apis: BTreeSet<u32> = calls.iter().map(|c| c.api).collect();
        let first = apis.iter().filter(|api| !seen.counts[0].contains_key(api)).count() as f64;
        let account = calls.first().map_or(0, |call| self.account(call));
        let of_account = apis.iter().filter(|api| !self.of_account.contains(&(account, **api))).count() as f64;
        let many = |count: usize| (1.0 + count as f64).ln();
        let mut features = [0.0; FEATURES];
        features[..COUNTED].copy_from_slice(&bits);
        features[COUNTED..].copy_from_slice(&[
            first,
            of_account,
            many(calls.len()),
            many(apis.len()),
            many(calls.iter().filter(|c| c.error != 0).count()),
            many(calls.iter().filter(|c| c.writes).count()),
        ]);
        Hour { first, surprise: bits[0], features }
    }

    /// Takes calls in.
    pub fn learn(&mut self, calls: &[Event]) {
        for call in calls {
            let (values, account) = (self.values(call), self.account(call));
            self.of_account.insert((account, call.api));
            let seen = self.seen.entry(call.principal).or_default();
            seen.calls += 1;
            for (counts, value) in seen.counts.iter_mut().zip(values) {
                *counts.entry(value).or_default() += 1;
            }
        }
    }

    fn account(&self, call: &Event) -> u32 {
        self.accounts.get(call.principal as usize).copied().unwrap_or_default()
    }

    fn values(&self, call: &Event) -> [u32; COUNTED] {
        // A /16 is about what one provider has in one place.
        let network = call.address.map_or(0, |a| u32::from(a) >> 16);
        let country = call.address.and_then(|a| self.countries.of(a)).map_or(0, |c| u32::from(u16::from_be_bytes(c)));
        let hour = call.time.rem_euclid(86_400) / 3600;
        [call.api, network, country, call.family, call.region, hour as u32]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn what_is_new_surprises() {
        let call = |api: u32, address: Ipv4Addr| Event {
            time: 1_800_000_000,
            principal: 0,
            api,
            address: Some(address),
            agent: 1,
            family: 1,
            region: 1,
            error: 0,
            writes: false,
        };
        let countries = Countries::default();
        let mut memory = Memory::new(&Log::default(), &countries);
        let usual = [call(1, Ipv4Addr::new(73, 1, 0, 1)); 50];
        memory.learn(&usual);
        let (same, new) = (memory.look(&usual[..2]), memory.look(&[call(2, Ipv4Addr::new(45, 1, 0, 1))]));
        assert_eq!((same.first, new.first), (0.0, 1.0));
        assert!(same.surprise < 0.1 && new.surprise > 5.0, "{same:?} {new:?}");
        let surprising = |h: &Hour| h.features[..COUNTED].iter().filter(|b| **b > 5.0).count();
        assert_eq!((surprising(&same), surprising(&new)), (0, 2), "the interface and the network");
    }
}
