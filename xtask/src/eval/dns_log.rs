//! Resolver query logs of made-up hosts, as AWS delivers them.

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// One query and its answer.
#[derive(Clone, Debug)]
pub struct Query {
    /// Milliseconds since the start.
    pub at: i64,
    /// The client's number.
    pub client: usize,
    /// The name without its final dot.
    pub name: String,
    /// The record type.
    pub kind: &'static str,
    /// The response code.
    pub rcode: &'static str,
    /// The data of the answers, a line each, if there are any.
    pub answer: String,
}

/// The account of all clients.
const ACCOUNT: u64 = 111_122_223_333;

/// Writes queries as one log in a new folder and returns the folder. The first second is `start`, since 1970.
pub fn write(folder: &Path, start: i64, queries: &[Query]) -> Result<PathBuf> {
    write_of(folder, start, queries, |_| ACCOUNT)
}

/// The same, of clients in accounts of their own.
pub fn write_of(folder: &Path, start: i64, queries: &[Query], account: impl Fn(usize) -> u64) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let vpc = "vpc-0d0d0d0d0d0d0d0d0";
    // A file holds an hour, as objects of a delivery hold some minutes.
    let hours = queries.chunk_by(|a, b| a.at / 3_600_000 == b.at / 3_600_000);
    let inner = folder.join(format!("AWSLogs/{ACCOUNT}/vpcdnsquerylogs/{vpc}"));
    fs::create_dir_all(&inner)?;
    for (n, hour) in hours.enumerate() {
        let path = inner.join(format!("{vpc}_vpcdnsquerylogs_{ACCOUNT}_{n:06}.log.gz"));
        let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
        let mut out = GzEncoder::new(BufWriter::new(file), Compression::fast());
        for q in hour {
            let answers = match q.answer.as_str() {
                "" => "[]".to_owned(),
                data => {
                    let answer = |data| format!(r#"{{"Rdata":"{data}","Type":"{}","Class":"IN"}}"#, q.kind);
                    format!("[{}]", data.lines().map(answer).collect::<Vec<_>>().join(","))
                }
            };
            writeln!(
                out,
                r#"{{"version":"1.100000","account_id":"{:012}","region":"us-east-1","vpc_id":"{vpc}","query_timestamp":"{}","query_name":"{}.","query_type":"{}","query_class":"IN","rcode":"{}","answers":{answers},"srcaddr":"10.9.{}.{}","srcport":"40123","transport":"UDP","srcids":{{"instance":"i-0d{:015x}"}}}}"#,
                account(q.client),
                moment(start + q.at / 1000)?,
                q.name.replace('\\', "\\\\"),
                q.kind,
                q.rcode,
                q.client >> 8,
                q.client & 255,
                q.client,
            )?;
        }
        out.finish()?.flush()?;
    }
    Ok(folder.to_owned())
}

/// `2024-05-01T12:00:00Z`, of seconds since 1970.
fn moment(seconds: i64) -> Result<String> {
    Ok(jiff::Timestamp::from_second(seconds)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_that_are_read() {
        for seconds in [0, 951_782_400, 1_709_251_199, 1_714_564_800, 4_102_444_799] {
            assert_eq!(crate::scanner::seconds(&moment(seconds).unwrap()), Some(seconds));
        }
    }
}
