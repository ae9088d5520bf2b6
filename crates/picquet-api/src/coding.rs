//! Content codings: which a client takes, and answers that are sent smaller.

use axum::http::{HeaderMap, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// Answers below this many bytes fit into a packet of the network as they are (1,500 bytes with headers).
const SMALLEST: usize = 1000;

/// Whether a client takes a coding (RFC 9110, 12.5.3).
pub fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|item| is_accepted(item, coding))
}

fn is_accepted(item: &str, coding: &str) -> bool {
    let mut parts = item.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
    let refused = parts.filter_map(|p| p.strip_prefix("q=")).any(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
    named && !refused
}

/// A body in gzip, if that is worth the while. Quick rather than small: it is made anew for each answer.
pub fn gzip(body: &str) -> Option<Vec<u8>> {
    if body.len() < SMALLEST {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::new(4));
    encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_coding_is_taken_unless_it_is_refused() {
        let takes = |accepted: &str, coding: &str| {
            takes(&[(header::ACCEPT_ENCODING, accepted.parse().unwrap())].into_iter().collect(), coding)
        };
        assert!(takes("gzip, deflate, br", "gzip") && takes("GZIP;q=0.5", "gzip"));
        assert!(!takes("identity", "gzip") && !takes("gzip;q=0, br", "gzip") && !takes("xgzip", "gzip"));
        assert!(!super::takes(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn what_is_compressed_is_smaller_and_the_same() {
        let body = "{\"findingIds\":[]}".repeat(500);
        let packed = gzip(&body).unwrap();
        assert!(packed.len() < body.len() / 5);
        let mut read = String::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut read).unwrap();
        assert_eq!(read, body);
        assert!(gzip(&body[..SMALLEST - 1]).is_none());
    }
}
