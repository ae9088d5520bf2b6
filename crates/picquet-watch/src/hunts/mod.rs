//! Hunts: scans of what the sources hold of a time, by the engine of `scan`, beside continuous detection.
//!
//! ```text
//! scope     sources, accounts and a time, as far as the caller may
//! objects   those of the scope, by their names
//! read      fetched and reduced, several at a time; facts that do not fit go to files
//! run       judged account by account with today's lists, feeds and settings
//! record    what is kept: the hunt, what it read, its severest findings
//! compare   beside the detectors' findings, and into them
//! work      the queue, and the thread that takes from it
//! answers   what the API is told
//! ```
//!
//! One hunt goes on at a time, with half of the threads: continuous detection comes first.

mod answers;
mod compare;
mod objects;
mod progress;
mod read;
mod record;
mod run;
mod scope;
mod work;

pub use answers::Hunts;

use crate::settings::Source;
use crate::worlds::Worlds;
use picquet_detect::cold::Memory;
use picquet_detect::{Fact, FactKey, Tuning};
use picquet_engine::RunError;
use picquet_source::aws::walk::WalkError;
use picquet_store::documents::Shelf;
use picquet_store::{Store, StoreError};
use std::sync::Arc;
use tokio::runtime::Handle;

/// What hunts are given.
pub struct Setup {
    /// The store.
    pub store: Arc<Store>,
    /// Lists and settings.
    pub worlds: Arc<Worlds>,
    /// The sources.
    pub sources: Vec<Source>,
    /// Facts that the operator gave, in the order of keys.
    pub given: Arc<[(FactKey, Fact)]>,
    /// Memory for what is known of the entities of an account.
    pub memory: Memory,
    /// Memory for facts, in bytes.
    pub fact_bytes: usize,
    /// Threads that reduce.
    pub threads: usize,
    /// Where fetches are driven.
    pub runtime: Handle,
    /// Reads settings of detection, or says what is wrong with them.
    pub tuning: fn(&str) -> Result<Tuning, String>,
}

/// Why a hunt does not end well.
#[derive(Debug, thiserror::Error)]
pub enum HuntError {
    /// It was told to stop.
    #[error("it was stopped")]
    Stopped,
    /// The settings are none any more.
    #[error("its settings are wrong: {0}")]
    Settings(String),
    /// Objects cannot be listed.
    #[error("{0}")]
    Walk(#[from] WalkError),
    /// Facts cannot be kept.
    #[error("{0}")]
    Facts(#[from] RunError),
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A fault of ours.
    #[error("reading failed; please report this")]
    Fault,
}

/// Where an account's hunts are.
const fn shelf(account: &str) -> Shelf<'_> {
    Shelf { account, region: "", parent: "" }
}

/// Where what a hunt found is.
const fn below<'a>(account: &'a str, hunt: &'a str) -> Shelf<'a> {
    Shelf { account, region: "", parent: hunt }
}
