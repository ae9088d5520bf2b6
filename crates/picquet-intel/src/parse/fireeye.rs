//! FIRE_EYE: CSV with a header, of whose columns `ip`, `cidr`, `domain` and the hashes count; a row may fill several.

use super::csv::fields;
use super::{RawEntry, Sink, lines};
use crate::report::Cause;

const INDICATORS: [&str; 3] = ["ip", "cidr", "domain"];
const HASHES: [&str; 4] = ["sha256", "sha1", "md5", "sha512"];
const THREATS: [&str; 2] = ["malwarefamily", "title"];

pub(super) fn is_header(fields: &[impl AsRef<str>]) -> bool {
    let known = |field: &str| INDICATORS.iter().chain(&HASHES).any(|name| field.eq_ignore_ascii_case(name));
    fields.len() > 1 && fields.iter().any(|field| known(field.as_ref()))
}

#[derive(Default)]
struct Columns {
    indicators: Vec<usize>,
    hashes: Vec<usize>,
    threat: Option<usize>,
}

impl Columns {
    fn new(header: &[impl AsRef<str>]) -> Self {
        let at = |name: &&str| header.iter().position(|field| field.as_ref().eq_ignore_ascii_case(name));
        Self {
            indicators: INDICATORS.iter().filter_map(at).collect(),
            hashes: HASHES.iter().filter_map(at).collect(),
            threat: THREATS.iter().find_map(at),
        }
    }
}

pub(super) fn parse(bytes: &[u8], sink: &mut dyn Sink) {
    let mut columns: Option<Columns> = None;
    lines(bytes, sink, |number, line, sink| {
        let fields = fields(line);
        if is_header(&fields) {
            columns = Some(Columns::new(&fields));
            return;
        }
        let Some(columns) = &columns else {
            sink.reject(number, line, Cause::Malformed);
            return;
        };
        let field = |column: &usize| fields.get(*column).map(|field| &**field).filter(|field| !field.is_empty());
        let threat = columns.threat.as_ref().and_then(field);
        let mut hashes = columns.hashes.iter().filter_map(field).peekable();
        let mut found = false;
        for indicator in columns.indicators.iter().filter_map(field) {
            sink.entry(number, RawEntry { threat, ..RawEntry::of(indicator) });
            found = true;
        }
        if hashes.peek().is_some() {
            sink.hash();
        } else if !found {
            sink.reject(number, line, Cause::NotAnIndicator);
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::parse::tests::record;
    use crate::report::{Cause, ListFormat::FireEye};

    #[test]
    fn columns_are_found_by_name() {
        let text = "reportId,title,ip,port,cidr,domain,sha256\n1,Bad Thing,203.0.113.1,,,,\n2,\"x, y\",,,192.0.2.0/24,,\n\
                    3,,,,,evil.example,ab\n4,,,,,,ab\n5,,,,,,\n";
        let read = record(FireEye, text);
        assert_eq!(read.entries, ["2 203.0.113.1 Bad Thing", "3 192.0.2.0/24 x, y", "4 evil.example"]);
        assert_eq!(read.hashes, 2);
        assert_eq!(read.rejected, [(6, Cause::NotAnIndicator)]);
        assert_eq!(record(FireEye, "no,header\n").rejected.len(), 1);
    }
}
