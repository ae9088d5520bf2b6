//! What was read: everything that a reader needs to judge what "no finding" is worth.

use picquet_model::EventTime;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a run examined, and what it could not.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Picquet's version.
    pub version: String,
    /// Objects (files) that were read.
    pub objects: u64,
    /// Objects that were left out on purpose, by the reason.
    pub objects_skipped: BTreeMap<String, u64>,
    /// Some objects that were left out though they were given as logs, with the reason: those that come first by name.
    pub skipped_examples: Vec<(String, String)>,
    /// Objects that could not be read.
    pub objects_unreadable: u64,
    /// Bytes of log text, after decompression.
    pub bytes: u64,
    /// Bytes that were read from the source.
    pub bytes_read: u64,
    /// Records by kind: `VPC flow records`, `CloudTrail management events`, ...
    pub records: BTreeMap<String, u64>,
    /// Parts of the input that were lost, by cause.
    pub defects: BTreeMap<String, u64>,
    /// A few of them, with their place.
    pub defect_examples: Vec<Defect>,
    /// The earliest record.
    pub first_event: Option<EventTime>,
    /// The latest record.
    pub last_event: Option<EventTime>,
    /// How long the run took.
    pub elapsed_secs: f64,
    /// Accounts that records were seen of.
    pub accounts: BTreeSet<String>,
    /// Regions that records were seen of.
    pub regions: BTreeSet<String>,
    /// Threat and trusted lists that were used.
    pub lists: Vec<ListUsed>,
    /// Detectors that had nothing to look at.
    pub detectors_without_data: Vec<MissingData>,
    /// Findings that the caller's filters (severity, type, suppression) hide.
    pub findings_hidden: u64,
    /// Anything else that a reader should know.
    pub notes: Vec<String>,
}

/// A part of the input that was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Defect {
    /// The object's name.
    pub object: String,
    /// The line, from 1, or the record's number.
    pub line: Option<u64>,
    /// The byte offset in the decompressed text.
    pub offset: Option<u64>,
    /// What is wrong.
    pub cause: String,
}

/// A list that was matched against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListUsed {
    /// Its name.
    pub name: String,
    /// What being on it means: `threat`, `trusted`, `tor`, ...
    pub category: String,
    /// How many entries it has.
    pub entries: u64,
}

/// A detector that had nothing to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MissingData {
    /// The detector's key.
    pub detector: String,
    /// What it needs: `Route 53 Resolver query logs`, `a Tor list`, ...
    pub needs: String,
}

impl Summary {
    /// All records.
    pub fn records_total(&self) -> u64 {
        self.records.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// All defects.
    pub fn defects_total(&self) -> u64 {
        self.defects.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Whether part of the input was lost.
    pub fn is_partial(&self) -> bool {
        self.objects_unreadable > 0 || self.defects_total() > 0
    }
}
