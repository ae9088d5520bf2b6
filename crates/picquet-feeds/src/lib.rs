//! Feeds of threat intelligence and address data: fetched from where the operator says, checked, kept in the data folder,
//! and known by their age.
//!
//! A feed is taken in whole or not at all. What cannot be fetched, does not match its checksum or has no entry that can be
//! used changes nothing: the feed that is there goes on serving, grows old, and is told to be stale.

mod fetch;
pub mod kind;
pub mod settings;
pub mod shelf;
mod update;

pub use fetch::certificates;
pub use kind::Kind;
pub use settings::Feed;
pub use shelf::{Held, Shelf};
pub use update::{Updated, import, update};

/// Why a feed was not taken in, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FeedError(pub String);

impl From<std::io::Error> for FeedError {
    fn from(e: std::io::Error) -> Self {
        Self(format!("the folder of feeds cannot be used: {e}"))
    }
}
