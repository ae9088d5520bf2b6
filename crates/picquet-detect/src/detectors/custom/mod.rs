//! What GuardDuty has no type for.

pub mod periodic_beacon;
