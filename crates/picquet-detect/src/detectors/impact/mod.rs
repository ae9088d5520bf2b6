//! Attacks that do harm.

pub mod winrm_brute_force;
