//! A window over the bytes of an object: all of them in memory, or as much of a stream as a record needs.

use crate::Limits;
use std::io::Read;

/// The bytes that are at hand, with their place in the object.
pub struct Window<'r> {
    source: Source<'r>,
    /// How much of the bytes at hand has been consumed.
    start: usize,
    /// Offset in the object of the first byte at hand.
    base: u64,
    /// Newlines before the first byte at hand.
    base_lines: u64,
    /// Set when a reader failed: what it said.
    failure: Option<String>,
    limits: Limits,
    /// Bytes in memory as text, where they were asked for and are UTF-8.
    text: Option<&'r str>,
}

enum Source<'r> {
    Whole(&'r [u8]),
    Stream { reader: &'r mut dyn Read, buf: Vec<u8>, ended: bool },
}

impl<'r> Window<'r> {
    /// Over bytes in memory.
    pub fn whole(bytes: &'r [u8], limits: &Limits) -> Self {
        Self::new(Source::Whole(bytes), limits)
    }

    /// Over a reader. No more is kept than the longest record needs.
    pub fn stream(reader: &'r mut dyn Read, limits: &Limits) -> Self {
        Self::new(Source::Stream { reader, buf: Vec::new(), ended: false }, limits)
    }

    fn new(source: Source<'r>, limits: &Limits) -> Self {
        Self { source, start: 0, base: 0, base_lines: 0, failure: None, limits: limits.clone(), text: None }
    }

    fn bytes(&self) -> &[u8] {
        match &self.source {
            Source::Whole(bytes) => bytes,
            Source::Stream { buf, .. } => buf,
        }
    }

    /// What is at hand and not yet consumed.
    pub fn rest(&self) -> &[u8] {
        // `start` never passes the end: `consume` sees to it.
        &self.bytes()[self.start..]
    }

    /// Checks bytes in memory once, so that [`Self::rest_text`] has them.
    pub(crate) fn check_text(&mut self) {
        if let Source::Whole(bytes) = self.source {
            self.text = std::str::from_utf8(bytes).ok();
        }
    }

    /// The first `len` bytes of [`Self::rest`] as text, where they were checked.
    #[inline]
    pub(crate) fn rest_text(&self, len: usize) -> Option<&str> {
        self.text?.get(self.start..self.start + len)
    }

    /// Whether everything that the object has is at hand.
    pub fn ended(&self) -> bool {
        match &self.source {
            Source::Whole(_) => true,
            Source::Stream { ended, .. } => *ended,
        }
    }

    /// Consumes bytes.
    pub fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.bytes().len());
    }

    /// Gets more bytes. False when there are none: at the end, after a failure, or when the record at hand
    /// already is longer than allowed.
    pub fn fill(&mut self) -> bool {
        let too_long = self.rest().len() > self.limits.max_record_bytes;
        let Source::Stream { reader, buf, ended } = &mut self.source else { return false };
        if *ended || too_long {
            return false;
        }
        self.base += self.start as u64;
        self.base_lines += memchr::memchr_iter(b'\n', &buf[..self.start]).count() as u64;
        buf.drain(..self.start);
        self.start = 0;
        let before = buf.len();
        let want = self.limits.chunk_bytes as u64;
        match (&mut **reader).take(want).read_to_end(buf) {
            Ok(0) => *ended = true,
            Ok(_) => {}
            Err(e) => {
                // What was read before the failure still counts.
                *ended = true;
                self.failure = Some(e.to_string());
            }
        }
        buf.len() > before
    }

    /// What the reader said when it failed.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Line (from 1) and byte offset in the object of a position in [`Self::rest`].
    pub fn place(&self, pos: usize) -> (u64, u64) {
        let at = (self.start + pos).min(self.bytes().len());
        let lines = memchr::memchr_iter(b'\n', &self.bytes()[..at]).count() as u64;
        (self.base_lines + lines + 1, self.base + at as u64)
    }

    /// Offset in the object of the first byte of [`Self::rest`].
    pub fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// The bounds that hold.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}
