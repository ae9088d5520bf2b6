//! More rights than one had.

pub mod administrative_permissions;
