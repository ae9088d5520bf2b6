//! Pages of a Parquet column, with bounds that the `parquet` crate does not set.
//!
//! A page states in its header how large it is and how many values it holds, and the crate reserves memory for as
//! much. Here a page is refused before that happens:
//! * the sizes are read from the header's Thrift bytes (Apache Parquet, `parquet.thrift`, `PageHeader`) when the
//!   crate is about to read them;
//! * a dictionary may not claim more values than its bytes can hold;
//! * all pages that are open at a time share one budget;
//! * the delta encodings of byte arrays, whose headers are trusted by the crate, are not read at all.

use bytes::{Buf, Bytes, buf::Reader};
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The largest page, uncompressed. Writers aim at 1 MiB (Apache Parquet, "Configurations").
const PAGE_BYTES: usize = 64 << 20;
/// What the open pages of all columns may take together.
const OPEN_BYTES: usize = 256 << 20;
/// What a value of a dictionary takes in memory beyond its bytes.
const VALUE_BYTES: usize = 40;

fn refuse(why: &str) -> ParquetError {
    ParquetError::General(why.to_owned())
}

/// The file's bytes, which are asked for each page's header and body.
#[derive(Clone)]
struct Checked(Bytes);

impl Length for Checked {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

impl ChunkReader for Checked {
    type T = Reader<Bytes>;

    /// Asked for at the start of a page's header only, since pages are never peeked at or skipped here.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let start = usize::try_from(start).ok().filter(|s| *s <= self.0.len());
        let at = start.ok_or_else(|| refuse("a page begins behind the file"))?;
        match uncompressed_size(&self.0[at..]) {
            Some(size) if size <= PAGE_BYTES => Ok(self.0.slice(at..).reader()),
            Some(_) => Err(refuse("a page is larger than allowed")),
            None => Err(refuse("a page header cannot be read")),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let start = usize::try_from(start).ok();
        let end = start.and_then(|s| s.checked_add(length)).filter(|e| *e <= self.0.len());
        match (start, end) {
            (Some(start), Some(end)) => Ok(self.0.slice(start..end)),
            _ => Err(refuse("a page ends behind the file")),
        }
    }
}

/// What the columns that are read together hold open.
#[derive(Clone, Default)]
pub(super) struct Budget(Arc<AtomicUsize>);

/// The pages of one column chunk.
pub(super) struct Pages {
    inner: SerializedPageReader<Checked>,
    budget: Budget,
    kind: Type,
    dictionary: usize,
    data: usize,
}

impl Pages {
    /// The pages of a chunk.
    pub fn new(file: &Bytes, chunk: &ColumnChunkMetaData, budget: &Budget) -> Result<Self> {
        let inner = SerializedPageReader::new(Arc::new(Checked(file.clone())), chunk, 0, None)?;
        Ok(Self { inner, budget: budget.clone(), kind: chunk.column_type(), dictionary: 0, data: 0 })
    }

    /// Exchanges what was accounted for against what is.
    fn account(&mut self, dictionary: usize, data: usize) -> Result<()> {
        let before = std::mem::replace(&mut self.dictionary, dictionary) + std::mem::replace(&mut self.data, data);
        self.budget.0.fetch_sub(before, Ordering::Relaxed);
        let now = dictionary + data;
        if self.budget.0.fetch_add(now, Ordering::Relaxed) + now > OPEN_BYTES {
            return Err(refuse("the pages together are larger than allowed"));
        }
        Ok(())
    }

