//! Continuous detection within `serve`: begins it, and keeps its lists, feeds and settings those that are there.

use super::worlds::{self, Active};
use crate::cli::WorldArgs;
use crate::config::{self, Operation};
use crate::exit::{Code, Failure};
use crate::feeds;
use crate::scan::prepare;
use picquet_detect::Env;
use picquet_detect::cold::Memory;
use picquet_detect::reduce::FactMap;
use picquet_feeds::Feed;
use picquet_store::Store;
use picquet_watch::dry_run::DryRun;
use picquet_watch::hunts::{self, Hunts};
use picquet_watch::spill::ColdFiles;
use picquet_watch::status::Status;
use picquet_watch::{Kept, Running, Setup, Worlds};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::runtime::Runtime;

/// How often it is looked whether lists, feeds or settings have changed.
const LOOKS: Duration = Duration::from_secs(2);

/// What will be told of the sources.
pub fn status(operation: &Operation) -> Arc<Status> {
    Arc::new(Status::new(operation.source.iter().map(|source| source.name.as_str())))
}

/// What goes on beside continuous detection, with what it goes on with.
pub struct Beside {
    /// Lists and settings.
    pub worlds: Arc<Worlds>,
    /// The trying of settings.
    pub dry_run: DryRun,
    /// Scans of what the sources hold.
    pub hunts: Hunts,
}

/// Begins continuous detection, if there are sources.
pub fn begin(
    runtime: &Runtime,
    operation: Operation,
    world: &WorldArgs,
    folder: &Path,
    store: &Arc<Store>,
    status: &Arc<Status>,
) -> Result<Option<(Running, Beside)>, Failure> {
    if operation.source.is_empty() {
        return Ok(None);
    }
    let given = Given { world: world.clone(), feeds: operation.feed, folder: folder.to_owned() };
    let mut inventory = FactMap::new(0);
    let (all, files) = given.files()?;
    let env = prepare::environment(&all, None, Vec::new(), &mut inventory, false)?;
    let known = worlds::known(&all, &env, store)?;
    let active = worlds::active(store)?;
    let worlds = Arc::new(Worlds::new(env));
    worlds.replace(known);
    runtime.spawn(follow(Arc::new(given), store.clone(), worlds.clone(), Seen { active, files }));
    let memory = |share: u64| Memory {
        bytes: usize::try_from(world.max_memory / share).unwrap_or(usize::MAX),
        store: Some(Arc::new(ColdFiles::default())),
    };
    let given: Arc<[_]> = inventory.take_sorted().into();
    // What is tried beside what is going on takes less than that.
    let tried = Kept { store: store.clone(), memory: memory(8), given: given.clone() };
    let dry_run = DryRun::new(tried, worlds.clone());
    let hunts = Hunts::begin(hunts::Setup {
        store: store.clone(),
        worlds: worlds.clone(),
        sources: operation.source.clone(),
        given: given.clone(),
        memory: memory(8),
        fact_bytes: usize::try_from(world.max_memory / 32).unwrap_or(usize::MAX),
        threads: (world.thread_count() / 2).max(1),
        runtime: runtime.handle().clone(),
        tuning: config::detection,
    });
    let hunts = hunts.map_err(|e| Failure::new(Code::Internal, e))?;
    let setup = Setup {
        sources: operation.source,
        watch: operation.watch,
        store: store.clone(),
        worlds: worlds.clone(),
        status: status.clone(),
        threads: world.thread_count(),
        memory: memory(4),
        given,
    };
    Ok(Some((runtime.block_on(picquet_watch::begin(setup)), Beside { worlds, dry_run, hunts })))
}

/// What the operator gave.
struct Given {
    world: WorldArgs,
    feeds: Vec<Feed>,
    folder: PathBuf,
}

/// A file, when it was changed and how long it is.
type FileState = (PathBuf, Option<(SystemTime, u64)>);

impl Given {
    /// What logs are held against now, and the state of the files that it comes from.
    fn files(&self) -> Result<(WorldArgs, Vec<FileState>), Failure> {
        let all = feeds::world(&self.world, &self.feeds, &self.folder)?;
        let feeds = all.feed.iter().map(|(_, file)| file);
        let lists = all.threat_list.iter().chain(&all.trusted_list);
        let others = all.geoip.iter().chain(&all.aws_ranges).chain(&all.config);
        let state = |file: &PathBuf| {
            let known = std::fs::metadata(file).ok().and_then(|m| Some((m.modified().ok()?, m.len())));
            (file.clone(), known)
        };
        let files = feeds.chain(lists).chain(others).map(state).collect();
        Ok((all, files))
    }
}

/// What was taken in.
#[derive(Clone, PartialEq)]
struct Seen {
    active: Active,
    files: Vec<FileState>,
}

/// Takes in lists, feeds and settings of detection when some came, changed or went.
async fn follow(given: Arc<Given>, store: Arc<Store>, worlds: Arc<Worlds>, mut seen: Seen) {
    let mut failed: Option<Seen> = None;
    loop {
        tokio::time::sleep(LOOKS).await;
        let (given, store, worlds) = (given.clone(), store.clone(), worlds.clone());
        let (before, wrong) = (seen.clone(), failed.clone());
        let changed = tokio::task::spawn_blocking(move || look(&given, &store, &worlds, before, wrong.as_ref()));
        match changed.await {
            Ok(Ok(now)) => seen = now,
            Ok(Err((state, e))) => {
                tracing::error!(error = e.message.as_str(), "what changed is not taken in; what was there goes on");
                failed = state.or(failed);
            }
            Err(e) => tracing::error!(error = e.to_string().as_str(), "taking in lists failed"),
        }
    }
}

/// Looks for changes, and takes them in; what failed is not tried again before it changes.
fn look(
    given: &Given,
    store: &Store,
    worlds: &Worlds,
    before: Seen,
    failed: Option<&Seen>,
) -> Result<Seen, (Option<Seen>, Failure)> {
    let (all, files) = given.files().map_err(|e| (None, e))?;
    let now = Seen { active: worlds::active(store).map_err(|e| (None, e))?, files };
    if now == before || Some(&now) == failed {
        return Ok(before);
    }
    let taken = || -> Result<(), Failure> {
        let common = worlds.common();
        let common = if now.files == before.files {
            common
        } else {
            // The inventory is taken once: what it says of the past is in the facts.
            let fresh = prepare::environment(&all, None, Vec::new(), &mut FactMap::new(0), true)?;
            Env { seed: common.seed, ..fresh }
        };
        worlds.replace(worlds::known(&all, &common, store)?);
        Ok(())
    };
    taken().map_err(|e| (Some(now.clone()), e))?;
    tracing::info!(lists = now.active.len(), files = now.files.len(), "lists, feeds and settings are taken in");
    Ok(now)
}
