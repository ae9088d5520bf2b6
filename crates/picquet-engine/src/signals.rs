//! The signals of an account, by what will be one finding.

use crate::world::World;
use picquet_detect::facts::signal::Role;
use picquet_detect::judge::Judge;
use picquet_detect::{Env, Fact, FactKey, Signal, Str};
use picquet_model::TypeId;
use std::collections::{BTreeMap, BTreeSet};

/// What tells findings of one account apart: region, type, role and the aggregation key.
type FindingKey = (Str, TypeId, Role, Vec<Str>);

/// Signals; how they merge does not depend on their order.
#[derive(Default)]
pub(crate) struct Signals(BTreeMap<FindingKey, Signal>);

impl Signals {
    /// Adds what the judges of a fact's class make of it.
    pub(crate) fn judge(
        &mut self,
        judges: &mut [Box<dyn Judge>],
        key: &FactKey,
        fact: &Fact,
        world: &World,
        env: &Env,
    ) {
        let mut out = Vec::new();
        for judge in judges.iter_mut().filter(|j| j.class() == key.class) {
            judge.fact(key, fact, &world.context(env), &mut out);
        }
        self.add(out, world, env);
    }

    /// Adds signals to what will be findings. A global service's signal counts in every region.
    pub(crate) fn add(&mut self, signals: Vec<Signal>, world: &World, env: &Env) {
        for mut signal in signals {
            if env.window.is_some_and(|(since, until)| signal.last < since || signal.first > until) {
                continue;
            }
            // Facts may have been kept when a type was switched on.
            if !env.tuning.raises(signal.finding_type) || world.allowed.allow(&signal, &world.inventory) {
                continue;
            }
            if let Some(severity) = env.tuning.severity_tenths(signal.finding_type) {
                signal.severity_tenths = severity;
            }
            let mut regions = BTreeSet::from([signal.region.clone()]);
            if signal.global {
                regions.extend(world.account.regions.iter().cloned());
            }
            for region in regions {
                let mut copy = signal.clone();
                copy.region.clone_from(&region);
                self.put((region, copy.finding_type, copy.role, copy.key.clone()), copy);
            }
        }
    }

    fn put(&mut self, key: FindingKey, signal: Signal) {
        match self.0.get_mut(&key) {
            Some(mine) => mine.merge(signal),
            None => {
                self.0.insert(key, signal);
            }
        }
    }

    /// Adds those of the other half.
    pub(crate) fn merge(&mut self, other: Self) {
        other.0.into_iter().for_each(|(key, signal)| self.put(key, signal));
    }

    /// All of them, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Signal> {
        self.0.values_mut()
    }
}
