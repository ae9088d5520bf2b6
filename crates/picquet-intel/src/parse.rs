//! The formats of lists: bytes to entries, one module a format.
//!
//! Parsing never fails. What is broken is reported with its line, and reading goes on behind it.

mod alienvault;
mod csv;
mod detect;
mod fireeye;
mod otx;
mod proofpoint;
mod stix;
mod tsv;
mod txt;

use crate::report::{Cause, ListFormat};
use std::borrow::Cow;
use std::net::IpAddr;

pub(crate) use detect::detect;

/// The longest line of a list, in bytes. The longest that has any use is a CSV row with a long description.
pub const MAX_LINE: usize = 16 * 1024;

/// An entry as it stands in a list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RawEntry<'a> {
    pub indicator: &'a str,
    pub port: Option<&'a str>,
    pub threat: Option<&'a str>,
    /// A block that a range was taken apart into; `indicator` is then only for reports.
    pub block: Option<(IpAddr, u8)>,
}

impl<'a> RawEntry<'a> {
    fn of(indicator: &'a str) -> Self {
        Self { indicator, ..Self::default() }
    }
}

/// Where entries go.
pub(crate) trait Sink {
    fn entry(&mut self, line: usize, raw: RawEntry<'_>);
    /// A file hash, which nothing can match.
    fn hash(&mut self);
    fn reject(&mut self, line: usize, text: &str, cause: Cause);
}

/// Reads a list of a known format.
pub(crate) fn parse(format: ListFormat, bytes: &[u8], sink: &mut dyn Sink) {
    let bytes = without_mark(bytes);
    match format {
        ListFormat::Txt => txt::parse(bytes, sink),
        ListFormat::Stix => stix::parse(bytes, sink),
        ListFormat::OtxCsv => otx::parse(bytes, sink),
        ListFormat::AlienVault => alienvault::parse(bytes, sink),
        ListFormat::ProofPoint => proofpoint::parse(bytes, sink),
        ListFormat::FireEye => fireeye::parse(bytes, sink),
        ListFormat::Tsv => tsv::parse(bytes, sink),
    }
}

/// The bytes behind a UTF-8 byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The lines that are neither empty nor too long, without their ends, and with their numbers from 1. What is not UTF-8
/// is replaced: an entry in it is no indicator, and a description does not matter.
fn lines(bytes: &[u8], sink: &mut dyn Sink, mut each: impl FnMut(usize, &str, &mut dyn Sink)) {
    // Nearly every list is text as a whole, which is cheaper to learn once than line by line.
    let whole = std::str::from_utf8(bytes).ok();
    let mut start = 0;
    let mut number = 0;
    while start < bytes.len() {
        let end = memchr::memchr2(b'\n', b'\r', &bytes[start..]).map_or(bytes.len(), |found| start + found);
        let line = start..end;
        // `\r\n` is one end of a line.
        start = end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
        number += 1;
        if line.len() > MAX_LINE {
            let head = line.start..line.start + 256;
            sink.reject(number, &String::from_utf8_lossy(&bytes[head]), Cause::LineTooLong);
            continue;
        }
        let text = match whole.and_then(|whole| whole.get(line.clone())) {
            Some(text) => Cow::Borrowed(text),
            None => String::from_utf8_lossy(&bytes[line]),
        };
        let text = text.trim();
        if !text.is_empty() {
            each(number, text, sink);
        }
    }
}

/// Whether a column of a file hash is one: MD5, SHA-1, SHA-256 or SHA-512 in hexadecimal.
fn is_hash(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 128) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Writes down what it is given.
    #[derive(Debug, Default)]
    pub(crate) struct Recorder {
        pub entries: Vec<String>,
        pub hashes: usize,
        pub rejected: Vec<(usize, Cause)>,
    }

    impl Sink for Recorder {
        fn entry(&mut self, line: usize, raw: RawEntry<'_>) {
            let mut text = format!("{line} {}", raw.indicator);
            if let Some((ip, prefix)) = raw.block {
                text = format!("{line} {ip}/{prefix}");
            }
            for part in [raw.port, raw.threat].into_iter().flatten() {
                text.push(' ');
                text.push_str(part);
            }
            self.entries.push(text);
        }

        fn hash(&mut self) {
            self.hashes += 1;
        }

        fn reject(&mut self, line: usize, _text: &str, cause: Cause) {
            self.rejected.push((line, cause));
        }
    }

    pub(crate) fn record(format: ListFormat, text: &str) -> Recorder {
        let mut recorder = Recorder::default();
        parse(format, text.as_bytes(), &mut recorder);
        recorder
    }

    #[test]
    fn lines_have_their_numbers_whatever_ends_them() {
        let read = record(ListFormat::Txt, "\u{feff}a.com\r\n\r\nb.com\rc.com\n");
        assert_eq!(read.entries, ["1 a.com", "3 b.com", "4 c.com"]);
    }

    #[test]
    fn a_long_line_is_rejected_and_the_next_is_read() {
        let read = record(ListFormat::Txt, &format!("{}\na.com", "x".repeat(MAX_LINE + 1)));
        assert_eq!(read.rejected, [(1, Cause::LineTooLong)]);
        assert_eq!(read.entries, ["2 a.com"]);
    }
}
