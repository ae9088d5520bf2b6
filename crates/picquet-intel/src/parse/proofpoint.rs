//! PROOF_POINT: `ip, category, score, first_seen, last_seen, ports (|)`, or `domain, ...`, with a header or without.
//!
//! The category is a number whose names are not in the list, and the ports are what was observed, not a condition:
//! both are left alone.

use super::csv::fields;
use super::{RawEntry, Sink, lines};

pub(super) fn is_header(fields: &[impl AsRef<str>]) -> bool {
    let has = |name: &str| fields.iter().any(|field| field.as_ref().eq_ignore_ascii_case(name));
    has("category") && has("score") && (has("ip") || has("domain"))
}

pub(super) fn parse(bytes: &[u8], sink: &mut dyn Sink) {
    let mut column = 0;
    lines(bytes, sink, |number, line, sink| {
        if line.starts_with('#') {
            return;
        }
        let fields = fields(line);
        if is_header(&fields) {
            let first = |name: &str| fields.iter().position(|field| field.eq_ignore_ascii_case(name));
            column = first("ip").or(first("domain")).unwrap_or(0);
            return;
        }
        sink.entry(number, RawEntry::of(fields.get(column).map_or("", |field| field)));
    });
}

#[cfg(test)]
mod tests {
    use crate::parse::tests::record;
    use crate::report::ListFormat::ProofPoint;

    #[test]
    fn addresses_and_names() {
        let text = "ip, category, score, first_seen, last_seen, ports (|)\n198.51.100.4, 1, 100, 2000-01-01, 2000-01-01,\n\
                    203.0.113.1,1,90,x,y,80|443\n";
        assert_eq!(record(ProofPoint, text).entries, ["2 198.51.100.4", "3 203.0.113.1"]);
        assert_eq!(record(ProofPoint, "category,domain,score\n1,evil.example,3").entries, ["2 evil.example"]);
    }
}
