//! The benign month: generated once for its arguments, and kept.
//!
//! A day more than the month is generated, and set apart: attacks are played on it, among its benign calls.

use super::objects;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Days before the attacks.
pub const DAYS: u32 = 30;
/// The first day: the generator's own default, a Sunday. The day of the attacks is then a Tuesday.
pub const START: i64 = 1_772_323_200;
/// The day of the attacks, and its beginning.
pub const LAST_DAY: &str = "2026/03/31";
/// The moment at which that day begins.
pub const LAST: i64 = START + DAYS as i64 * 86_400;
/// Megabytes of records, enough for a million calls in thirty days at about 1.15 kB each.
const MEGABYTES: u32 = 1400;
/// How many accounts, and users and instances of each: some four hundred principals, so that an attack has a victim of
/// its own and a principal still has some two thousand calls.
const POPULATION: [(&str, &str); 3] = [("--accounts", "4"), ("--users", "50"), ("--instances", "45")];

/// Where the month lies.
pub struct History {
    /// The thirty days.
    pub before: PathBuf,
    /// The day of the attacks.
    pub last: PathBuf,
}

impl History {
    /// Generates a month, if it is not there.
    pub fn make(data: &Path, work: &Path, seed: u32) -> Result<Self> {
        let words: String = POPULATION.iter().map(|(_, n)| format!("-{n}")).collect();
        let folder = work.join(format!("history-{DAYS}days-{MEGABYTES}mb{words}-seed{seed}"));
        let history = Self { before: folder.join("before"), last: folder.join("last") };
        if folder.join("done").exists() {
            return Ok(history);
        }
        eprintln!("generating {MEGABYTES} MB of CloudTrail, seed {seed} ...");
        let made = objects::empty(&folder)?.join("made");
        let mut python = Command::new("python3");
        python.arg(data.join("../tools/genlogs.py")).arg("--out").arg(&made);
        python.args(["--mix", "1,0,0", "--inject", "none", "--days", &(DAYS + 1).to_string()]);
        python.args(["--mb", &MEGABYTES.to_string(), "--seed", &seed.to_string()]);
        for (name, value) in POPULATION {
            python.args([name, value]);
        }
        let output = python.output().context("failed to start python3")?;
        ensure!(output.status.success(), "genlogs.py: {}", String::from_utf8_lossy(&output.stderr));
        fs::rename(made.join("AWSLogs"), &history.before)?;
        for file in objects::files(&history.before)? {
            if file.to_string_lossy().contains(&format!("/{LAST_DAY}/")) {
                let to = history.last.join(file.strip_prefix(&history.before)?);
                fs::create_dir_all(to.parent().context("a file has a folder")?)?;
                fs::rename(&file, &to)?;
            }
        }
        ensure!(history.last.exists(), "the generated month has no {LAST_DAY}");
        fs::write(folder.join("done"), "")?;
        Ok(history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::seconds;

    #[test]
    fn the_day_is_the_moment() {
        assert_eq!(seconds("2026-03-01T00:00:00Z"), Some(START));
        let day = format!("{}T00:00:00Z", LAST_DAY.replace('/', "-"));
        assert_eq!(seconds(&day), Some(LAST));
    }
}
