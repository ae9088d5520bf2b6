//! A detector is one file, one or more rows of the catalogue, one name in the list and one test.

use super::{Faults, catalogue};
use crate::args::root;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Checks all three ways.
pub fn check() -> Result<Faults> {
    let mut faults = Faults::new();
    let detect = root().join("crates/picquet-detect");
    let sources = detect.join("src/detectors");
    let list = fs::read_to_string(sources.join("mod.rs")).context("failed to read the list of detectors")?;
    let mut named = BTreeMap::<String, PathBuf>::new();
    for file in below(&sources)? {
        let text = fs::read_to_string(&file)?;
        let shown = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        for name in names(&text) {
            if let Some(other) = named.insert(name.clone(), file.clone()) {
                faults.push(format!("{shown}: {name} is the name of {} as well", other.display()));
            }
            let module = module_path(&sources, &file);
            if !list.contains(&format!("&{module}::")) && !list.contains(&format!("&{}::", last(&module))) {
                faults.push(format!("{shown}: {name} is not in DETECTORS (detectors/mod.rs)"));
            }
            let test = detect.join(format!("tests/detectors/{}.rs", name.replace('-', "_")));
            if !test.exists() {
                faults.push(format!("{shown}: {name} has no test {}", test.display()));
            }
        }
    }
    let rows: BTreeSet<String> = catalogue()?.into_iter().map(|row| row.detector).filter(|d| !d.is_empty()).collect();
    for name in named.keys().filter(|n| !rows.contains(*n)) {
        faults.push(format!("{name}: no row of the catalogue names this detector"));
    }
    for name in rows.iter().filter(|n| !named.contains_key(*n)) {
        faults.push(format!("catalogue: there is no detector {name}"));
    }
    Ok(faults)
}

/// The names in the `Meta` values of a file.
fn names(text: &str) -> impl Iterator<Item = String> {
    let mut inside = false;
    text.lines().filter_map(move |line| {
        inside = (inside || line.contains(": Meta = Meta {")) && !line.starts_with("};");
        let name = line.trim().strip_prefix("name: \"")?.strip_suffix("\",")?;
        inside.then(|| name.to_owned())
    })
}

/// `stealth::password_policy_change`
fn module_path(sources: &Path, file: &Path) -> String {
    let inner = file.strip_prefix(sources).unwrap_or(file).with_extension("");
    inner.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("::")
}

fn last(module: &str) -> &str {
    module.rsplit("::").next().unwrap_or(module)
}

fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(below(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs") && path.file_name().is_some_and(|n| n != "mod.rs") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_meta_values() {
        let text = "pub static META: Meta = Meta {\n    name: \"one\",\n};\nlet x = Y {\n    name: \"two\",\n};\n";
        assert_eq!(names(text).collect::<Vec<_>>(), ["one"]);
    }
}
