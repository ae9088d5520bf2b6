//! How merged facts are judged: in the order of their keys, one account after the other.

use crate::facts::{AccountFacts, Class, Fact, FactKey, LearnedFacts, SignalFacts};
use crate::spellings::Spellings;
use crate::{Env, Inventory, Signal, Str};

/// What a judge may look at beside the facts themselves.
pub struct Context<'a> {
    /// Lists, address data and settings.
    pub env: &'a Env,
    /// The account's instances and interfaces.
    pub inventory: &'a Inventory,
    /// The account.
    pub account: &'a AccountFacts,
    /// What hashes of visits and calls stand for.
    pub spellings: &'a Spellings,
}

/// Judges the facts of one class of one account. A judge sees them in the order of their keys, so by hour; what
/// it keeps between hours is its baseline.
pub trait Judge: Send {
    /// The facts it judges.
    fn class(&self) -> Class;
    /// Judges one fact.
    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>);
    /// What it learned, for a later scan to begin with.
    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let _ = out;
    }
    /// Takes what it learned in an earlier scan, before the first fact. What another judge wrote is passed over.
    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        let _ = (key, learned);
    }
    /// After the last fact of the account.
    fn finish(&mut self, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let _ = (cx, out);
    }
}

/// An immediate signal's facts as a signal. What a DNS signal is about is resolved here, since only now all that
/// names the instance is known.
pub fn immediate(key: &FactKey, fact: &SignalFacts, cx: &Context<'_>) -> Signal {
    use crate::facts::signal::Detail;
    let mut parts: Vec<Str> = key.parts().skip(2).map(Str::from).collect();
    let latest = &fact.latest;
    let mut detail = latest.detail.clone();
    if let Detail::Dns(query) = &mut detail {
        query.instance_id = cx.inventory.instance_of_query(&key.region, query, latest.time);
        if let (Some(first), Some(id)) = (parts.first_mut(), &query.instance_id) {
            *first = id.clone();
        }
    }
    Signal {
        finding_type: fact.finding_type,
        detector: fact.detector.clone(),
        role: fact.role,
        severity_tenths: fact.severity_tenths,
        account: key.account.clone(),
        region: key.region.clone(),
        global: fact.global,
        key: parts,
        count: fact.count(),
        first: fact.first,
        last: fact.last,
        hash: latest.hash,
        detail,
        lists: fact.lists.clone(),
        apis: fact.events.iter().map(|(api, set)| (api.clone(), set.len())).collect(),
        extra: latest.extra.clone(),
        explanation: latest.explanation.clone(),
    }
}
