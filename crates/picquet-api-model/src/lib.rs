//! The API's shapes: what operations take and give, what the service model asks of values, and the table of operations.
//!
//! All of `generated` is written by `cargo xtask codegen` from `model/guardduty-2017-11-28.json`, the service model of
//! API version 2017-11-28 without its documentation. By hand is only what the generated code is made of.

pub mod check;
#[allow(missing_docs)]
mod generated;
mod route;
mod sensitive;

pub use check::{Invalid, Validate};
pub use generated::*;
pub use route::{Matched, Query, Route, find};
pub use sensitive::Sensitive;

/// Seconds since the epoch, with a fraction: how the shape `Timestamp` travels in JSON.
pub type Timestamp = f64;
