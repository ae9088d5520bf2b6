//! What is told of the sources and of the work that is going on: for people, for the API and for metrics.

use picquet_logs::ObjectReport;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Milliseconds since the epoch.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// What is known of a source since the start.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceState {
    /// When it was looked through, or its queue read, without a failure; milliseconds since the epoch.
    pub last_looked: Option<i64>,
    /// When an object of it was committed.
    pub last_object: Option<i64>,
    /// The latest event of its objects.
    pub last_event: Option<i64>,
    /// Milliseconds from the latest event to its commit, of the last object.
    pub lag: Option<i64>,
    /// Objects committed.
    pub objects: u64,
    /// Bytes of them, uncompressed.
    pub bytes: u64,
    /// Records by kind.
    pub records: BTreeMap<&'static str, u64>,
    /// Records that could not be read, by cause.
    pub defects: BTreeMap<&'static str, u64>,
    /// Objects that hold no logs, or are of no use.
    pub passed_over: u64,
    /// Messages about other buckets or prefixes.
    pub foreign: u64,
    /// Tries that failed.
    pub failures: u64,
    /// The last failure, until things go well again.
    pub failing: Option<String>,
    /// When that was.
    pub failing_since: Option<i64>,
}

/// A source's state, to be changed.
pub struct SourceStatus<'a>(&'a Mutex<SourceState>, &'a str);

impl SourceStatus<'_> {
    fn state(&self) -> MutexGuard<'_, SourceState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It was looked through, or its queue answered.
    pub fn listed(&self) {
        let mut state = self.state();
        state.last_looked = Some(now());
        if state.failing.take().is_some() {
            state.failing_since = None;
            tracing::info!(source = self.1, "the source works again");
        }
    }

    /// Something of it does not work.
    pub fn failing(&self, why: &str) {
        let mut state = self.state();
        state.failures += 1;
        if state.failing.as_deref() != Some(why) {
            tracing::warn!(source = self.1, why, "a source is in trouble");
            state.failing = Some(why.to_owned());
        }
        state.failing_since.get_or_insert_with(now);
    }

    /// A message was about something else.
    pub fn foreign(&self) {
        self.state().foreign += 1;
    }

    /// An object was committed.
    pub fn committed(&self, report: &ObjectReport) {
        let mut state = self.state();
        let at = now();
        state.last_object = Some(at);
        if report.not_read.is_some() {
            state.passed_over += 1;
            return;
        }
        state.objects += 1;
        state.bytes += report.bytes;
        for (kind, n) in &report.records {
            *state.records.entry(kind.name()).or_default() += n;
        }
        for defect in &report.defects {
            *state.defects.entry(defect.cause).or_default() += defect.count;
        }
        if let Some((_, last)) = report.span {
            state.last_event = state.last_event.max(Some(last.as_millis()));
            state.lag = Some(at - last.as_millis());
        }
    }
}

/// What is told of continuous detection.
#[derive(Debug, Default)]
pub struct Status {
    sources: BTreeMap<String, Mutex<SourceState>>,
    notices: Mutex<BTreeMap<(String, String), i64>>,
    /// Judgements of accounts.
    pub judged: AtomicU64,
    /// How long the last of them took, in milliseconds.
    pub judge_millis: AtomicU64,
    /// Findings that facts at hand gave no more.
    pub withdrawn: AtomicU64,
    /// Facts of hours that were folded before they came.
    pub late: AtomicU64,
    /// Commits that failed and were tried again.
    pub commit_failures: AtomicU64,
}

impl Status {
    /// Of the named sources.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let sources = names.into_iter().map(|name| (name.to_owned(), Mutex::default())).collect();
        Self { sources, ..Self::default() }
    }

    /// A source that was named at the start.
    ///
    /// # Panics
    /// When it was not.
    pub fn source(&self, name: &str) -> SourceStatus<'_> {
        let (name, state) =
            self.sources.get_key_value(name).unwrap_or_else(|| unreachable!("an unnamed source {name}"));
        SourceStatus(state, name)
    }

    /// All sources, as they are now.
    pub fn sources(&self) -> BTreeMap<String, SourceState> {
        let copy = |state: &Mutex<SourceState>| state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.sources.iter().map(|(name, state)| (name.clone(), copy(state))).collect()
    }

    /// There are findings of an account and region that no detector watches.
    pub(crate) fn without_detector(&self, account: &str, region: &str) {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        notices.entry((account.to_owned(), region.to_owned())).or_insert_with(|| {
            tracing::warn!(account, region, "there are findings, and no detector watches; CreateDetector makes one");
            now()
        });
    }

    /// A detector takes findings of an account and region.
    pub(crate) fn with_detector(&self, account: &str, region: &str) {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        notices.remove(&(account.to_owned(), region.to_owned()));
    }

    /// What an operator should know: when, and in words.
    pub fn notices(&self) -> Vec<(i64, String)> {
        let notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |account: &str, region: &str| {
            format!("Account {account} has findings in {region}, where no detector watches: CreateDetector makes one.")
        };
        notices.iter().map(|((account, region), at)| (*at, text(account, region))).collect()
    }

    pub(crate) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }
}
