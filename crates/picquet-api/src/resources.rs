//! What is configured, as it is kept in the store.

use crate::features::Features;
use picquet_api_model::FindingPublishingFrequency;
use picquet_store::documents::Document;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Tags of a resource.
pub type Tags = BTreeMap<String, String>;

/// A detector; its id is the document's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detector {
    /// Whether it watches.
    pub enabled: bool,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
    /// How often updates of findings are published.
    pub frequency: FindingPublishingFrequency,
    /// Its features.
    pub features: Features,
    /// Tags.
    pub tags: Tags,
}

impl Document for Detector {
    const KIND: &'static str = "detector";
}

/// The four kinds of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListKind {
    /// Trusted addresses.
    IpSet,
    /// Threatening addresses.
    ThreatIntelSet,
    /// Trusted addresses and domains.
    TrustedEntitySet,
    /// Threatening addresses and domains.
    ThreatEntitySet,
}

/// What a list is at; the names are those of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ListStatus {
    /// Not used.
    Inactive,
    /// Being fetched.
    Activating,
    /// Used.
    Active,
    /// It cannot be used; the error says why.
    Error,
    /// Deleted; clients ask until they see it.
    Deleted,
}

impl ListStatus {
    /// Its name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inactive => "INACTIVE",
            Self::Activating => "ACTIVATING",
            Self::Active => "ACTIVE",
            Self::Error => "ERROR",
            Self::Deleted => "DELETED",
        }
    }
}

/// A trusted or threat list; its id is the document's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListSet {
    /// Which kind.
    pub kind: ListKind,
    /// The name.
    pub name: String,
    /// The format's name in the API.
    pub format: String,
    /// Where it is, as the client wrote it.
    pub location: String,
    /// What it is at.
    pub status: ListStatus,
    /// Why it cannot be used.
    pub error: Option<String>,
    /// The bucket's owner, as the client wrote it.
    pub expected_bucket_owner: Option<String>,
    /// Tags.
    pub tags: Tags,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
}

impl Document for ListSet {
    const KIND: &'static str = "list";
}

/// Where findings are exported to; its id is the document's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PublishingDestination {
    /// The bucket and the key.
    pub properties: picquet_api_model::DestinationProperties,
    /// What it is at.
    pub status: picquet_api_model::PublishingStatus,
    /// Since when it fails, in milliseconds since the epoch; 0 when it does not.
    pub failing_since: i64,
    /// Tags.
    pub tags: Tags,
}

impl Document for PublishingDestination {
    const KIND: &'static str = "destination";
}
