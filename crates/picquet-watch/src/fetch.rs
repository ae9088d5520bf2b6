//! Fetches objects that the ledger does not know, and sets aside those that cannot be fetched.

use crate::arrival::Arrival;
use crate::settings::{Source, Watch};
use crate::spans;
use crate::status::{Status, now};
use bytes::Bytes;
use picquet_logs::ObjectName;
use picquet_source::aws::CallError;
use picquet_source::aws::bucket::Bucket;
use picquet_store::ledger::{self, Object, State};
use picquet_store::{Result, Store};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

/// The largest object that is read; AWS's log files are much smaller.
pub const LARGEST: u64 = 512 << 20;
/// How long an object waits for another one of its name or content.
const PAUSE: Duration = Duration::from_millis(200);
/// How long an object waits before it is tried again; twice as long each time.
const AGAIN: Duration = Duration::from_millis(500);
/// The longest that one waits between two tries.
const LONGEST_AGAIN: Duration = Duration::from_secs(600);
/// Tries that an object waits as if it had had, when the store fails: two seconds, since the disk may have room again at
/// any moment.
const STORE_FAILS: i64 = 2;
/// How often it is looked for objects that nobody is at any more, and how many are taken up at a time.
const LEFT: (Duration, i64) = (Duration::from_secs(60), 1000);
/// How long ago, in milliseconds, the last try of such an object was: longer than between two tries; and of one that was
/// set aside, a quarter of a day.
const LEFT_FOR: (i64, i64) = (20 * 60_000, 6 * 3_600_000);
/// Objects that wait to be tried again, at most; beyond that nothing new is taken.
const WAITING: usize = 10_000;

/// An object that was fetched.
pub struct Fetched {
    /// Which.
    pub arrival: Arrival,
    /// What it holds.
    pub bytes: Bytes,
    /// The hash of that.
    pub content: String,
    /// Held until it is committed.
    pub hold: Hold,
    /// Its fetch, for traces.
    pub span: Span,
}

/// What an object in work occupies: its name, its content and its memory.
pub struct Hold {
    claims: Arc<Claims>,
    keys: Vec<String>,
    _memory: Option<OwnedSemaphorePermit>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut claims = self.claims.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.keys.iter().for_each(|key| {
            claims.remove(key);
        });
    }
}

/// Objects and contents that are in work, so that none is twice.
#[derive(Default)]
struct Claims(Mutex<BTreeSet<String>>);

impl Claims {
    fn claim(&self, key: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned())
    }
}

/// What fetching needs.
pub struct Fetcher {
    /// The store.
    pub store: Arc<Store>,
    /// The sources by name.
    pub sources: BTreeMap<String, Arc<Source>>,
    /// The buckets by source.
    pub buckets: BTreeMap<String, Bucket>,
    /// Patience.
    pub watch: Watch,
    /// What is told.
    pub status: Arc<Status>,
    /// Set when it shall stop.
    pub stop: CancellationToken,
    /// Whether the store failed, and that was said.
    pub store_fails: AtomicBool,
}

impl Fetcher {
    /// Fetches until there are no more sources, or it is told to stop.
    pub async fn run(self, mut arrivals: Receiver<Arrival>, fetched: Sender<Fetched>) {
        let this = Arc::new(self);
        let claims = Arc::new(Claims::default());
        let memory = Arc::new(Semaphore::new(this.watch.memory_mib as usize * 1024));
        let mut tasks: JoinSet<Option<(Arrival, i64)>> = JoinSet::new();
        let mut waiting = JoinSet::new();
        let mut looks = tokio::time::interval(LEFT.0);
        let mut first = true;
        loop {
            while tasks.len() < this.watch.fetches
                && let Some(Ok(arrival)) = waiting.try_join_next()
            {
                tasks.spawn(this.clone().one(arrival, fetched.clone(), claims.clone(), memory.clone()));
            }
            let takes = tasks.len() < this.watch.fetches && waiting.len() < WAITING;
            tokio::select! {
                () = this.stop.cancelled() => break,
                _ = looks.tick(), if waiting.len() < WAITING => {
                    // At the start nobody is at any of them.
                    for arrival in this.left(first).await {
                        waiting.spawn(async move { arrival });
                    }
                    first = false;
                }
                arrival = arrivals.recv(), if takes => {
                    let Some(arrival) = arrival else { break };
                    tasks.spawn(this.clone().one(arrival, fetched.clone(), claims.clone(), memory.clone()));
                }
                Some(done) = tasks.join_next(), if !tasks.is_empty() => {
                    if let Ok(Some((arrival, tries))) = done {
                        let pause = AGAIN.saturating_mul(1 << tries.clamp(0, 16)).min(LONGEST_AGAIN);
                        waiting.spawn(async move {
                            tokio::time::sleep(pause).await;
                            arrival
                        });
                    }
                }
                Some(again) = waiting.join_next(), if !waiting.is_empty() && tasks.len() < this.watch.fetches => {
                    if let Ok(arrival) = again {
                        tasks.spawn(this.clone().one(arrival, fetched.clone(), claims.clone(), memory.clone()));
                    }
                }
            }
        }
        tasks.shutdown().await;
        waiting.shutdown().await;
    }

