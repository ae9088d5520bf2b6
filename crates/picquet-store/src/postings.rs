//! Attributes that have no column: which findings have a value at a path, as sorted lists of their numbers.

use crate::criteria::{Test, like, list, push};
use crate::groups::{EITHER, kind};
use crate::search::Limits;
use crate::{Dialect, Param, Result, Sql};
use std::collections::BTreeSet;

/// Numbers in one statement. There are always so many, so that a database has one statement to remember.
pub(crate) const AT_ONCE: usize = 256;

/// A test of an attribute, for which some findings are there.
pub(crate) struct Attribute<'c> {
    path: i64,
    test: &'c Test,
    /// The values that meet the test, when they are few.
    values: Option<Vec<i64>>,
    /// A finding must have none of the values, instead of one.
    pub(crate) not: bool,
}

/// What is known of a test before any finding is looked at.
pub(crate) enum Found<'c> {
    /// Every finding meets it.
    Every,
    /// None does.
    Nothing,
    /// Some may.
    Some(Attribute<'c>),
}

/// Looks up the path and the values of a test.
pub(crate) fn look_up<'c>(sql: &mut dyn Sql, path: &str, test: &'c Test, limits: &Limits) -> Result<Found<'c>> {
    let not = matches!(test, Test::NotIn(_) | Test::NotMatches(_));
    let nothing = if not { Found::Every } else { Found::Nothing };
    let Some(path) = path_number(sql, path)? else { return Ok(nothing) };
    let values = numbers_of_values(sql, test, limits.few_values + 1)?;
    if values.is_empty() {
        return Ok(nothing);
    }
    Ok(Found::Some(Attribute { path, test, values: Some(values).filter(|v| v.len() <= limits.few_values), not }))
}

fn path_number(sql: &mut dyn Sql, path: &str) -> Result<Option<i64>> {
    sql.first("SELECT number FROM attribute_path WHERE path = ?1", &[path.into()], |row| row.int(0))
}

/// Numbers of values that meet a test, or do not when it says "not"; at most so many.
fn numbers_of_values(sql: &mut dyn Sql, test: &Test, most: usize) -> Result<Vec<i64>> {
    let mut params = Vec::new();
    let condition = of_value(test, &mut params);
    let limit = push(&mut params, i64::try_from(most).unwrap_or(i64::MAX).into());
    sql.all(&format!("SELECT number FROM attribute_value WHERE {condition} LIMIT {limit}"), &params, |row| row.int(0))
}

fn of_value(test: &Test, params: &mut Vec<Param>) -> String {
    match test {
        Test::In(values) | Test::NotIn(values) => list(values, params, |v| Some(v.into()))
            .map_or_else(|| "1 = 0".into(), |values| format!("value IN ({values})")),
        Test::Greater(n) => format!("as_number > {}", push(params, (*n).into())),
        Test::GreaterOrEqual(n) => format!("as_number >= {}", push(params, (*n).into())),
        Test::Less(n) => format!("as_number < {}", push(params, (*n).into())),
        Test::LessOrEqual(n) => format!("as_number <= {}", push(params, (*n).into())),
        Test::Matches(patterns) | Test::NotMatches(patterns) => like("value", patterns, params),
    }
}

