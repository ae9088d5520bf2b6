//! Runs `picquet scan` and reads the findings that it writes.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The binary that is looked at.
pub struct Scanner {
    bin: PathBuf,
    records: Cell<u64>,
}

impl Scanner {
    /// Looks at a binary.
    pub fn new(bin: PathBuf) -> Self {
        Self { bin, records: Cell::new(0) }
    }

    /// Scans a path; a scan that does not end with 0 is an error.
    pub fn scan(&self, path: &Path, options: &[OsString]) -> Result<Vec<Finding>> {
        self.scan_all(&[path], options)
    }

    /// Scans several paths as one input.
    pub fn scan_all(&self, paths: &[impl AsRef<Path>], options: &[OsString]) -> Result<Vec<Finding>> {
        let mut command = Command::new(&self.bin);
        command.arg("scan").args(paths.iter().map(AsRef::as_ref)).args(["--format", "ndjson"]).args(options);
        // With the defaults, whatever the settings of the person who runs it.
        command.env_remove("PICQUET_CONFIG");
        let output = command.output().with_context(|| format!("failed to start {}", self.bin.display()))?;
        if !output.status.success() {
            let paths: Vec<_> = paths.iter().map(|p| p.as_ref().display().to_string()).collect();
            bail!("{}: {}\n{}", paths.join(", "), output.status, String::from_utf8_lossy(&output.stderr));
        }
        let summary = String::from_utf8_lossy(&output.stderr);
        let read = records(&summary).with_context(|| format!("no count of records in {summary:?}"))?;
        self.records.set(self.records.get() + read);
        let text = String::from_utf8(output.stdout)?;
        text.lines().map(|line| Ok(Finding(serde_json::from_str(line)?))).collect()
    }

    /// How many records all scans read.
    pub fn records(&self) -> u64 {
        self.records.get()
    }
}

/// The count of `Read 1,234 records in ...`.
fn records(summary: &str) -> Option<u64> {
    let count = summary.lines().find_map(|l| l.trim_start().strip_prefix("Read "))?.split(' ').next()?;
    count.replace(',', "").parse().ok()
}

/// `--feed CATEGORY=FILE`
pub fn feed(category: &str, file: &Path) -> [OsString; 2] {
    let mut value = OsString::from(format!("{category}="));
    value.push(file);
    ["--feed".into(), value]
}

/// A finding as it was written.
pub struct Finding(pub Value);

impl Finding {
    /// Its type.
    pub fn name(&self) -> &str {
        self.text("/type")
    }

    /// Its account.
    pub fn account(&self) -> &str {
        self.text("/accountId")
    }

    /// Its severity.
    pub fn severity(&self) -> f64 {
        self.0.pointer("/severity").and_then(Value::as_f64).unwrap_or(f64::NAN)
    }

    /// When it was first and last seen, in seconds.
    pub fn seen(&self) -> (i64, i64) {
        let at = |pointer| seconds(self.text(pointer)).unwrap_or_default();
        (at("/service/eventFirstSeen"), at("/service/eventLastSeen"))
    }

    /// A text inside it, empty where there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// What it was raised for. An interface or private address stands for its instance where `known` says so.
    pub fn entities(&self, known: &BTreeMap<String, String>) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut names = Vec::new();
        let instance = self.0.pointer("/resource/instanceDetails").unwrap_or(&Value::Null);
        strings(instance, &["instanceId", "networkInterfaceId", "privateIpAddress"], &mut names);
        let key = self.0.pointer("/resource/accessKeyDetails").unwrap_or(&Value::Null);
        strings(key, &["userName"], &mut names);
        let bucket = self.0.pointer("/resource/s3BucketDetails").unwrap_or(&Value::Null);
        strings(bucket, &["name"], &mut names);
        for name in names {
            if let Some(instance) = known.get(&name) {
                all.insert(instance.clone());
            }
            all.insert(name);
        }
        if key.get("userType").and_then(Value::as_str) == Some("Root") {
            all.insert("root".into());
        }
        all
    }

    /// The addresses and domains on the other side.
    pub fn remotes(&self) -> BTreeSet<String> {
        let mut all = Vec::new();
        let action = self.0.pointer("/service/action").unwrap_or(&Value::Null);
        strings(action, &["ipAddressV4", "ipAddressV6", "domain"], &mut all);
        all.into_iter().collect()
    }

    /// One line that says what it is about.
    pub fn line(&self) -> String {
        let entities: Vec<_> = self.entities(&BTreeMap::new()).into_iter().collect();
        let remotes: Vec<_> = self.remotes().into_iter().take(4).collect();
        format!(
            "{} severity {} {} {} [{}] remote [{}] {}..{} x{}: {}",
            self.name(),
            self.severity(),
            self.account(),
            self.text("/region"),
            entities.join(" "),
            remotes.join(" "),
            self.text("/service/eventFirstSeen"),
            self.text("/service/eventLastSeen"),
            self.0.pointer("/service/count").unwrap_or(&Value::Null),
            self.text("/description"),
        )
    }
}

/// Gathers the strings of the given members at any depth.
fn strings(value: &Value, names: &[&str], into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    // The near side is no remote.
                    _ if name == "localIpDetails" => {}
                    Value::String(text) if names.contains(&name.as_str()) => into.push(text.clone()),
                    _ => strings(member, names, into),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|v| strings(v, names, into)),
        _ => {}
    }
}

/// Seconds since 1970 of a moment such as `2024-05-01T12:00:00Z`; fractions are cut.
pub fn seconds(text: &str) -> Option<i64> {
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
    // Days of the civil calendar, with the year starting in March so that a leap day is its last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_records() {
        assert_eq!(records("note: x\nRead 1,234,598 records in 1 object, 70 kB"), Some(1_234_598));
        assert_eq!(records("nothing"), None);
    }

    #[test]
    fn moments_become_seconds() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2024-02-29T23:59:59.999Z"), Some(1_709_251_199));
        assert_eq!(seconds("yesterday"), None);
    }
}
