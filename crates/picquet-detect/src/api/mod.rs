//! What there is to know of API calls beforehand: families of user agents, kinds of principals, and what an API is
//! for.

pub mod agent;
pub mod principal;
pub mod tactic;

pub use tactic::{Purpose, Tactic, purpose};
