//! Thresholds of unusual API activity.

use serde::{Deserialize, Serialize};

/// How readily unusual API activity is reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// Three findings in ten of the normal number.
    Low,
    /// The budget as it stands.
    #[default]
    Normal,
    /// Three times the normal number.
    High,
}

impl Sensitivity {
    /// What the budget is multiplied by.
    pub const fn factor(self) -> f64 {
        match self {
            Self::Low => 0.3,
            Self::Normal => 1.0,
            Self::High => 3.0,
        }
    }
}

/// Thresholds of unusual API activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiAnomaly {
    /// `low`, `normal` or `high`: multiplies the budget by 0.3, 1 or 3.
    pub sensitivity: Sensitivity,
    /// Findings in a million hours of principals that the account's usual oddness may cost.
    pub budget_per_million_hours: u32,
    /// The least score of a finding, in bits, whatever the account is used to.
    pub min_score: u32,
    /// The least score of a weak signal, in bits.
    pub weak_score: u32,
    /// Days from the first call in an account until anything is reported.
    pub learning_days: u16,
    /// Days after which what did not come again is forgotten.
    pub memory_days: u16,
    /// Calls of one API in an hour, at least, that may be more than usual.
    pub min_hourly_events: u64,
    /// Calls on objects of a bucket in a day, at least, that may be more than usual.
    pub min_daily_objects: u64,
    /// How many times the most so far is more than usual.
    pub volume_times: u64,
}

impl Default for ApiAnomaly {
    /// The budget: five findings in a million events (the project's bar), of which an hour of a principal has about
    /// ten in generated logs and more in busy accounts; three groups of principals have a share each. Learning: GuardDuty
    /// is said to take 7 to 14 days, and keeps 90. The scores and volumes are our choice, held against spliced and benign logs
    /// by `cargo xtask eval --only anomaly`.
    fn default() -> Self {
        Self {
            sensitivity: Sensitivity::Normal,
            budget_per_million_hours: 20,
            min_score: 9,
            weak_score: 5,
            learning_days: 7,
            memory_days: 90,
            min_hourly_events: 20,
            min_daily_objects: 200,
            volume_times: 4,
        }
    }
}
