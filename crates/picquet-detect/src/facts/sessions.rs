//! Who opened which session: calls of STS that handed out credentials.

use super::bottom::{BottomK, Element};
use crate::Str;
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};

/// How many parts an hour's sessions of an account are kept in, and how many sessions in each: more than an account is
/// likely to open in an hour, and of more a sample.
pub const SHARDS: u64 = 16;
const SESSIONS: usize = 4096;

/// A session, and who opened it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// When.
    pub time: EventTime,
    /// `AssumeRole`, ...
    pub api: Str,
    /// The access key that was handed out.
    pub key: Str,
    /// The session's ARN, where the response says so.
    pub session: Str,
    /// The access key that signed the call; empty where a service or another account's principal called.
    pub parent: Str,
    /// Who that was: an ARN, a service's name, or what there is.
    pub caller: Str,
}

impl Element for Link {
    /// A key is handed out once. Of two records that say it, the greater one stays, so that their order does not show.
    fn merge(&mut self, other: Self) {
        if other > *self {
            *self = other;
        }
    }
}

/// Sessions by a hash of their access key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFacts(pub BottomK<Link, SESSIONS>);

impl SessionFacts {
    /// Union.
    pub fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        64 + 320 * self.0.len()
    }
}
