//! Tab-separated tables with a header line.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// A row: column to value. A column that is missing reads as empty.
pub struct Row(BTreeMap<String, String>);

impl Row {
    /// A column's value.
    pub fn get(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }
}

/// Reads a table.
pub fn read(path: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    Ok(lines
        .filter(|line| !line.is_empty())
        .map(|line| Row(columns.iter().map(|c| (*c).to_owned()).zip(line.split('\t').map(str::to_owned)).collect()))
        .collect())
}
