//! Instances that attack others.

pub mod denial_of_service;
pub mod spambot;
