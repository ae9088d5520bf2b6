//! Fixtures and checks for Picquet's own tests.
//!
//! Builders write log records byte for byte as AWS does, members in AWS's order; a [`Scenario`] takes them
//! through the path of the product: `read_object`, `Reducer`, merged runs, `judge`. A development dependency
//! only: everything here panics when a test is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod check;
pub mod connections;
mod event;
mod flow;
mod identity;
pub mod initiator;
mod plan;
mod query;
mod random;
mod scenario;
mod store;
mod valid;

#[cfg(test)]
mod tests;

pub use check::check_detector;
pub use event::Event;
pub use flow::{Flow, V2_HEADER};
pub use identity::Identity;
pub use plan::Plan;
pub use query::Query;
pub use random::Random;
pub use scenario::Scenario;
pub use store::MemoryStore;
pub use valid::assert_valid;

use picquet_model::{EventTime, Finding};

/// The account of records that name no other.
pub const ACCOUNT: &str = "111122223333";
/// The region of records that name no other.
pub const REGION: &str = "us-east-1";
/// The instance of helpers that need one.
pub const INSTANCE: &str = "i-0a1b2c3d4e5f60718";
/// Its interface.
pub const INTERFACE: &str = "eni-0a1b2c3d4e5f60718";
/// The private address of that interface.
pub const PRIVATE_IP: &str = "10.0.1.5";
/// Its VPC.
pub const VPC: &str = "vpc-0a1b2c3d4e5f60718";
/// Its subnet.
pub const SUBNET: &str = "subnet-0a1b2c3d4e5f60718";
/// The moment of records that say no other: a Wednesday, not near midnight.
pub const NOON: &str = "2024-05-01T12:00:00Z";

/// A moment from RFC 3339.
pub fn time(text: &str) -> EventTime {
    EventTime::parse_rfc3339(text).unwrap_or_else(|| panic!("'{text}' is no time"))
}

/// A moment so many seconds after another.
pub fn later(from: &str, secs: i64) -> EventTime {
    EventTime::from_millis(time(from).as_millis() + secs * 1000).expect("a time within 1970..=9999")
}

/// The findings of a type.
pub fn of_type<'f>(findings: &'f [Finding], name: &str) -> Vec<&'f Finding> {
    findings.iter().filter(|f| f.finding_type == name).collect()
}

/// The types of findings, in the order of findings, each once.
pub fn types(findings: &[Finding]) -> Vec<&str> {
    let mut names: Vec<&str> = findings.iter().map(|f| f.finding_type.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The only finding; fails where there are none or several.
pub fn only(findings: &[Finding]) -> &Finding {
    match findings {
        [one] => one,
        other => panic!("one finding expected, got {}: {:?}", other.len(), types(other)),
    }
}

/// The findings as JSON text, as the engine's equality is meant: byte for byte.
pub fn json(findings: &[Finding]) -> String {
    serde_json::to_string_pretty(findings).expect("findings are JSON")
}

/// A JSON object of members whose values are JSON already, in the given order and without white space, as AWS
/// writes it.
pub(crate) fn object(members: &[(&str, Option<String>)]) -> String {
    let inner: Vec<String> =
        members.iter().filter_map(|(name, value)| value.as_ref().map(|v| format!("\"{name}\":{v}"))).collect();
    format!("{{{}}}", inner.join(","))
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
