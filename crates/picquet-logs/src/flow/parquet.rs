//! Flow logs in Parquet.
//!
//! AWS writes the names of the fields with underscores, numbers as `INT32` and `INT64`, the rest as strings
//! ("Flow log records", column "Parquet data type"). Hyphens, other widths and numbers in strings are taken as
//! well. Columns that are not profiled are not decoded.

use super::digits;
use super::pages::{Budget, Pages};
use super::plan::{Field, Plan};
use super::values::{Row, Status, Values, bad};
use crate::read::{Out, Sink};
use bytes::Bytes;
use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use std::panic::{AssertUnwindSafe, catch_unwind};

const DAMAGED: &str = "damaged Parquet";
const DAMAGED_GROUP: &str = "damaged Parquet: the rest of a row group cannot be read";
const TOO_MANY: &str = "damaged Parquet: it holds more rows than its bytes are worth";

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 1024;
/// The longest footer. One of a hundred row groups of all columns has less than half a megabyte; the crate needs a
/// multiple of it in memory.
const FOOTER_BYTES: usize = 4 << 20;
/// A file may hold this many rows, and one more for each of its bytes: addresses, ports and times leave no real row
/// so short, but runs of equal values can claim billions of rows in a few bytes.
const FREE_ROWS: u64 = 1 << 20;

/// Reads a Parquet file.
pub(crate) fn read<S: Sink>(bytes: Bytes, out: &mut Out<'_, S>) {
    if footer_len(&bytes).is_none_or(|len| len > FOOTER_BYTES) {
        return out.report.defect(DAMAGED, || (1, 0));
    }
    let Ok(meta) = guarded(|| ParquetMetaDataReader::new().parse_and_finish(&bytes)) else {
        return out.report.defect(DAMAGED, || (1, 0));
    };
    let names: Vec<&str> = names(&meta);
    if let Err(why) = Plan::new(names.iter().copied()) {
        out.report.not_read = Some(why);
        return;
    }
    let fields: Vec<Field> = names.iter().map(|name| Field::named(name)).collect();
    let mut rows = 0;
    let most = FREE_ROWS.saturating_add(bytes.len() as u64);
    for group in meta.row_groups() {
        if read_group(&bytes, group, &fields, &mut rows, most, out).is_err() {
            out.report.defect(DAMAGED_GROUP, || (rows + 1, 0));
        }
        if rows > most {
            return out.report.defect(TOO_MANY, || (rows, 0));
        }
    }
}

/// Calls into the `parquet` crate. It answers some damage with a panic (a failed assertion, an index out of range),
/// which is an error here: what was being read is dropped and never used again, so that no half-made state is seen.
/// The sink is never called in here: its panics are its own.
fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(ParquetError::General("panic".to_owned())))
}

/// The length of the metadata, from the file's last eight bytes.
fn footer_len(bytes: &[u8]) -> Option<usize> {
    let tail: &[u8; 8] = bytes.last_chunk()?;
    let (len, mark) = tail.split_first_chunk::<4>()?;
    let len = u32::from_le_bytes(*len) as usize;
    (mark == b"PAR1" && len + 8 <= bytes.len()).then_some(len)
}

/// The names of the columns; those that are nested have an empty one, since no field of a flow log is.
fn names(meta: &ParquetMetaData) -> Vec<&str> {
    let schema = meta.file_metadata().schema_descr();
    let flat = |i: usize| {
        let column = schema.column(i);
        column.max_rep_level() == 0 && column.max_def_level() <= 1 && column.path().parts().len() == 1
    };
    schema.columns().iter().enumerate().map(|(i, c)| if flat(i) { c.name() } else { "" }).collect()
}

/// The decoded rows of one column.
struct Column {
    field: Field,
    nullable: bool,
    reader: ColumnReader,
    levels: Vec<i16>,
    cells: Cells,
    /// The next value of `cells`: rows that are null have none.
    next: usize,
}

enum Cells {
    Numbers32(Vec<i32>),
    Numbers64(Vec<i64>),
    Texts(Vec<ByteArray>),
}

fn read_group<S: Sink>(
    bytes: &Bytes,
    group: &RowGroupMetaData,
    fields: &[Field],
    rows: &mut u64,
    most: u64,
    out: &mut Out<'_, S>,
) -> Result<()> {
    let mut columns = guarded(|| open(bytes, group, fields))?;
    let mut left = usize::try_from(group.num_rows())?;
    while left > 0 {
        let want = left.min(BATCH_ROWS);
        for column in &mut columns {
            if guarded(|| column.fill(want))? != want {
                return Err(ParquetError::EOF("a column has fewer rows than its group".to_owned()));
            }
        }
        for i in 0..want {
            *rows += 1;
            row(&mut columns, i, *rows, out);
        }
        if *rows > most {
            return Ok(());
        }
        left -= want;
    }
    Ok(())
}

