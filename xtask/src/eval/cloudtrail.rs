//! Recorded CloudTrail: each labelled file is scanned alone.
//!
//! `rule` files raise exactly the expected type; `none` files raise nothing of high severity; `anomaly` files need a
//! learned baseline, which a file alone has not, so what fires on them is only noted.

use super::{score::Score, table};
use crate::scanner::Scanner;
use anyhow::Result;
use std::path::Path;

/// Scans the files.
pub fn run(scanner: &Scanner, data: &Path, score: &mut Score) -> Result<()> {
    for row in table::read(&data.join("cloudtrail/labels.tsv"))? {
        let file = row.get("file");
        let findings = scanner.scan(&data.join(file), &[])?;
        score.validate(file, &findings);
        let expected = row.get("expected_finding");
        match row.get("kind") {
            "rule" => {
                let found = findings.iter().any(|f| f.name() == expected);
                score.positive(expected, found, || format!("{file} ({})", row.get("note")));
                findings.iter().filter(|f| f.name() != expected).for_each(|f| score.extra(file, f));
            }
            "none" => {
                findings.iter().filter(|f| f.severity() >= 7.0).for_each(|f| score.extra(file, f));
                findings.iter().filter(|f| f.severity() < 7.0).for_each(|f| score.note(file, &f.line()));
            }
            _ => findings.iter().for_each(|f| score.note(&format!("also, on {file} (needs {expected})"), &f.line())),
        }
    }
    Ok(())
}
