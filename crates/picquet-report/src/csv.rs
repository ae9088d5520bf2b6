//! Findings as RFC 4180 CSV, for spreadsheets.
//!
//! A cell is text for eyes: formulas are defused, control and bidirectional characters are visible and long
//! values are cut. For exact values there is JSON.

use crate::escape::{LONG, csv_cell};
use crate::units;
use crate::view::{self, View};
use picquet_model::Finding;
use std::borrow::Cow;
use std::io::{self, Write};

/// The header row. Columns are only ever added at the end.
///
/// `severity` is the band's name and `score` the number; `first_seen` and `last_seen` are ISO 8601 in UTC;
/// `remote_*` are of the latest occurrence; `attack` lists MITRE ATT&CK ids, separated by spaces.
pub const CSV_HEADER: [&str; 29] = [
    "severity",
    "score",
    "type",
    "title",
    "account_id",
    "region",
    "resource_type",
    "resource",
    "resource_role",
    "action",
    "what",
    "remote_ip",
    "remote_country",
    "remote_asn",
    "remote_network",
    "remote_port",
    "local_port",
    "protocol",
    "domain",
    "api",
    "user_agent",
    "count",
    "first_seen",
    "last_seen",
    "detector",
    "why",
    "attack",
    "id",
    "arn",
];

/// Writes the header and one row a finding, each ended by CR LF as RFC 4180 has it.
pub(crate) fn write(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut rows = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    rows.write_record(CSV_HEADER).map_err(io_error)?;
    for finding in findings {
        let cells = row(View::new(finding));
        rows.write_record(cells.iter().map(|cell| csv_cell(cell, LONG).into_owned())).map_err(io_error)?;
    }
    rows.flush()
}

fn row(v: View<'_>) -> [Cow<'_, str>; 29] {
    let f = v.finding;
    let action = v.action();
    let (call, query, net) =
        (&action.aws_api_call_action, &action.dns_request_action, &action.network_connection_action);
    let remotes = v.remotes();
    let remote = remotes.first().copied();
    let organization = remote.and_then(|r| r.organization.as_ref());
    let probe = action.port_probe_action.as_ref().and_then(|p| p.port_probe_details.first());
    let local_port = net.as_ref().map(|n| &n.local_port_details).or_else(|| probe.map(|p| &p.local_port_details));
    let why = v.why();
    let some = |text: Option<&'_ str>| Cow::Owned(text.unwrap_or_default().to_owned());
    [
        v.severity().name().into(),
        units::score(f.severity).into(),
        f.finding_type.as_str().into(),
        v.headline().into(),
        f.account_id.as_str().into(),
        f.region.as_str().into(),
        f.resource.resource_type.as_str().into(),
        v.resource().into(),
        f.service.resource_role.as_str().into(),
        action.action_type.as_str().into(),
        v.what().into(),
        some(remote.and_then(view::address)),
        some(remote.and_then(view::country)),
        some(organization.and_then(|o| view::present(&o.asn))),
        some(organization.and_then(|o| view::present(&o.asn_org))),
        net.as_ref().map(|n| n.remote_port_details.port.to_string()).unwrap_or_default().into(),
        local_port.map(|p| p.port.to_string()).unwrap_or_default().into(),
        some(net.as_ref().map(|n| n.protocol.as_str()).or_else(|| query.as_ref().map(|q| q.protocol.as_str()))),
        some(query.as_ref().map(|q| q.domain.as_str())),
        some(call.as_ref().map(|c| c.api.as_str())),
        some(call.as_ref().and_then(|c| view::present(&c.user_agent))),
        v.count().to_string().into(),
        f.service.event_first_seen.as_str().into(),
        f.service.event_last_seen.as_str().into(),
        why.detector.into(),
        why.reason.into(),
        v.row().map(|row| row.attack.join(" ")).unwrap_or_default().into(),
        f.id.as_str().into(),
        f.arn.as_str().into(),
    ]
}

/// The writer's own error; CSV has none of its own, since all rows have one length.
fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn every_row_reads_back_and_no_cell_is_a_formula() {
        let findings = samples::hostile();
        let mut text = Vec::new();
        write(&findings, &mut text).unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_slice());
        assert_eq!(reader.headers().unwrap(), CSV_HEADER.as_slice());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), findings.len());
        for cell in rows.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
}
