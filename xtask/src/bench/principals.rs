//! A million IAM users, each with calls on two days: what is known of them must not need more memory than is allowed.
//! And how large a profile of those in the generated logs is.

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use picquet_detect::{Class, Fact};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::Path;

/// Users of a file.
const PER_FILE: u64 = 10_000;
/// 2024-05-01T00:00:00Z.
const BEGIN: u64 = 1_714_521_600;
const DAYS: u64 = 2;
/// What they call, two of it a day.
const CALLS: [(&str, &str); 5] = [
    ("ec2", "DescribeInstances"),
    ("s3", "ListBuckets"),
    ("logs", "GetLogEvents"),
    ("sqs", "SendMessage"),
    ("dynamodb", "DescribeTable"),
];

/// Writes CloudTrail of so many users.
pub fn write(folder: &Path, users: u64) -> Result<()> {
    let logs = folder.join("AWSLogs/111122223333/CloudTrail/us-east-1");
    fs::create_dir_all(&logs)?;
    for day in 0..DAYS {
        for from in (0..users).step_by(PER_FILE as usize) {
            let file = File::create(logs.join(format!("day-{day}-{from:08}.json.gz")))?;
            let mut out = GzEncoder::new(BufWriter::new(file), Compression::fast());
            write!(out, "{{\"Records\":[")?;
            for n in from..(from + PER_FILE).min(users) {
                for call in 0..2 {
                    let comma = if n == from && call == 0 { "" } else { "," };
                    write!(out, "{comma}")?;
                    record(&mut out, n, day, call)?;
                }
            }
            write!(out, "]}}")?;
            out.finish()?.flush()?;
        }
    }
    Ok(())
}

fn record(out: &mut impl Write, n: u64, day: u64, call: u64) -> Result<()> {
    // All within one hour of the day, as the facts of an hour are judged together.
    let time = Timestamp::from_second((BEGIN + day * 86_400 + (n + call) % 3_000) as i64)?;
    let ip = Ipv4Addr::from(0x345e_0000 | (n % 50_000) as u32);
    let (service, api) = CALLS[((n + call) % CALLS.len() as u64) as usize];
    write!(
        out,
        "{{\"eventVersion\":\"1.11\",\"userIdentity\":{{\"type\":\"IAMUser\",\"principalId\":\"AIDA{n:016}\",\"arn\":\
         \"arn:aws:iam::111122223333:user/user-{n}\",\"accountId\":\"111122223333\",\"accessKeyId\":\"AKIA{n:016}\",\
         \"userName\":\"user-{n}\"}},\"eventTime\":\"{time}\",\"eventSource\":\"{service}.amazonaws.com\",\
         \"eventName\":\"{api}\",\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"{ip}\",\"userAgent\":\
         \"aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0\",\"requestParameters\":null,\"responseElements\":null,\
         \"requestID\":\"{:08x}-0000-4000-8000-{n:012x}\",\"eventID\":\"{:08x}-0000-4000-9000-{n:012x}\",\"readOnly\":\
         true,\"eventType\":\"AwsApiCall\",\"managementEvent\":true,\"recipientAccountId\":\"111122223333\",\
         \"eventCategory\":\"Management\"}}",
        day * 2 + call,
        day * 2 + call
    )?;
    Ok(())
}

/// Sizes of the profiles of principals in a baseline, in bytes.
pub struct Sizes {
    /// How many profiles.
    pub profiles: usize,
    /// Their median.
    pub median: usize,
    /// The largest.
    pub largest: usize,
}

/// Reads the sizes out of a baseline.
pub fn sizes(baseline: &Path) -> Result<Sizes> {
    let mut reader = BufReader::new(File::open(baseline)?);
    reader.read_until(b'\n', &mut Vec::new())?;
    let mut all = Vec::new();
    for fact in picquet_engine::read_run(reader) {
        let (key, fact) = fact?;
        if let (Class::Learned, Fact::Learned(learned), Some("principal")) = (key.class, &fact, key.parts().next()) {
            all.push(learned.state.len());
        }
    }
    all.sort_unstable();
    let Some(&largest) = all.last() else { bail!("{} has no profile", baseline.display()) };
    let median = *all.get(all.len() / 2).context("there is one")?;
    Ok(Sizes { profiles: all.len(), median, largest })
}