fn open(bytes: &Bytes, group: &RowGroupMetaData, fields: &[Field]) -> Result<Vec<Column>> {
    let budget = Budget::default();
    let mut columns = Vec::new();
    for (chunk, &field) in group.columns().iter().zip(fields) {
        let cells = match chunk.column_type() {
            _ if field == Field::Ignored => continue,
            Type::INT32 => Cells::Numbers32(Vec::new()),
            Type::INT64 => Cells::Numbers64(Vec::new()),
            Type::BYTE_ARRAY => Cells::Texts(Vec::new()),
            _ => return Err(ParquetError::General("a column of a type that no flow log has".to_owned())),
        };
        let descr = chunk.column_descr_ptr();
        let nullable = descr.max_def_level() > 0;
        let reader = get_column_reader(descr, Box::new(Pages::new(bytes, chunk, &budget)?));
        columns.push(Column { field, nullable, reader, levels: Vec::new(), cells, next: 0 });
    }
    Ok(columns)
}

impl Column {
    /// Decodes the next rows and returns how many there were.
    fn fill(&mut self, rows: usize) -> Result<usize> {
        self.next = 0;
        self.levels.clear();
        let levels = self.nullable.then_some(&mut self.levels);
        match (&mut self.reader, &mut self.cells) {
            (ColumnReader::Int32ColumnReader(reader), Cells::Numbers32(cells)) => fill(reader, rows, levels, cells),
            (ColumnReader::Int64ColumnReader(reader), Cells::Numbers64(cells)) => fill(reader, rows, levels, cells),
            (ColumnReader::ByteArrayColumnReader(reader), Cells::Texts(cells)) => fill(reader, rows, levels, cells),
            _ => Ok(0),
        }
    }

    /// Puts the value of a row where it belongs; the error is the field that it cannot be read as.
    fn put<'a>(&'a self, next: usize, values: &mut Values<'a>) -> std::result::Result<(), Field> {
        let field = self.field;
        let number = match &self.cells {
            Cells::Numbers32(cells) => cells.get(next).map(|n| i64::from(*n)),
            Cells::Numbers64(cells) => cells.get(next).copied(),
            Cells::Texts(cells) => {
                let text = cells.get(next).and_then(|t| std::str::from_utf8(t.data()).ok()).ok_or(field)?;
                return values.text(field, text).then_some(()).ok_or(field);
            }
        };
        let number = number.and_then(|n| u64::try_from(n).ok()).ok_or(field)?;
        values.number(field, Some(number));
        Ok(())
    }
}

fn fill<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    levels: Option<&mut Vec<i16>>,
    cells: &mut Vec<T::T>,
) -> Result<usize> {
    cells.clear();
    Ok(reader.read_records(rows, levels, None, cells)?.0)
}

/// Hands on one row; `place` counts rows from 1.
fn row<S: Sink>(columns: &mut [Column], i: usize, place: u64, out: &mut Out<'_, S>) {
    let mut values = Values::default();
    let mut wrong = None;
    for column in columns.iter_mut() {
        if column.nullable && column.levels.get(i) != Some(&1) {
            continue;
        }
        column.next += 1;
    }
    for column in columns.iter() {
        if column.nullable && column.levels.get(i) != Some(&1) {
            continue;
        }
        if let Err(field) = column.put(column.next - 1, &mut values) {
            wrong.get_or_insert(field);
        }
    }
    let row = match wrong {
        // What a row without data holds besides is of no interest.
        Some(field) if matches!(values.status, Status::Ok | Status::Unsaid) => Err(bad(field)),
        _ => values.finish(out.account()),
    };
    match row {
        Ok(Row::Flow(record)) => out.flow(&record),
        Ok(Row::NoData) => out.report.pass_over("flow NODATA"),
        Ok(Row::SkipData) => out.report.pass_over("flow SKIPDATA"),
        Err(cause) => out.report.defect(cause, || (place, 0)),
    }
}

impl<'a> Values<'a> {
    /// Takes a text of any field. False where it is no value of that field.
    fn text(&mut self, field: Field, text: &'a str) -> bool {
        use Field::{Bytes, Dst, DstPort, End, PacketDst, PacketSrc, Packets, Protocol, Src, SrcPort, Start};
        if text.is_empty() || text == "-" {
            return true;
        }
        match field {
            Src | Dst | PacketSrc | PacketDst => {
                let address = digits::address(text);
                self.address(field, address);
                address.is_some()
            }
            Field::Version | SrcPort | DstPort | Protocol | Packets | Bytes | Start | End | Field::TcpFlags => {
                let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
                self.number(field, number);
                number.is_some()
            }
            _ => self.word(field, text),
        }
    }
}
