//! Attacks that do harm.

pub mod suspicious_domain;
pub mod winrm_brute_force;
