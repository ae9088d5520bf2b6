//! The workers: one reducer each, over objects that they take from one list.

use super::progress::Progress;
use super::shares::Shares;
use crate::exit::{Code, Failure};
use picquet_detect::Env;
use picquet_engine::{Reduced, RunStore, Runs, Spilling};
use picquet_logs::{Limits, ObjectName, ObjectReport};
use picquet_source::{Buffers, DecompressLimits, ObjectRef, Tally, read_file, read_stream};
use std::io::{self, BufReader};
use std::sync::atomic::{AtomicBool, Ordering};

/// What is to be done.
pub struct Job<'a> {
    /// The files.
    pub objects: &'a [ObjectRef],
    /// Whether standard input is read as well.
    pub stdin: bool,
    /// Workers.
    pub threads: usize,
    /// Memory for facts, all workers together.
    pub fact_bytes: usize,
    /// Lists and settings.
    pub env: &'a Env,
    /// Where facts go that do not fit.
    pub store: &'a dyn RunStore,
    /// Set to stop early.
    pub stop: &'a AtomicBool,
    /// What is shown meanwhile.
    pub progress: Progress,
}

/// What was read, by all workers.
#[derive(Default)]
pub struct Totals {
    /// Of the objects.
    pub read: Tally,
    /// Records without an account.
    pub unattributed: u64,
    /// Records counted in the default region.
    pub defaulted: u64,
    /// Facts given beforehand.
    pub reference_records: u64,
    /// Runs of facts that were spilled.
    pub spilled: u64,
    /// Bytes of what is known of entities that were on disk.
    pub cold_bytes: u64,
    /// Hours of interfaces with more contacts than are kept.
    pub sampled: u64,
}

/// Reduces all objects to runs of facts.
pub fn reduce(job: &Job<'_>) -> Result<(Runs, Totals), Failure> {
    let threads = job.threads.clamp(1, job.objects.len().max(1));
    let shares = Shares::new(job.objects.len(), threads);
    let mut runs = Runs::default();
    let mut totals = Totals::default();
    let done: Vec<Result<(Reduced, Tally), Failure>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|n| {
                scope.spawn({
                    let shares = &shares;
                    move || work(job, n, threads, shares)
                })
            })
            .collect();
        // A worker that panics is a fault of ours; what the others found would be incomplete without saying so.
        workers
            .into_iter()
            .map(|w| {
                w.join().unwrap_or_else(|_| Err(Failure::new(Code::Internal, "a worker failed; please report this")))
            })
            .collect()
    });
    for worker in done {
        let (reduced, read) = worker?;
        totals.read.merge(read);
        totals.unattributed += reduced.unattributed;
        totals.defaulted += reduced.defaulted;
        reduced.add_to(&mut runs);
    }
    job.progress.finish();
    Ok((runs, totals))
}

/// One worker.
fn work(job: &Job<'_>, n: usize, threads: usize, shares: &Shares) -> Result<(Reduced, Tally), Failure> {
    let mut reducer = Spilling::new(job.env.clone(), job.store, job.fact_bytes / threads);
    let mut buffers = Buffers::new(Limits::default(), DecompressLimits::default());
    let mut read = Tally::default();
    let mut fits = true;
    if job.stdin && n == 0 {
        let input = Box::new(BufReader::with_capacity(1 << 20, io::stdin()));
        reducer.begin(&ObjectName::default());
        let report = read_stream(input, &ObjectName::default(), &mut buffers, &mut reducer);
        fits = reducer.end();
        count(&mut read, "standard input", report, 0);
    }
    while fits && !job.stop.load(Ordering::Relaxed) {
        let Some(object) = shares.next(n).and_then(|object| job.objects.get(object)) else { break };
        reducer.begin(&object.name);
        let report = read_file(&object.path, &object.name, &mut buffers, &mut reducer);
        let records = report.as_ref().map_or(0, ObjectReport::total_records);
        fits = reducer.end();
        count(&mut read, &object.path.to_string_lossy(), report, object.size);
        job.progress.object(object.size, records, reducer.signalled());
    }
    let reduced = reducer.finish().map_err(|e| {
        Failure::new(Code::Internal, e)
            .help("give more memory (--max-memory), or a temporary folder with space (TMPDIR)")
    })?;
    Ok((reduced, read))
}

fn count(read: &mut Tally, object: &str, report: io::Result<ObjectReport>, size: u64) {
    match report {
        Ok(report) => read.add(object, &report, size),
        Err(e) => read.unreadable.push(format!("cannot read {object}: {e}")),
    }
}