    // Old writers name BIT_PACKED for the levels of columns that have none.
    #[allow(deprecated)]
    fn check(&mut self, page: &Page) -> Result<()> {
        use Encoding::{BIT_PACKED, DELTA_BINARY_PACKED, PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY};
        match page {
            Page::DictionaryPage { buf, num_values, .. } => {
                let width = if self.kind == Type::INT64 { 8 } else { 4 };
                let values = *num_values as usize;
                if values > buf.len() / width {
                    return Err(refuse("a dictionary claims more values than it holds"));
                }
                self.account(buf.len() + values * VALUE_BYTES, self.data)
            }
            Page::DataPage { buf, encoding, def_level_encoding, .. } => {
                let levels = matches!(def_level_encoding, RLE | BIT_PACKED);
                if !levels || !matches!(encoding, PLAIN | PLAIN_DICTIONARY | RLE_DICTIONARY | DELTA_BINARY_PACKED) {
                    return Err(refuse("an encoding that is not read"));
                }
                self.account(self.dictionary, buf.len())
            }
            Page::DataPageV2 { buf, encoding, .. } => {
                if !matches!(encoding, PLAIN | PLAIN_DICTIONARY | RLE_DICTIONARY | DELTA_BINARY_PACKED) {
                    return Err(refuse("an encoding that is not read"));
                }
                self.account(self.dictionary, buf.len())
            }
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.budget.0.fetch_sub(self.dictionary + self.data, Ordering::Relaxed);
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.inner.get_next_page()?;
        if let Some(page) = &page {
            self.check(page)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        Err(refuse("pages are not peeked at"))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        Err(refuse("pages are not skipped"))
    }
}

/// The uncompressed size in the `PageHeader` at the start of the bytes. `None` where that is no such header, states
/// a size twice or holds what no version of it has.
fn uncompressed_size(bytes: &[u8]) -> Option<usize> {
    let mut thrift = Thrift { bytes, pos: 0 };
    let (mut id, mut size) = (0, None);
    while let Some((field, kind)) = thrift.field(id)? {
        id = field;
        if id == 2 {
            let stated = (kind == Thrift::I32).then(|| thrift.varint())??;
            // Signed numbers are written as 2n and 2|n| - 1.
            let positive = (stated & 1 == 0).then_some(stated >> 1)?;
            if size.replace(usize::try_from(positive).ok()?).is_some() {
                return None;
            }
        } else {
            thrift.skip(kind, 2)?;
        }
    }
    size
}

/// As much of Thrift's compact protocol as a page header has (Apache Thrift, "Thrift Compact protocol encoding").
struct Thrift<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl Thrift<'_> {
    const I32: u8 = 5;

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.pos)?;
        self.pos += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// The next field's id and type; `Some(None)` at the end of the structure.
    fn field(&mut self, last: u64) -> Option<Option<(u64, u8)>> {
        let byte = self.byte()?;
        match (byte >> 4, byte & 0x0f) {
            (_, 0) => Some(None),
            (0, kind) => {
                let id = self.varint()?;
                (id & 1 == 0).then_some(Some((id >> 1, kind)))
            }
            (delta, kind) => Some(Some((last + u64::from(delta), kind))),
        }
    }

    fn skip(&mut self, kind: u8, depth: u8) -> Option<()> {
        match kind {
            // A Boolean is in its type.
            1 | 2 => {}
            3 => _ = self.byte()?,
            4..=6 => _ = self.varint()?,
            8 => {
                let len = usize::try_from(self.varint()?).ok()?;
                self.pos = self.pos.checked_add(len).filter(|p| *p <= self.bytes.len())?;
            }
            12 if depth > 0 => {
                let mut id = 0;
                while let Some((field, kind)) = self.field(id)? {
                    id = field;
                    self.skip(kind, depth - 1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_size_of_a_page() {
        // type 0, uncompressed 300, compressed 20, data_page_header { num_values 3, encoding 0, RLE, RLE }.
        let header = [
            0x15, 0x00, 0x15, 0xd8, 0x04, 0x15, 0x28, 0x2c, 0x15, 0x06, 0x15, 0x00, 0x15, 0x06, 0x15, 0x06, 0x00, 0x00,
        ];
        assert_eq!(uncompressed_size(&header), Some(300));
        for cut in 0..header.len() {
            assert_eq!(uncompressed_size(&header[..cut]), None, "{cut}");
        }
        // A second uncompressed size, by its number, is refused: the crate would take it.
        let twice = [0x15, 0x00, 0x15, 0x02, 0x15, 0x02, 0x05, 0x04, 0xd8, 0x04, 0x00];
        assert_eq!(uncompressed_size(&twice), None);
        assert_eq!(uncompressed_size(&[0x15, 0x00, 0x15, 0x01, 0x00]), None, "negative");
    }
}
