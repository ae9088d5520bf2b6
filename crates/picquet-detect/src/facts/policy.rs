//! Facts of account settings: the password policy, and the buckets that trails write to.

use super::Latest;
use super::signal::ApiDetail;
use crate::Str;
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An account's password policy, as `iam:UpdateAccountPasswordPolicy` sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Characters; AWS's default is 8 (IAM user guide, "Default password policy"), 6 when a custom policy
    /// does not say.
    pub minimum_length: u32,
    /// A symbol is needed.
    pub symbols: bool,
    /// A digit is needed.
    pub numbers: bool,
    /// An upper-case letter is needed.
    pub uppercase: bool,
    /// A lower-case letter is needed.
    pub lowercase: bool,
    /// How many earlier passwords may not be used again; 0 for any.
    pub reuse_prevention: u32,
    /// Days after which a password expires; 0 for never.
    pub max_age: u32,
}

/// The policy that holds when the account has none (IAM user guide, "Default password policy").
pub const AWS_DEFAULT: PasswordPolicy = PasswordPolicy {
    minimum_length: 8,
    symbols: false,
    numbers: false,
    uppercase: false,
    lowercase: false,
    reuse_prevention: 0,
    max_age: 0,
};

/// One change of the policy, or an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChange {
    /// What was asked for; `None` to delete the policy.
    pub policy: Option<PasswordPolicy>,
    /// Whether it took effect.
    pub succeeded: bool,
    /// The call.
    pub call: ApiDetail,
}

/// All changes of an account's policy that were seen, by time and event hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFacts {
    /// The changes.
    pub changes: BTreeMap<(EventTime, u64), PolicyChange>,
    /// The policy that an earlier scan left in force, and the change that set it.
    pub known: Option<Latest<PasswordPolicy>>,
}

impl PolicyFacts {
    /// What a later scan begins with: the policy in force, not the changes, which were judged.
    pub fn into_baseline(mut self) -> Self {
        let set = self.changes.iter().rev().find(|(_, change)| change.succeeded);
        let last = set.map(|(&(time, hash), c)| Latest::new(time, hash, c.policy.clone().unwrap_or(AWS_DEFAULT)));
        Latest::merge(&mut self.known, last);
        Self { changes: BTreeMap::new(), known: self.known }
    }

    /// Policies change rarely; a scan that sees more keeps the latest.
    const KEPT: usize = 1024;

    /// Union, and the latest known policy.
    pub fn merge(&mut self, other: Self) {
        Latest::merge(&mut self.known, other.known);
        for (at, change) in other.changes {
            super::keep_greater(&mut self.changes, at, change);
        }
        while self.changes.len() > Self::KEPT {
            self.changes.pop_first();
        }
    }
}

/// The buckets that receive trails, and deletions of buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailFacts {
    /// Buckets that a trail was seen to use, with when that was first seen.
    pub buckets: BTreeMap<Str, EventTime>,
    /// Successful `DeleteBucket` calls, by time and event hash: bucket, region, call.
    pub deleted: BTreeMap<(EventTime, u64), (Str, Str, ApiDetail)>,
}

impl TrailFacts {
    /// What a later scan begins with: the buckets, not their deletions, which were judged.
    pub fn into_baseline(self) -> Self {
        Self { deleted: BTreeMap::new(), ..self }
    }

    /// Bounds what a hostile log can make the fact hold.
    const KEPT: usize = 4096;

    /// Union, with the earliest sighting of each bucket.
    pub fn merge(&mut self, other: Self) {
        for (bucket, time) in other.buckets {
            self.buckets.entry(bucket).and_modify(|t| *t = (*t).min(time)).or_insert(time);
        }
        for (at, deletion) in other.deleted {
            super::keep_greater(&mut self.deleted, at, deletion);
        }
        while self.buckets.len() > Self::KEPT {
            self.buckets.pop_last();
        }
        while self.deleted.len() > Self::KEPT {
            self.deleted.pop_first();
        }
    }
}
