//! What an object holds, told from its first bytes and never from its name.

/// The families of content that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CloudTrail or Resolver DNS in JSON, in any of the wrappings that AWS uses.
    Json,
    /// Flow log lines, CloudWatch Logs export lines: text that is read line by line.
    Lines,
    /// Parquet: flow logs.
    Parquet,
    /// Nothing at all.
    Empty,
    /// Something else.
    Unknown,
}

/// How many bytes [`detect`] looks at.
pub const SNIFF_BYTES: usize = 512;

/// Recognises the content from its first bytes.
pub fn detect(head: &[u8]) -> Format {
    if head.starts_with(b"PAR1") {
        return Format::Parquet;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = text.trim_ascii_start();
    match text.first() {
        None => Format::Empty,
        Some(b'{' | b'[') => Format::Json,
        Some(b) if b.is_ascii_graphic() => {
            let line = text.split(|&b| b == b'\n').next().unwrap_or_default();
            // Binary content that happens to start with a printable byte is no log.
            if line.iter().take(SNIFF_BYTES).any(|&b| b == 0) { Format::Unknown } else { Format::Lines }
        }
        Some(_) => Format::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_formats_by_content() {
        for (head, want) in [
            (&b"PAR1\x15\x04"[..], Format::Parquet),
            (b"\xef\xbb\xbf {\"Records\":[]}", Format::Json),
            (b"[{}]", Format::Json),
            (b"version account-id interface-id", Format::Lines),
            (b"2 111122223333 eni-0 10.0.0.1", Format::Lines),
            (b"2024-05-01T00:00:00.000Z {\"version\":\"1.1\"}", Format::Lines),
            (b"  \n", Format::Empty),
            (b"\x7fELF", Format::Unknown),
            (b"ab\0cd", Format::Unknown),
        ] {
            assert_eq!(detect(head), want, "{head:?}");
        }
    }
}