impl Attribute<'_> {
    /// Whether it takes one look for each of a few values to know if a finding meets it.
    pub(crate) fn is_quick(&self) -> bool {
        self.values.is_some()
    }

    /// Rows of `finding_attribute a` with a value that is meant, when the values are few.
    fn rows(&self, params: &mut Vec<Param>) -> Option<String> {
        let values = self.values.as_ref()?;
        let path = push(params, self.path.into());
        let values: Vec<String> = values.iter().map(|v| push(params, (*v).into())).collect();
        Some(format!("a.path = {path} AND a.value IN ({})", values.join(", ")))
    }

    /// A condition on `finding f` that is looked at finding by finding; only a quick one has it.
    pub(crate) fn condition(&self, params: &mut Vec<Param>) -> Option<String> {
        let not = if self.not { "NOT " } else { "" };
        let rows = self.rows(params)?;
        // The limit says nothing new. Without it SQLite makes a join of it, and PostgreSQL a table of all that have the
        // value, to which its offset is what matters.
        Some(format!(
            "{not}EXISTS (SELECT 1 FROM finding_attribute a WHERE {rows} AND a.finding = f.number LIMIT 1 OFFSET 0)"
        ))
    }

    /// A condition on `finding f` that begins with the findings that have the attribute.
    pub(crate) fn leading(&self, params: &mut Vec<Param>) -> Option<String> {
        let rows = self.rows(params)?;
        Some(format!("f.number IN (SELECT a.finding FROM finding_attribute a WHERE {rows})"))
    }

    /// A condition on `finding f` within one question for all findings, which the database may answer as it likes.
    pub(crate) fn within(&self, params: &mut Vec<Param>) -> Option<String> {
        if !self.not {
            return self.leading(params);
        }
        let rows = self.rows(params)?;
        Some(format!("NOT EXISTS (SELECT 1 FROM finding_attribute a WHERE {rows} AND a.finding = f.number)"))
    }

    /// How many findings have it, counted up to a limit; only of a quick one that is not negated is it known.
    pub(crate) fn size(&self, sql: &mut dyn Sql, most: i64) -> Result<Option<i64>> {
        let mut params = vec![most.into()];
        if self.not {
            return Ok(None);
        }
        let Some(rows) = self.rows(&mut params) else { return Ok(None) };
        let text = format!("SELECT COUNT(*) FROM (SELECT 1 FROM finding_attribute a WHERE {rows} LIMIT ?1) AS found");
        sql.first(&text, &params, |row| row.int(0))
    }

    /// All findings that have a value that is meant.
    pub(crate) fn findings(&self, sql: &mut dyn Sql, limits: &Limits) -> Result<Vec<i64>> {
        let mut found = Vec::new();
        let mut params = Vec::new();
        if let Some(rows) = self.rows(&mut params) {
            let text = format!("SELECT a.finding FROM finding_attribute a WHERE {rows}");
            found = sql.all(&text, &params, |row| row.int(0))?;
        } else {
            let mut values = numbers_of_values(sql, self.test, usize::MAX)?;
            values.sort_unstable();
            let text = "SELECT a.value, a.finding FROM finding_attribute a WHERE a.path = ?1";
            if values.len() <= limits.sought_values {
                for some in values.chunks(AT_ONCE) {
                    let mut params = vec![self.path.into()];
                    let text = format!("{text} AND a.value IN ({})", numbers(some, &mut params));
                    found.extend(sql.all(&text, &params, |row| row.int(1))?);
                }
            } else {
                let mut last = None;
                sql.each(text, &[self.path.into()], &mut |row| {
                    // The findings of one value follow each other.
                    let value = row.int(0)?;
                    let is_meant = match last {
                        Some((same, is_meant)) if same == value => is_meant,
                        _ => values.binary_search(&value).is_ok(),
                    };
                    last = Some((value, is_meant));
                    if is_meant {
                        found.push(row.int(1)?);
                    }
                    Ok(())
                })?;
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// Numbers as parameters, the last one again and again so that there are [`AT_ONCE`].
pub(crate) fn numbers(some: &[i64], params: &mut Vec<Param>) -> String {
    let padded = some.iter().chain(some.last().into_iter().cycle()).take(AT_ONCE);
    padded.map(|n| push(params, (*n).into())).collect::<Vec<_>>().join(", ")
}

/// All findings that have a path, with each of their values; those of one value follow each other.
fn with_path(sql: &mut dyn Sql, path: i64) -> Result<Vec<(i64, i64)>> {
    if sql.dialect() == Dialect::Sqlite {
        let text = "SELECT a.finding, a.value FROM finding_attribute a WHERE a.path = ?1 ORDER BY a.value";
        return sql.all(text, &[path.into()], |row| Ok((row.int(0)?, row.int(1)?)));
    }
    // A row for each value instead of one for each finding: rows are what takes its time between two processes.
    let text =
        format!("SELECT a.value, {} FROM finding_attribute a WHERE a.path = ?1 GROUP BY a.value", listed("a.finding"));
    let mut at = Vec::new();
    sql.each(&text, &[path.into()], &mut |row| {
        let value = row.int(0)?;
        at.extend(listed_numbers(&row.string(1)?).map(|finding| (finding, value)));
        Ok(())
    })?;
    Ok(at)
}

/// Numbers of many rows as one text, in PostgreSQL.
pub(crate) fn listed(column: &str) -> String {
    format!("string_agg(CAST({column} AS TEXT), ',')")
}

/// The numbers of such a text.
pub(crate) fn listed_numbers(text: &str) -> impl Iterator<Item = i64> {
    text.split(',').filter_map(|number| number.parse().ok())
}

/// How many findings lack a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// None.
    None,
    /// Some, or it is not known.
    Some,
    /// So many that a few are come upon soon.
    Many,
}

/// What findings have at a path, to be sorted by.
pub(crate) struct Ranks {
    /// The values in their order; the first is the empty text, which stands for a path that a finding lacks.
    pub(crate) texts: Vec<String>,
    /// Findings with the place of the least of their values, sorted.
    of: Vec<(i64, usize)>,
}

impl Ranks {
    /// The place of findings that lack the path, or have the empty text there.
    pub(crate) const WITHOUT: usize = 0;

    /// Reads what all findings have at a path.
    pub(crate) fn read(sql: &mut dyn Sql, path: &str, limits: &Limits) -> Result<Self> {
        let mut at = Vec::new();
        if let Some(path) = path_number(sql, path)? {
            at = with_path(sql, path)?;
        }
        let mut wanted: Vec<i64> = at.iter().map(|(_, value)| *value).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let values = texts(sql, &wanted, limits)?;
        let distinct: BTreeSet<&str> = values.iter().map(|(_, text)| text.as_str()).chain([""]).collect();
        let texts: Vec<String> = distinct.into_iter().map(str::to_owned).collect();
        let mut places: Vec<(i64, usize)> =
            values.iter().filter_map(|(number, text)| Some((*number, texts.binary_search(text).ok()?))).collect();
        places.sort_unstable();
        let place = |value: i64| Some(places[places.binary_search_by_key(&value, |(n, _)| *n).ok()?].1);
        // The findings of one value follow each other.
        let mut last = (0, None);
        let mut of = Vec::with_capacity(at.len());
        for (finding, value) in at {
            if last.0 != value || last.1.is_none() {
                last = (value, place(value));
            }
            of.extend(last.1.map(|place| (finding, place)));
        }
        // A stable sort finds the stretches that are sorted already, one of each value.
        of.sort();
        of.dedup_by_key(|(finding, _)| *finding);
        Ok(Self { texts, of })
    }

    /// The place of a finding's value in the order.
    pub(crate) fn place(&self, finding: i64) -> usize {
        self.of.binary_search_by_key(&finding, |(n, _)| *n).map_or(Self::WITHOUT, |i| self.of[i].1)
    }

    /// How many findings of the whole store lack the path; none, where those that do are few and are known now.
    pub(crate) fn lack(&mut self, sql: &mut dyn Sql, limits: &Limits) -> Result<Lack> {
        let text =
            "SELECT CAST(COALESCE(SUM(findings), 0) AS BIGINT) FROM finding_group WHERE kind = ?1 AND archived = ?2";
        let all = sql.first(text, &[kind::SEVERITY.into(), EITHER.into()], |row| row.int(0))?.unwrap_or(0);
        let without = all.saturating_sub_unsigned(self.of.len() as u64);
        Ok(match without {
            ..=0 => Lack::None,
            // Among the first 1,000 in their order there is a page of 50 then.
            n if n > all / 16 => Lack::Many,
            _ if self.add_lacking(sql, limits.by_number)? => Lack::None,
            _ => Lack::Some,
        })
    }

    /// Takes up the findings that lack the path: numbers that no finding with the path has are theirs, or of findings
    /// that are gone. False where there are more of both than so many.
    fn add_lacking(&mut self, sql: &mut dyn Sql, most: usize) -> Result<bool> {
        let last = sql.first("SELECT COALESCE(MAX(number), 0) FROM finding", &[], |row| row.int(0))?.unwrap_or(0);
        let known = || self.of.iter().map(|(number, _)| *number);
        let gaps = std::iter::once(0).chain(known()).zip(known().chain([last.saturating_add(1)]));
        let gaps: Vec<i64> = gaps.flat_map(|(before, next)| before.saturating_add(1)..next).take(most + 1).collect();
        if gaps.len() > most {
            return Ok(false);
        }
        for some in gaps.chunks(AT_ONCE) {
            let mut params = Vec::new();
            let text = format!("SELECT number FROM finding WHERE number IN ({})", numbers(some, &mut params));
            let lacking = sql.all(&text, &params, |row| row.int(0))?;
            self.of.extend(lacking.into_iter().map(|number| (number, Self::WITHOUT)));
        }
        self.of.sort();
        Ok(true)
    }

    /// Findings by their place, each group sorted: of those that are wanted, or else of all that have the path.
    pub(crate) fn groups(&self, wanted: Option<&[i64]>) -> Groups {
        let Some(wanted) = wanted else { return Groups::new(self.texts.len(), &self.of) };
        let mut of = self.of.iter().peekable();
        let placed: Vec<(i64, usize)> = wanted
            .iter()
            .map(|number| {
                while of.next_if(|(finding, _)| finding < number).is_some() {}
                let place =
                    of.peek().filter(|(finding, _)| finding == number).map_or(Self::WITHOUT, |(_, place)| *place);
                (*number, place)
            })
            .collect();
        Groups::new(self.texts.len(), &placed)
    }
}

/// Findings by a place in an order.
pub(crate) struct Groups {
    /// Where the findings of each place end.
    ends: Vec<usize>,
    numbers: Vec<i64>,
}

impl Groups {
    /// Sorts by counting: findings come in the order of their numbers, and keep it.
    fn new(places: usize, placed: &[(i64, usize)]) -> Self {
        let mut ends = vec![0; places];
        for (_, place) in placed {
            ends[*place] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        // Until here `ends` says where each place begins.
        let mut numbers = vec![0; placed.len()];
        for (number, place) in placed {
            numbers[ends[*place]] = *number;
            ends[*place] += 1;
        }
        Self { ends, numbers }
    }

    /// The findings of a place.
    pub(crate) fn of(&self, place: usize) -> &[i64] {
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.numbers[begin..self.ends[place]]
    }
}

/// The texts of values.
fn texts(sql: &mut dyn Sql, wanted: &[i64], limits: &Limits) -> Result<Vec<(i64, String)>> {
    let text = "SELECT number, value FROM attribute_value";
    if wanted.len() > limits.sought_values {
        let mut found = Vec::new();
        sql.each(text, &[], &mut |row| {
            let number = row.int(0)?;
            if wanted.binary_search(&number).is_ok() {
                found.push((number, row.string(1)?));
            }
            Ok(())
        })?;
        return Ok(found);
    }
    let mut found = Vec::new();
    for some in wanted.chunks(AT_ONCE) {
        let mut params = Vec::new();
        let text = format!("{text} WHERE number IN ({})", numbers(some, &mut params));
        found.extend(sql.all(&text, &params, |row| Ok((row.int(0)?, row.string(1)?)))?);
    }
    Ok(found)
}
