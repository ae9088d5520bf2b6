//! Findings in an order, page by page.

use crate::criteria::{self, Criterion, Kind};
use crate::postings::{self, AT_ONCE, Lack, Ranks};
use crate::search::{Limits, Search};
use crate::{Param, Result, Row, Sql};
use std::cmp::Ordering;

/// In which order findings are listed, and where a page begins.
#[derive(Clone, Debug)]
pub struct Order {
    /// The attribute to sort by.
    pub attribute: String,
    /// From the greatest to the least.
    pub descending: bool,
    /// What the last finding of the page before was sorted by, and its id.
    pub after: Option<(Key, String)>,
}

/// What a finding is sorted by.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

type Keyed = (Key, String);

/// Columns with an index of their order, which ends with the id.
const IN_ORDER: [&str; 7] = ["id", "type", "severity", "created_at", "updated_at", "last_seen", "count"];

/// Findings that are looked at in their order at first; more each time, while the page is not full.
const FIRST_STRIDE: usize = 1000;

/// At most so many ids of findings that meet all criteria, with what they are sorted by; ties by id.
///
/// # Errors
/// When the database fails.
pub fn list(
    sql: &mut dyn Sql,
    detector: &str,
    criteria: &[Criterion],
    order: &Order,
    most: usize,
) -> Result<Vec<(Key, String)>> {
    list_within(sql, detector, criteria, order, most, &Limits::default())
}

/// [`list`] with other limits, which change how findings are found and not which.
///
/// # Errors
/// When the database fails.
pub fn list_within(
    sql: &mut dyn Sql,
    detector: &str,
    criteria: &[Criterion],
    order: &Order,
    most: usize,
    limits: &Limits,
) -> Result<Vec<(Key, String)>> {
    let Some(search) = Search::new(sql, detector, criteria, limits)? else { return Ok(Vec::new()) };
    let page = Page::new(order.descending, order.after.clone(), most, limits.stride);
    match criteria::column(&order.attribute) {
        Some((column, kind)) => by_column(sql, &search, Sorted { column, kind }, page),
        None => by_attribute(sql, &search, &order.attribute, page),
    }
}

/// A column to sort by.
#[derive(Clone, Copy)]
struct Sorted {
    column: &'static str,
    kind: Kind,
}

impl Sorted {
    const ID: Self = Self { column: "id", kind: Kind::Text };

    fn has_index(self) -> bool {
        IN_ORDER.contains(&self.column)
    }

    fn key(self, row: &dyn Row, at: usize) -> Result<Key> {
        Ok(match self.kind {
            Kind::Text => Key::Text(row.string(at)?),
            _ => Key::Number(row.real(at)?.unwrap_or(0.0)),
        })
    }

    fn param(self, key: &Key) -> Param {
        match key {
            // All numbers but severities are whole.
            Key::Number(n) if self.kind != Kind::Number => Param::Int(*n as i64),
            Key::Number(n) => Param::Real(*n),
            Key::Text(text) => Param::Text(text.clone()),
        }
    }
}

/// A page in the making.
struct Page {
    descending: bool,
    /// What it begins behind.
    after: Option<Keyed>,
    most: usize,
    /// Findings beyond those that are kept before the latter are sorted out.
    stride: usize,
    found: Vec<Keyed>,
    /// What is behind this is not on the page.
    bound: Option<Keyed>,
}

impl Page {
    fn new(descending: bool, after: Option<Keyed>, most: usize, stride: usize) -> Self {
        Self { descending, after, most, stride, found: Vec::new(), bound: None }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.most
    }

    fn compare(&self, a: &Keyed, b: &Keyed) -> Ordering {
        let keys = match (&a.0, &b.0) {
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Number(_), Key::Text(_)) => Ordering::Less,
            (Key::Text(_), Key::Number(_)) => Ordering::Greater,
        };
        let ascending = keys.then_with(|| a.1.cmp(&b.1));
        if self.descending { ascending.reverse() } else { ascending }
    }

    /// Takes a finding, which may come in any order. All that are offered come behind those that are there.
    fn offer(&mut self, kept: &mut Vec<Keyed>, finding: Keyed) {
        if self.after.as_ref().is_some_and(|after| self.compare(&finding, after).is_le())
            || self.bound.as_ref().is_some_and(|bound| self.compare(&finding, bound).is_gt())
        {
            return;
        }
        kept.push(finding);
        if kept.len() >= self.most.saturating_add(self.stride) {
            self.sort(kept);
        }
    }

    fn sort(&mut self, kept: &mut Vec<Keyed>) {
        let wanted = self.most.saturating_sub(self.found.len());
        kept.sort_unstable_by(|a, b| self.compare(a, b));
        kept.truncate(wanted);
        if kept.len() == wanted {
            self.bound = kept.last().cloned();
        }
    }

    fn end(mut self, mut kept: Vec<Keyed>) -> Vec<Keyed> {
        self.sort(&mut kept);
        self.found.extend(kept);
        self.found
    }
}

