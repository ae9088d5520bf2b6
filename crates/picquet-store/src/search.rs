//! How findings that meet criteria are found, without leaving it to the database where to begin.
//!
//! When few findings meet one of the criteria they are read, and looked at for the others: that is the lead. Counts that
//! are kept with the findings say so, or an index that is read up to a limit. When many do, attributes without a column
//! are lists of numbers to intersect, and the columns are looked at in one pass over the table, which is faster than
//! going from an index to a great part of its rows. So what is worst is bounded by a pass and the lists.

use crate::criteria::{self, Criterion, Kind, Test};
use crate::groups::{EITHER, kind};
use crate::postings::{self, AT_ONCE, Attribute, Found};
use crate::{Dialect, Param, Result, Row, Sql};

/// How far each way goes. What is found is the same with any.
#[derive(Clone, Debug)]
pub struct Limits {
    /// So many findings are few where a page is wanted: they are read and sorted in less time than it takes to come upon
    /// the page in its order (50 of 1,000,000 findings of which so many are wanted are among the first 6,000).
    pub few: i64,
    /// So many are few where all are wanted: more are found sooner in a pass over the table.
    pub few_of_all: i64,
    /// Findings that are looked at in their order before the criteria are asked how many meet them; the last of these in
    /// parts, while the page is likely in them.
    pub windows: [usize; 4],
    /// Findings that are read by their numbers instead of a pass over all.
    pub by_number: usize,
    /// Rows of an index that are read at a time.
    pub stride: usize,
    /// Finding types whose findings are merged in their order.
    pub merged_types: usize,
    /// Values of one attribute that are looked for finding by finding.
    pub few_values: usize,
    /// Values of one attribute that are looked up one by one; when there are more, all findings with the path are gone
    /// through.
    pub sought_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            few: 8000,
            few_of_all: 100_000,
            windows: [400, 800, 3200, 16_000],
            by_number: 20_000,
            stride: 20_000,
            merged_types: 64,
            few_values: 64,
            sought_values: 4000,
        }
    }
}

/// Finding types that a pattern stands for, at most.
const MOST_TYPES: i64 = 1000;

/// A test of a column.
pub(crate) struct OnColumn<'c> {
    pub(crate) column: &'static str,
    kind: Kind,
    pub(crate) test: &'c Test,
}

impl OnColumn<'_> {
    /// Whether one stretch of an index, or a few points of it, meets the test.
    fn is_in_index(&self) -> bool {
        !matches!(self.test, Test::NotIn(_) | Test::Matches(_) | Test::NotMatches(_))
    }

    /// Whether it is greater or less than something.
    fn is_range(&self) -> bool {
        self.is_in_index() && !matches!(self.test, Test::In(_))
    }

    fn condition(&self, dialect: Dialect, indexed: bool, params: &mut Vec<Param>) -> String {
        criteria::on_column(dialect, (self.column, self.kind), self.test, indexed, params)
    }
}

/// Criteria that some findings may meet.
pub(crate) struct Search<'c> {
    dialect: Dialect,
    detector: &'c str,
    pub(crate) limits: &'c Limits,
    pub(crate) columns: Vec<OnColumn<'c>>,
    pub(crate) attributes: Vec<Attribute<'c>>,
}

/// What few findings meet.
pub(crate) enum Lead {
    /// The tests of these columns.
    Columns(&'static [&'static str]),
    /// An attribute.
    Attribute(usize),
}

/// Which findings have the attributes.
#[derive(Default)]
struct Numbers {
    /// These, or all.
    with: Option<Vec<i64>>,
    /// But none of these.
    without: Vec<Vec<i64>>,
    /// Attributes that remain to be looked at finding by finding.
    left: Vec<usize>,
}

impl Numbers {
    fn has(&self, number: i64) -> bool {
        self.with.as_ref().is_none_or(|with| with.binary_search(&number).is_ok())
            && !self.without.iter().any(|without| without.binary_search(&number).is_ok())
    }
}

impl<'c> Search<'c> {
    /// `None` when no finding can meet the criteria.
    pub(crate) fn new(
        sql: &mut dyn Sql,
        detector: &'c str,
        criteria: &'c [Criterion],
        limits: &'c Limits,
    ) -> Result<Option<Self>> {
        let mut search = Self { dialect: sql.dialect(), detector, limits, columns: Vec::new(), attributes: Vec::new() };
        for Criterion { attribute, test } in criteria {
            match criteria::column(attribute) {
                Some((column, kind)) => search.columns.push(OnColumn { column, kind, test }),
                None => match postings::look_up(sql, attribute, test, limits)? {
                    Found::Every => {}
                    Found::Nothing => return Ok(None),
                    Found::Some(found) => search.attributes.push(found),
                },
            }
        }
        Ok(Some(search))
    }

