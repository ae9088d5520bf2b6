//! Objects from folders, files and standard input, decompressed within limits.

mod decompress;
mod dedup;
mod list;
mod object;

pub use decompress::{DecompressLimits, read_small};
pub use dedup::without_duplicates;
pub use list::{Listing, ObjectRef, list};
pub use object::{Buffers, read_file, read_stream};

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
