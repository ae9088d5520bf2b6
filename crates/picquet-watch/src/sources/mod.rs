//! Where objects come from. A source is a task that names objects until it is told to stop.

pub mod bucket;
pub mod folder;
pub mod queue;

use crate::arrival::Arrival;
use crate::settings::{Since, Source};
use crate::status::{Status, now};
use picquet_logs::ObjectName;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

/// What every source is given.
#[derive(Clone)]
pub struct Feed {
    /// What is configured of it.
    pub source: Arc<Source>,
    /// Where objects go. It has room for few, so that a source waits when there is too much.
    pub arrivals: Sender<Arrival>,
    /// What is told of it.
    pub status: Arc<Status>,
    /// Set when it shall stop.
    pub stop: CancellationToken,
    /// Which objects are too old.
    pub age: Age,
}

/// Which objects of a source are too old to be read.
#[derive(Clone, Copy, Debug)]
pub struct Age {
    /// How far back objects are read.
    pub since: Since,
    /// When the first object was read that the ledger still knows, or else the start; milliseconds since the epoch.
    pub known_since: i64,
    /// How long the ledger remembers objects, in milliseconds.
    pub remember: i64,
}

impl Age {
    /// The first moment of which objects are read, in seconds since the epoch. What is older than the ledger remembers
    /// is not read by a source that has been read for half as long: it was read already, and forgotten.
    fn first(&self, now: i64) -> i64 {
        let is_known = now.saturating_sub(self.known_since) > self.remember / 2;
        let remembered = if is_known { now.saturating_sub(self.remember) / 1000 } else { i64::MIN };
        self.since.first(now / 1000).max(remembered)
    }
}

impl Feed {
    /// Whether an object is old: its name says when it was written. One without a time counts.
    pub fn is_old(&self, name: &str) -> bool {
        ObjectName::parse(name).time.is_some_and(|time| time.as_secs() < self.age.first(now()))
    }

    /// Hands over an object; false when there is nobody to take it any more.
    pub async fn send(&self, arrival: Arrival) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            sent = self.arrivals.send(arrival) => sent.is_ok(),
        }
    }

    /// Waits; false when it shall stop.
    pub async fn wait(&self, span: std::time::Duration) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep(span) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_ledger_forgot_is_not_read_again() {
        const DAY: i64 = 86_400_000;
        let age = |since, known_since| Age { since, known_since, remember: 90 * DAY };
        let now = 1000 * DAY;
        // A new source is read from its beginning; one that has been read for long, only as far as is remembered.
        assert_eq!(age(Since::All, now).first(now), i64::MIN);
        assert_eq!(age(Since::All, now - 44 * DAY).first(now), i64::MIN);
        assert_eq!(age(Since::All, now - 46 * DAY).first(now), 910 * 86_400);
        assert_eq!(age(Since::Moment(950 * 86_400), now - 60 * DAY).first(now), 950 * 86_400);
        // A span goes with the time, however long the process has run.
        assert_eq!(age(Since::Span(14 * 86_400), now - 60 * DAY).first(now), 986 * 86_400);
    }
}
