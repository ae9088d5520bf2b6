//! Hunts: scans of what the sources hold of a time, as the API sees them.

use crate::operation::OperationError;
use serde::Deserialize;
use serde_json::Value;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Hunter<'a> {
    /// The user.
    pub user: &'a str,
    /// Its account, whose hunts these are.
    pub account: &'a str,
    /// Whether it may hunt through the logs of all accounts.
    pub is_administrator: bool,
}

/// What a hunt is to be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct NewHunt {
    /// What people call it.
    pub name: Option<String>,
    /// The names of the sources that are read; all when there are none.
    pub sources: Vec<String>,
    /// The accounts whose logs are read: the caller's own when there are none, all that it may for `*`.
    pub accounts: Vec<String>,
    /// The first moment that is looked at: a date, or RFC 3339.
    pub since: String,
    /// The last moment; now when it is left out.
    pub until: Option<String>,
    /// Days before `since` that are read to learn what is usual.
    pub learn_days: Option<u16>,
    /// Settings of detection, as TOML, in the place of those in effect.
    pub settings: Option<String>,
}

/// Hunts of a process. What is told is JSON as it is answered.
pub trait Hunting: Send + Sync {
    /// The hunts of the caller's account, newest first, and what may be hunted through.
    ///
    /// # Errors
    /// When the store fails.
    fn list(&self, by: Hunter<'_>) -> Result<Value, OperationError>;

    /// Starts a hunt, or lets it wait for others.
    ///
    /// # Errors
    /// When it is not well described, too many wait, or the store fails.
    fn start(&self, by: Hunter<'_>, id: &str, asked: NewHunt) -> Result<Value, OperationError>;

    /// One hunt.
    ///
    /// # Errors
    /// When it is not there, or the store fails.
    fn get(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError>;

    /// Stops a hunt; one that has ended stays as it is.
    ///
    /// # Errors
    /// When it is not there, or the store fails.
    fn cancel(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError>;

    /// Removes a hunt and what it found.
    ///
    /// # Errors
    /// When it is not there, or the store fails.
    fn remove(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError>;

    /// What it found, each with how it stands in its detector, and what only the detectors have.
    ///
    /// # Errors
    /// When it is not there or has not ended, or the store fails.
    fn findings(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError>;

    /// One finding of it, whole.
    ///
    /// # Errors
    /// When it is not there, or the store fails.
    fn finding(&self, by: Hunter<'_>, id: &str, finding: &str) -> Result<Value, OperationError>;

    /// Takes findings of it into the detectors of their accounts and regions.
    ///
    /// # Errors
    /// When it is not there, or the store fails.
    fn promote(&self, by: Hunter<'_>, id: &str, findings: &[String]) -> Result<Value, OperationError>;
}
