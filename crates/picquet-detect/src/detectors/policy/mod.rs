//! Activity against good practice, and openings that should not be.

pub mod root_usage;
pub mod s3_block_public_access_disabled;
pub mod s3_public_access_granted;
