//! What came of reading one object.

use picquet_model::EventTime;
use std::collections::BTreeMap;

/// The kinds of record that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// CloudTrail management events.
    CloudTrailManagement,
    /// CloudTrail data events.
    CloudTrailData,
    /// CloudTrail network activity events of VPC endpoints.
    CloudTrailNetwork,
    /// VPC Flow Log records.
    VpcFlow,
    /// Route 53 Resolver query log records.
    ResolverDns,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::CloudTrailManagement, Self::CloudTrailData, Self::CloudTrailNetwork, Self::VpcFlow, Self::ResolverDns];

    /// The name that a person reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloudTrailManagement => "CloudTrail management events",
            Self::CloudTrailData => "CloudTrail data events",
            Self::CloudTrailNetwork => "CloudTrail network activity events",
            Self::VpcFlow => "VPC flow records",
            Self::ResolverDns => "Resolver DNS queries",
        }
    }
}

/// Records of one object that could not be read, for one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefectGroup {
    /// Why.
    pub cause: &'static str,
    /// How many.
    pub count: u64,
    /// Line of the first, counted from 1.
    pub line: u64,
    /// Byte offset of the first in the uncompressed object.
    pub offset: u64,
}

/// What an object held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectReport {
    /// Records handed on, by kind.
    pub records: BTreeMap<RecordKind, u64>,
    /// Records that carry nothing to profile, by what they are (`NODATA`, insight events, ...).
    pub passed_over: BTreeMap<&'static str, u64>,
    /// What could not be read, one entry a cause.
    pub defects: Vec<DefectGroup>,
    /// Set when the whole object is not for us: digest files, Transit Gateway flow logs, unknown content.
    pub not_read: Option<&'static str>,
    /// Uncompressed bytes looked at.
    pub bytes: u64,
    /// The earliest and the latest event time.
    pub span: Option<(EventTime, EventTime)>,
}

impl ObjectReport {
    /// Counts a record.
    #[inline]
    pub fn record(&mut self, kind: RecordKind, time: EventTime) {
        *self.records.entry(kind).or_default() += 1;
        self.span = Some(match self.span {
            Some((first, last)) => (first.min(time), last.max(time)),
            None => (time, time),
        });
    }

    /// Counts a record that carries nothing to profile.
    pub fn pass_over(&mut self, what: &'static str) {
        *self.passed_over.entry(what).or_default() += 1;
    }

    /// Counts a defect; `place` gives line and offset and is asked for the first of a cause only.
    pub fn defect(&mut self, cause: &'static str, place: impl FnOnce() -> (u64, u64)) {
        if let Some(group) = self.defects.iter_mut().find(|g| g.cause == cause) {
            group.count += 1;
            return;
        }
        let (line, offset) = place();
        self.defects.push(DefectGroup { cause, count: 1, line, offset });
    }

    /// All records handed on.
    pub fn total_records(&self) -> u64 {
        self.records.values().sum()
    }
}
