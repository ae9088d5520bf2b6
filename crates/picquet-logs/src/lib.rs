//! Bytes to borrowed, validated records: CloudTrail, VPC Flow Logs, Route 53 Resolver query logs.
//!
//! The entry is [`read_object`]: it recognises what an object holds by its content, hands every record to a
//! [`Sink`] and returns an [`ObjectReport`] with what it could not read. Nothing in it fails: bad input
//! changes the counters and the rest of the object still counts. Nothing here does I/O; bytes come from a
//! [`Window`] over memory or over a reader that the caller made.

pub mod cloudtrail;
pub mod dns;
pub mod flow;
pub mod format;
pub mod json;
mod json_stream;
mod lines;
pub mod name;
mod read;
pub mod report;
mod window;

pub use cloudtrail::CloudTrailRecord;
pub use dns::DnsRecord;
pub use flow::FlowRecord;
pub use name::ObjectName;
pub use read::{Input, Sink, read_object};
pub use report::{DefectGroup, ObjectReport, RecordKind};
pub use window::Window;

/// Bounds on what is read of one object.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest record or line, in bytes. A CloudTrail event may have 256 KiB, since 2025 1 MiB
    /// (AWS, "CloudTrail record contents"); longer ones are counted and passed over.
    pub max_record_bytes: usize,
    /// How much a reader is asked for at a time, in bytes.
    pub chunk_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_record_bytes: 4 << 20, chunk_bytes: 1 << 20 }
    }
}
