//! What was read of many objects, for those who want to know.

use picquet_logs::{ObjectReport, RecordKind};
use picquet_model::EventTime;
use std::collections::{BTreeMap, BTreeSet};

/// What was read. Tallies of parts make that of the whole, in any order.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Objects read.
    pub objects: u64,
    /// Uncompressed bytes.
    pub bytes: u64,
    /// Bytes as the objects hold them.
    pub bytes_read: u64,
    /// Records by kind.
    pub records: BTreeMap<RecordKind, u64>,
    /// Records that carry nothing to profile.
    pub passed_over: BTreeMap<&'static str, u64>,
    /// Objects passed over, by why.
    pub skipped: BTreeMap<String, u64>,
    /// Some of those that were opened, with why; the first by name.
    pub passed: BTreeSet<(String, &'static str)>,
    /// Objects that could not be opened, with why.
    pub unreadable: Vec<String>,
    /// Records that could not be read, by cause.
    pub defects: BTreeMap<&'static str, u64>,
    /// Where the first of each object and cause is: object, line, offset, cause; the first by name.
    pub places: BTreeSet<(String, u64, u64, &'static str)>,
    /// The span of the records.
    pub span: Option<(EventTime, EventTime)>,
}

/// How many places of defects, and how many objects without logs, are kept.
const PLACES: usize = 200;

impl Tally {
    /// Adds what was read of one object.
    pub fn add(&mut self, object: &str, report: &ObjectReport, bytes_read: u64) {
        self.bytes += report.bytes;
        self.bytes_read += bytes_read;
        match report.not_read {
            Some(why) => {
                *self.skipped.entry(why.to_owned()).or_default() += 1;
                self.passed.insert((object.to_owned(), why));
            }
            None => self.objects += 1,
        }
        for (&kind, n) in &report.records {
            *self.records.entry(kind).or_default() += n;
        }
        for (&what, n) in &report.passed_over {
            *self.passed_over.entry(what).or_default() += n;
        }
        for d in &report.defects {
            *self.defects.entry(d.cause).or_default() += d.count;
            self.places.insert((object.to_owned(), d.line, d.offset, d.cause));
        }
        keep_first(&mut self.places);
        keep_first(&mut self.passed);
        if let Some((first, last)) = report.span {
            self.span = Some(self.span.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
        }
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: Self) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.bytes_read += other.bytes_read;
        other.records.into_iter().for_each(|(k, n)| *self.records.entry(k).or_default() += n);
        other.passed_over.into_iter().for_each(|(k, n)| *self.passed_over.entry(k).or_default() += n);
        other.skipped.into_iter().for_each(|(k, n)| *self.skipped.entry(k).or_default() += n);
        other.defects.into_iter().for_each(|(k, n)| *self.defects.entry(k).or_default() += n);
        self.unreadable.extend(other.unreadable);
        self.places.extend(other.places);
        keep_first(&mut self.places);
        self.passed.extend(other.passed);
        keep_first(&mut self.passed);
        self.span = match (self.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (a, b) => a.or(b),
        };
    }
}

fn keep_first<T: Ord>(all: &mut BTreeSet<T>) {
    while all.len() > PLACES {
        all.pop_last();
    }
}
