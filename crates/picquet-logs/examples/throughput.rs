//! Reads log files given on the command line, says what came of them and how long a record takes.
//!
//! `cargo run --release -p picquet-logs --example throughput -- [--no-answers] [--passes N] FILE...`
//! Files are decompressed into memory first; what is timed is the reading alone, the best of the passes.

use picquet_logs::{CloudTrailRecord, DnsRecord, FlowRecord, Input, Limits, ObjectName, ObjectReport, RecordKind};
use picquet_logs::{Sink, read_object};
use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::io::Read;
use std::time::Instant;

/// Looks at what a detector would look at, so that nothing is optimised away.
struct Look {
    answers: usize,
    /// Leave the answers of DNS queries unread.
    lazy: bool,
}

impl Sink for Look {
    fn cloudtrail(&mut self, record: &CloudTrailRecord<'_>) {
        black_box(record);
    }

    fn flow(&mut self, record: &FlowRecord<'_>) {
        black_box(record);
    }

    fn dns(&mut self, record: &DnsRecord<'_>) {
        if !self.lazy {
            self.answers += record.answers().count();
        }
        black_box(record);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let lazy = args.first().is_some_and(|a| a == "--no-answers");
    if lazy {
        args.remove(0);
    }
    let mut passes = 5;
    if args.first().is_some_and(|a| a == "--passes") {
        passes = args.get(1).ok_or("--passes needs a number")?.parse()?;
        args.drain(..2);
    }
    let mut objects = Vec::new();
    for path in &args {
        let bytes = std::fs::read(path)?;
        let mut plain = Vec::new();
        match bytes.starts_with(&[0x1f, 0x8b]) {
            true => flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).map(|_| ())?,
            false => plain = bytes,
        }
        objects.push((path, ObjectName::parse(path), bytes::Bytes::from(plain)));
    }
    let limits = Limits::default();
    let mut look = Look { answers: 0, lazy };
    let mut best = f64::INFINITY;
    let mut reports: Vec<(&String, ObjectReport)> = Vec::new();
    for _ in 0..passes {
        reports.clear();
        let begin = Instant::now();
        for (path, name, bytes) in &objects {
            reports.push((path, read_object(Input::Bytes(bytes.clone()), name, &limits, &mut look)));
        }
        best = best.min(begin.elapsed().as_secs_f64());
    }

    let mut records: BTreeMap<RecordKind, u64> = BTreeMap::new();
    let mut passed: BTreeMap<&str, u64> = BTreeMap::new();
    for (path, report) in &reports {
        for (kind, n) in &report.records {
            *records.entry(*kind).or_default() += n;
        }
        for (what, n) in &report.passed_over {
            *passed.entry(what).or_default() += n;
        }
        for d in &report.defects {
            println!("{path}: {} x {} (first at line {}, offset {})", d.count, d.cause, d.line, d.offset);
        }
        if let Some(why) = report.not_read {
            println!("{path}: not read: {why}");
        }
    }
    for (kind, n) in &records {
        println!("{n:>10} {}", kind.name());
    }
    for (what, n) in &passed {
        println!("{n:>10} passed over: {what}");
    }
    let all = (records.values().sum::<u64>() + passed.values().sum::<u64>()).max(1) as f64;
    let bytes = objects.iter().map(|(_, _, b)| b.len()).sum::<usize>() as f64;
    println!(
        "{} files, {:.1} MB, {:.1} ns/record, {:.0} MB/s, {} answers a pass",
        objects.len(),
        bytes / 1e6,
        best * 1e9 / all,
        bytes / 1e6 / best,
        look.answers / passes
    );
    Ok(())
}
