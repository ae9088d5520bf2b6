//! Flow logs in Parquet: files of other writers, of every codec, and damaged ones.

#![allow(clippy::unwrap_used)] // Clippy allows it in test functions, not in what they call.

mod common;

use common::{Keep, count, read};
use parquet::basic::{Compression, Encoding};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use picquet_logs::{Input, Limits, ObjectName, ObjectReport, RecordKind, read_object};
use proptest::prelude::*;
use std::sync::Arc;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A file with the columns that matter; `None` in a row makes its strings null.
fn write(rows: &[Option<&str>], properties: WriterProperties) -> Vec<u8> {
    let schema = "message flow {
        OPTIONAL BYTE_ARRAY srcaddr (UTF8);
        OPTIONAL BYTE_ARRAY dstaddr (UTF8);
        REQUIRED INT32 dstport;
        OPTIONAL BYTE_ARRAY log_status (UTF8);
        REQUIRED INT64 start;
        OPTIONAL group nested { REQUIRED INT64 start; }
    }";
    let mut bytes = Vec::new();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let levels: Vec<i16> = rows.iter().map(|r| r.is_some().into()).collect();
    let texts = |f: fn(&str) -> &str| -> Vec<ByteArray> { rows.iter().flatten().map(|r| f(r).into()).collect() };
    for n in 0.. {
        let Some(mut column) = group.next_column().unwrap() else { break };
        let done = match n {
            0 => column.typed::<ByteArrayType>().write_batch(&texts(|r| r), Some(&levels), None),
            1 => column.typed::<ByteArrayType>().write_batch(&texts(|_| "10.0.0.2"), Some(&levels), None),
            2 => column.typed::<Int32Type>().write_batch(&vec![443; rows.len()], None, None),
            3 => column.typed::<ByteArrayType>().write_batch(&texts(|_| "OK"), Some(&levels), None),
            4 => column.typed::<Int64Type>().write_batch(&vec![1_772_437_800; rows.len()], None, None),
            _ => column.typed::<Int64Type>().write_batch(&vec![1; rows.len()], Some(&vec![1; rows.len()]), None),
        };
        assert_eq!(done.unwrap(), if [0, 1, 3].contains(&n) { texts(|r| r).len() } else { rows.len() });
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn files_of_another_writer_say_the_same_as_text() {
    let (want, text) = read(&fixture("flow.log"));
    assert_eq!((want.0.len(), text.passed_over["flow NODATA"], text.defects.len()), (236, 4, 0));
    for name in ["flow.gzip.parquet", "flow.v2.zstd.parquet"] {
        let (got, report) = read(&fixture(name));
        assert_eq!(report.defects, [], "{name}");
        assert_eq!(got, want, "{name}");
        assert_eq!((report.records, report.passed_over), (text.records.clone(), text.passed_over.clone()), "{name}");
    }
}

#[test]
fn every_codec_and_page_version() {
    let rows: Vec<Option<&str>> =
        (0..3000).map(|i| (i % 10 != 3).then_some(if i % 2 == 0 { "10.0.0.1" } else { "2001:db8::1" })).collect();
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            // Without this, version 2 writes byte arrays in the delta encodings that are not read.
            let plain = WriterProperties::builder().set_encoding(Encoding::PLAIN).set_compression(codec);
            let bytes = write(&rows, plain.set_writer_version(version).set_data_page_row_count_limit(700).build());
            let (_, report) = read(&bytes);
            assert_eq!((report.defects.as_slice(), report.not_read), (&[][..], None), "{codec} {version:?}");
            // Rows without addresses and status are those without data.
            assert_eq!(
                (count(&report, RecordKind::VpcFlow), report.passed_over["flow NODATA"]),
                (2700, 300),
                "{codec}"
            );
        }
    }
}

#[test]
fn account_comes_from_the_key_and_bad_values_are_counted() {
    let bytes = write(&[Some("10.0.0.1"), Some("10.0.0.256"), Some("\0"), None], WriterProperties::default());
    let name = ObjectName::parse("AWSLogs/aws-account-id=999988887777/aws-service=vpcflowlogs/x.log.parquet");
    let mut keep = Keep::default();
    let report = read_object(Input::Bytes(bytes.into()), &name, &Limits::default(), &mut keep);
    assert!(keep.0.len() == 1 && keep.0[0].contains("999988887777"), "{keep:?}");
    let got: Vec<_> = report.defects.iter().map(|d| (d.cause, d.count, d.line)).collect();
    assert_eq!(got, [("srcaddr is missing or no address", 2, 2)]);
}

#[test]
fn delta_encoded_strings_are_refused_not_trusted() {
    let properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::PLAIN)
        .set_column_encoding("srcaddr".into(), Encoding::DELTA_BYTE_ARRAY)
        .build();
    let (keep, report) = read(&write(&[Some("10.0.0.1")], properties));
    assert!(keep.0.is_empty() && report.defects.len() == 1, "{report:?}");
}

fn check_damaged(report: &ObjectReport, what: &str) {
    assert!(report.total_records() <= 236, "{what}");
    for defect in &report.defects {
        assert!(defect.count <= 240, "{what}: {defect:?}");
    }
}

#[test]
fn a_cut_or_flipped_file_is_counted() {
    let bytes = fixture("flow.gzip.parquet");
    for cut in (0..bytes.len()).step_by(97) {
        let (keep, report) = read(&bytes[..cut]);
        assert!(keep.0.is_empty(), "cut at {cut}");
        assert!(cut == 0 || report.not_read.is_some() || !report.defects.is_empty(), "cut at {cut}: {report:?}");
    }
    for at in (0..bytes.len()).step_by(61) {
        for bit in [0x01, 0x80] {
            let mut damaged = bytes.clone();
            damaged[at] ^= bit;
            check_damaged(&read(&damaged).1, &format!("bit {bit} at {at}"));
        }
    }
}

#[test]
fn claims_of_the_metadata_cost_nothing() {
    // A footer that is said to be 4 GiB, one of nothing, and one that is longer than allowed.
    for tail in [[0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0, 0, 0x60, 0]] {
        let mut bytes = b"PAR1".to_vec();
        bytes.resize(8 << 20, 0);
        bytes.extend_from_slice(&tail);
        bytes.extend_from_slice(b"PAR1");
        let (_, report) = read(&bytes);
        assert_eq!(report.defects.len(), 1, "{report:?}");
    }
}

proptest! {
    #[test]
    fn arbitrary_damage_never_panics_out(
        v2: bool,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        footer: bool,
    ) {
        let mut bytes = fixture(if v2 { "flow.v2.zstd.parquet" } else { "flow.gzip.parquet" });
        let len = bytes.len();
        let footer_len = u32::from_le_bytes(bytes[len - 8..len - 4].try_into().unwrap()) as usize;
        for (at, to) in damage {
            let at = if footer { len - 8 - footer_len + at.index(footer_len) } else { 4 + at.index(len - 12 - footer_len) };
            bytes[at] = to;
        }
        read(&bytes);
    }
}
