//! The facts that the store keeps of an account, merged for judging.

use crate::judge::JudgeError;
use crate::runs::StoredRuns;
use picquet_detect::cold::Memory;
use picquet_detect::facts::AccountFacts;
use picquet_detect::{Class, Fact, FactKey, Str};
use picquet_engine::{MergedFacts, Runs};
use picquet_model::EventTime;
use picquet_store::Store;
use picquet_store::facts::Run;
use std::sync::Arc;

/// Facts, and memory to judge them in.
pub struct Kept {
    /// The store.
    pub store: Arc<Store>,
    /// Memory for what is known of the entities of an account.
    pub memory: Memory,
    /// Facts that the operator gave, in the order of keys.
    pub given: Arc<[(FactKey, Fact)]>,
}

/// What is known of an account.
#[derive(Clone, Copy)]
pub struct OfAccount<'a> {
    /// Its number.
    pub account: &'a str,
    /// Its runs of facts.
    pub runs: &'a [Run],
    /// Where a detector watches: events of global services count in them.
    pub regions: &'a [String],
}

/// Hours of an account that are judged, and how.
#[derive(Clone, Copy)]
pub struct Hours {
    /// Before this one they are in the baseline.
    pub folded: u32,
    /// From this one on only what is judged at once.
    pub closed: u32,
}

impl Hours {
    /// From hours as the store counts them.
    pub fn new(folded: i64, closed: i64) -> Self {
        let hour = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
        Self { folded: hour(folded), closed: hour(closed) }
    }

    /// Whether a fact is of hours that are in the baseline already.
    pub const fn are_folded(self, key: &FactKey) -> bool {
        key.hour > 0 && key.hour < self.folded
    }

    /// Whether a fact is judged now.
    pub const fn count(self, key: &FactKey) -> bool {
        !self.are_folded(key) && (key.class.is_immediate() || key.hour < self.closed)
    }
}

impl Kept {
    /// All facts of an account, and the regions that have a detector.
    pub fn merged(&self, OfAccount { account, runs, regions }: OfAccount<'_>) -> Result<MergedFacts, JudgeError> {
        let stored = StoredRuns::new(&self.store, runs);
        let mut all = Runs::default();
        (0..runs.len()).for_each(|run| all.push_spilled(run));
        let given = self.given.iter().filter(|(key, _)| key.account == account).cloned();
        all.push(given.collect());
        if !regions.is_empty() {
            all.push(vec![regions_of(account, regions)]);
        }
        Ok(all.merge(&stored)?)
    }
}

/// Where a detector of an account watches, as a fact.
pub fn regions_of(account: &str, regions: &[String]) -> (FactKey, Fact) {
    let fact = AccountFacts {
        regions: regions.iter().map(|region| region.as_str().into()).collect(),
        first: EventTime::MAX,
        last: EventTime::MIN,
    };
    let key = FactKey {
        account: account.into(),
        hour: 0,
        class: Class::Account,
        region: Str::default(),
        entity: Str::default(),
    };
    (key, Fact::Account(fact))
}
