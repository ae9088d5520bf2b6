//! Judges merged facts and makes findings of the signals.

use crate::assemble;
use crate::parcels::{Closed, Content, Parcel, parcels};
use crate::runs::RunError;
use crate::signals::Signals;
use crate::world::World;
use picquet_detect::chain::SessionChains;
use picquet_detect::cold::Memory;
use picquet_detect::facts::signal::Detail;
use picquet_detect::judge::Judge;
use picquet_detect::{Env, Fact, FactKey};
use picquet_model::Finding;
use std::sync::Arc;

/// Takes the facts that describe the world: what a later scan can begin with.
pub trait Baseline {
    /// Takes one fact, in the order of keys.
    fn keep(&mut self, key: &FactKey, fact: &Fact);
    /// Whether anything is kept at all: what judges learned need not be written otherwise.
    fn keeps(&self) -> bool {
        true
    }
}

impl Baseline for () {
    fn keeps(&self) -> bool {
        false
    }

    fn keep(&mut self, _: &FactKey, _: &Fact) {}
}

impl Baseline for Vec<(FactKey, Fact)> {
    fn keep(&mut self, key: &FactKey, fact: &Fact) {
        self.push((key.clone(), fact.clone().into_baseline()));
    }
}

/// Judges facts that are sorted by key, and returns the findings in the order of their first activity and id.
///
/// # Errors
/// When spilled facts cannot be read back.
pub fn judge(
    facts: impl Iterator<Item = Result<(FactKey, Fact), RunError>>,
    env: &Env,
    baseline: &mut dyn Baseline,
) -> Result<Vec<Finding>, RunError> {
    judge_within(facts, env, baseline, &Memory::default())
}

/// As [`judge`], with so much memory for what is known of the entities of an account. The findings are the same.
///
/// # Errors
/// When spilled facts, or what is known of entities, cannot be written or read back.
pub fn judge_within(
    facts: impl Iterator<Item = Result<(FactKey, Fact), RunError>>,
    env: &Env,
    baseline: &mut dyn Baseline,
    memory: &Memory,
) -> Result<Vec<Finding>, RunError> {
    judge_parcels(parcels(facts, env, memory, baseline.keeps()), env, baseline)
}

/// The second half of judging, of what [`parcels`] hands over.
///
/// # Errors
/// When spilled facts, or what is known of entities, cannot be written or read back.
pub fn judge_parcels(
    parcels: impl Iterator<Item = Result<Parcel, RunError>>,
    env: &Env,
    baseline: &mut dyn Baseline,
) -> Result<Vec<Finding>, RunError> {
    let mut findings = Vec::new();
    let mut current: Option<Account> = None;
    for parcel in parcels {
        match (parcel?.0, &mut current) {
            (Content::Keep(key, fact), _) => baseline.keep(&key, &fact),
            (Content::Open(world, judges), _) => {
                current = Some(Account { world, judges, signals: Signals::default() });
            }
            (Content::Judge(key, fact), Some(account)) => {
                account.signals.judge(&mut account.judges, &key, &fact, &account.world, env);
            }
            (Content::Close(first), Some(_)) => {
                if let Some(account) = current.take() {
                    findings.extend(account.finish(*first, env, baseline)?);
                }
            }
            // Nothing comes before an account is opened.
            (Content::Judge(..) | Content::Close(_), None) => {}
        }
    }
    findings.sort_by(|a, b| (&a.service.event_first_seen, &a.id).cmp(&(&b.service.event_first_seen, &b.id)));
    Ok(findings)
}

/// One account in the second half.
struct Account {
    world: Arc<World>,
    judges: Vec<Box<dyn Judge>>,
    signals: Signals,
}

impl Account {
    fn finish(mut self, first: Closed, env: &Env, baseline: &mut dyn Baseline) -> Result<Vec<Finding>, RunError> {
        let Closed { mut judges, chains, signals } = first;
        judges.append(&mut self.judges);
        self.signals.merge(signals);
        let mut out = Vec::new();
        for judge in &mut judges {
            judge.finish(&self.world.context(env), &mut out);
        }
        self.signals.add(out, &self.world, env);
        if baseline.keeps() {
            let mut keep = |key, learned| baseline.keep(&key, &Fact::Learned(learned));
            judges.iter().for_each(|j| j.learned(&mut keep));
        }
        let mut findings = Vec::new();
        for signal in self.signals.iter_mut() {
            if let Detail::Api(call) = &signal.detail
                && let chain = chains.of(&call.access_key_id)
                && !chain.is_empty()
            {
                signal.extra.insert("sessionChain".into(), SessionChains::to_json(&chain).to_string());
            }
            findings.push(assemble::finding(signal, &self.world.inventory, env));
        }
        // A failure on the way leaves the rest without what could not be read: nothing of it is told.
        self.world.cold.failure().map_or(Ok(findings), |e| Err(e.into()))
    }
}
