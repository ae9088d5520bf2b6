//! Findings and configuration, in embedded SQLite: one file below the data folder.
//!
//! All work happens in transactions, [`Store::read`] and [`Store::write`]; what [`Store::write`] returned from is on
//! disk. Rooms of the store are modules: [`documents`] for what is configured, [`findings`] for findings, [`users`] for
//! who may call.

pub mod criteria;
pub mod documents;
pub mod facts;
pub mod findings;
mod groups;
pub mod idempotency;
pub mod ledger;
mod listing;
pub mod lists;
mod migrations;
pub mod outbox;
mod postings;
mod search;
mod sql;
mod sqlite;
pub mod statistics;
pub mod users;
pub mod volume;

pub use search::Limits;
pub use sql::{Param, Row, Sql};
pub use sqlite::Store;

use thiserror::Error;

/// Milliseconds of a day.
pub const DAY_MILLIS: i64 = 86_400_000;

/// What can go wrong with the store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// Something in it is not what it should be.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// It was written by a later version.
    #[error("the store has version {found}, and this binary knows up to {known}: use the newer picquet")]
    TooNew {
        /// The store's version.
        found: i64,
        /// The latest that is known here.
        known: i64,
    },
    /// The file cannot be opened.
    #[error("failed to open the store {path}: {source}")]
    Open {
        /// The file.
        path: String,
        /// Why not.
        source: rusqlite::Error,
    },
}

/// A result of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl From<serde_json::Error> for StoreError {
    fn from(e: serde_json::Error) -> Self {
        Self::Damaged(e.to_string())
    }
}
