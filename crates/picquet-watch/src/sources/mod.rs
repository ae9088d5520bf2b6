//! Where objects come from. A source is a task that names objects until it is told to stop.

pub mod bucket;
pub mod folder;
pub mod queue;

use crate::arrival::Arrival;
use crate::settings::Source;
use crate::status::Status;
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
    /// Objects of before are not read, in seconds since the epoch.
    pub first: i64,
}

impl Feed {
    /// Whether an object is old: its name says when it was written. One without a time counts.
    pub fn is_old(&self, name: &str) -> bool {
        ObjectName::parse(name).time.is_some_and(|time| time.as_secs() < self.first)
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
