//! Decompression alone: every file of a folder, read whole and inflated by libdeflate in one call.

use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};

/// Inflates all files below a folder and prints how many bytes came out.
pub fn run(folder: &Path) -> Result<bool> {
    let mut inflater = libdeflater::Decompressor::new();
    let mut out = Vec::new();
    let mut total = 0_u64;
    for file in files(folder)? {
        let packed = fs::read(&file)?;
        let size = packed.last_chunk::<4>().map(|b| u32::from_le_bytes(*b) as usize);
        let size = size.with_context(|| format!("{}: no gzip", file.display()))?;
        if out.len() < size {
            out.resize(size, 0);
        }
        let made = inflater.gzip_decompress(&packed, &mut out[..size]);
        total += made.map_err(|e| anyhow!("{}: {e}", file.display()))? as u64;
    }
    println!("{total}");
    Ok(true)
}

/// All `.gz` files below a folder, in order.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("failed to read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.extension().is_some_and(|e| e == "gz") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}
