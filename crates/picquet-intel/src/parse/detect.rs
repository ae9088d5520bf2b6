//! Which format a list is in, from its first lines.

use super::csv::fields;
use super::{MAX_LINE, fireeye, otx, proofpoint, tsv, without_mark};
use crate::indicator;
use crate::report::ListFormat;

/// Lines that are looked at: enough for a comment block at the head.
const MAX_LINES: usize = 100;

/// The format of a list. Anything that looks like nothing else is TXT, whose report then says what is wrong.
pub(crate) fn detect(bytes: &[u8]) -> ListFormat {
    let bytes = without_mark(bytes);
    if bytes.trim_ascii_start().starts_with(b"<") {
        return ListFormat::Stix;
    }
    bytes
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .take(MAX_LINES)
        .filter(|line| line.len() <= MAX_LINE)
        .map(|line| String::from_utf8_lossy(line))
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .find_map(|line| of_line(line.trim()))
        .unwrap_or(ListFormat::Txt)
}

fn of_line(line: &str) -> Option<ListFormat> {
    let is_indicator = |text: &str| indicator::read(text).is_ok();
    if line.contains('\t') && (tsv::is_header(line) || line.split('\t').next().is_some_and(is_indicator)) {
        // `entry <tab> # comment` is a line of TXT.
        let comment = line.split('\t').nth(1).is_some_and(|second| second.starts_with('#'));
        return Some(if comment { ListFormat::Txt } else { ListFormat::Tsv });
    }
    if line.split('#').count() >= 4
        && line.split('#').next().is_some_and(|first| first == first.trim() && is_indicator(first))
    {
        return Some(ListFormat::AlienVault);
    }
    let fields = fields(line);
    if fields.len() > 1 {
        // Before OTX: its kinds of indicator are named like Proofpoint's columns.
        if proofpoint::is_header(&fields) {
            return Some(ListFormat::ProofPoint);
        }
        if otx::is_header(&fields[0]) || otx::kind(&fields[0]).is_some() && !fireeye::is_header(&fields[1..]) {
            return Some(ListFormat::OtxCsv);
        }
        if fireeye::is_header(&fields) {
            return Some(ListFormat::FireEye);
        }
        if is_indicator(&fields[0]) {
            return Some(ListFormat::ProofPoint);
        }
    }
    is_indicator(line).then_some(ListFormat::Txt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_known_by_its_first_lines() {
        for (text, format) in [
            ("", ListFormat::Txt),
            ("# x\n203.0.113.1\n", ListFormat::Txt),
            ("evil.example\t# x\n", ListFormat::Txt),
            ("203.0.113.1 # a # b # c", ListFormat::Txt),
            ("\u{feff} <?xml version=\"1.0\"?>", ListFormat::Stix),
            ("Indicator type, Indicator, Description\n", ListFormat::OtxCsv),
            ("\"Indicator type\",\"Indicator\",\"Description\"\n", ListFormat::OtxCsv),
            ("IPv4,203.0.113.1,x", ListFormat::OtxCsv),
            ("198.51.100.4#4#2#Malicious Host#US##0.0,0.0#3", ListFormat::AlienVault),
            ("ip, category, score, first_seen, last_seen, ports (|)", ListFormat::ProofPoint),
            ("domain, category, score, first_seen, last_seen, ports (|)", ListFormat::ProofPoint),
            ("203.0.113.1,1,100,2020-01-01", ListFormat::ProofPoint),
            ("reportId,title,threatScape,ip,cidr,domain,sha256\n", ListFormat::FireEye),
            ("domain,ip,sha256", ListFormat::FireEye),
            ("ip\tport\tfamily\n", ListFormat::Tsv),
            ("203.0.113.1\t443\tx", ListFormat::Tsv),
            ("\0\u{1}junk", ListFormat::Txt),
        ] {
            assert_eq!(detect(text.as_bytes()), format, "{text}");
        }
    }
}
