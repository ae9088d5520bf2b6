//! Facts, detectors and their judgement.
//!
//! `reduce` turns records into [`facts::Fact`]s, which merge in any order; detectors judge merged facts in the
//! order of their keys and return [`Signal`]s with an explanation. No detector sees a raw line, and none calls
//! another. Nothing here does I/O, reads a clock or spawns a thread.

pub mod api;
pub mod chain;
pub mod cold;
pub mod detectors;
pub mod dga;
pub mod dns;
pub mod env;
pub mod event;
pub mod facts;
pub mod hash;
pub mod hour;
pub mod initiator;
pub mod inventory;
pub mod judge;
pub mod learn;
pub mod ledger;
pub mod net;
pub mod origins;
pub mod peaks;
pub mod profile;
pub mod profiles;
pub mod reduce;
pub mod resolvers;
pub mod s3_access;
pub mod signal;
pub mod spellings;
pub mod tuning;

pub use cold::Cold;
pub use env::Env;
pub use event::ApiEvent;
pub use facts::{Class, Fact, FactKey};
pub use inventory::Inventory;
pub use reduce::{FactMap, Reducer};
pub use signal::Signal;
pub use tuning::Tuning;

/// Short text: inline up to 24 bytes, which holds most identifiers of AWS.
pub type Str = compact_str::CompactString;

/// A hash map whose seed is an argument, so that hostile keys cannot be prepared. Output never follows its order.
pub type Map<K, V> = hashbrown::HashMap<K, V, foldhash::fast::FixedState>;

/// An empty [`Map`].
pub fn map<K, V>(seed: u64) -> Map<K, V> {
    Map::with_hasher(foldhash::fast::FixedState::with_seed(seed))
}
