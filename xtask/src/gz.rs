//! The text of gzip files, of one member or several.

use anyhow::{Context, Result};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Unpacks a text.
pub fn text(from: impl Read) -> Result<String> {
    let mut text = String::new();
    MultiGzDecoder::new(from).read_to_string(&mut text)?;
    Ok(text)
}

/// Unpacks a file.
pub fn file(path: &Path) -> Result<String> {
    let file = File::open(path).with_context(|| format!("failed to read {}", path.display()))?;
    text(file).with_context(|| path.display().to_string())
}
