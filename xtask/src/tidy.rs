//! `cargo xtask tidy`: house rules that no compiler checks.

use crate::args::{Args, root};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which crates of ours a crate may use: the table of ARCHITECTURE.md.
const EDGES: [(&str, &[&str]); 10] = [
    ("picquet-model", &[]),
    ("picquet-logs", &["picquet-model"]),
    ("picquet-intel", &["picquet-model"]),
    ("picquet-detect", &["picquet-model", "picquet-logs", "picquet-intel"]),
    ("picquet-engine", &["picquet-model", "picquet-logs", "picquet-intel", "picquet-detect"]),
    ("picquet-report", &["picquet-model"]),
    ("picquet-source", &["picquet-model", "picquet-logs", "picquet-engine"]),
    ("picquet-testkit", &["picquet-model", "picquet-logs", "picquet-intel", "picquet-detect", "picquet-engine"]),
    (
        "picquet",
        &[
            "picquet-model",
            "picquet-logs",
            "picquet-intel",
            "picquet-detect",
            "picquet-engine",
            "picquet-report",
            "picquet-source",
        ],
    ),
    ("xtask", &[]),
];

/// Crates that do no I/O and read no clock.
const PURE: [&str; 6] =
    ["picquet-model", "picquet-logs", "picquet-intel", "picquet-detect", "picquet-engine", "picquet-report"];
const IMPURE: [&str; 10] = [
    "std::fs",
    "std::thread",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant::now",
    "TcpStream",
    "UdpSocket",
    "println!",
    "RandomState",
];
const MAX_LINES: usize = 800;

/// Runs the command; false when a rule is broken.
pub fn run(args: Args) -> Result<bool> {
    args.end()?;
    let mut broken = edges()?;
    for krate in fs::read_dir(root().join("crates"))? {
        let krate = krate?.path();
        let pure = krate.file_name().and_then(|n| n.to_str()).is_some_and(|n| PURE.contains(&n));
        sources(&krate.join("src"), &mut |path, text| {
            if text.lines().count() > MAX_LINES {
                broken.push(format!("{}: more than {MAX_LINES} lines", path.display()));
            }
            // What stands behind the first test module is no part of the crate.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (n, line) in code.lines().enumerate().filter(|_| pure) {
                let line = line.split("//").next().unwrap_or_default();
                if let Some(word) = IMPURE.iter().find(|w| line.contains(**w)) {
                    broken.push(format!("{}:{}: {word} in a pure crate", path.display(), n + 1));
                }
            }
        })?;
    }
    let tests = root().join("crates/picquet-detect/tests/detectors");
    for row in catalogue()? {
        if !row.detector.is_empty() && !tests.join(row.detector.replace('-', "_") + ".rs").exists() {
            broken.push(format!("{}: the detector {} has no test file", row.name, row.detector));
        }
    }
    broken.iter().for_each(|b| println!("{b}"));
    println!("tidy: {} rules broken", broken.len());
    Ok(broken.is_empty())
}

/// Dependencies between our crates that the table does not have; what only tests use is free.
fn edges() -> Result<Vec<String>> {
    let out = Command::new("cargo").args(["metadata", "--format-version", "1", "--no-deps"]).output()?;
    let metadata: Value = serde_json::from_slice(&out.stdout)?;
    let mut broken = Vec::new();
    for package in metadata["packages"].as_array().context("no packages")? {
        let name = package["name"].as_str().unwrap_or_default();
        let allowed = EDGES.iter().find(|(krate, _)| *krate == name).map(|(_, allowed)| *allowed);
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = dependency["name"].as_str().unwrap_or_default();
            let ours = on.starts_with("picquet") && dependency["kind"].as_str() != Some("dev");
            if ours && !allowed.is_some_and(|a| a.contains(&on)) {
                broken.push(format!("{name} may not use {on}"));
            }
        }
    }
    Ok(broken)
}

fn sources(folder: &Path, each: &mut dyn FnMut(PathBuf, &str)) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let test = path.file_stem().and_then(|n| n.to_str()).is_some_and(|n| n == "tests" || n.ends_with("_cases"));
        if path.is_dir() {
            sources(&path, each)?;
        } else if path.extension().is_some_and(|e| e == "rs") && !test {
            let text = fs::read_to_string(&path)?;
            each(path, &text);
        }
    }
    Ok(())
}

/// A finding type of the catalogue.
pub struct Row {
    /// The type.
    pub name: String,
    /// The detector that raises it; empty when none does.
    pub detector: String,
}

/// The catalogue's rows, from its files.
pub fn catalogue() -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for file in fs::read_dir(root().join("crates/picquet-model/catalogue"))? {
        for line in fs::read_to_string(file?.path())?.lines() {
            let value = |key: &str| {
                let rest = line.strip_prefix(key)?.strip_prefix(" = \"")?;
                Some(rest.strip_suffix('"')?.to_owned())
            };
            if let Some(name) = value("name") {
                rows.push(Row { name, detector: String::new() });
            } else if let (Some(row), Some(detector)) = (rows.last_mut(), value("detector")) {
                row.detector = detector;
            }
        }
    }
    Ok(rows)
}
