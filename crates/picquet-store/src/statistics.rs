//! Findings counted by groups.

use crate::criteria::{self, Criterion, Test};
use crate::groups::{EITHER, SEPARATOR, kind};
use crate::{DAY_MILLIS, Result, Row, Sql};

/// By what findings are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The account.
    Account,
    /// The day of the last activity and the severity.
    Date,
    /// The finding type.
    Type,
    /// The resource.
    Resource,
    /// The severity.
    Severity,
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What the findings have in common, as many texts as the grouping has.
    pub key: Vec<String>,
    /// The severity of the group, or the highest of its findings.
    pub severity: f64,
    /// When the latest was updated, in milliseconds since the epoch.
    pub last_updated: i64,
    /// How many.
    pub count: i64,
}

/// Counts findings that meet all criteria: at most so many groups, the largest first, or the smallest; days by their
/// date, the latest first or the earliest.
///
/// # Errors
/// When the database fails.
pub fn count(
    sql: &mut dyn Sql,
    detector: &str,
    criteria: &[Criterion],
    by: By,
    ascending: bool,
    most: usize,
) -> Result<Vec<Group>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    match of_archived(criteria) {
        Some(archived) => kept(sql, detector, by, archived, ascending, most),
        None => counted(sql, detector, criteria, by, ascending, most),
    }
}

/// Which of the counts that are kept answers the criteria: only whether findings are archived is asked then.
fn of_archived(criteria: &[Criterion]) -> Option<i64> {
    match criteria {
        [] => Some(EITHER),
        [Criterion { attribute, test: Test::In(values) }] if attribute == "service.archived" => match &values[..] {
            [value] if value == "false" => Some(0),
            [value] if value == "true" => Some(1),
            _ => None,
        },
        _ => None,
    }
}

/// From what is counted with every finding that is written.
fn kept(sql: &mut dyn Sql, detector: &str, by: By, archived: i64, ascending: bool, most: i64) -> Result<Vec<Group>> {
    let (kind, keys) = match by {
        By::Account => (kind::ACCOUNT, 1),
        By::Date => (kind::DATE, 2),
        By::Type => (kind::TYPE, 1),
        By::Resource => (kind::RESOURCE, 3),
        By::Severity => (kind::SEVERITY, 1),
    };
    let direction = if ascending { "ASC" } else { "DESC" };
    let order = if by == By::Date { "key {d}, severity {d}" } else { "findings {d}, key ASC, severity ASC" };
    let text = format!(
        "SELECT key, severity, updated_at, findings FROM finding_group \
         WHERE detector = ?1 AND kind = ?2 AND archived = ?3 ORDER BY {} LIMIT ?4",
        order.replace("{d}", direction)
    );
    sql.all(&text, &[detector.into(), kind.into(), archived.into(), most.into()], |row| {
        let (text, severity) = (row.string(0)?, row.real(1)?.unwrap_or(0.0));
        let key = match by {
            By::Severity => vec![format!("{severity:?}")],
            By::Date => vec![text.trim_start_matches('0').to_owned(), format!("{severity:?}")],
            _ => text.splitn(keys, SEPARATOR).map(str::to_owned).collect(),
        };
        Ok(Group { key, severity, last_updated: row.int(2)?, count: row.int(3)? })
    })
}

/// How a part of a key is shown.
#[derive(Clone, Copy)]
enum Shown {
    Text,
    Day,
    Severity,
}

impl Shown {
    fn of(self, row: &dyn Row, column: usize) -> Result<String> {
        match self {
            Self::Text => row.string(column),
            Self::Day => Ok(row.int(column)?.to_string()),
            Self::Severity => Ok(format!("{:?}", row.real(column)?.unwrap_or(0.0))),
        }
    }
}

/// From the findings themselves.
fn counted(
    sql: &mut dyn Sql,
    detector: &str,
    criteria: &[Criterion],
    by: By,
    ascending: bool,
    most: i64,
) -> Result<Vec<Group>> {
    let day = format!("f.last_seen / {DAY_MILLIS}");
    let (keys, kinds): (&[&str], &[Shown]) = match by {
        By::Account => (&["f.account"], &[Shown::Text]),
        By::Date => (&[&day, "f.severity"], &[Shown::Day, Shown::Severity]),
        By::Type => (&["f.type"], &[Shown::Text]),
        By::Resource => (&["f.account", "f.resource_type", "f.resource_id"], &[Shown::Text; 3]),
        By::Severity => (&["f.severity"], &[Shown::Severity]),
    };
    let mut params = vec![detector.into()];
    let (wanted, _) = criteria::condition(sql, detector, criteria, &mut params)?;
    params.push(most.into());
    let direction = if ascending { "ASC" } else { "DESC" };
    let order = match by {
        By::Date => keys.iter().map(|key| format!("{key} {direction}")).collect::<Vec<_>>().join(", "),
        _ => format!("{} {direction}, {}", keys.len() + 3, keys.join(", ")),
    };
    let text = format!(
        "SELECT {shown}, MAX(f.severity), MAX(f.updated_at), COUNT(*) FROM finding f WHERE f.detector = ?1{wanted} \
         GROUP BY {groups} ORDER BY {order} LIMIT ?{limit}",
        shown = keys.join(", "),
        groups = keys.join(", "),
        limit = params.len()
    );
    let n = keys.len();
    sql.all(&text, &params, |row| {
        Ok(Group {
            key: kinds.iter().enumerate().map(|(i, kind)| kind.of(row, i)).collect::<Result<_>>()?,
            severity: row.real(n)?.unwrap_or(0.0),
            last_updated: row.int(n + 1)?,
            count: row.int(n + 2)?,
        })
    })
}