fn by_column(sql: &mut dyn Sql, search: &Search<'_>, by: Sorted, mut page: Page) -> Result<Vec<Keyed>> {
    let shown = format!(", f.{}, f.id", by.column);
    let row = |row: &dyn Row| -> Result<Keyed> { Ok((by.key(row, 1)?, row.string(2)?)) };
    if let Some(lead) = search.lead(sql, search.limits.few)? {
        let mut kept = Vec::new();
        search.follow(sql, &lead, &shown, &mut |r| {
            page.offer(&mut kept, row(r)?);
            Ok(())
        })?;
        return Ok(page.end(kept));
    }
    if by.column == "severity"
        && let Some(found) = by_types(sql, search, &page)?
    {
        return Ok(found);
    }
    if by.has_index() && search.is_quick() {
        let [windows @ .., most] = search.limits.windows;
        let mut looked = 0;
        for size in windows.into_iter().filter(|size| *size > 0) {
            let size = if search.is_all() { page.most } else { size.max(page.most) };
            looked += size;
            if window(sql, search, by, size, &mut page)? || page.is_full() {
                page.found.truncate(page.most);
                return Ok(page.found);
            }
        }
        // More are looked at while what was found makes it likely that the page is in them: as many as it takes then.
        let mut left = most;
        while left > 0 && page.found.len() * 5 >= page.most {
            let rate = looked / page.found.len().max(1) + 1;
            let size = ((page.most - page.found.len()) * rate * 5 / 4).clamp(1, left);
            left -= size;
            looked += size;
            if window(sql, search, by, size, &mut page)? || page.is_full() {
                page.found.truncate(page.most);
                return Ok(page.found);
            }
        }
    }
    if !by.has_index() {
        let mut params = search.params();
        if let Some(question) = search.question(&mut params) {
            return sorted_there(sql, by, &question, params, &page);
        }
        let mut kept = Vec::new();
        search.visit(sql, &shown, search.limits.few_of_all, &mut |r| {
            page.offer(&mut kept, row(r)?);
            Ok(())
        })?;
        return Ok(page.end(kept));
    }
    let all = search.all(sql)?;
    of_numbers(sql, search, by, &all, page)
}

/// The page of all that a question is for, sorted by the database.
fn sorted_there(
    sql: &mut dyn Sql,
    by: Sorted,
    question: &str,
    mut params: Vec<Param>,
    page: &Page,
) -> Result<Vec<Keyed>> {
    let column = by.column;
    let (direction, operator) = if page.descending { ("DESC", "<") } else { ("ASC", ">") };
    let mut text = format!("SELECT f.{column}, f.id {question}");
    if let Some((key, id)) = &page.after {
        let key = criteria::push(&mut params, by.param(key));
        let id = criteria::push(&mut params, id.as_str().into());
        text = format!("{text} AND (f.{column}, f.id) {operator} ({key}, {id})");
    }
    let limit = criteria::push(&mut params, i64::try_from(page.most).unwrap_or(i64::MAX).into());
    text = format!("{text} ORDER BY f.{column} {direction}, f.id {direction} LIMIT {limit}");
    sql.all(&text, &params, |row| Ok((by.key(row, 0)?, row.string(1)?)))
}

