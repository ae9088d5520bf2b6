//! What is known of an account as a whole.

use crate::Str;
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The regions of an account and the span of its records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// Regions with records; each has its own detector.
    pub regions: BTreeSet<Str>,
    /// The earliest record.
    pub first: EventTime,
    /// The latest record.
    pub last: EventTime,
}

impl AccountFacts {
    /// One record's worth.
    pub fn new(region: &str, time: EventTime) -> Self {
        Self { regions: BTreeSet::from([region.into()]), first: time, last: time }
    }

    /// Union and span.
    pub fn merge(&mut self, other: Self) {
        self.regions.extend(other.regions);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}
