//! Sign-ins to the console: one fact for each user and hour.

use super::credentials::FewEvents;
use super::signal::ApiDetail;
use crate::Str;
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A sign-in that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The region that recorded it: users sign in at any.
    pub region: Str,
    /// The VPC endpoint that it came through, if so.
    pub endpoint: Str,
    /// The call.
    pub call: ApiDetail,
}

/// The sign-ins of one user in one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginFacts {
    /// Those that succeeded, by time and record hash; the first 64.
    pub succeeded: BTreeMap<(EventTime, u64), Box<Login>>,
    /// Those that failed, by minute of the hour.
    pub failed: BTreeMap<u8, FewEvents>,
}

impl LoginFacts {
    const SUCCEEDED: usize = 64;

    /// One that succeeded.
    pub fn success(time: EventTime, hash: u64, login: Login) -> Self {
        Self { succeeded: BTreeMap::from([((time, hash), Box::new(login))]), failed: BTreeMap::new() }
    }

    /// One that failed.
    pub fn failure(time: EventTime, hash: u64) -> Self {
        // 0 to 59.
        let minute = (time.as_secs().rem_euclid(3600) / 60) as u8;
        let mut failed = FewEvents::default();
        failed.insert(hash);
        Self { succeeded: BTreeMap::new(), failed: BTreeMap::from([(minute, failed)]) }
    }

    /// Union.
    pub fn merge(&mut self, other: Self) {
        for (key, login) in other.succeeded {
            super::keep_greater(&mut self.succeeded, key, login);
        }
        while self.succeeded.len() > Self::SUCCEEDED {
            self.succeeded.pop_last();
        }
        for (minute, events) in other.failed {
            self.failed.entry(minute).or_default().merge(&events);
        }
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        64 + 768 * self.succeeded.len() + self.failed.values().map(|f| 64 + 8 * f.held()).sum::<usize>()
    }
}
