//! Two large lists: addresses and domains that hardly any record names.

use anyhow::Result;
use picquet_testkit::Random;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Entries of each list.
const ENTRIES: u64 = 250_000;

/// Writes both lists, once.
pub fn write(work: &Path) -> Result<[PathBuf; 2]> {
    let [ips, domains] = [work.join("ips.txt"), work.join("domains.txt")];
    if ips.exists() && domains.exists() {
        return Ok([ips, domains]);
    }
    let mut text = [String::new(), String::new()];
    for n in 0..ENTRIES {
        let x = Random(n).number();
        let [a, b, c, d, ..] = x.to_le_bytes();
        // Public addresses below the private, loopback and multicast ranges.
        writeln!(text[0], "{}.{b}.{c}.{d}", 11 + a % 90)?;
        writeln!(text[1], "{:x}.{:x}-listed.example{}.com", x >> 40, x & 0xff_ffff, n % 97)?;
    }
    fs::write(&ips, &text[0])?;
    fs::write(&domains, &text[1])?;
    Ok([ips, domains])
}
