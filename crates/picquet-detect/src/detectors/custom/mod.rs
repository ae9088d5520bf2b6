//! What GuardDuty has no type for.

pub mod dormant_key;
pub mod fast_flux;
pub mod periodic_beacon;
