//! Judges merged facts and makes findings of the signals.

use crate::assemble;
use crate::runs::RunError;
use picquet_detect::chain::SessionChains;
use picquet_detect::cold::{Cold, Memory};
use picquet_detect::facts::AccountFacts;
use picquet_detect::facts::signal::Detail;
use picquet_detect::judge::{Context, Judge, immediate};
use picquet_detect::spellings::Spellings;
use picquet_detect::tuning::AllowLists;
use picquet_detect::{Class, Env, Fact, FactKey, Inventory, Signal, Str, detectors};
use picquet_model::{EventTime, Finding, TypeId};
use std::collections::{BTreeMap, BTreeSet};

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
    let mut findings = Vec::new();
    let mut current: Option<Account> = None;
    for fact in facts {
        let (key, fact) = fact?;
        if current.as_ref().is_none_or(|a| a.id != key.account) {
            if let Some(done) = current.take() {
                findings.extend(done.finish(env, baseline)?);
            }
            current = Some(Account::new(key.account.clone(), env, memory));
        }
        if key.class.is_kept() {
            baseline.keep(&key, &fact);
        }
        if let Some(account) = &mut current {
            account.take(key, fact, env);
        }
    }
    if let Some(done) = current {
        findings.extend(done.finish(env, baseline)?);
    }
    findings.sort_by(|a, b| (&a.service.event_first_seen, &a.id).cmp(&(&b.service.event_first_seen, &b.id)));
    Ok(findings)
}

/// What tells findings of one account apart: region, type, role and the aggregation key.
type FindingKey = (Str, TypeId, picquet_detect::facts::signal::Role, Vec<Str>);

/// One account while its facts go by.
struct Account {
    id: Str,
    facts: AccountFacts,
    inventory: Inventory,
    /// Reference facts that are judged themselves, once all of them are there.
    held: Vec<(FactKey, Fact)>,
    open: bool,
    judges: Vec<Box<dyn Judge>>,
    cold: Cold,
    chains: SessionChains,
    spellings: Spellings,
    allowed: AllowLists,
    signals: BTreeMap<FindingKey, Signal>,
}

impl Account {
    fn new(id: Str, env: &Env, memory: &Memory) -> Self {
        let cold = Cold::new(memory);
        Self {
            id,
            facts: AccountFacts { regions: BTreeSet::new(), first: EventTime::MAX, last: EventTime::MIN },
            inventory: Inventory::new(&cold),
            held: Vec::new(),
            open: false,
            judges: detectors::judges(&env.tuning, &cold),
            chains: SessionChains::new(&cold),
            spellings: Spellings::new(&cold),
            cold,
            // Settings that were read from a file were checked then.
            allowed: AllowLists::new(&env.tuning).unwrap_or_default(),
            signals: BTreeMap::new(),
        }
    }

    fn take(&mut self, key: FactKey, fact: Fact, env: &Env) {
        match (key.class, fact) {
            (Class::Account, Fact::Account(f)) => self.facts.merge(f),
            (Class::Instance | Class::Interface | Class::Domains, fact) => self.inventory.add(&key, &fact),
            (Class::Learned, Fact::Learned(f)) => self.judges.iter_mut().for_each(|j| j.recall(&key, &f)),
            (Class::Sessions, Fact::Sessions(f)) => self.chains.add(&f),
            (Class::Spelling, Fact::Spelling(f)) => self.spellings.put(&key.entity, &f),
            (class, fact) if class.is_reference() => self.held.push((key, fact)),
            (_, fact) => {
                self.open(env);
                self.judge(&key, &fact, env);
            }
        }
    }

    /// All reference facts are there: they sort before the others.
    fn open(&mut self, env: &Env) {
        if self.open {
            return;
        }
        self.open = true;
        self.inventory.index();
        for (key, fact) in std::mem::take(&mut self.held) {
            self.judge(&key, &fact, env);
        }
    }

    fn judge(&mut self, key: &FactKey, fact: &Fact, env: &Env) {
        let cx = Context { env, inventory: &self.inventory, account: &self.facts, spellings: &self.spellings };
        let mut out = Vec::new();
        if let Fact::Signal(signal) = fact {
            out.push(immediate(key, signal, &cx));
        } else {
            for judge in self.judges.iter_mut().filter(|j| j.class() == key.class) {
                judge.fact(key, fact, &cx, &mut out);
            }
        }
        self.add(out, env);
    }

    /// Adds signals to what will be findings. A global service's signal counts in every region.
    fn add(&mut self, signals: Vec<Signal>, env: &Env) {
        for mut signal in signals {
            if env.window.is_some_and(|(since, until)| signal.last < since || signal.first > until) {
                continue;
            }
            if self.allowed.allow(&signal, &self.inventory) {
                continue;
            }
            if let Some(severity) = env.tuning.severity_tenths(signal.finding_type) {
                signal.severity_tenths = severity;
            }
            let mut regions = BTreeSet::from([signal.region.clone()]);
            if signal.global {
                regions.extend(self.facts.regions.iter().cloned());
            }
            for region in regions {
                let mut copy = signal.clone();
                copy.region.clone_from(&region);
                let key = (region, copy.finding_type, copy.role, copy.key.clone());
                match self.signals.get_mut(&key) {
                    Some(mine) => mine.merge(copy),
                    None => {
                        self.signals.insert(key, copy);
                    }
                }
            }
        }
    }

    fn finish(mut self, env: &Env, baseline: &mut dyn Baseline) -> Result<Vec<Finding>, RunError> {
        self.open(env);
        let mut out = Vec::new();
        let cx = Context { env, inventory: &self.inventory, account: &self.facts, spellings: &self.spellings };
        for judge in &mut self.judges {
            judge.finish(&cx, &mut out);
        }
        self.add(out, env);
        if baseline.keeps() {
            let mut keep = |key, learned| baseline.keep(&key, &Fact::Learned(learned));
            self.judges.iter().for_each(|j| j.learned(&mut keep));
        }
        for signal in self.signals.values_mut() {
            let Detail::Api(call) = &signal.detail else { continue };
            let chain = self.chains.of(&call.access_key_id);
            if !chain.is_empty() {
                signal.extra.insert("sessionChain".into(), SessionChains::to_json(&chain).to_string());
            }
        }
        let findings = self.signals.values().map(|signal| assemble::finding(signal, &self.inventory, env)).collect();
        // A failure on the way leaves the rest without what could not be read: nothing of it is told.
        self.cold.failure().map_or(Ok(findings), |e| Err(e.into()))
    }
}
