//! Reads one object into a sink.

use crate::decompress::{Compression, DecompressLimits, gunzip_whole, stream};
use picquet_logs::{Input, Limits, ObjectName, ObjectReport, Sink, Window, read_object};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Buffers of one worker, used again for every object.
pub struct Buffers {
    packed: Vec<u8>,
    plain: Vec<u8>,
    libdeflate: libdeflater::Decompressor,
    limits: Limits,
    decompress: DecompressLimits,
}

/// A buffer that one large object left behind is given back.
const KEEP_BYTES: usize = 8 << 20;
/// The largest Parquet file that is read: it must be whole in memory.
const MAX_PARQUET: u64 = 256 << 20;

impl Buffers {
    /// With the given bounds.
    pub fn new(limits: Limits, decompress: DecompressLimits) -> Self {
        Self { packed: Vec::new(), plain: Vec::new(), libdeflate: libdeflater::Decompressor::new(), limits, decompress }
    }

    fn trim(&mut self) {
        for buf in [&mut self.packed, &mut self.plain] {
            if buf.capacity() > KEEP_BYTES {
                *buf = Vec::new();
            }
        }
    }
}

/// Reads a file.
///
/// # Errors
/// When the file cannot be opened or its first bytes cannot be read. Damage further inside is in the report.
pub fn read_file<S: Sink>(
    path: &Path,
    name: &ObjectName,
    buffers: &mut Buffers,
    sink: &mut S,
) -> io::Result<ObjectReport> {
    let mut file = File::open(path)?;
    let whole = buffers.decompress.whole_bytes as u64;
    buffers.packed.clear();
    // One byte more tells whether there is more.
    file.by_ref().take(whole + 1).read_to_end(&mut buffers.packed)?;
    let report = if buffers.packed.len() as u64 > whole {
        let head = std::mem::take(&mut buffers.packed);
        let all = io::Cursor::new(&head).chain(BufReader::with_capacity(1 << 20, file));
        read_stream(Box::new(BufReader::with_capacity(1 << 20, all)), name, buffers, sink)?
    } else {
        read_bytes(name, buffers, sink)?
    };
    buffers.trim();
    Ok(report)
}

/// Reads an object that is in memory.
///
/// # Errors
/// When its first bytes cannot be read. Damage further inside is in the report.
pub fn read_memory<S: Sink>(
    bytes: &[u8],
    name: &ObjectName,
    buffers: &mut Buffers,
    sink: &mut S,
) -> io::Result<ObjectReport> {
    buffers.packed.clear();
    let report = if bytes.len() > buffers.decompress.whole_bytes {
        read_stream(Box::new(bytes), name, buffers, sink)?
    } else {
        buffers.packed.extend_from_slice(bytes);
        read_bytes(name, buffers, sink)?
    };
    buffers.trim();
    Ok(report)
}

/// The whole object is in `buffers.packed`.
fn read_bytes<S: Sink>(name: &ObjectName, buffers: &mut Buffers, sink: &mut S) -> io::Result<ObjectReport> {
    let compression = Compression::of(&buffers.packed);
    if compression == Compression::None && buffers.packed.starts_with(b"PAR1") {
        let bytes = bytes::Bytes::from(std::mem::take(&mut buffers.packed));
        return Ok(read_object(Input::Bytes(bytes), name, &buffers.limits, sink));
    }
    let plain = match compression {
        Compression::None => Some(&buffers.packed[..]),
        Compression::Gzip => {
            let Buffers { packed, plain, libdeflate, decompress, .. } = buffers;
            gunzip_whole(packed, decompress, libdeflate, plain).map(|n| &plain[..n])
        }
        Compression::Zstd => None,
    };
    if let Some(plain) = plain {
        let mut window = Window::whole(plain, &buffers.limits);
        return Ok(read_object(Input::Window(&mut window), name, &buffers.limits, sink));
    }
    let packed = std::mem::take(&mut buffers.packed);
    let report = read_stream(Box::new(&packed[..]), name, buffers, sink);
    buffers.packed = packed;
    report
}

/// Reads an object of unknown length, decompressing as it comes.
///
/// # Errors
/// When its first bytes cannot be read.
pub fn read_stream<'r, S: Sink>(
    mut packed: Box<dyn BufRead + 'r>,
    name: &ObjectName,
    buffers: &mut Buffers,
    sink: &mut S,
) -> io::Result<ObjectReport> {
    if packed.fill_buf()?.starts_with(b"PAR1") {
        let mut bytes = Vec::new();
        packed.take(MAX_PARQUET + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_PARQUET {
            return Ok(ObjectReport { not_read: Some("Parquet file larger than 256 MiB"), ..ObjectReport::default() });
        }
        return Ok(read_object(Input::Bytes(bytes.into()), name, &buffers.limits, sink));
    }
    let mut plain = stream(packed, &buffers.decompress)?;
    let mut window = Window::stream(&mut *plain, &buffers.limits);
    Ok(read_object(Input::Window(&mut window), name, &buffers.limits, sink))
}
