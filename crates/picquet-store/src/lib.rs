//! Findings and configuration, in embedded SQLite, one file below the data folder, or in PostgreSQL.
//!
//! All work happens in transactions, [`Store::read`] and [`Store::write`]; what [`Store::write`] returned from is on
//! disk. Rooms of the store are modules: [`documents`] for what is configured, [`findings`] for findings, [`users`] for
//! who may call.

mod attributes;
mod check;
pub mod criteria;
mod dialect;
pub mod documents;
pub mod facts;
pub mod findings;
mod groups;
pub mod idempotency;
pub mod ledger;
mod listing;
pub mod lists;
mod location;
mod migrations;
pub mod outbox;
mod postgres;
mod postings;
mod search;
pub mod severities;
mod sql;
mod sqlite;
pub mod statistics;
mod store;
pub mod users;
pub mod volume;

pub use dialect::Dialect;
pub use location::{Database, Location};
pub use search::Limits;
pub use sql::{Param, Row, Sql};
pub use store::Store;

use thiserror::Error;

/// Milliseconds of a day.
pub const DAY_MILLIS: i64 = 86_400_000;

/// What can go wrong with the store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(String),
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
    /// It cannot be opened.
    #[error("failed to open the store {store}: {why}")]
    Open {
        /// Where it is.
        store: String,
        /// Why not.
        why: String,
    },
    /// It cannot be where it is said to be, or what was asked cannot be done there.
    #[error("{0}")]
    Location(String),
}

/// A result of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        Self::Database(e.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(e: serde_json::Error) -> Self {
        Self::Damaged(e.to_string())
    }
}
