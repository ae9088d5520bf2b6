//! OTX_CSV: `Indicator type, Indicator, Description` with a header.

use super::csv::fields;
use super::{RawEntry, Sink, lines};
use crate::report::Cause;

/// Whether a first column names a kind of indicator (OTX's own words, and those of the GuardDuty user guide).
pub(super) fn kind(text: &str) -> Option<Kind> {
    let text = text.trim().to_ascii_lowercase();
    match text.as_str() {
        "ipv4" | "ipv6" | "cidr" | "domain" | "hostname" | "domain name" => Some(Kind::Entry),
        _ if text.starts_with("filehash") || matches!(text.as_str(), "sha256" | "sha-256" | "sha1" | "md5") => {
            Some(Kind::Hash)
        }
        "url" | "uri" | "email" | "mutex" | "cve" | "filepath" | "yara" => Some(Kind::Other),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Entry,
    Hash,
    /// What OTX knows and a list cannot match.
    Other,
}

pub(super) fn is_header(first: &str) -> bool {
    first.trim().eq_ignore_ascii_case("indicator type")
}

pub(super) fn parse(bytes: &[u8], sink: &mut dyn Sink) {
    lines(bytes, sink, |number, line, sink| {
        let fields = fields(line);
        let (Some(first), second) = (fields.first(), fields.get(1)) else { return };
        if is_header(first) || first.starts_with('#') {
            return;
        }
        match (kind(first), second) {
            (Some(Kind::Entry), Some(indicator)) => sink.entry(number, RawEntry::of(indicator)),
            (Some(Kind::Hash), _) => sink.hash(),
            _ => sink.reject(number, line, Cause::NotAnIndicator),
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::parse::tests::record;
    use crate::report::{Cause, ListFormat::OtxCsv};

    #[test]
    fn the_kinds_of_the_user_guide() {
        let text = "Indicator type, Indicator, Description\nCIDR, 192.0.2.0/24, example\nIPv4,198.51.100.1,\"a, b\"\n\
                    hostname,c2.evil.example,\nDomain name, evil.example, x\nSHA256, abcd, x\nURL,http://a/b,\nfoo\n";
        let read = record(OtxCsv, text);
        assert_eq!(read.entries, ["2 192.0.2.0/24", "3 198.51.100.1", "4 c2.evil.example", "5 evil.example"]);
        assert_eq!(read.hashes, 1);
        assert_eq!(read.rejected, [(7, Cause::NotAnIndicator), (8, Cause::NotAnIndicator)]);
    }
}
