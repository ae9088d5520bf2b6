//! Resolver query logs of made-up hosts, as AWS delivers them.

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Numbers that are the same in every run (SplitMix64, Steele et al., "Fast splittable pseudorandom number
/// generators", 2014).
pub struct Random(pub u64);

impl Random {
    /// A number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.number() % n.max(1) as u64) as usize
    }

    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of several.
    pub fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// Characters of an alphabet.
    pub fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    /// Octets.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.number() as u8).collect()
    }

    /// Near a normal distribution with mean 0 and deviation 1: the sum of twelve uniform numbers.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

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
    /// The answer's data, if there is one.
    pub answer: String,
}

/// Writes queries as one log in a new folder and returns the folder. The first second is `start`, since 1970.
pub fn write(folder: &Path, start: i64, queries: &[Query]) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let (account, vpc) = ("111122223333", "vpc-0d0d0d0d0d0d0d0d0");
    // A file holds an hour, as objects of a delivery hold some minutes.
    let hours = queries.chunk_by(|a, b| a.at / 3_600_000 == b.at / 3_600_000);
    let inner = folder.join(format!("AWSLogs/{account}/vpcdnsquerylogs/{vpc}"));
    fs::create_dir_all(&inner)?;
    for (n, hour) in hours.enumerate() {
        let path = inner.join(format!("{vpc}_vpcdnsquerylogs_{account}_{n:06}.log.gz"));
        let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
        let mut out = GzEncoder::new(BufWriter::new(file), Compression::fast());
        for q in hour {
            let answers = match q.answer.as_str() {
                "" => "[]".to_owned(),
                data => format!(r#"[{{"Rdata":"{data}","Type":"{}","Class":"IN"}}]"#, q.kind),
            };
            writeln!(
                out,
                r#"{{"version":"1.100000","account_id":"{account}","region":"us-east-1","vpc_id":"{vpc}","query_timestamp":"{}","query_name":"{}.","query_type":"{}","query_class":"IN","rcode":"{}","answers":{answers},"srcaddr":"10.9.{}.{}","srcport":"40123","transport":"UDP","srcids":{{"instance":"i-0d{:015x}"}}}}"#,
                moment(start + q.at / 1000),
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
fn moment(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The civil date, with a year that begins in March.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_that_are_read() {
        for seconds in [0, 951_782_400, 1_709_251_199, 1_714_564_800, 4_102_444_799] {
            assert_eq!(crate::scanner::seconds(&moment(seconds)), Some(seconds));
        }
    }
}
