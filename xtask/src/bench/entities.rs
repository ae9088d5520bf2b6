//! A million interfaces, each with traffic on three days: what is known of them must not need more memory than is
//! allowed.

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use picquet_testkit::V2_HEADER;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::Path;

/// Interfaces of a file.
const PER_FILE: u64 = 10_000;
/// 2024-05-01T00:00:00Z.
const BEGIN: u64 = 1_714_521_600;
const DAYS: u64 = 3;

/// Writes flow logs of so many interfaces: on each day an exchange with a public host and one with a neighbour.
pub fn write(folder: &Path, interfaces: u64) -> Result<()> {
    let logs = folder.join("AWSLogs/111122223333/vpcflowlogs/us-east-1");
    fs::create_dir_all(&logs)?;
    for day in 0..DAYS {
        for from in (0..interfaces).step_by(PER_FILE as usize) {
            let file = File::create(logs.join(format!("day-{day}-{from:08}.log.gz")))?;
            let mut out = GzEncoder::new(BufWriter::new(file), Compression::fast());
            writeln!(out, "{V2_HEADER}")?;
            for n in from..(from + PER_FILE).min(interfaces) {
                records(&mut out, n, day)?;
            }
            out.finish()?.flush()?;
        }
    }
    Ok(())
}

fn records(out: &mut impl Write, n: u64, day: u64) -> Result<()> {
    let own = Ipv4Addr::from(0x0a00_0000 | (n & 0x00ff_ffff) as u32);
    let near = Ipv4Addr::from(0x0a00_0000 | ((n ^ 1) & 0x00ff_ffff) as u32);
    // Some hosts that all call, and some that few do.
    let public = Ipv4Addr::from(0x345e_0000 | ((n * 7 + day) % 50_000) as u32);
    // All within one hour of the day, as the facts of an hour are judged together.
    let (start, port) = (BEGIN + day * 86_400 + n % 3_000, 32_768 + (n * 13 + day) % 28_000);
    for (to, service, bytes) in [(public, 443, 4_000 + n % 9_000), (near, 5_432, 9_000)] {
        for (src, dst, from_port, to_port, bytes) in
            [(own, to, port, service, bytes), (to, own, service, port, bytes / 2)]
        {
            writeln!(
                out,
                "2 111122223333 eni-{n:017x} {src} {dst} {from_port} {to_port} 6 20 {bytes} {start} {} ACCEPT OK",
                start + 5
            )?;
        }
    }
    Ok(())
}
