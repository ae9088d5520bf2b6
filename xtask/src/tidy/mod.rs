//! `cargo xtask tidy`: the house rules that no compiler checks.
//!
//! Dependencies between our crates follow the table of ARCHITECTURE.md; source files stay short; a detector has its
//! rows in the catalogue, a name in the list and a test; the pure crates touch nothing but their arguments.

mod catalogue;
mod detectors;
mod edges;
mod sources;

use crate::args::Args;
use anyhow::Result;

pub use catalogue::catalogue;

/// What a check says: where, and what is wrong.
type Faults = Vec<String>;

/// Runs all checks.
pub fn run(args: Args) -> Result<bool> {
    args.end()?;
    let mut faults = edges::check()?;
    faults.extend(sources::check()?);
    faults.extend(detectors::check()?);
    faults.iter().for_each(|fault| eprintln!("{fault}"));
    println!("tidy: {}", if faults.is_empty() { "nothing to say".into() } else { format!("{} faults", faults.len()) });
    Ok(faults.is_empty())
}
