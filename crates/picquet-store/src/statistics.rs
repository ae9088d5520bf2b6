//! Findings counted by groups.

use crate::criteria::{Criterion, Test};
use crate::groups::{EITHER, SEPARATOR, kind};
use crate::search::{Limits, Search};
use crate::{DAY_MILLIS, Result, Row, Sql};
use std::cmp::Ordering;
use std::collections::HashMap;

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
    count_within(sql, detector, criteria, by, ascending, most, &Limits::default())
}

/// [`count`] with other limits, which change how findings are found and not which.
///
/// # Errors
/// When the database fails.
pub fn count_within(
    sql: &mut dyn Sql,
    detector: &str,
    criteria: &[Criterion],
    by: By,
    ascending: bool,
    most: usize,
    limits: &Limits,
) -> Result<Vec<Group>> {
    match of_archived(criteria) {
        Some(archived) => kept(sql, detector, by, archived, ascending, i64::try_from(most).unwrap_or(i64::MAX)),
        None => counted(sql, detector, criteria, by, limits).map(|groups| in_order(groups, by, ascending, most)),
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

/// From the findings themselves.
fn counted(
    sql: &mut dyn Sql,
    detector: &str,
    criteria: &[Criterion],
    by: By,
    limits: &Limits,
) -> Result<HashMap<Common, Group>> {
    let Some(search) = Search::new(sql, detector, criteria, limits)? else { return Ok(HashMap::new()) };
    let mut params = search.params();
    if let Some(question) = search.question(&mut params) {
        return counted_there(sql, by, &question, &params);
    }
    let shown = match by {
        By::Account => ", f.severity, f.updated_at, f.account",
        By::Date => ", f.severity, f.updated_at, f.last_seen",
        By::Type => ", f.severity, f.updated_at, f.type",
        By::Resource => ", f.severity, f.updated_at, f.account, f.resource_type, f.resource_id",
        By::Severity => ", f.severity, f.updated_at",
    };
    // Counted here, since an embedded database sorts all findings to group them.
    let mut groups: HashMap<Common, Group> = HashMap::new();
    // One for all rows: most are of a group that is there, and need nothing new.
    let mut common = Common::default();
    search.visit(sql, shown, limits.few_of_all, &mut |row| {
        let (severity, updated_at) = (row.real(1)?.unwrap_or(0.0), row.int(2)?);
        common.text.clear();
        match by {
            By::Account | By::Type => row.append(3, &mut common.text)?,
            By::Date => (common.day, common.severity) = (row.int(3)?.div_euclid(DAY_MILLIS), severity.to_bits()),
            By::Resource => append_resource(row, 3, &mut common.text)?,
            By::Severity => common.severity = severity.to_bits(),
        }
        let Some(group) = groups.get_mut(&common) else {
            groups.insert(common.clone(), Group { key: Vec::new(), severity, last_updated: updated_at, count: 1 });
            return Ok(());
        };
        group.severity = group.severity.max(severity);
        group.last_updated = group.last_updated.max(updated_at);
        group.count += 1;
        Ok(())
    })?;
    Ok(groups)
}

/// From the findings themselves, counted by the database.
fn counted_there(sql: &mut dyn Sql, by: By, question: &str, params: &[crate::Param]) -> Result<HashMap<Common, Group>> {
    let day = format!("CAST(FLOOR(f.last_seen / {DAY_MILLIS}.0) AS BIGINT)");
    let keys = match by {
        By::Account => "f.account".to_owned(),
        By::Date => format!("{day}, f.severity"),
        By::Type => "f.type".to_owned(),
        By::Severity => "f.severity".to_owned(),
        By::Resource => "f.account, f.resource_type, f.resource_id".to_owned(),
    };
    let text = format!("SELECT MAX(f.severity), MAX(f.updated_at), COUNT(*), {keys} {question} GROUP BY {keys}");
    let mut groups = HashMap::new();
    sql.each(&text, params, &mut |row| {
        let mut common = Common::default();
        match by {
            By::Account | By::Type => row.append(3, &mut common.text)?,
            By::Date => (common.day, common.severity) = (row.int(3)?, row.real(4)?.unwrap_or(0.0).to_bits()),
            By::Severity => common.severity = row.real(3)?.unwrap_or(0.0).to_bits(),
            By::Resource => append_resource(row, 3, &mut common.text)?,
        }
        let severity = row.real(0)?.unwrap_or(0.0);
        groups.insert(common, Group { key: Vec::new(), severity, last_updated: row.int(1)?, count: row.int(2)? });
        Ok(())
    })?;
    Ok(groups)
}

/// The account, the type and the id of a resource, which are in as many columns.
fn append_resource(row: &dyn Row, first: usize, text: &mut String) -> Result<()> {
    row.append(first, text)?;
    for part in [first + 1, first + 2] {
        text.push(SEPARATOR);
        row.append(part, text)?;
    }
    Ok(())
}

fn in_order(groups: HashMap<Common, Group>, by: By, ascending: bool, most: usize) -> Vec<Group> {
    let mut groups: Vec<(Common, Group)> = groups.into_iter().collect();
    groups.sort_unstable_by(|(a, x), (b, y)| {
        let turn = |order: Ordering| if ascending { order } else { order.reverse() };
        let severities = f64::from_bits(a.severity).total_cmp(&f64::from_bits(b.severity));
        match by {
            By::Date => turn(a.day.cmp(&b.day).then(severities)),
            _ => turn(x.count.cmp(&y.count)).then_with(|| a.text.cmp(&b.text)).then(severities),
        }
    });
    groups.truncate(most);
    let named = |(common, group): (Common, Group)| {
        let severity = || format!("{:?}", f64::from_bits(common.severity));
        let key = match by {
            By::Account | By::Type => vec![common.text],
            By::Date => vec![common.day.to_string(), severity()],
            By::Resource => common.text.splitn(3, SEPARATOR).map(str::to_owned).collect(),
            By::Severity => vec![severity()],
        };
        Group { key, ..group }
    };
    groups.into_iter().map(named).collect()
}

/// What the findings of a group have in common.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Common {
    text: String,
    day: i64,
    /// The bits of the number.
    severity: u64,
}
