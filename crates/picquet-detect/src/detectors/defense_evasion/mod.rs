//! Attempts to stay unseen.

pub mod bedrock_logging_disabled;
pub mod unusual_resolver;
