//! Criteria of findings, as SQL and for one finding.
//!
//! An attribute is a path of the finding's JSON in which lists are looked through. What has a column of its own is
//! compared there; every other leaf of a finding is a row of `finding_attribute`. An attribute that a finding lacks is
//! equal to nothing, so that `neq` and `notMatches` hold for it.

use crate::{Dialect, Param};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// One test of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Is one of these.
    In(Vec<String>),
    /// Is none of these.
    NotIn(Vec<String>),
    /// Is greater.
    Greater(f64),
    /// Is greater or equal.
    GreaterOrEqual(f64),
    /// Is less.
    Less(f64),
    /// Is less or equal.
    LessOrEqual(f64),
    /// Matches one of these, in which `*` stands for any text and `?` for any character.
    Matches(Vec<String>),
    /// Matches none of these.
    NotMatches(Vec<String>),
}

/// A test of an attribute; all criteria must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// The path, such as `resource.instanceDetails.instanceId`.
    pub attribute: String,
    /// What must hold.
    pub test: Test,
}

/// How a column is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    /// A whole number.
    Count,
    /// 0 or 1, and "false" or "true" outside.
    Truth,
    /// Milliseconds since the epoch; ISO 8601 in the finding.
    Time,
}

/// Attributes with a column of their own.
const COLUMNS: [(&str, &str, Kind); 12] = [
    ("id", "id", Kind::Text),
    ("accountId", "account", Kind::Text),
    ("region", "region", Kind::Text),
    ("type", "type", Kind::Text),
    ("severity", "severity", Kind::Number),
    ("service.archived", "archived", Kind::Truth),
    ("createdAt", "created_at", Kind::Time),
    ("updatedAt", "updated_at", Kind::Time),
    ("service.eventFirstSeen", "first_seen", Kind::Time),
    ("service.eventLastSeen", "last_seen", Kind::Time),
    ("service.count", "count", Kind::Count),
    ("resource.resourceType", "resource_type", Kind::Text),
];

/// Texts that are longer are not looked up.
const LONGEST_VALUE: usize = 512;
/// Nor are paths that are longer.
const LONGEST_PATH: usize = 512;
/// Leaves of one finding that are looked up, at most.
const MOST_LEAVES: usize = 400;

/// JSON in a string.
const ADDITIONAL: &str = "service.additionalInfo.value";

/// The column of an attribute, if it has one.
pub(crate) fn column(attribute: &str) -> Option<(&'static str, Kind)> {
    COLUMNS.iter().find(|(a, ..)| *a == attribute).map(|(_, column, kind)| (*column, *kind))
}

/// Adds a parameter and returns its place.
pub(crate) fn push(params: &mut Vec<Param>, param: Param) -> String {
    params.push(param);
    format!("?{}", params.len())
}

/// The values that can be one of the column's, if any can.
pub(crate) fn list(
    values: &[String],
    params: &mut Vec<Param>,
    as_param: impl Fn(&str) -> Option<Param>,
) -> Option<String> {
    let all: Vec<String> = values.iter().filter_map(|v| as_param(v)).map(|p| push(params, p)).collect();
    if all.is_empty() { None } else { Some(all.join(", ")) }
}

/// A test of a column of `f`; whether an index of the column may be used for it.
pub(crate) fn on_column(
    dialect: Dialect,
    (column, kind): (&str, Kind),
    test: &Test,
    indexed: bool,
    params: &mut Vec<Param>,
) -> String {
    let column = format!("f.{column}");
    let column = if indexed { column } else { dialect.unindexed(&column, kind == Kind::Text) };
    let as_param = |value: &str| match kind {
        Kind::Text => Some(value.into()),
        Kind::Number | Kind::Count => value.parse::<f64>().ok().map(Param::Real),
        Kind::Truth => value.parse::<bool>().ok().map(Param::from),
        Kind::Time => instant(value).map(Param::Int),
    };
    let mut compare = |operator: &str, number: f64| {
        // A whole number is compared as one, since PostgreSQL's index of whole numbers serves no others.
        let is_whole = kind == Kind::Time || kind == Kind::Count && number.fract() == 0.0;
        let param = if is_whole { Param::Int(number as i64) } else { Param::Real(number) };
        if matches!(kind, Kind::Text | Kind::Truth) {
            return "1 = 0".into();
        }
        format!("{column} {operator} {}", push(params, param))
    };
    match test {
        Test::Greater(n) => compare(">", *n),
        Test::GreaterOrEqual(n) => compare(">=", *n),
        Test::Less(n) => compare("<", *n),
        Test::LessOrEqual(n) => compare("<=", *n),
        Test::In(values) => {
            list(values, params, as_param).map_or_else(|| "1 = 0".into(), |values| format!("{column} IN ({values})"))
        }
        Test::NotIn(values) => list(values, params, as_param)
            .map_or_else(|| "1 = 1".into(), |values| format!("{column} NOT IN ({values})")),
        Test::Matches(patterns) | Test::NotMatches(patterns) => {
            let shown = match kind {
                Kind::Text => column,
                Kind::Truth => format!("CASE {column} WHEN 0 THEN 'false' ELSE 'true' END"),
                Kind::Number => dialect.real_as_text(&column),
                Kind::Count | Kind::Time => format!("CAST({column} AS TEXT)"),
            };
            let any = like(&shown, patterns, params);
            if matches!(test, Test::Matches(_)) { any } else { format!("NOT {any}") }
        }
    }
}

