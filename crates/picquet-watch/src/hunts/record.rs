//! What is kept of a hunt, and told.

use super::scope::Scope;
use picquet_model::Severity;
use picquet_source::Tally;
use picquet_store::documents::Document;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A hunt; its id is the document's, and it is of its caller's account and no region.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hunt {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who started it.
    pub created_by: String,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// When it was its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// How far it is.
    pub state: State,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it looks through.
    pub scope: Scope,
    /// What it read.
    pub progress: Value,
    /// What it found, once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<Counts>,
}

impl Document for Hunt {
    const KIND: &'static str = "hunt";
}

/// How far a hunt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for others.
    Queued,
    /// It looks for the objects.
    Listing,
    /// It reads them.
    Reading,
    /// It judges what they showed.
    Judging,
    /// It ended well.
    Done,
    /// It was told to stop.
    Cancelled,
    /// It could not go on.
    Failed,
}

impl State {
    /// Whether nothing more comes.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

/// How many findings there are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// All of them.
    pub total: usize,
    /// Those that are kept: the severest.
    pub kept: usize,
    /// All of them by type.
    pub types: BTreeMap<String, usize>,
    /// All of them by the band of their severity.
    pub by_severity: BTreeMap<String, usize>,
}

impl Counts {
    /// Counts one.
    pub fn add(&mut self, of_type: &str, severity: f64) {
        self.total += 1;
        *self.types.entry(of_type.to_owned()).or_default() += 1;
        *self.by_severity.entry(Severity::of(severity).name().to_owned()).or_default() += 1;
    }
}

/// A finding of a hunt as a whole, in the JSON of the API; below its hunt, by its id.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct HuntFinding(pub Value);

impl Document for HuntFinding {
    const KIND: &'static str = "hunt-finding";
}

/// What all findings of a hunt are, in short: one document below the hunt, since it is read as a whole.
#[derive(Default, Serialize, Deserialize)]
pub struct Found {
    /// Those that are kept, the severest first.
    pub kept: Vec<Brief>,
    /// The ids of those that are not.
    pub others: Vec<String>,
}

impl Document for Found {
    const KIND: &'static str = "hunt-found";
}

/// A finding in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Brief {
    /// Its id, which is the id in the detector when it is there.
    pub id: String,
    /// Its type.
    pub r#type: String,
    /// From 1 to 10.
    pub severity: f64,
    /// Its title.
    pub title: String,
    /// Its account.
    pub account_id: String,
    /// Its region.
    pub region: String,
    /// The instance, principal or bucket that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// How often it was seen.
    pub count: i64,
    /// When it was seen first; ISO 8601.
    pub first_seen: String,
    /// When it was seen last.
    pub last_seen: String,
}

/// Where a finding tells what it is about, the most telling first.
const RESOURCES: [&str; 5] = [
    "/resource/instanceDetails/instanceId",
    "/resource/s3BucketDetails/0/name",
    "/resource/accessKeyDetails/userName",
    "/resource/accessKeyDetails/principalId",
    "/resource/instanceDetails/networkInterfaces/0/networkInterfaceId",
];

impl Brief {
    /// Of a finding in the JSON of the API.
    pub fn of(finding: &Value) -> Self {
        let at = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let text = |pointer: &str| at(pointer).unwrap_or_default().to_owned();
        Self {
            id: text("/id"),
            r#type: text("/type"),
            severity: finding.pointer("/severity").and_then(Value::as_f64).unwrap_or_default(),
            title: text("/title"),
            account_id: text("/accountId"),
            region: text("/region"),
            resource: RESOURCES.iter().find_map(|pointer| at(pointer)).map(str::to_owned),
            count: finding.pointer("/service/count").and_then(Value::as_i64).unwrap_or(1),
            first_seen: text("/service/eventFirstSeen"),
            last_seen: text("/service/eventLastSeen"),
        }
    }
}

/// What is told of a hunt.
pub fn told(id: &str, hunt: &Hunt) -> Value {
    let mut told = serde_json::to_value(hunt).unwrap_or_default();
    told["id"] = id.into();
    told["scope"] = hunt.scope.told();
    told
}

/// What is told of a tally.
pub fn tally(read: &Tally) -> Value {
    json!({
        "records": read.records.iter().map(|(kind, n)| (kind.name(), *n)).collect::<BTreeMap<_, _>>(),
        "skipped": read.skipped,
        "unreadable": read.unreadable,
        "defects": read.defects,
        "places": read.places.iter().map(|(object, line, offset, cause)| {
            json!({ "object": object, "line": line, "offset": offset, "cause": cause })
        }).collect::<Vec<_>>(),
        "firstEvent": read.span.map(|(first, _)| first.to_string()),
        "lastEvent": read.span.map(|(_, last)| last.to_string()),
    })
}
