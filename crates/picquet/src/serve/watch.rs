//! Continuous detection within `serve`: begins it, and keeps its lists those of the store.

use super::worlds::{self, Active};
use crate::cli::WorldArgs;
use crate::config::Operation;
use crate::exit::Failure;
use crate::scan::{prepare, spill};
use picquet_detect::cold::Memory;
use picquet_detect::reduce::FactMap;
use picquet_store::Store;
use picquet_watch::status::Status;
use picquet_watch::{Running, Setup, Worlds};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How often it is looked whether lists have changed.
const LISTS: Duration = Duration::from_secs(2);

/// What will be told of the sources.
pub fn status(operation: &Operation) -> Arc<Status> {
    Arc::new(Status::new(operation.source.iter().map(|source| source.name.as_str())))
}

/// Begins continuous detection, if there are sources.
pub fn begin(
    runtime: &Runtime,
    operation: Operation,
    world: &WorldArgs,
    store: &Arc<Store>,
    status: &Arc<Status>,
) -> Result<Option<Running>, Failure> {
    if operation.source.is_empty() {
        return Ok(None);
    }
    let mut given = FactMap::new(0);
    let env = prepare::environment(world, None, Vec::new(), &mut given, false)?;
    let known = worlds::known(world, &env, store)?;
    let active = worlds::active(store)?;
    let worlds = Arc::new(Worlds::new(env));
    worlds.replace(known);
    runtime.spawn(follow(world.clone(), store.clone(), worlds.clone(), active));
    let memory = Memory {
        bytes: usize::try_from(world.max_memory / 4).unwrap_or(usize::MAX),
        store: Some(Arc::new(spill::ColdFiles::default())),
    };
    let setup = Setup {
        sources: operation.source,
        watch: operation.watch,
        store: store.clone(),
        worlds,
        status: status.clone(),
        threads: world.thread_count(),
        memory,
        given: given.take_sorted(),
    };
    Ok(Some(runtime.block_on(picquet_watch::begin(setup))))
}

/// Compiles lists again when some came, changed or went.
async fn follow(world: WorldArgs, store: Arc<Store>, worlds: Arc<Worlds>, mut active: Active) {
    loop {
        tokio::time::sleep(LISTS).await;
        let (world, store, worlds, before) = (world.clone(), store.clone(), worlds.clone(), active.clone());
        let changed = tokio::task::spawn_blocking(move || -> Result<Active, Failure> {
            let now = worlds::active(&store)?;
            if now != before {
                worlds.replace(worlds::known(&world, &worlds.common(), &store)?);
                tracing::info!(lists = now.len(), "lists of detectors are taken in");
            }
            Ok(now)
        });
        match changed.await {
            Ok(Ok(now)) => active = now,
            Ok(Err(e)) => tracing::error!(error = e.message.as_str(), "lists cannot be taken in"),
            Err(e) => tracing::error!(error = e.to_string().as_str(), "taking in lists failed"),
        }
    }
}