    /// Whether there are no criteria, or such as all findings meet.
    pub(crate) fn is_all(&self) -> bool {
        self.columns.is_empty() && self.attributes.is_empty()
    }

    /// Whether all criteria can be looked at finding by finding.
    pub(crate) fn is_quick(&self) -> bool {
        self.attributes.iter().all(Attribute::is_quick)
    }

    /// The detector, to begin the parameters with.
    pub(crate) fn params(&self) -> Vec<Param> {
        vec![self.detector.into()]
    }

    /// The column of the detector, by whose indexes nothing is to be looked for.
    pub(crate) fn detector(&self) -> String {
        self.dialect.unindexed("f.detector", true)
    }

    /// Conditions on the stretch of an index that is sorted by a column.
    pub(crate) fn range(&self, column: &str, params: &mut Vec<Param>) -> String {
        let ranges = self.columns.iter().filter(|c| c.column == column && c.is_range());
        ranges.map(|c| format!(" AND {}", c.condition(self.dialect, true, params))).collect()
    }

    /// Whether only archived findings, or only others, are wanted.
    pub(crate) fn archived(&self) -> Option<bool> {
        self.columns.iter().find_map(|c| match c.test {
            Test::In(values) if c.column == "archived" => match &values[..] {
                [one] => one.parse().ok(),
                _ => None,
            },
            _ => None,
        })
    }

    /// All conditions that can be looked at finding by finding, none of which leads the way.
    pub(crate) fn conditions(&self, params: &mut Vec<Param>) -> Vec<String> {
        let columns = self.columns.iter().map(|c| c.condition(self.dialect, false, params)).collect::<Vec<_>>();
        columns.into_iter().chain(self.attributes.iter().filter_map(|a| a.condition(params))).collect()
    }

    /// The finding types that are wanted, with how many findings there are of each; `None` when any is.
    pub(crate) fn types(&self, sql: &mut dyn Sql) -> Result<Option<Vec<(String, i64)>>> {
        let tests = self.columns.iter().filter(|c| c.column == "type");
        let tests: Vec<&OnColumn<'_>> = tests.filter(|c| matches!(c.test, Test::In(_) | Test::Matches(_))).collect();
        if tests.is_empty() {
            return Ok(None);
        }
        let mut params = vec![self.detector.into(), kind::TYPE.into(), EITHER.into(), MOST_TYPES.into()];
        let mut text = "SELECT f.key, f.findings FROM finding_group f WHERE f.detector = ?1 AND f.kind = ?2 \
                        AND f.archived = ?3"
            .to_owned();
        for test in tests {
            text = format!(
                "{text} AND {}",
                criteria::on_column(self.dialect, ("key", Kind::Text), test.test, true, &mut params)
            );
        }
        let types = sql.all(&(text + " LIMIT ?4"), &params, |row| Ok((row.string(0)?, row.int(1)?)))?;
        Ok(Some(types).filter(|types| (types.len() as i64) < MOST_TYPES))
    }

