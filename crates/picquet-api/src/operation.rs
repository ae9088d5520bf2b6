//! What the process tells of itself: whether it works, and what its sources and targets are doing.

use serde_json::Value;

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
    fn status(&self, account: &str, is_administrator: bool) -> Result<Value, picquet_store::StoreError>;
}
