//! How many findings there are by what they have in common, kept with every finding that is written.

use crate::attributes::places;
use crate::{Param, Result, Sql};

/// Separates the parts of a key; no name has it.
pub(crate) const SEPARATOR: char = '\u{1f}';
/// In the place of 0 and 1: archived or not.
pub(crate) const EITHER: i64 = 2;

/// What a finding is counted by.
pub(crate) struct Member<'f> {
    pub account: &'f str,
    /// The day of the last activity, counted from the epoch.
    pub day: i64,
    pub finding_type: &'f str,
    pub resource_type: &'f str,
    pub resource_id: &'f str,
    pub severity: f64,
    pub archived: bool,
    pub updated_at: i64,
}

/// The names of the groupings in the store.
pub(crate) mod kind {
    pub const ACCOUNT: &str = "account";
    pub const DATE: &str = "date";
    pub const RESOURCE: &str = "resource";
    pub const SEVERITY: &str = "severity";
    pub const TYPE: &str = "type";
}

/// Counts a finding in all its groups, or takes it out of them (-1).
pub(crate) fn count(sql: &mut dyn Sql, detector: &str, member: &Member<'_>, n: i64) -> Result<()> {
    let resource = [member.account, member.resource_type, member.resource_id].join(&SEPARATOR.to_string());
    // Days sort as texts when they have one length.
    let day = format!("{:08}", member.day);
    let groups = [
        (kind::ACCOUNT, member.account, 0.0),
        (kind::DATE, &day, member.severity),
        (kind::RESOURCE, &resource, 0.0),
        (kind::SEVERITY, "", member.severity),
        (kind::TYPE, member.finding_type, 0.0),
    ];
    // In one statement; no two of the groups are the same.
    let rows = groups.iter().flat_map(|(kind, key, severity)| {
        [i64::from(member.archived), EITHER].map(|archived| -> [Param; 5] {
            [detector.into(), (*kind).into(), archived.into(), (*key).into(), (*severity).into()]
        })
    });
    let counted = rows.clone().map(|[detector, kind, archived, key, severity]| {
        [detector, kind, archived, key, severity, n.into(), member.updated_at.into()]
    });
    let mut params = Vec::new();
    let text = format!(
        "INSERT INTO finding_group (detector, kind, archived, key, severity, findings, updated_at) VALUES {}
         ON CONFLICT (detector, kind, archived, key, severity) DO UPDATE SET
         findings = finding_group.findings + excluded.findings,
         updated_at = CASE WHEN excluded.updated_at > finding_group.updated_at
         THEN excluded.updated_at ELSE finding_group.updated_at END",
        places(counted.collect(), &mut params)
    );
    sql.execute(&text, &params)?;
    if n < 0 {
        let mut params = Vec::new();
        let text = format!(
            "DELETE FROM finding_group WHERE (detector, kind, archived, key, severity) IN (VALUES {}) AND findings <= 0",
            places(rows.collect(), &mut params)
        );
        sql.execute(&text, &params)?;
    }
    Ok(())
}
