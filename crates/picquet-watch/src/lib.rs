//! Continuous detection: objects of sources become facts in the store, facts become findings.
//!
//! ```text
//! sources   a bucket, its queue, a folder: they name objects
//! fetch     what the ledger does not know is fetched, several objects at a time
//! reduce    the engine's reducers: batches of objects to facts of each account, on threads of their own
//! commit    ledger, facts and volumes of a batch in one transaction; then its messages are deleted
//! judge     an account that facts arrived of, or whose hours ended, is judged again; findings, outbox
//! ```
//!
//! Channels between them are short, so that a source waits when the rest is busy. A message goes only when the facts of
//! its objects are in the store; whatever happens before that, it comes again, and what is in the ledger is passed over.

mod accounts;
mod arrival;
mod commit;
pub mod dry_run;
mod fetch;
pub mod hunts;
mod judge;
mod kept;
mod reduce;
pub mod report;
mod runs;
pub mod settings;
mod sources;
mod spans;
pub mod spill;
pub mod status;
mod upkeep;
mod worlds;

pub use judge::JudgeError;
pub use kept::Kept;
pub use worlds::{Known, Worlds};

use picquet_detect::cold::Memory;
use picquet_detect::{Fact, FactKey};
use picquet_source::aws::bucket::Bucket;
use picquet_source::aws::queue::Queue;
use picquet_store::{Store, ledger};
use settings::{Source, Watch};
use sources::{Age, Feed};
use status::Status;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Objects that wait between two steps.
const WAITING: usize = 64;

/// What continuous detection is given.
pub struct Setup {
    /// The sources.
    pub sources: Vec<Source>,
    /// Patience.
    pub watch: Watch,
    /// The store.
    pub store: Arc<Store>,
    /// Lists and settings.
    pub worlds: Arc<Worlds>,
    /// What is told.
    pub status: Arc<Status>,
    /// Threads that reduce.
    pub threads: usize,
    /// Memory for what is known of the entities of an account.
    pub memory: Memory,
    /// Facts that the operator gave, such as an inventory, in the order of keys.
    pub given: Arc<[(FactKey, Fact)]>,
}

/// Continuous detection, as it runs.
pub struct Running {
    stop: CancellationToken,
    stop_judging: CancellationToken,
    tasks: JoinSet<()>,
    threads: Vec<JoinHandle<()>>,
}

/// Begins. To be called within a runtime.
pub async fn begin(setup: Setup) -> Running {
    let Setup { sources, watch, store, worlds, status, threads, memory, given } = setup;
    let (stop, stop_judging) = (CancellationToken::new(), CancellationToken::new());
    let (arrivals, arrived) = tokio::sync::mpsc::channel(WAITING);
    let (fetched, objects) = tokio::sync::mpsc::channel(WAITING);
    let mut tasks = JoinSet::new();
    let mut buckets = BTreeMap::new();
    let sources: BTreeMap<String, Arc<Source>> =
        sources.into_iter().filter(|s| s.watch).map(|source| (source.name.clone(), Arc::new(source))).collect();
    // The store waits for the disk or for a database: not where tasks are driven.
    let of_ledger = store.clone();
    let known = tokio::task::spawn_blocking(move || of_ledger.read(ledger::oldest).map_err(|e| e.to_string())).await;
    let known = known.map_err(|e| e.to_string()).flatten().unwrap_or_else(|e| {
        tracing::error!(error = e.as_str(), "the ledger cannot be read");
        BTreeMap::new()
    });
    for source in sources.values() {
        let started = status::now();
        let feed = Feed {
            source: source.clone(),
            arrivals: arrivals.clone(),
            status: status.clone(),
            stop: stop.clone(),
            age: Age {
                since: source.since,
                known_since: known.get(&source.name).copied().unwrap_or(started),
                remember: i64::try_from(watch.remember.as_millis()).unwrap_or(i64::MAX),
            },
        };
        if let Some(folder) = source.folder.clone() {
            tasks.spawn(sources::folder::run(feed, folder));
            continue;
        }
        let bucket = Bucket::new(&source.access, source.bucket.as_deref().unwrap_or_default()).await;
        buckets.insert(source.name.clone(), bucket.clone());
        if let Some(url) = &source.queue {
            tasks.spawn(sources::queue::run(feed.clone(), Queue::new(&source.access, url).await));
        }
        if source.since != settings::Since::None {
            tasks.spawn(sources::bucket::run(feed, bucket));
        }
    }
    drop(arrivals);
    let fetcher = fetch::Fetcher {
        store: store.clone(),
        sources,
        buckets,
        watch: watch.clone(),
        status: status.clone(),
        stop: stop.clone(),
        store_fails: AtomicBool::new(false),
    };
    tasks.spawn(fetcher.run(arrived, fetched));
    let objects = Arc::new(Mutex::new(objects));
    let (batches, reduced) = mpsc::sync_channel(threads.max(1));
    let (committed, commits) = mpsc::channel();
    let mut joined = Vec::new();
    for _ in 0..threads.max(1) {
        let (worlds, objects, batches) = (worlds.clone(), objects.clone(), batches.clone());
        joined.push(std::thread::spawn(move || reduce::run(&worlds, &objects, &batches)));
    }
    drop(batches);
    let (of_store, of_status, stopped) = (store.clone(), status.clone(), stop.clone());
    joined.push(std::thread::spawn(move || {
        commit::run(&of_store, &of_status, &reduced, &committed, &|| stopped.is_cancelled());
    }));
    let judge = judge::Judge { kept: Kept { store, memory, given }, watch, status };
    let stopped = stop_judging.clone();
    joined.push(std::thread::spawn(move || accounts::run(&judge, &worlds, &commits, &stopped)));
    Running { stop, stop_judging, tasks, threads: joined }
}

impl Running {
    /// Stops within about so long: nothing new is taken, what was fetched is committed and judged. What is not done by
    /// then comes again with the next start.
    pub async fn stop(mut self, within: Duration) {
        self.stop.cancel();
        let until = Instant::now() + within;
        // Sources and fetches end; then the threads have nothing more to wait for.
        while tokio::time::timeout(until.saturating_duration_since(Instant::now()), self.tasks.join_next())
            .await
            .is_ok_and(|next| next.is_some())
        {}
        self.tasks.abort_all();
        while self.threads.iter().any(|thread| !thread.is_finished()) && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.stop_judging.cancel();
    }
}
