//! What the process tells of itself: whether it works, and what its sources and targets are doing.

use crate::hunting::Hunting;
use picquet_store::StoreError;
use serde_json::Value;
use thiserror::Error;

/// A format of findings beside GuardDuty's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The Open Cybersecurity Schema Framework's.
    Ocsf,
    /// AWS Security Hub's.
    Asff,
}

impl Format {
    /// By its name in a path.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "ocsf" => Some(Self::Ocsf),
            "asff" => Some(Self::Asff),
            _ => None,
        }
    }
}

/// Why something is not told.
#[derive(Debug, Error)]
pub enum OperationError {
    /// Nothing is watched.
    #[error("This server has no sources: it judges nothing, and has no lists in use.")]
    NoSources,
    /// What is asked for is not as it must be.
    #[error("{0}")]
    Wrong(String),
    /// There is no such thing.
    #[error("{0}")]
    NotThere(String),
    /// It cannot be done now, and may be asked for again.
    #[error("{0}")]
    Busy(String),
    /// The facts cannot be judged.
    #[error("{0}")]
    Failed(String),
}

impl From<StoreError> for OperationError {
    fn from(e: StoreError) -> Self {
        Self::Failed(e.to_string())
    }
}

/// The process that serves the API, as the API sees it.
pub trait Operation: Send + Sync {
    /// Whether it can do its work; the words say why not.
    ///
    /// # Errors
    /// Why not.
    fn ready(&self) -> Result<(), String>;

    /// What it tells: of sources and targets to an administrator, of volumes by account to its users.
    ///
    /// # Errors
    /// When the store fails.
    fn status(&self, account: &str, is_administrator: bool) -> Result<Value, StoreError>;

    /// The settings of detection that are in effect, as TOML.
    ///
    /// # Errors
    /// When there are none, or they cannot be written.
    fn settings(&self) -> Result<String, OperationError>;

    /// What other settings, as TOML, would find in the facts at hand of an account and region.
    ///
    /// # Errors
    /// When the settings are wrong, the facts cannot be read, or another dry run is going on.
    fn dry_run(&self, account: &str, region: &str, settings: &str) -> Result<Value, OperationError>;

    /// What is known of addresses, names and access keys, in their order: the lists of an account and region that they
    /// are on, and where an address is.
    ///
    /// # Errors
    /// When nothing is watched.
    fn look_up(&self, account: &str, region: &str, values: &[String]) -> Result<Vec<Value>, OperationError>;

    /// Scans of what the sources hold.
    ///
    /// # Errors
    /// When there are no sources.
    fn hunting(&self) -> Result<&dyn Hunting, OperationError>;

    /// Keeps findings for so many days after their last update from now on.
    ///
    /// # Errors
    /// When the store fails.
    fn keep_for(&self, days: u16) -> Result<(), OperationError>;

    /// A finding, as GetFindings tells it, in a format; none when it is not one that Picquet writes.
    fn formatted(&self, finding: &Value, format: Format) -> Option<Value>;
}
