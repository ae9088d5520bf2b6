//! GuardDuty's own JSON, as an array or one finding a line.
//!
//! The member order is the model's and the finding order is the caller's, so the bytes are the same for the
//! same findings.

use picquet_model::Finding;
use serde::Serialize;
use std::io::{self, Write};

/// Writes an array with two spaces of indentation, finding by finding.
pub(crate) fn write_array(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    array(findings.iter(), out)
}

/// Writes one finding a line.
pub(crate) fn write_lines(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    for finding in findings {
        line(finding, out)?;
    }
    Ok(())
}

/// Writes values as an array, one after the other: the whole is never in memory.
pub(crate) fn array<T: Serialize>(values: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    let mut open = false;
    for value in values {
        out.write_all(if open { b",\n" } else { b"[\n" })?;
        serde_json::to_writer_pretty(&mut *out, &value)?;
        open = true;
    }
    out.write_all(if open { b"\n]\n" } else { b"[]\n" })
}

/// Writes one value and a line feed.
pub(crate) fn line<T: Serialize>(value: T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &value)?;
    out.write_all(b"\n")
}
