//! The catalogue's rows, as far as the tasks need them.

use crate::args::root;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// A finding type of the catalogue.
#[derive(Default)]
pub struct Row {
    /// The type.
    pub name: String,
    /// The detector that raises it; empty when none does.
    pub detector: String,
    /// Its severity, as it is written there.
    pub severity: String,
    /// The file that the row stands in.
    pub file: PathBuf,
}

impl Row {
    /// The file's text, when this detector raises a type that none raised before.
    pub fn raised_by(&self, detector: &str) -> Result<String> {
        let text = fs::read_to_string(&self.file)?;
        named(&text, &self.name, detector).with_context(|| format!("{}: its row has no `detector = \"\"`", self.name))
    }
}

/// The rows, from the catalogue's files.
pub fn catalogue() -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for file in fs::read_dir(root().join("crates/picquet-model/catalogue"))? {
        let file = file?.path();
        for line in fs::read_to_string(&file)?.lines() {
            if let Some(name) = quoted(line, "name") {
                rows.push(Row { name: name.into(), file: file.clone(), ..Row::default() });
            } else if let Some(row) = rows.last_mut() {
                if let Some(detector) = quoted(line, "detector") {
                    row.detector = detector.into();
                } else if let Some(severity) = line.strip_prefix("severity = ") {
                    row.severity = severity.into();
                }
            }
        }
    }
    Ok(rows)
}

/// The value of `key = "value"`.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')
}

/// Fills the empty `detector` of one row.
fn named(text: &str, finding_type: &str, detector: &str) -> Option<String> {
    const EMPTY: &str = "\ndetector = \"\"\n";
    let row = text.find(&format!("\nname = \"{finding_type}\"\n"))?;
    let end = text[row..].find("\n[[type]]").map_or(text.len(), |at| row + at);
    let at = row + text[row..end].find(EMPTY)?;
    Some(format!("{}\ndetector = \"{detector}\"\n{}", &text[..at], &text[at + EMPTY.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_is_filled() {
        let text = "\n[[type]]\nname = \"A\"\ndetector = \"\"\n\n[[type]]\nname = \"B\"\ndetector = \"\"\nx = 1\n";
        assert_eq!(named(text, "B", "b").unwrap(), text.replace("\"\"\nx", "\"b\"\nx"));
        assert_eq!(named(&text.replace("\"\"\n\n", "\"a\"\n\n"), "A", "b"), None);
    }
}
