//! Unpacks what is compiled in.

use std::io::Read;

/// Gzip bytes of the binary itself. They are ours and tests read all of them, so that damage cannot happen; if
/// it did, what could be read would count.
pub(crate) fn gunzip(packed: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(packed.len() * 4);
    let _ = flate2::read::GzDecoder::new(packed).read_to_end(&mut out);
    out
}