    /// One object, until it is handed over or settled. It is returned, with how often it was tried, if it is to be tried
    /// again: nobody waits for it meanwhile.
    async fn one(
        self: Arc<Self>,
        arrival: Arrival,
        fetched: Sender<Fetched>,
        claims: Arc<Claims>,
        memory: Arc<Semaphore>,
    ) -> Option<(Arrival, i64)> {
        let name = format!("{}\u{1f}{}", arrival.source.name, arrival.name);
        while !claims.claim(&name) {
            tokio::time::sleep(PAUSE).await;
        }
        let mut hold = Hold { claims: claims.clone(), keys: vec![name], _memory: None };
        // Where the store fails nothing can be known or kept: the object is tried again.
        match self.known(&arrival).await {
            Ok(true) => return settle(arrival),
            Ok(false) => {}
            Err(()) => return Some((arrival, STORE_FAILS)),
        }
        let kib = u32::try_from(arrival.size.clamp(1 << 10, LARGEST) >> 10).unwrap_or(u32::MAX);
        let most = self.watch.memory_mib.saturating_mul(1024);
        hold._memory = memory.acquire_many_owned(kib.min(most)).await.ok();
        let span = spans::fetch(&arrival);
        let bytes = match self.get(&arrival).instrument(span.clone()).await {
            Ok(bytes) => bytes,
            Err(e) => {
                spans::failed(&span, spans::kind(&e));
                drop(span);
                return match self.failed(&arrival, e).await {
                    Ok((state, _)) if state.is_final() => settle(arrival),
                    Ok((_, tries)) => Some((arrival, tries)),
                    Err(()) => Some((arrival, STORE_FAILS)),
                };
            }
        };
        span.record("picquet.bytes", bytes.len() as i64);
        let content = picquet_model::ids::hex(&Sha256::digest(&bytes));
        while !claims.claim(&content) {
            tokio::time::sleep(PAUSE).await;
        }
        hold.keys.push(content.clone());
        match self.same(&arrival, &content).await {
            Ok(true) => settle(arrival),
            Ok(false) => {
                // Nobody takes it when it shall stop: then it comes again.
                let _ = fetched.send(Fetched { arrival, bytes, content, hold, span }).await;
                None
            }
            Err(()) => Some((arrival, STORE_FAILS)),
        }
    }

    /// Objects that were failing, or set aside, and that nobody is at any more: a message or a listing that named them is
    /// gone.
    async fn left(&self, all: bool) -> Vec<Arrival> {
        let at = now();
        let failing = if all { i64::MAX } else { at - LEFT_FOR.0 };
        let entries =
            self.store(move |store| store.write(|sql| ledger::left(sql, failing, at - LEFT_FOR.1, LEFT.1, at))).await;
        let arrival = |entry: ledger::Entry| {
            let source = self.sources.get(&entry.source)?.clone();
            Some(Arrival { source, name: entry.object, version: entry.version, size: 0, receipt: None })
        };
        entries.unwrap_or_default().into_iter().filter_map(arrival).collect()
    }

