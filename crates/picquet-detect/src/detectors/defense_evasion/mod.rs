//! Attempts to stay unseen.

pub mod bedrock_logging_disabled;
