//! The workers: one reducer each, over objects that they take from one list.

use super::progress::Progress;
use super::shares::Shares;
use crate::exit::{Code, Failure};
use picquet_detect::{Env, Reducer};
use picquet_engine::{RunStore, Runs, write_run};
use picquet_logs::{CloudTrailRecord, DnsRecord, FlowRecord, Limits, ObjectName, ObjectReport, RecordKind, Sink};
use picquet_model::EventTime;
use picquet_source::{Buffers, DecompressLimits, ObjectRef, read_file, read_stream};
use std::collections::{BTreeMap, BTreeSet};
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
    /// Objects read.
    pub objects: u64,
    /// Uncompressed bytes.
    pub bytes: u64,
    /// Bytes on disk.
    pub bytes_read: u64,
    /// Records by kind.
    pub records: BTreeMap<RecordKind, u64>,
    /// Records that carry nothing to profile.
    pub passed_over: BTreeMap<&'static str, u64>,
    /// Objects passed over, by why.
    pub skipped: BTreeMap<String, u64>,
    /// Some of those that were opened, with why; the first by name.
    pub passed: BTreeSet<(String, &'static str)>,
    /// Objects that could not be opened, with why.
    pub unreadable: Vec<String>,
    /// Records that could not be read, by cause.
    pub defects: BTreeMap<&'static str, u64>,
    /// Where the first of each file and cause is: object, line, offset, cause; the first by name.
    pub places: BTreeSet<(String, u64, u64, &'static str)>,
    /// The span of the records.
    pub span: Option<(EventTime, EventTime)>,
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

/// How many places of defects, and how many objects without logs, are kept.
const PLACES: usize = 200;

impl Totals {
    fn add(&mut self, object: &str, report: &ObjectReport, bytes_read: u64) {
        self.bytes += report.bytes;
        self.bytes_read += bytes_read;
        match report.not_read {
            Some(why) => {
                *self.skipped.entry(why.to_owned()).or_default() += 1;
                self.passed.insert((object.to_owned(), why));
            }
            None => self.objects += 1,
        }
        for (&kind, n) in &report.records {
            *self.records.entry(kind).or_default() += n;
        }
        for (&what, n) in &report.passed_over {
            *self.passed_over.entry(what).or_default() += n;
        }
        for d in &report.defects {
            *self.defects.entry(d.cause).or_default() += d.count;
            self.places.insert((object.to_owned(), d.line, d.offset, d.cause));
        }
        keep_first(&mut self.places);
        keep_first(&mut self.passed);
        if let Some((first, last)) = report.span {
            self.span = Some(self.span.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
        }
    }

    fn merge(&mut self, other: Self) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.bytes_read += other.bytes_read;
        self.unattributed += other.unattributed;
        self.defaulted += other.defaulted;
        other.records.into_iter().for_each(|(k, n)| *self.records.entry(k).or_default() += n);
        other.passed_over.into_iter().for_each(|(k, n)| *self.passed_over.entry(k).or_default() += n);
        other.skipped.into_iter().for_each(|(k, n)| *self.skipped.entry(k).or_default() += n);
        other.defects.into_iter().for_each(|(k, n)| *self.defects.entry(k).or_default() += n);
        self.unreadable.extend(other.unreadable);
        self.places.extend(other.places);
        keep_first(&mut self.places);
        self.passed.extend(other.passed);
        keep_first(&mut self.passed);
        self.span = match (self.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (a, b) => a.or(b),
        };
    }
}

fn keep_first<T: Ord>(all: &mut BTreeSet<T>) {
    while all.len() > PLACES {
        all.pop_last();
    }
}

/// Reduces all objects to runs of facts.
pub fn reduce(job: &Job<'_>) -> Result<(Runs, Totals), Failure> {
    let threads = job.threads.clamp(1, job.objects.len().max(1));
    let shares = Shares::new(job.objects.len(), threads);
    let mut runs = Runs::default();
    let mut totals = Totals::default();
    let done: Vec<Result<(Worker<'_>, Totals), Failure>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|n| {
                scope.spawn({
                    let shares = &shares;
                    move || Worker::run(job, n, threads, shares)
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
        let (mut worker, part) = worker?;
        worker.spilled.drain(..).for_each(|run| runs.push_spilled(run));
        runs.push(worker.reducer.take_sorted());
        totals.merge(part);
    }
    job.progress.finish();
    Ok((runs, totals))
}

/// One worker.
struct Worker<'a> {
    reducer: Reducer,
    store: &'a dyn RunStore,
    share: usize,
    name: ObjectName,
    since_check: u32,
    spilled: Vec<usize>,
    failure: Option<Failure>,
}

impl<'a> Worker<'a> {
    fn run(job: &Job<'a>, n: usize, threads: usize, shares: &Shares) -> Result<(Self, Totals), Failure> {
        let mut worker = Self {
            reducer: Reducer::new(job.env.clone()),
            store: job.store,
            share: job.fact_bytes / threads,
            name: ObjectName::default(),
            since_check: 0,
            spilled: Vec::new(),
            failure: None,
        };
        let mut buffers = Buffers::new(Limits::default(), DecompressLimits::default());
        let mut totals = Totals::default();
        if job.stdin && n == 0 {
            let input = Box::new(BufReader::with_capacity(1 << 20, io::stdin()));
            worker.begin(&ObjectName::default());
            let report = read_stream(input, &ObjectName::default(), &mut buffers, &mut worker);
            worker.end(&mut totals, "standard input", report, 0);
        }
        while !job.stop.load(Ordering::Relaxed) && worker.failure.is_none() {
            let Some(object) = shares.next(n).and_then(|object| job.objects.get(object)) else { break };
            worker.begin(&object.name);
            let report = read_file(&object.path, &object.name, &mut buffers, &mut worker);
            let records = report.as_ref().map_or(0, ObjectReport::total_records);
            worker.end(&mut totals, &object.path.to_string_lossy(), report, object.size);
            job.progress.object(object.size, records, worker.reducer.signalled());
        }
        totals.unattributed = worker.reducer.unattributed();
        totals.defaulted = worker.reducer.defaulted();
        match worker.failure.take() {
            Some(failure) => Err(failure),
            None => Ok((worker, totals)),
        }
    }

    fn begin(&mut self, name: &ObjectName) {
        self.name = name.clone();
        self.reducer.begin(name.clone());
    }

    fn end(&mut self, totals: &mut Totals, object: &str, report: io::Result<ObjectReport>, size: u64) {
        self.reducer.end();
        match report {
            Ok(report) => totals.add(object, &report, size),
            Err(e) => totals.unreadable.push(format!("cannot read {object}: {e}")),
        }
        self.spill_if_full();
    }

    /// One object may be larger than memory: its facts are looked at on the way.
    #[inline]
    fn counted(&mut self) {
        self.since_check += 1;
        if self.since_check >= 1 << 16 {
            self.since_check = 0;
            self.reducer.end();
            self.spill_if_full();
            self.reducer.begin(self.name.clone());
        }
    }

    fn spill_if_full(&mut self) {
        if self.reducer.weight() <= self.share || self.failure.is_some() {
            return;
        }
        let run = self.reducer.take_sorted();
        let written = self.store.create().map_err(Into::into).and_then(|(n, mut writer)| {
            write_run(&run, &mut *writer)?;
            Ok(n)
        });
        match written {
            Ok(n) => self.spilled.push(n),
            Err(e) => {
                let e: picquet_engine::RunError = e;
                self.failure = Some(
                    Failure::new(Code::Internal, e)
                        .help("give more memory (--max-memory), or a temporary folder with space (TMPDIR)"),
                );
            }
        }
    }
}

impl Sink for Worker<'_> {
    fn cloudtrail(&mut self, record: &CloudTrailRecord<'_>) {
        self.reducer.cloudtrail(record);
        self.counted();
    }

    fn flow(&mut self, record: &FlowRecord<'_>) {
        self.reducer.flow(record);
        self.counted();
    }

    fn dns(&mut self, record: &DnsRecord<'_>) {
        self.reducer.dns(record);
        self.counted();
    }
}
