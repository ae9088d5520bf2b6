//! The catalogue of finding types: one row a type, in `catalogue/*.toml`.
//!
//! The row is the single place for a type's severity, role, title, description and remediation; detectors,
//! `picquet explain`, the reports and the documentation read it from here.

use serde::Deserialize;
use std::sync::LazyLock;

/// The data source that a type is found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// CloudTrail management events.
    Cloudtrail,
    /// CloudTrail S3 data events.
    S3Data,
    /// VPC Flow Logs.
    Flow,
    /// Route 53 Resolver query logs.
    Dns,
}

/// Whether GuardDuty still raises a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Raised today.
    Active,
    /// Raised no longer; Picquet does only behind the `retired` switch.
    Retired,
}

/// One row of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingType {
    /// `Purpose:Resource/Family.Mechanism!Artifact`.
    pub name: String,
    /// Active or retired.
    pub status: Status,
    /// `Instance`, `AccessKey` or `S3Bucket`.
    pub resource: String,
    /// Where it is found.
    pub source: Source,
    /// Default severity; a detector may set another by the context rules in `severity_note`.
    pub severity: f64,
    /// When the severity differs from the default.
    #[serde(default)]
    pub severity_note: String,
    /// `TARGET` or `ACTOR` (a detector with both says which).
    pub role: String,
    /// `AWS_API_CALL`, `NETWORK_CONNECTION`, `PORT_PROBE` or `DNS_REQUEST`.
    pub action: String,
    /// `threat-list`, `rule`, `heuristics`, `ml-...`.
    pub technique: String,
    /// The detector that raises it, by its configuration key; empty while none does.
    #[serde(default)]
    pub detector: String,
    /// Other detectors that raise it.
    #[serde(default)]
    pub also: Vec<String>,
    /// MITRE ATT&CK technique ids.
    #[serde(default)]
    pub attack: Vec<String>,
    /// One line, with placeholders such as `{instance}` and `{remote_ip}`.
    pub title: String,
    /// One or two sentences, with the same placeholders.
    pub description: String,
    /// What makes Picquet raise it.
    pub trigger: String,
    /// What to do.
    pub remediation: String,
}

impl FindingType {
    /// The threat purpose: what stands before the colon.
    pub fn purpose(&self) -> &str {
        self.name.split(':').next().unwrap_or(&self.name)
    }
}

/// A row's place in the catalogue, which is sorted by name.
/// Serialized as the type's name, so that it means the same in every version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(u16);

impl serde::Serialize for TypeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for TypeId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::of(&name).ok_or_else(|| serde::de::Error::custom(format!("no finding type '{name}'")))
    }
}

impl FindingType {
    /// Whether a detector raises it.
    pub fn is_raised_by(&self, detector: &str) -> bool {
        self.detector == detector || self.also.iter().any(|other| other == detector)
    }
}

impl TypeId {
    /// The row.
    pub fn row(self) -> &'static FindingType {
        &all()[usize::from(self.0)]
    }

    /// The type's name.
    pub fn name(self) -> &'static str {
        &self.row().name
    }

    /// Looks a type up by its name.
    pub fn of(name: &str) -> Option<Self> {
        // At most 65,535 rows: a test of the catalogue would not end otherwise.
        all().binary_search_by(|row| row.name.as_str().cmp(name)).ok().map(|i| Self(i as u16))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "type")]
    rows: Vec<FindingType>,
}

const FILES: [(&str, &str); 4] = [
    ("cloudtrail.toml", include_str!("../catalogue/cloudtrail.toml")),
    ("s3.toml", include_str!("../catalogue/s3.toml")),
    ("flow.toml", include_str!("../catalogue/flow.toml")),
    ("dns.toml", include_str!("../catalogue/dns.toml")),
];

static ROWS: LazyLock<Vec<FindingType>> = LazyLock::new(|| {
    let mut rows = Vec::new();
    for (name, text) in FILES {
        // The files are compiled in and a test reads each of them: this cannot fail in a built binary.
        let file: File = toml::from_str(text).unwrap_or_else(|e| panic!("catalogue/{name}: {e}"));
        rows.extend(file.rows);
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
});

/// All rows, sorted by name.
pub fn all() -> &'static [FindingType] {
    &ROWS
}

/// All type ids, in the order of their names.
pub fn ids() -> impl Iterator<Item = TypeId> {
    (0..all().len() as u16).map(TypeId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_complete_and_unique() {
        let rows = all();
        assert!(rows.len() > 90);
        for pair in rows.windows(2) {
            assert_ne!(pair[0].name, pair[1].name);
        }
        for row in rows {
            assert!((1.0..=10.0).contains(&row.severity), "{}", row.name);
            assert!(matches!(row.role.as_str(), "TARGET" | "ACTOR"), "{}", row.name);
            assert!(!row.title.is_empty() && !row.description.is_empty(), "{}", row.name);
            assert!(!row.trigger.is_empty() && !row.remediation.is_empty(), "{}", row.name);
            assert_eq!(TypeId::of(&row.name).map(TypeId::name), Some(row.name.as_str()));
        }
        assert_eq!(TypeId::of("No:Such/Type"), None);
    }
}