/// Whether a text matches one of the patterns.
pub(crate) fn like(shown: &str, patterns: &[String], params: &mut Vec<Param>) -> String {
    let any: Vec<String> = patterns
        .iter()
        .map(|pattern| {
            let mut like = String::new();
            for c in pattern.chars() {
                match c {
                    '*' => like.push('%'),
                    '?' => like.push('_'),
                    '%' | '_' | '\\' => like.extend(['\\', c]),
                    c => like.push(c),
                }
            }
            format!("{shown} LIKE {} ESCAPE '\\'", push(params, like.into()))
        })
        .collect();
    if any.is_empty() { "(1 = 0)".into() } else { format!("({})", any.join(" OR ")) }
}

/// Milliseconds since the epoch of ISO 8601, or of a number that is milliseconds already.
pub(crate) fn instant(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond))
}

/// The leaves of a finding by path, lists looked through.
pub(crate) fn leaves(finding: &Value) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    let mut open = vec![(String::new(), finding)];
    while let Some((path, value)) = open.pop() {
        if out.len() >= MOST_LEAVES {
            break;
        }
        if path.len() > LONGEST_PATH {
            continue;
        }
        match value {
            Value::Object(members) => {
                let below = |name: &String| if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                open.extend(members.iter().map(|(name, value)| (below(name), value)));
            }
            Value::Array(items) => open.extend(items.iter().map(|item| (path.clone(), item))),
            Value::Null => {}
            Value::Bool(b) => {
                out.insert((path, b.to_string()));
            }
            Value::Number(n) => {
                out.insert((path, n.as_f64().map_or_else(|| n.to_string(), |n| n.to_string())));
            }
            // What the API carries as JSON in a string is looked up like members of its own.
            Value::String(text) if path == ADDITIONAL => {
                if let Ok(Value::Object(inner)) = serde_json::from_str(text) {
                    let inner = leaves(&Value::Object(inner)).into_iter();
                    let inner = inner.map(|(below, value)| (format!("service.additionalInfo.{below}"), value));
                    out.extend(inner.filter(|(path, _)| path.len() <= LONGEST_PATH));
                }
            }
            Value::String(text) => {
                if text.len() <= LONGEST_VALUE {
                    out.insert((path, text.clone()));
                }
            }
        }
    }
    out
}

/// The leaves that have no column.
pub(crate) fn rows(finding: &Value) -> impl Iterator<Item = (String, String)> {
    leaves(finding).into_iter().filter(|(path, _)| column(path).is_none() && !UNSEARCHED.contains(&path.as_str()))
}

/// What nobody looks for by its value: long texts, and what is the same in all findings of a detector.
const UNSEARCHED: [&str; 9] = [
    "arn",
    "title",
    "description",
    "schemaVersion",
    "partition",
    "service.detectorId",
    "service.serviceName",
    "service.additionalInfo.value",
    "service.additionalInfo.type",
];

/// Whether a finding meets all criteria: the same answer as the database gives.
pub fn accepts(criteria: &[Criterion], finding: &Value) -> bool {
    let leaves = leaves(finding);
    criteria.iter().all(|criterion| {
        let kind = column(&criterion.attribute).map(|(_, kind)| kind);
        if kind.is_none() && UNSEARCHED.contains(&criterion.attribute.as_str()) {
            return matches!(criterion.test, Test::NotIn(_) | Test::NotMatches(_));
        }
        let values = || leaves.iter().filter(|(path, _)| *path == criterion.attribute).map(|(_, value)| value);
        let number = |value: &str| match kind {
            Some(Kind::Time) => instant(value).map(|n| n as f64),
            Some(Kind::Text | Kind::Truth) => None,
            _ => value.parse().ok(),
        };
        let compare = |test: &dyn Fn(f64) -> bool| values().any(|value| number(value).is_some_and(test));
        let equal = |value: &str, wanted: &str| match kind {
            Some(Kind::Number | Kind::Count | Kind::Time) => number(wanted).is_some_and(|w| number(value) == Some(w)),
            _ => value == wanted,
        };
        let shown = |value: &str| match kind {
            Some(Kind::Time) => instant(value).map_or_else(String::new, |n| n.to_string()),
            Some(Kind::Number) => number(value).map_or_else(String::new, |n| format!("{n:?}")),
            _ => value.to_owned(),
        };
        match &criterion.test {
            Test::In(wanted) => values().any(|v| wanted.iter().any(|w| equal(v, w))),
            Test::NotIn(wanted) => !values().any(|v| wanted.iter().any(|w| equal(v, w))),
            Test::Greater(n) => compare(&|v| v > *n),
            Test::GreaterOrEqual(n) => compare(&|v| v >= *n),
            Test::Less(n) => compare(&|v| v < *n),
            Test::LessOrEqual(n) => compare(&|v| v <= *n),
            Test::Matches(patterns) => values().any(|v| patterns.iter().any(|p| wild(p, &shown(v)))),
            Test::NotMatches(patterns) => !values().any(|v| patterns.iter().any(|p| wild(p, &shown(v)))),
        }
    })
}

/// Whether a text matches a pattern with `*` and `?`.
fn wild(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and how much of the text it stood for.
    let mut star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == '?' || *c == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            p = at + 1;
            t = from + 1;
            star = Some((at, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}
