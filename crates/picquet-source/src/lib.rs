//! Objects from folders, files, standard input and buckets, decompressed within limits.

pub mod aws;
pub mod days;
mod decompress;
mod dedup;
mod list;
pub mod notification;
mod object;
pub mod span;
mod tally;

pub use decompress::{DecompressLimits, read_small};
pub use dedup::without_duplicates;
pub use list::{Listing, ObjectRef, list};
pub use object::{Buffers, read_file, read_memory, read_stream};
pub use tally::Tally;

use std::path::PathBuf;
use thiserror::Error;

/// Why an object or folder could not be read at all.
#[derive(Debug, Error)]
#[error("cannot read {}: {cause}", path.display())]
pub struct SourceError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub cause: std::io::Error,
}
