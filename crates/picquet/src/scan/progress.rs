//! What is shown while a scan runs: on a terminal only, on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The progress of a scan. Time left follows from bytes, since files differ in size.
pub struct Progress {
    bar: ProgressBar,
    objects: u64,
    done: AtomicU64,
    records: AtomicU64,
    signals: AtomicU64,
}

impl Progress {
    /// For this many objects and bytes on disk.
    pub fn new(objects: u64, bytes: u64, quiet: bool) -> Self {
        let target = if quiet || !io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(8)
        };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        let style = ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes}  {msg}  {left}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .with_key("left", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                // Writing to the bar's buffer cannot fail.
                let _ = write!(out, "{} s left", state.eta().as_secs());
            });
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar, objects, done: AtomicU64::new(0), records: AtomicU64::new(0), signals: AtomicU64::new(0) }
    }

    /// One object more.
    pub fn object(&self, bytes: u64, records: u64, signals: u64) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let all = self.records.fetch_add(records, Ordering::Relaxed) + records;
        let signals = self.signals.fetch_add(signals, Ordering::Relaxed) + signals;
        self.bar.inc(bytes);
        if !self.bar.is_hidden() {
            let rate = all as f64 / self.bar.elapsed().as_secs_f64().max(0.001);
            self.bar.set_message(format!(
                "{done}/{} objects  {rate:.0} records/s  {signals} findings so far",
                self.objects
            ));
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
