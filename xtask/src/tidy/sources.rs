//! The length of files, and the purity of the pure crates.

use super::Faults;
use crate::args::root;
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines that a file may have. Aim at 100 to 300, and ask yourself above 500.
const MAX_LINES: usize = 800;

/// Crates whose output follows from their arguments alone.
const PURE: [&str; 6] = ["model", "logs", "intel", "detect", "engine", "report"];

/// What would be an argument of its own, hidden.
const IMPURE: [&str; 16] = [
    "std::fs",
    "std::env",
    "std::thread",
    "std::process",
    "std::net::Tcp",
    "std::net::Udp",
    "std::net::ToSocketAddrs",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "RandomState",
    "SystemTime",
    "Instant::now",
    "println!(",
    "print!(",
    "dbg!(",
];

/// Reads every source file.
pub fn check() -> Result<Faults> {
    let mut faults = Faults::new();
    for folder in ["crates", "xtask", "tests", "fuzz/fuzz_targets", "tools"] {
        for file in files(&root().join(folder))? {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
            let lines = text.lines().count();
            // What is generated is read where it is generated from.
            if lines > MAX_LINES && !text.starts_with("// @generated") {
                faults.push(format!("{name}: {lines} lines, and {MAX_LINES} are the most"));
            }
            if PURE.iter().any(|c| name.starts_with(&format!("crates/picquet-{c}/src/"))) {
                faults.extend(impure(&text).map(|(line, token)| format!("{name}:{line}: {token} in a pure crate")));
            }
        }
    }
    Ok(faults)
}

/// Rust and Python files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(all) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "py") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Lines with a token that a pure crate may not have, up to the tests at the file's end. Comments do not count.
fn impure(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    code.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).filter_map(|(n, line)| {
        let token = IMPURE.iter().find(|token| line.contains(**token))?;
        Some((n + 1, *token))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_count_outside_comments_and_tests() {
        let text = "// std::fs\nuse std::fs;\nlet now = Instant::now();\n#[cfg(test)]\nmod tests { use std::env; }\n";
        assert_eq!(impure(text).collect::<Vec<_>>(), [(2, "std::fs"), (3, "Instant::now")]);
    }
}
