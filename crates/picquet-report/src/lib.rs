//! Pure renderers of findings: one module a format, all over the same sorted slice of findings.
//!
//! Nothing here reads a clock, a file or the environment: the times, the width and the use of colour are
//! arguments, so that the same findings give the same bytes. Text that comes from logs is untrusted. The
//! formats for machines (`json`, `ndjson`, `asff`, `ocsf`) carry it as it was seen; those for people
//! (`table`, `csv`, `html`) make control, bidirectional and zero-width characters visible first.

#[cfg(test)]
extern crate self as picquet_report;

mod asff;
mod closing;
mod csv;
mod escape;
mod eventbridge;
mod format;
mod html;
mod json;
mod ocsf;
mod options;
mod summary;
mod table;
mod units;
mod view;

#[cfg(test)]
#[path = "../tests/support/samples.rs"]
mod samples;
#[cfg(test)]
mod tests;

pub use asff::{ASFF_SCHEMA_VERSION, asff_finding};
pub use closing::summary_text;
pub use csv::CSV_HEADER;
pub use eventbridge::{EVENT_SOURCE, eventbridge_detail, eventbridge_event, eventbridge_event_from, uuid_of};
pub use format::{Format, UnknownFormat};
pub use html::{DETAIL_LIMIT, ROW_LIMIT};
pub use ocsf::{OcsfVersion, UnknownOcsfVersion, ocsf_finding};
pub use options::Options;
pub use summary::{Defect, ListUsed, MissingData, Summary};

use picquet_model::Finding;
use std::io::{self, Write};

/// Writes the findings in one format. They are expected in the order (time, id), and those formats that are
/// read by machines keep it; those for people put the worst first.
///
/// The only errors are the writer's.
pub fn render(
    format: Format,
    findings: &[Finding],
    summary: &Summary,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table => table::write(findings, summary, options, out),
        Format::Json => json::write_array(findings, out),
        Format::Ndjson => json::write_lines(findings, out),
        Format::Csv => csv::write(findings, out),
        Format::Html => html::write(findings, summary, out),
        Format::Asff => asff::write(findings, out),
        Format::Ocsf => ocsf::write(findings, summary, options.ocsf_version, out),
    }
}
