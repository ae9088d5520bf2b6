//! placeholder
use crate::args::{Args, root};
use anyhow::Result;
pub fn run(_: Args) -> Result<bool> {
    Ok(true)
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
    for file in std::fs::read_dir(root().join("crates/picquet-model/catalogue"))? {
        for line in std::fs::read_to_string(file?.path())?.lines() {
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