    /// Works with the store, away from the tasks that wait for the network.
    async fn store<T: Send + 'static>(&self, work: impl FnOnce(&Store) -> Result<T> + Send + 'static) -> Result<T, ()> {
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(Ok(done)) => {
                self.store_fails.store(false, Ordering::Relaxed);
                Ok(done)
            }
            Ok(Err(e)) => {
                // Many objects meet it at once.
                if !self.store_fails.swap(true, Ordering::Relaxed) {
                    let error = e.to_string();
                    tracing::error!(error = error.as_str(), "the ledger cannot be read or written; trying again");
                }
                Err(())
            }
            Err(_) => Err(()),
        }
    }

    /// Whether nothing is to be done about an object.
    async fn known(&self, arrival: &Arrival) -> Result<bool, ()> {
        let of = arrival.clone();
        let digest = ObjectName::parse(&arrival.name).digest;
        self.store(move |store| {
            let object = object(&of);
            let known = store.read(|sql| ledger::find(sql, object))?;
            if known.is_some_and(|(state, _)| state.is_final()) {
                return Ok(true);
            }
            if digest {
                let why = "CloudTrail digest file";
                store.write(|sql| ledger::put(sql, object, State::PassedOver, "", why, now()))?;
                return Ok(true);
            }
            // Log objects do not change; one that did would count twice.
            if store.read(|sql| ledger::is_read(sql, object.source, object.name))? {
                let why = "it changed after it was read, and log objects are read once";
                store.write(|sql| ledger::put(sql, object, State::PassedOver, "", why, now()))?;
                tracing::warn!(source = object.source, object = object.name, "an object is passed over: {why}");
                return Ok(true);
            }
            Ok(false)
        })
        .await
    }

    /// Whether the same content was read under another name.
    async fn same(&self, arrival: &Arrival, content: &str) -> Result<bool, ()> {
        let (of, content) = (arrival.clone(), content.to_owned());
        self.store(move |store| {
            let has = store.read(|sql| ledger::has(sql, &content))?;
            if has {
                store.write(|sql| ledger::put(sql, object(&of), State::Twice, &content, "", now()))?;
            }
            Ok(has)
        })
        .await
    }

    async fn get(&self, arrival: &Arrival) -> Result<Bytes, CallError> {
        if let Some(bucket) = self.buckets.get(&arrival.source.name) {
            return bucket.get(&arrival.name, LARGEST).await;
        }
        let path = arrival.name.clone();
        let read = tokio::task::spawn_blocking(move || {
            let larger = || std::io::Error::other(format!("it is larger than {} MiB", LARGEST >> 20));
            let length = std::fs::metadata(&path)?.len();
            if length > LARGEST { Err(larger()) } else { std::fs::read(&path) }
        });
        let read = read.await;
        match read {
            Ok(Ok(bytes)) => Ok(bytes.into()),
            Ok(Err(e)) if e.kind() == std::io::ErrorKind::NotFound => Err(CallError::Gone(e.to_string())),
            Ok(Err(e)) => Err(CallError::Failed(e.to_string())),
            Err(e) => Err(CallError::Failed(e.to_string())),
        }
    }

    /// Writes down that an object could not be fetched.
    async fn failed(&self, arrival: &Arrival, e: CallError) -> Result<(State, i64), ()> {
        let (of, most) = (arrival.clone(), i64::from(self.watch.tries));
        let (state, tries) = self
            .store(move |store| {
                store.write(|sql| match &e {
                    CallError::Gone(why) => {
                        ledger::put(sql, object(&of), State::Gone, "", why, now())?;
                        tracing::warn!(object = of.name.as_str(), "an object was gone before it was read");
                        Ok((State::Gone, 0))
                    }
                    CallError::Denied(why) | CallError::Failed(why) => {
                        let state = ledger::fail(sql, object(&of), why, most, now())?;
                        let (source, name) = (of.source.name.as_str(), of.name.as_str());
                        tracing::warn!(source, object = name, why, state = state.name(), "an object cannot be read");
                        Ok((state, ledger::find(sql, object(&of))?.map_or(0, |(_, tries)| tries)))
                    }
                })
            })
            .await?;
        if !matches!(state, State::Gone) {
            self.status.source(&arrival.source.name).failing(&format!("cannot read {}", arrival.name));
        }
        Ok((state, tries))
    }
}

/// Nothing more is to be done about an object.
fn settle(arrival: Arrival) -> Option<(Arrival, i64)> {
    arrival.receipt.into_iter().for_each(crate::arrival::Receipt::done);
    None
}

/// An object, as the ledger names it.
pub fn object(arrival: &Arrival) -> Object<'_> {
    Object { source: &arrival.source.name, name: &arrival.name, version: &arrival.version }
}
