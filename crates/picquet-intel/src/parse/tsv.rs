//! TSV, Picquet's own for feeds: `indicator`, `port`, `threat` separated by tabs, the last two optional; of two columns the
//! second may be the threat. A header may
//! name the columns in any order; columns with other names are left alone.

use super::txt::without_comment;
use super::{RawEntry, Sink, lines};

const INDICATOR: [&str; 4] = ["indicator", "ip", "domain", "cidr"];
const PORT: [&str; 1] = ["port"];
const THREAT: [&str; 3] = ["threat", "family", "framework"];

pub(super) fn is_header(line: &str) -> bool {
    line.split('\t').any(|field| INDICATOR.iter().any(|name| field.trim().eq_ignore_ascii_case(name)))
}

pub(super) fn parse(bytes: &[u8], sink: &mut dyn Sink) {
    let mut columns = (0, Some(1), Some(2));
    let mut first = true;
    let mut named = false;
    lines(bytes, sink, |number, line, sink| {
        let line = without_comment(line);
        if line.is_empty() {
            return;
        }
        if std::mem::take(&mut first) && is_header(line) {
            let at = |names: &[&str]| {
                line.split('\t').position(|field| names.iter().any(|name| field.trim().eq_ignore_ascii_case(name)))
            };
            named = true;
            columns = (at(&INDICATOR).unwrap_or(0), at(&PORT), at(&THREAT));
            return;
        }
        let field = |column: usize| line.split('\t').nth(column).map(str::trim).filter(|field| !field.is_empty());
        let indicator = field(columns.0).unwrap_or_default();
        let (mut port, mut threat) = (columns.1.and_then(field), columns.2.and_then(field));
        if !named
            && threat.is_none()
            && port.is_some_and(|text| text != "-" && !text.bytes().all(|b| b.is_ascii_digit()))
        {
            // Two columns without a header, of which the second is no port.
            (port, threat) = (None, port);
        }
        let entry = RawEntry { port, threat, ..RawEntry::of(indicator) };
        sink.entry(number, entry);
    });
}

#[cfg(test)]
mod tests {
    use crate::parse::tests::record;
    use crate::report::ListFormat::Tsv;

    #[test]
    fn with_a_header_and_without() {
        let text = "ip\tlists\tfamily\n203.0.113.1\t10\tx\n";
        assert_eq!(record(Tsv, text).entries, ["2 203.0.113.1 x"]);
        let text = "# note\n203.0.113.1\t443\tsliver\nevil.example\t\thavoc\n203.0.113.2\nevil.example\tx\n";
        assert_eq!(
            record(Tsv, text).entries,
            ["2 203.0.113.1 443 sliver", "3 evil.example havoc", "4 203.0.113.2", "5 evil.example x"]
        );
    }
}
