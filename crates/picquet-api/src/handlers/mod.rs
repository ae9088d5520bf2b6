//! The handlers of operations, one module a group of resources.
//!
//! A handler takes the validated input and works in the call's transaction. What it refuses is an
//! [`crate::error::ApiError`], after which nothing of the call is kept.

mod costs;
pub mod detectors;
pub mod filters;
pub mod findings;
pub mod investigations;
pub mod malware;
pub mod members;
pub mod organization;
pub mod publishing;
pub mod rules;
pub mod sets;
mod sorted;
pub mod tags;
pub mod usage;
