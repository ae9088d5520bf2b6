//! Objects to facts: batches of objects become a sorted run of each account.

use crate::arrival::Arrival;
use crate::fetch::{Fetched, Hold};
use crate::spans;
use crate::worlds::Worlds;
use picquet_detect::{Class, Fact, FactKey, Reducer, Str};
use picquet_engine::write_run;
use picquet_logs::{Limits, ObjectName, ObjectReport};
use picquet_source::{Buffers, DecompressLimits, read_memory};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use tokio::sync::Mutex;
use tokio::sync::mpsc::Receiver;
use tracing::Span;

/// Objects of a batch, and bytes: many small objects become few runs.
const BATCH: (usize, usize) = (64, 16 << 20);
/// How well runs are packed: they are read again soon.
const LEVEL: i32 = 1;

/// An object that was reduced.
pub struct Read {
    /// Which.
    pub arrival: Arrival,
    /// The hash of what it holds.
    pub content: String,
    /// What was read of it, or why it could not be.
    pub report: Result<ObjectReport, String>,
    /// What its name says.
    pub name: ObjectName,
    /// Held until it is committed.
    pub hold: Hold,
}

/// Facts of one account, packed.
pub struct Packed {
    /// The account.
    pub account: Str,
    /// The day of the last hour.
    pub bucket: i64,
    /// The last hour.
    pub last_hour: i64,
    /// A run, as zstd.
    pub bytes: Vec<u8>,
}

/// A batch: its objects, and the facts of all of them.
pub struct Batch {
    /// The objects.
    pub objects: Vec<Read>,
    /// The facts, by account.
    pub runs: Vec<Packed>,
    /// The batch, for traces, until it is committed.
    pub span: Span,
}

/// Reduces batches until there are no more objects.
pub fn run(worlds: &Worlds, objects: &Arc<Mutex<Receiver<Fetched>>>, batches: &SyncSender<Batch>) {
    let mut buffers = Buffers::new(Limits::default(), DecompressLimits::default());
    let mut reducer = Reducer::new(worlds.of("", ""));
    loop {
        let fetched = take(objects);
        if fetched.is_empty() {
            return;
        }
        let span = spans::batch(&fetched);
        let step = spans::reduce(&span);
        // A fault of ours in one object must not stop the others: it is found by reading one at a time.
        let (reports, runs) = step.in_scope(|| {
            let read = catch_unwind(AssertUnwindSafe(|| reduce(&mut reducer, &mut buffers, worlds, &fetched)));
            read.unwrap_or_else(|_| {
                reducer = Reducer::new(worlds.of("", ""));
                one_by_one(worlds, &fetched)
            })
        });
        spans::reduced(&span, &step, &reports);
        drop(step);
        let objects = fetched.into_iter().zip(reports).map(|(one, report)| Read {
            name: ObjectName::parse(&one.arrival.name),
            arrival: one.arrival,
            content: one.content,
            report,
            hold: one.hold,
        });
        if batches.send(Batch { objects: objects.collect(), runs, span }).is_err() {
            return;
        }
    }
}

type Reports = Vec<Result<ObjectReport, String>>;

fn one_by_one(worlds: &Worlds, fetched: &[Fetched]) -> (Reports, Vec<Packed>) {
    let (mut reports, mut runs) = (Reports::new(), Vec::new());
    for one in fetched {
        let read = catch_unwind(AssertUnwindSafe(|| {
            let mut buffers = Buffers::new(Limits::default(), DecompressLimits::default());
            reduce(&mut Reducer::new(worlds.of("", "")), &mut buffers, worlds, std::slice::from_ref(one))
        }));
        match read {
            Ok((report, run)) => {
                reports.extend(report);
                runs.extend(run);
            }
            Err(_) => {
                tracing::error!(object = one.arrival.name.as_str(), "reading an object failed; please report this");
                reports.push(Err("reading it failed; please report this".into()));
            }
        }
    }
    (reports, runs)
}

/// Waits for an object, and takes what else is there.
fn take(objects: &Mutex<Receiver<Fetched>>) -> Vec<Fetched> {
    let mut objects = objects.blocking_lock();
    let Some(first) = objects.blocking_recv() else { return Vec::new() };
    let mut bytes = first.bytes.len();
    let mut taken = vec![first];
    while taken.len() < BATCH.0 && bytes < BATCH.1 {
        let Ok(next) = objects.try_recv() else { break };
        bytes += next.bytes.len();
        taken.push(next);
    }
    taken
}

fn reduce(
    reducer: &mut Reducer,
    buffers: &mut Buffers,
    worlds: &Worlds,
    fetched: &[Fetched],
) -> (Reports, Vec<Packed>) {
    let mut reports = Vec::with_capacity(fetched.len());
    for one in fetched {
        let name = ObjectName::parse(&one.arrival.name);
        let (account, region) = (name.account.as_deref().unwrap_or(""), name.region.as_deref().unwrap_or(""));
        reducer.set_env(worlds.of(account, region));
        reducer.begin(name.clone());
        reports.push(read_memory(&one.bytes, &name, buffers, reducer).map_err(|e| e.to_string()));
        reducer.end();
    }
    (reports, packed(&reducer.take_sorted()))
}

/// Facts that are sorted by key, by account.
fn packed(facts: &[(FactKey, Fact)]) -> Vec<Packed> {
    facts.chunk_by(|a, b| a.0.account == b.0.account).filter_map(pack).collect()
}

fn pack(facts: &[(FactKey, Fact)]) -> Option<Packed> {
    let account = facts.first()?.0.account.clone();
    let span = facts.iter().rev().find_map(|(key, fact)| match fact {
        Fact::Account(f) if key.class == Class::Account => Some(f.last.hour()),
        _ => None,
    });
    let last_hour = i64::from(facts.iter().map(|(key, _)| key.hour).max().unwrap_or(0).max(span.unwrap_or(0)));
    Some(Packed { account, bucket: last_hour / 24, last_hour, bytes: bytes_of(facts) })
}

/// A run as it is kept.
pub fn bytes_of(facts: &[(FactKey, Fact)]) -> Vec<u8> {
    let mut run = Vec::new();
    // Writing to memory does not fail, and all facts can be written.
    if let Err(e) = write_run(facts, &mut run) {
        tracing::error!(error = e.to_string().as_str(), "facts cannot be written");
    }
    zstd::bulk::compress(&run, LEVEL).unwrap_or_default()
}
