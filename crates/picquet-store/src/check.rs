//! Whether what is kept twice is the same.

use crate::groups::{EITHER, kind};
use crate::{Result, Sql};

/// What is not as it must be, a line for each kind.
pub(crate) fn faults(sql: &mut dyn Sql) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let counts = [
        (
            "findings without their JSON",
            "SELECT COUNT(*) FROM finding f LEFT JOIN finding_body b ON b.number = f.number WHERE b.number IS NULL",
        ),
        (
            "JSON of findings that are gone",
            "SELECT COUNT(*) FROM finding_body b LEFT JOIN finding f ON f.number = b.number WHERE f.number IS NULL",
        ),
        (
            "access keys of users that are gone",
            "SELECT COUNT(*) FROM access_key k LEFT JOIN user_account u ON u.name = k.user_name WHERE u.name IS NULL",
        ),
    ];
    for (what, text) in counts {
        match sql.first(text, &[], |row| row.int(0))?.unwrap_or(0) {
            0 => {}
            n => faults.push(format!("{n} {what}")),
        }
    }
    let by_type = "SELECT k.detector, k.key, k.findings, COALESCE(c.n, 0) FROM finding_group k LEFT JOIN \
                   (SELECT detector, type, COUNT(*) AS n FROM finding GROUP BY detector, type) AS c \
                   ON c.detector = k.detector AND c.type = k.key \
                   WHERE k.kind = ?1 AND k.archived = ?2 AND k.findings <> COALESCE(c.n, 0) ORDER BY k.detector, k.key";
    sql.each(by_type, &[kind::TYPE.into(), EITHER.into()], &mut |row| {
        let (detector, of, kept, there) = (row.string(0)?, row.string(1)?, row.int(2)?, row.int(3)?);
        faults.push(format!("detector {detector}: {kept} findings of {of} are counted, and {there} are there"));
        Ok(())
    })?;
    Ok(faults)
}