/// Looks at the next findings in their order; whether there are no more.
///
/// The conditions are among what is shown, not among what is asked for, so that nothing but the order leads the way.
fn window(sql: &mut dyn Sql, search: &Search<'_>, by: Sorted, size: usize, page: &mut Page) -> Result<bool> {
    let mut params = search.params();
    let stretch = stretch(search, by, page, &mut params);
    let conditions = search.conditions(&mut params);
    let meets = if conditions.is_empty() { "1 = 1".to_owned() } else { conditions.join(" AND ") };
    params.push(i64::try_from(size).unwrap_or(i64::MAX).into());
    let text =
        format!("SELECT CASE WHEN {meets} THEN 1 ELSE 0 END, f.{}, f.id {stretch} LIMIT ?{}", by.column, params.len());
    let rows = sql.all(&text, &params, |row| Ok((row.int(0)? != 0, (by.key(row, 1)?, row.string(2)?))))?;
    let ended = rows.len() < size;
    page.after = rows.last().map(|(_, last)| last.clone()).or_else(|| page.after.take());
    page.found.extend(rows.into_iter().filter(|(meets, _)| *meets).map(|(_, keyed)| keyed));
    Ok(ended)
}

/// The part of an index that the page is in, in its order.
fn stretch(search: &Search<'_>, by: Sorted, page: &Page, params: &mut Vec<Param>) -> String {
    let mut text = "FROM finding f WHERE f.detector = ?1".to_owned();
    if let Some(archived) = search.archived()
        && matches!(by.column, "updated_at" | "severity")
    {
        text = format!("{text} AND f.archived = {}", criteria::push(params, archived.into()));
    }
    text += &search.range(by.column, params);
    let (direction, operator) = if page.descending { ("DESC", "<") } else { ("ASC", ">") };
    let is_id = by.column == "id";
    if let Some((key, id)) = &page.after {
        let id = criteria::push(params, id.as_str().into());
        text += &match is_id {
            true => format!(" AND f.id {operator} {id}"),
            false => {
                let key = criteria::push(params, by.param(key));
                format!(" AND (f.{}, f.id) {operator} ({key}, {id})", by.column)
            }
        };
    }
    match is_id {
        true => format!("{text} ORDER BY f.id {direction}"),
        false => format!("{text} ORDER BY f.{} {direction}, f.id {direction}", by.column),
    }
}

/// The page of findings whose numbers are known, sorted by a column with an index.
fn of_numbers(
    sql: &mut dyn Sql,
    search: &Search<'_>,
    by: Sorted,
    numbers: &[i64],
    mut page: Page,
) -> Result<Vec<Keyed>> {
    if numbers.len() <= search.limits.by_number {
        let mut kept = Vec::new();
        for some in numbers.chunks(AT_ONCE) {
            let mut params = search.params();
            let some = postings::numbers(some, &mut params);
            let detector = search.detector();
            let text =
                format!("SELECT f.{}, f.id FROM finding f WHERE {detector} = ?1 AND f.number IN ({some})", by.column);
            sql.each(&text, &params, &mut |row| {
                page.offer(&mut kept, (by.key(row, 0)?, row.string(1)?));
                Ok(())
            })?;
        }
        return Ok(page.end(kept));
    }
    in_order(sql, search, by, &|number| numbers.binary_search(&number).is_ok(), page)
}

/// The page of findings that are wanted, by looking at them in their order.
fn in_order(
    sql: &mut dyn Sql,
    search: &Search<'_>,
    by: Sorted,
    is_wanted: &dyn Fn(i64) -> bool,
    mut page: Page,
) -> Result<Vec<Keyed>> {
    let mut stride = FIRST_STRIDE.min(search.limits.stride);
    loop {
        let mut params = search.params();
        let stretch = stretch(search, by, &page, &mut params);
        params.push(i64::try_from(stride).unwrap_or(i64::MAX).into());
        let text = format!("SELECT f.number, f.{}, f.id {stretch} LIMIT ?{}", by.column, params.len());
        let (mut rows, mut last) = (0, None);
        sql.each(&text, &params, &mut |row| {
            rows += 1;
            let wanted = !page.is_full() && is_wanted(row.int(0)?);
            if wanted || rows == stride {
                let keyed = (by.key(row, 1)?, row.string(2)?);
                if wanted {
                    page.found.push(keyed.clone());
                }
                last = Some(keyed);
            }
            Ok(())
        })?;
        if page.is_full() || rows < stride {
            return Ok(page.found);
        }
        page.after = last;
        stride = (stride * 4).min(search.limits.stride);
    }
}

