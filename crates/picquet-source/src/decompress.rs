//! Gzip and zstd, within limits.
//!
//! Gzip of a small object is decompressed in one call with libdeflate, which is half again as fast as streaming.
//! That needs the size beforehand and reads one member only, so it is tried only when the trailer's size is
//! credible and no second member can begin inside; everything else is streamed, which also yields what a
//! truncated or damaged object still holds.

use flate2::read::MultiGzDecoder;
use memchr::memmem;
use std::io::{self, BufRead, BufReader, Read};

/// Bounds on decompression.
#[derive(Clone, Debug)]
pub struct DecompressLimits {
    /// Objects up to this size, uncompressed, are held in memory as a whole; larger ones are streamed.
    pub whole_bytes: usize,
    /// The most bytes that one object may decompress to.
    pub object_bytes: u64,
    /// The highest ratio beyond `ratio_from` bytes. Logs compress 5 to 60 times; a bomb 1,000 times and more.
    pub ratio: u64,
    /// From how many bytes on the ratio counts.
    pub ratio_from: u64,
}

impl Default for DecompressLimits {
    fn default() -> Self {
        Self { whole_bytes: 16 << 20, object_bytes: 64 << 30, ratio: 200, ratio_from: 64 << 20 }
    }
}

/// How an object is compressed, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A skippable frame of zstd, which pzstd and others write first (RFC 8878, section 3.1.2).
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// The fast path: the whole object at once into the beginning of `out`, which only ever grows, so that its bytes
/// are cleared once. Says how many bytes the object has, or `None` when it must be streamed instead.
pub(crate) fn gunzip_whole(
    packed: &[u8],
    limits: &DecompressLimits,
    libdeflate: &mut libdeflater::Decompressor,
    out: &mut Vec<u8>,
) -> Option<usize> {
    /// Header and trailer of a gzip member.
    const SMALLEST: usize = 18;
    /// Deflate cannot do better than 1,032 to 1 (zlib's technical details).
    const BEST_RATIO: usize = 1032;
    let trailer = packed.last_chunk::<4>().filter(|_| packed.len() >= SMALLEST)?;
    let size = u32::from_le_bytes(*trailer) as usize;
    if size > limits.whole_bytes || size > packed.len().saturating_mul(BEST_RATIO) {
        return None;
    }
    // A second member would begin with these bytes. By chance they stand in one of 340 objects of 50 kB, which
    // are then streamed.
    if memmem::find(&packed[SMALLEST..], b"\x1f\x8b\x08").is_some() {
        return None;
    }
    if out.len() < size {
        out.resize(size, 0);
    }
    libdeflate.gzip_decompress(packed, &mut out[..size]).ok().filter(|&n| n == size)
}

/// A decompressing reader that stops at the limits.
pub(crate) fn stream<'r>(
    mut packed: Box<dyn BufRead + 'r>,
    limits: &DecompressLimits,
) -> io::Result<Box<dyn Read + 'r>> {
    let head = packed.fill_buf()?;
    let compression = Compression::of(head);
    if compression == Compression::None {
        return Ok(packed);
    }
    let counted = Counted { inner: packed, count: std::rc::Rc::default() };
    let taken = counted.count.clone();
    let plain: Box<dyn Read + 'r> = match compression {
        Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(counted))),
        _ => Box::new(zstd::stream::read::Decoder::new(counted)?),
    };
    Ok(Box::new(Bounded { plain, taken, given: 0, limits: limits.clone() }))
}

struct Counted<R> {
    inner: R,
    count: std::rc::Rc<std::cell::Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}

struct Bounded<R> {
    plain: R,
    taken: std::rc::Rc<std::cell::Cell<u64>>,
    given: u64,
    limits: DecompressLimits,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.plain.read(buf)?;
        self.given += n as u64;
        if self.given > self.limits.object_bytes {
            return Err(io::Error::other("the object is larger than allowed"));
        }
        if self.given > self.limits.ratio_from && self.given / self.limits.ratio > self.taken.get() {
            return Err(io::Error::other("the object decompresses to far more than a log does"));
        }
        Ok(n)
    }
}

/// Reads a small file that may be compressed: a list, an inventory. At most `max` bytes of content.
///
/// # Errors
/// When it cannot be read, or is larger.
pub fn read_small(path: &std::path::Path, max: u64) -> io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    // What a packed file needs beyond its own size, it takes as it comes.
    let size = file.metadata().map_or(0, |m| m.len().min(max));
    let mut plain = stream(Box::new(BufReader::new(file)), &DecompressLimits::default())?.take(max + 1);
    // One byte more, so that reading to the end sees it without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    plain.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::other(format!("it is larger than {} MiB", max >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gz(data: &[u8]) -> Vec<u8> {
        let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        e.write_all(data).unwrap();
        e.finish().unwrap()
    }

    fn whole(packed: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let n = gunzip_whole(packed, &DecompressLimits::default(), &mut libdeflater::Decompressor::new(), &mut out)?;
        Some(out[..n].to_vec())
    }

    fn streamed(packed: &[u8]) -> (Vec<u8>, Option<String>) {
        let mut out = Vec::new();
        let mut r = stream(Box::new(packed), &DecompressLimits::default()).unwrap();
        let e = r.read_to_end(&mut out).err().map(|e| e.to_string());
        (out, e)
    }

    #[test]
    fn one_member_goes_the_fast_way() {
        let data = b"hello log\n".repeat(1000);
        assert_eq!(whole(&gz(&data)), Some(data.clone()));
        assert_eq!(streamed(&gz(&data)), (data, None));
    }

    #[test]
    fn two_members_of_equal_size_are_both_read() {
        // The trap: the trailer's size fits the first member, so that the fast way would lose the second.
        let (a, b) = (b"first member".to_vec(), b"other member".to_vec());
        let both = [gz(&a), gz(&b)].concat();
        assert_eq!(whole(&both), None);
        assert_eq!(streamed(&both), ([a, b].concat(), None));
    }

    #[test]
    fn a_cut_member_yields_what_it_held() {
        let data: Vec<u8> = (0..200_000u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let packed = gz(&data);
        let cut = &packed[..packed.len() / 2];
        assert_eq!(whole(cut), None);
        let (out, error) = streamed(cut);
        assert!(out.len() > data.len() / 4 && data.starts_with(&out) && error.is_some());
    }

    #[test]
    fn a_bomb_is_stopped() {
        let packed = gz(&vec![b' '; 100 << 20]);
        let (out, error) = streamed(&packed);
        assert!(out.len() as u64 <= (64 << 20) + (1 << 20));
        assert!(error.unwrap().contains("far more"));
    }

    #[test]
    fn the_size_in_the_trailer_is_not_believed() {
        let mut packed = gz(b"small");
        let n = packed.len();
        packed[n - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(whole(&packed), None);
        assert_eq!(streamed(&packed).0, b"small");
    }

    #[test]
    fn zstd_is_recognised() {
        let packed = zstd::encode_all(&b"hello"[..], 1).unwrap();
        assert_eq!(streamed(&packed), (b"hello".to_vec(), None));
    }
}
