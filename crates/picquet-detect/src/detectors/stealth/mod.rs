//! Hiding tracks.

pub mod cloudtrail_logging_disabled;
pub mod password_policy_change;
pub mod s3_access_logging_disabled;