/// The page by severity when nothing but types, severities and whether they are archived is asked: the types come one
/// after another in an index, each by severity, and are merged. `None` when more is asked, or too many types.
fn by_types(sql: &mut dyn Sql, search: &Search<'_>, page: &Page) -> Result<Option<Vec<Keyed>>> {
    let graded = |column: &str| matches!(column, "type" | "archived" | "severity");
    if !search.attributes.is_empty() || search.columns.iter().any(|c| !graded(c.column)) {
        return Ok(None);
    }
    let Some(types) = search.types(sql)?.filter(|types| types.len() <= search.limits.merged_types) else {
        return Ok(None);
    };
    let archived = match search.archived() {
        Some(one) => vec![one],
        None => vec![false, true],
    };
    let by = Sorted { column: "severity", kind: Kind::Number };
    let mut merged = Page::new(page.descending, page.after.clone(), page.most, page.stride);
    let mut kept = Vec::new();
    for (kind, _) in &types {
        for archived in &archived {
            let mut params = search.params();
            let of = format!(
                " AND f.type = {} AND f.archived = {}",
                criteria::push(&mut params, kind.as_str().into()),
                criteria::push(&mut params, (*archived).into())
            );
            // What of the other conditions is no stretch of the index leaves out few: severities are few.
            let wanted: String = search.conditions(&mut params).iter().map(|c| format!(" AND {c}")).collect();
            let mut after = String::new();
            let (direction, operator) = if page.descending { ("DESC", "<") } else { ("ASC", ">") };
            if let Some((key, id)) = &page.after {
                let key = criteria::push(&mut params, by.param(key));
                let id = criteria::push(&mut params, id.as_str().into());
                after = format!(" AND (f.severity, f.id) {operator} ({key}, {id})");
            }
            let range = search.range("severity", &mut params);
            let limit = criteria::push(&mut params, i64::try_from(page.most).unwrap_or(i64::MAX).into());
            let text = format!(
                "SELECT f.severity, f.id FROM finding f WHERE f.detector = ?1{of}{wanted}{after}{range} \
                 ORDER BY f.severity {direction}, f.id {direction} LIMIT {limit}"
            );
            sql.each(&text, &params, &mut |row| {
                merged.offer(&mut kept, (by.key(row, 0)?, row.string(1)?));
                Ok(())
            })?;
        }
    }
    Ok(Some(merged.end(kept)))
}

/// The page by an attribute that has no column: by the least of its values, and the empty text where it lacks.
fn by_attribute(sql: &mut dyn Sql, search: &Search<'_>, path: &str, mut page: Page) -> Result<Vec<Keyed>> {
    let mut ranks = Ranks::read(sql, path, search.limits)?;
    // When all findings are wanted and many lack the attribute, those are come upon in their order and need not be known.
    let lack = if search.is_all() { ranks.lack(sql, search.limits)? } else { Lack::Some };
    let wanted = match lack {
        Lack::None | Lack::Many => None,
        Lack::Some => Some(search.every(sql)?),
    };
    let groups = ranks.groups(wanted.as_deref());
    // Findings of one value are sorted by their ids.
    let begin = page.after.take();
    let places: Box<dyn Iterator<Item = usize>> =
        if page.descending { Box::new((0..ranks.texts.len()).rev()) } else { Box::new(0..ranks.texts.len()) };
    for place in places {
        let text = &ranks.texts[place];
        let numbers = groups.of(place);
        let are_without = place == Ranks::WITHOUT && lack == Lack::Many;
        if numbers.is_empty() && !are_without {
            continue;
        }
        let mut after = None;
        if let Some((Key::Text(begin), id)) = &begin {
            match text.cmp(begin) {
                Ordering::Equal => after = Some((Key::Text(id.clone()), id.clone())),
                Ordering::Less if !page.descending => continue,
                Ordering::Greater if page.descending => continue,
                _ => {}
            }
        }
        let most = page.most - page.found.len();
        let within = Page::new(page.descending, after, most, page.stride);
        let found = match are_without {
            true => in_order(sql, search, Sorted::ID, &|n| ranks.place(n) == Ranks::WITHOUT, within)?,
            false => of_numbers(sql, search, Sorted::ID, numbers, within)?,
        };
        page.found.extend(found.into_iter().map(|(_, id)| (Key::Text(text.clone()), id)));
        if page.is_full() {
            break;
        }
    }
    Ok(page.found)
}
