//! TXT: one entry a line. `#` starts a comment at the beginning of a line and behind a blank.

use super::{RawEntry, Sink, is_hash, lines};

pub(super) fn parse(bytes: &[u8], sink: &mut dyn Sink) {
    lines(bytes, sink, |number, line, sink| {
        let entry = without_comment(line);
        if is_hash(entry) {
            sink.hash();
        } else if !entry.is_empty() {
            sink.entry(number, RawEntry::of(entry));
        }
    });
}

pub(super) fn without_comment(line: &str) -> &str {
    if line.starts_with('#') {
        return "";
    }
    let comment = memchr::memchr_iter(b'#', line.as_bytes()).find(|at| line.as_bytes()[at - 1].is_ascii_whitespace());
    comment.map_or(line, |at| &line[..at]).trim_end()
}

#[cfg(test)]
mod tests {
    use crate::parse::tests::record;
    use crate::report::ListFormat::Txt;

    #[test]
    fn entries_and_comments() {
        let read = record(Txt, "# head\n 203.0.113.1 # tail\n\n#\nevil.example\n198.51.100.0/24\t#x\n");
        assert_eq!(read.entries, ["2 203.0.113.1", "5 evil.example", "6 198.51.100.0/24"]);
    }

    #[test]
    fn hashes_are_counted() {
        assert_eq!(record(Txt, &"ab".repeat(32)).hashes, 1);
    }
}
