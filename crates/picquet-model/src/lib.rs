//! The vocabulary of Picquet: findings, the catalogue of finding types, identifiers, time.
//!
//! Nothing here does I/O or reads a clock.

pub mod catalogue;
pub mod explanation;
pub mod finding;
pub mod ids;
pub mod severity;
pub mod time;

pub use catalogue::{FindingType, Source, TypeId};
pub use explanation::Explanation;
pub use finding::Finding;
pub use severity::Severity;
pub use time::EventTime;
