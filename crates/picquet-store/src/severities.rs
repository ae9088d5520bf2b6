//! Findings of all detectors by severity.

use crate::groups::kind;
use crate::{Result, Sql};

/// How many findings are not archived, by their severity's number, as text.
///
/// # Errors
/// When the database fails.
pub fn current(sql: &mut dyn Sql) -> Result<Vec<(String, i64)>> {
    let rows = sql.all(
        "SELECT severity, findings FROM finding_group WHERE kind = ?1 AND archived = 0 ORDER BY severity",
        &[kind::SEVERITY.into()],
        |row| Ok((row.real(0)?.unwrap_or(0.0), row.int(1)?)),
    )?;
    let mut sums: Vec<(String, i64)> = Vec::new();
    for (severity, n) in rows {
        let name = format!("{severity}");
        match sums.last_mut() {
            Some((last, sum)) if *last == name => *sum += n,
            _ => sums.push((name, n)),
        }
    }
    Ok(sums)
}