    /// What at most so many findings meet, if anything is known of which that is so.
    pub(crate) fn lead(&self, sql: &mut dyn Sql, few: i64) -> Result<Option<Lead>> {
        let mut best: Option<(i64, Lead)> = None;
        let mut offer = |size: i64, lead: Lead| {
            if size <= few && best.as_ref().is_none_or(|(least, _)| size < *least) {
                best = Some((size, lead));
            }
        };
        if self.columns.iter().any(|c| c.column == "id" && matches!(c.test, Test::In(_))) {
            return Ok(Some(Lead::Columns(&["id"])));
        }
        // Types of a pattern are no stretch of the index.
        if self.columns.iter().any(|c| c.column == "type" && matches!(c.test, Test::In(_)))
            && let Some(types) = self.types(sql)?
        {
            offer(types.iter().map(|(_, n)| n).sum(), Lead::Columns(&["type", "archived"]));
        }
        if let Some(size) = self.graded(sql)? {
            offer(size, Lead::Columns(&["archived", "severity"]));
        }
        let times: [(&str, &'static [&'static str]); 4] = [
            ("updated_at", &["updated_at"]),
            ("created_at", &["created_at"]),
            ("last_seen", &["last_seen"]),
            ("count", &["count"]),
        ];
        for (column, lead) in times {
            let mut params = vec![self.detector.into(), (few + 1).into()];
            let tests = self.columns.iter().filter(|c| c.column == column && c.is_in_index());
            let wanted: String =
                tests.map(|c| format!(" AND {}", c.condition(self.dialect, true, &mut params))).collect();
            if wanted.is_empty() {
                continue;
            }
            let text = format!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM finding f WHERE f.detector = ?1{wanted} LIMIT ?2) AS found"
            );
            offer(sql.first(&text, &params, |row| row.int(0))?.unwrap_or(0), Lead::Columns(lead));
        }
        for (i, attribute) in self.attributes.iter().enumerate() {
            if let Some(size) = attribute.size(sql, few + 1)? {
                offer(size, Lead::Attribute(i));
            }
        }
        Ok(best.map(|(_, lead)| lead))
    }

    /// How many findings meet the tests of the severity and of being archived, from what is counted with the findings.
    fn graded(&self, sql: &mut dyn Sql) -> Result<Option<i64>> {
        let mut params = vec![self.detector.into(), kind::SEVERITY.into(), EITHER.into()];
        let tests = self.columns.iter().filter(|c| matches!(c.column, "archived" | "severity") && c.is_in_index());
        let wanted: String = tests.map(|c| format!(" AND {}", c.condition(self.dialect, true, &mut params))).collect();
        if wanted.is_empty() {
            return Ok(None);
        }
        let text = format!(
            "SELECT CAST(COALESCE(SUM(f.findings), 0) AS BIGINT) FROM finding_group f \
             WHERE f.detector = ?1 AND f.kind = ?2 AND f.archived <> ?3{wanted}"
        );
        sql.first(&text, &params, |row| row.int(0))
    }

    /// One question for all findings that meet the criteria, from `FROM` on: PostgreSQL sorts and groups many findings
    /// sooner than it sends them, where SQLite is sooner asked for the rows. `None` where it is not to be asked so, or
    /// values of an attribute are too many to be named.
    pub(crate) fn question(&self, params: &mut Vec<Param>) -> Option<String> {
        if self.dialect != Dialect::Postgres || !self.is_quick() {
            return None;
        }
        let mut text = "FROM finding f WHERE f.detector = ?1".to_owned();
        for test in &self.columns {
            text = format!("{text} AND {}", test.condition(self.dialect, test.is_in_index(), params));
        }
        text.extend(
            self.attributes.iter().filter_map(|a| a.within(params)).map(|condition| format!(" AND {condition}")),
        );
        Some(text)
    }

    /// The numbers of all findings that meet the criteria, sorted.
    pub(crate) fn every(&self, sql: &mut dyn Sql) -> Result<Vec<i64>> {
        let (mut params, mut all) = (self.params(), Vec::new());
        if let Some(question) = self.question(&mut params) {
            // A row for a million numbers at most: a row for each takes several times as long.
            let text = format!("SELECT {} {question} GROUP BY f.number / 1000000", postings::listed("f.number"));
            sql.each(&text, &params, &mut |row| {
                all.extend(postings::listed_numbers(&row.string(0)?));
                Ok(())
            })?;
        } else {
            self.visit(sql, "", self.limits.few_of_all, &mut |row| {
                all.push(row.int(0)?);
                Ok(())
            })?;
        }
        all.sort_unstable();
        Ok(all)
    }

    /// Calls `each` with every finding that meets the criteria: its number, and what is to be shown of it. A lead serves
    /// up to `few` findings.
    pub(crate) fn visit(
        &self,
        sql: &mut dyn Sql,
        shown: &str,
        few: i64,
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        match self.lead(sql, few)? {
            Some(lead) => self.follow(sql, &lead, shown, each),
            None => self.pass(sql, shown, each),
        }
    }

    /// [`Search::visit`] from few findings.
    pub(crate) fn follow(
        &self,
        sql: &mut dyn Sql,
        lead: &Lead,
        shown: &str,
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        let slow = (0..self.attributes.len()).filter(|i| !self.attributes[*i].is_quick()).collect();
        let numbers = self.numbers(sql, slow, 0)?;
        let mut params = self.params();
        let detector = match lead {
            Lead::Columns(_) => "f.detector".to_owned(),
            Lead::Attribute(_) => self.detector(),
        };
        let mut text = format!("SELECT f.number{shown} FROM finding f WHERE {detector} = ?1");
        for test in &self.columns {
            let leads = matches!(lead, Lead::Columns(columns) if columns.contains(&test.column));
            text = format!("{text} AND {}", test.condition(self.dialect, leads && test.is_in_index(), &mut params));
        }
        for (i, attribute) in self.attributes.iter().enumerate() {
            let condition = match lead {
                Lead::Attribute(leading) if *leading == i => attribute.leading(&mut params),
                _ => attribute.condition(&mut params),
            };
            text.extend(condition.map(|condition| format!(" AND {condition}")));
        }
        sql.each(&text, &params, &mut |row| if numbers.has(row.int(0)?) { each(row) } else { Ok(()) })
    }

    /// [`Search::visit`] when many findings meet each of the criteria.
    pub(crate) fn pass(
        &self,
        sql: &mut dyn Sql,
        shown: &str,
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        let numbers = self.numbers(sql, (0..self.attributes.len()).collect(), self.limits.by_number)?;
        self.pass_of(sql, &numbers, shown, each)
    }

    fn pass_of(
        &self,
        sql: &mut dyn Sql,
        numbers: &Numbers,
        shown: &str,
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        let mut each = |row: &dyn Row| if numbers.has(row.int(0)?) { each(row) } else { Ok(()) };
        let mut params = self.params();
        let mut wanted = String::new();
        for test in &self.columns {
            wanted = format!("{wanted} AND {}", test.condition(self.dialect, false, &mut params));
        }
        for i in &numbers.left {
            let condition = self.attributes[*i].condition(&mut params);
            wanted.extend(condition.map(|condition| format!(" AND {condition}")));
        }
        match &numbers.with {
            Some(with) if with.len() <= self.limits.by_number => {
                let detector = self.detector();
                for some in with.chunks(AT_ONCE) {
                    let mut params = params.clone();
                    let some = postings::numbers(some, &mut params);
                    let text = format!(
                        "SELECT f.number{shown} FROM finding f WHERE {detector} = ?1 AND f.number IN ({some}){wanted}"
                    );
                    sql.each(&text, &params, &mut each)?;
                }
                Ok(())
            }
            _ => {
                let detector = if self.is_most(sql)? { self.detector() } else { "f.detector".into() };
                let text = format!("SELECT f.number{shown} FROM finding f WHERE {detector} = ?1{wanted}");
                sql.each(&text, &params, &mut each)
            }
        }
    }

    /// Whether a great part of all findings is of the detector, so that they are found in a pass over the table.
    fn is_most(&self, sql: &mut dyn Sql) -> Result<bool> {
        let text = "SELECT CAST(COALESCE(SUM(findings), 0) AS BIGINT) FROM finding_group \
                    WHERE detector = ?1 AND kind = ?2 AND archived = ?3";
        let of_it = sql.first(text, &[self.detector.into(), kind::SEVERITY.into(), EITHER.into()], |row| row.int(0))?;
        // Each is one look at the table; both in one question are a pass.
        let mut end = |which: &str| {
            sql.first(&format!("SELECT COALESCE({which}(number), 0) FROM finding"), &[], |row| row.int(0))
        };
        let (last, first) = (end("MAX")?.unwrap_or(0), end("MIN")?.unwrap_or(0));
        Ok(of_it.unwrap_or(0) > last.saturating_sub(first) / 8)
    }

    /// The findings that have the attributes. When they have become so few that a look at each costs less than a list,
    /// what can be looked at so is left.
    fn numbers(&self, sql: &mut dyn Sql, mut which: Vec<usize>, few: usize) -> Result<Numbers> {
        let mut numbers = Numbers::default();
        // Those that make the lists shorter come first.
        which.sort_by_key(|i| (self.attributes[*i].not, !self.attributes[*i].is_quick()));
        for i in which {
            let attribute = &self.attributes[i];
            let are_few = numbers.with.as_ref().is_some_and(|with| with.len() <= few);
            if are_few && attribute.is_quick() {
                numbers.left.push(i);
            } else if numbers.with.as_ref().is_none_or(|with| !with.is_empty()) {
                let found = attribute.findings(sql, self.limits)?;
                match &mut numbers.with {
                    _ if attribute.not => numbers.without.push(found),
                    Some(with) => with.retain(|n| found.binary_search(n).is_ok()),
                    None => numbers.with = Some(found),
                }
            }
        }
        Ok(numbers)
    }

    /// The numbers of all findings that meet the criteria, sorted; findings of other detectors may be among them.
    pub(crate) fn all(&self, sql: &mut dyn Sql) -> Result<Vec<i64>> {
        let mut all = Vec::new();
        let mut numbers = self.numbers(sql, (0..self.attributes.len()).collect(), self.limits.by_number)?;
        if self.columns.is_empty()
            && numbers.left.is_empty()
            && let Some(mut with) = numbers.with.take()
        {
            with.retain(|n| numbers.has(*n));
            return Ok(with);
        }
        self.pass_of(sql, &numbers, "", &mut |row| {
            all.push(row.int(0)?);
            Ok(())
        })?;
        all.sort_unstable();
        Ok(all)
    }
}
