//! The kinds of targets.

pub mod bucket;
pub mod eventbridge;
pub mod http;
pub mod securityhub;
pub mod syslog;

use crate::item::Item;
use std::fmt::Display;

/// Why an item was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// In the target's words.
    pub why: String,
    /// Whether the item itself is at fault, so that others may be taken.
    pub of_itself: bool,
}

impl Refused {
    /// The target is at fault, or the way to it.
    pub fn now(why: impl Display) -> Self {
        Self { why: cut(why), of_itself: false }
    }

    /// The item is at fault.
    pub fn item(why: impl Display) -> Self {
        Self { why: cut(why), of_itself: true }
    }
}

fn cut(why: impl Display) -> String {
    why.to_string().chars().take(300).collect()
}

/// What became of one item.
pub type Outcome = Result<(), Refused>;

/// A target, ready to be sent to.
pub enum Target {
    /// EventBridge.
    Eventbridge(eventbridge::Bus),
    /// A webhook, or Slack.
    Http(http::Hook),
    /// Syslog.
    Syslog(syslog::Syslog),
    /// Security Hub.
    SecurityHub(securityhub::Hub),
    /// A bucket: GuardDuty's export, or OCSF.
    Bucket(bucket::Export),
}

impl Target {
    /// Its kind, as settings name it; that of a detector's destination is `bucket`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Eventbridge(_) => "eventbridge",
            Self::Http(hook) => hook.kind(),
            Self::Syslog(_) => "syslog",
            Self::SecurityHub(_) => "security-hub",
            Self::Bucket(export) => export.kind(),
        }
    }

    /// Sends items; what became of each.
    pub async fn send(&self, items: &[Item]) -> Vec<Outcome> {
        match self {
            Self::Eventbridge(bus) => bus.send(items).await,
            Self::Http(hook) => hook.send(items).await,
            Self::Syslog(syslog) => syslog.send(items).await,
            Self::SecurityHub(hub) => hub.send(items).await,
            Self::Bucket(export) => export.send(items).await,
        }
    }
}

/// All of them failed in one way.
fn all(items: &[Item], refused: Refused) -> Vec<Outcome> {
    items.iter().map(|_| Err(refused.clone())).collect()
}
