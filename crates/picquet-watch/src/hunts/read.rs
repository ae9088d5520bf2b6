//! Fetches the objects of a hunt and reduces them, several at a time.

use super::HuntError;
use super::objects::{Object, Place};
use super::progress::Progress;
use crate::fetch::LARGEST;
use bytes::Bytes;
use picquet_detect::Env;
use picquet_engine::{Reduced, RunStore, Runs, Spilling};
use picquet_logs::{Limits, ObjectName};
use picquet_source::aws::bucket::Bucket;
use picquet_source::{Buffers, DecompressLimits, read_file, read_memory};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// Objects that are fetched at a time: less than continuous detection, which comes first.
const FETCHES: usize = 8;
/// Memory for what was fetched, in KiB.
const MEMORY: usize = 64 << 10;
/// Objects that wait for a reducer.
const WAITING: usize = 8;

/// What is to be read.
pub struct Job<'a> {
    /// The objects.
    pub objects: Vec<Object>,
    /// The buckets that they are in.
    pub buckets: BTreeMap<usize, Bucket>,
    /// What an object is held against.
    pub env: &'a (dyn Fn(&ObjectName) -> Env + Sync),
    /// Where facts go that do not fit.
    pub store: &'a dyn RunStore,
    /// Memory for facts.
    pub fact_bytes: usize,
    /// Threads that reduce.
    pub threads: usize,
    /// Where fetches are driven.
    pub runtime: &'a Handle,
}

/// An object that was fetched.
struct Loaded {
    object: Object,
    content: Result<Content, String>,
    _memory: Option<OwnedSemaphorePermit>,
}

enum Content {
    File(PathBuf),
    Bytes(Bytes),
}

/// Facts of all objects.
///
/// # Errors
/// When facts cannot be spilled, a reducer fails, or it shall stop.
pub fn reduce(job: Job<'_>, progress: &Arc<Progress>) -> Result<Runs, HuntError> {
    let Job { objects, buckets, env, store, fact_bytes, threads, runtime } = job;
    let threads = threads.max(1);
    let (sender, loaded) = tokio::sync::mpsc::channel(WAITING);
    let stop = progress.clone();
    // A server that does not answer is not waited for.
    let fetching = runtime.spawn(async move {
        tokio::select! {
            () = stop.stopped() => {}
            () = fetch(objects, buckets, sender) => {}
        }
    });
    let loaded = Mutex::new(loaded);
    let reduced: Vec<Result<Reduced, HuntError>> = std::thread::scope(|scope| {
        let work = || work(&loaded, env, store, fact_bytes / threads, progress);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(Err(HuntError::Fault))).collect()
    });
    // Nobody takes what comes now.
    drop(loaded);
    fetching.abort();
    if progress.is_stopped() {
        return Err(HuntError::Stopped);
    }
    let mut runs = Runs::default();
    for one in reduced {
        one?.add_to(&mut runs);
    }
    Ok(runs)
}

async fn fetch(objects: Vec<Object>, buckets: BTreeMap<usize, Bucket>, to: Sender<Loaded>) {
    let memory = Arc::new(Semaphore::new(MEMORY));
    let mut tasks = JoinSet::new();
    for object in objects {
        while tasks.len() >= FETCHES {
            tasks.join_next().await;
        }
        if to.is_closed() {
            break;
        }
        match &object.place {
            Place::File(path) => {
                let content = Ok(Content::File(path.clone()));
                if to.send(Loaded { object, content, _memory: None }).await.is_err() {
                    break;
                }
            }
            Place::Key(source, key) => {
                let Some(bucket) = buckets.get(source).cloned() else { continue };
                // A larger one than all of the memory takes all of it.
                let kib = u32::try_from((object.size >> 10).clamp(1, MEMORY as u64)).unwrap_or(1);
                let memory = memory.clone().acquire_many_owned(kib).await.ok();
                let (key, to) = (key.clone(), to.clone());
                tasks.spawn(async move {
                    let content = bucket.get(&key, LARGEST).await.map(Content::Bytes).map_err(|e| e.to_string());
                    let _ = to.send(Loaded { object, content, _memory: memory }).await;
                });
            }
        }
    }
    while tasks.join_next().await.is_some() {}
}

fn work(
    loaded: &Mutex<Receiver<Loaded>>,
    env: &(dyn Fn(&ObjectName) -> Env + Sync),
    store: &dyn RunStore,
    share: usize,
    progress: &Progress,
) -> Result<Reduced, HuntError> {
    let mut reducer = Spilling::new(env(&ObjectName::default()), store, share);
    let mut buffers = Buffers::new(Limits::default(), DecompressLimits::default());
    let mut signals = 0;
    while !progress.is_stopped() {
        let next = loaded.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(Loaded { object, content, _memory }) = next else { break };
        let (text, name) = (object.place.text(), object.name());
        reducer.set_env(env(&name));
        reducer.begin(&name);
        let report = match content {
            Ok(Content::File(path)) => read_file(&path, &name, &mut buffers, &mut reducer).map_err(|e| e.to_string()),
            Ok(Content::Bytes(bytes)) => {
                read_memory(&bytes, &name, &mut buffers, &mut reducer).map_err(|e| e.to_string())
            }
            Err(e) => Err(e),
        };
        let fits = reducer.end();
        match report {
            Ok(report) => progress.object(&text, object.size, &report),
            Err(why) => progress.failed(object.size, format!("cannot read {text}: {why}")),
        }
        let all = reducer.signalled();
        progress.signals(all.saturating_sub(signals));
        signals = all.max(signals);
        if !fits {
            break;
        }
    }
    Ok(reducer.finish()?)
}
