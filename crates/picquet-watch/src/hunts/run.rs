//! One hunt, from its scope to its findings.

use super::objects::{self, Found};
use super::progress::Progress;
use super::read::{self, Job};
use super::record::State;
use super::scope::Scope;
use super::{HuntError, Setup};
use crate::kept::regions_of;
use crate::spill::TempStore;
use crate::upkeep;
use crate::worlds::Known;
use picquet_detect::{Env, Fact, FactKey, Tuning};
use picquet_engine::{RunError, Runs, judge_within};
use picquet_model::Finding;
use std::io;
use std::sync::Arc;

/// Looks through what the scope says.
///
/// # Errors
/// When objects cannot be listed, facts not be kept, or it shall stop.
pub fn run(setup: &Setup, scope: &Scope, progress: &Arc<Progress>) -> Result<Vec<Finding>, HuntError> {
    let tuning = scope.settings.as_deref().map(|text| (setup.tuning)(text)).transpose();
    let tuning = tuning.map_err(HuntError::Settings)?.map(Arc::new);
    // Lists and settings that change meanwhile would make it depend on when what was read.
    let known = setup.worlds.known();
    let world = World { known: &known, tuning, scope };
    progress.is_at(State::Listing);
    let Found { objects, buckets, passed_over } =
        objects::find(&Arc::new(scope.clone()), &setup.sources, &setup.runtime, progress)?;
    progress.expect(objects.len() as u64, objects.iter().map(|o| o.size).sum(), passed_over);
    progress.is_at(State::Reading);
    let store = TempStore::default();
    let job = Job {
        objects,
        buckets,
        env: &|name| world.of(name.account.as_deref().unwrap_or(""), name.region.as_deref().unwrap_or("")),
        store: &store,
        fact_bytes: setup.fact_bytes,
        threads: setup.threads,
        runtime: &setup.runtime,
    };
    let mut runs = read::reduce(job, progress)?;
    progress.is_at(State::Judging);
    add_known(setup, scope, &mut runs)?;
    judge(setup, &world, runs, &store, progress)
}

/// What a hunt's logs are held against.
struct World<'a> {
    known: &'a Known,
    tuning: Option<Arc<Tuning>>,
    scope: &'a Scope,
}

impl World<'_> {
    fn of(&self, account: &str, region: &str) -> Env {
        let env = self.known.of(account, region);
        Env { tuning: self.tuning.clone().unwrap_or(env.tuning), window: Some(self.scope.window()), ..env }
    }
}

/// Adds what the operator gave, and where detectors watch: events of global services count in these regions.
fn add_known(setup: &Setup, scope: &Scope, runs: &mut Runs) -> Result<(), HuntError> {
    let given = setup.given.iter().filter(|(key, _)| scope.accounts.has(&key.account));
    runs.push(given.cloned().collect());
    let watched = setup.store.read(upkeep::watched)?;
    let mut regions: Vec<(FactKey, Fact)> = watched
        .iter()
        .filter(|(account, regions)| scope.accounts.has(account) && !regions.is_empty())
        .map(|(account, regions)| regions_of(account, regions))
        .collect();
    regions.sort_by(|a, b| a.0.cmp(&b.0));
    runs.push(regions);
    Ok(())
}

/// Judges each account with its lists.
fn judge(
    setup: &Setup,
    world: &World<'_>,
    runs: Runs,
    store: &TempStore,
    progress: &Progress,
) -> Result<Vec<Finding>, HuntError> {
    let stopped = || Err(RunError::Io(io::Error::other("it was stopped")));
    let facts = runs.merge(store)?.map(|fact| if progress.is_stopped() { stopped() } else { fact });
    let mut facts =
        facts.filter(|fact| fact.as_ref().map_or(true, |(key, _)| world.scope.accounts.has(&key.account))).peekable();
    let mut findings = Vec::new();
    while let Some(next) = facts.peek() {
        let Ok((key, _)) = next else {
            facts.next().transpose()?;
            continue;
        };
        let account = key.account.clone();
        let env = world.of(&account, "");
        let of_account =
            std::iter::from_fn(|| facts.next_if(|fact| fact.as_ref().map_or(true, |(key, _)| key.account == account)));
        let mut found = judge_within(of_account, &env, &mut (), &setup.memory)?;
        found.retain(|finding| world.scope.accounts.shows(&finding.account_id, &finding.region));
        findings.append(&mut found);
    }
    Ok(findings)
}
