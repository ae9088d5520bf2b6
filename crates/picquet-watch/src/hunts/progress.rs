//! How far a hunt is, for those who look on.

use super::record::{self, State};
use picquet_logs::ObjectReport;
use picquet_source::Tally;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Objects that could not be read and are named.
const NAMED: usize = 50;

/// A hunt that waits or goes on.
pub struct Progress {
    state: Mutex<State>,
    stop: CancellationToken,
    objects: AtomicU64,
    bytes: AtomicU64,
    done: AtomicU64,
    done_bytes: AtomicU64,
    signals: AtomicU64,
    unnamed: AtomicU64,
    read: Mutex<Tally>,
    /// When reading began, and how long it took once it ended.
    reading: Mutex<(Option<Instant>, Option<Duration>)>,
}

fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            state: Mutex::new(State::Queued),
            stop: CancellationToken::new(),
            objects: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            done: AtomicU64::new(0),
            done_bytes: AtomicU64::new(0),
            signals: AtomicU64::new(0),
            unnamed: AtomicU64::new(0),
            read: Mutex::new(Tally::default()),
            reading: Mutex::new((None, None)),
        }
    }
}

impl Progress {
    /// Where it is.
    pub fn state(&self) -> State {
        *held(&self.state)
    }

    /// Where it is from now on.
    pub fn is_at(&self, state: State) {
        let mut reading = held(&self.reading);
        match (state, reading.0, reading.1) {
            (State::Reading, None, _) => reading.0 = Some(Instant::now()),
            (State::Reading, ..) => {}
            (_, Some(began), None) => reading.1 = Some(began.elapsed()),
            _ => {}
        }
        *held(&self.state) = state;
    }

    /// Tells it to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether it shall stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits until it shall stop.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// What is to be read, and what was passed over while it was looked for.
    pub fn expect(&self, objects: u64, bytes: u64, passed_over: Tally) {
        self.objects.store(objects, Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
        passed_over.unreadable.iter().for_each(|why| self.unreadable(why.clone()));
        held(&self.read).merge(Tally { unreadable: Vec::new(), ..passed_over });
    }

    /// One object was read.
    pub fn object(&self, name: &str, size: u64, report: &ObjectReport) {
        self.done(size);
        held(&self.read).add(name, report, size);
    }

    /// One object could not be read.
    pub fn failed(&self, size: u64, why: String) {
        self.done(size);
        self.unreadable(why);
    }

    fn done(&self, size: u64) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.done_bytes.fetch_add(size, Ordering::Relaxed);
    }

    fn unreadable(&self, why: String) {
        let mut read = held(&self.read);
        if read.unreadable.len() < NAMED {
            read.unreadable.push(why);
        } else {
            self.unnamed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Signals that records raised by themselves.
    pub fn signals(&self, more: u64) {
        self.signals.fetch_add(more, Ordering::Relaxed);
    }

    /// What is told.
    pub fn told(&self) -> Value {
        let read = held(&self.read);
        let mut told = record::tally(&read);
        let records: u64 = read.records.values().sum();
        drop(read);
        let (began, took) = *held(&self.reading);
        let seconds = took.or_else(|| began.map(|at| at.elapsed())).unwrap_or_default().as_secs_f64();
        let a_second = if seconds > 0.0 { (records as f64 / seconds).round() } else { 0.0 };
        let count = |of: &AtomicU64| Value::from(of.load(Ordering::Relaxed));
        for (name, value) in [
            ("objects", count(&self.objects)),
            ("objectsRead", count(&self.done)),
            ("bytes", count(&self.bytes)),
            ("bytesRead", count(&self.done_bytes)),
            ("signals", count(&self.signals)),
            ("unreadableMore", count(&self.unnamed)),
            ("recordsASecond", a_second.into()),
            ("readingSeconds", seconds.into()),
        ] {
            told[name] = value;
        }
        told
    }
}
