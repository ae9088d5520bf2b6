//! Objects in a bucket: GuardDuty's export of a detector, and OCSF.
//!
//! GuardDuty writes one finding a line, gzipped, below `AWSLogs/<account>/GuardDuty/<region>/<yyyy>/<mm>/<dd>/` (user
//! guide, "Exporting findings").

use super::{Outcome, Refused, all};
use crate::item::Item;
use flate2::Compression;
use flate2::write::GzEncoder;
use picquet_report::uuid_of;
use picquet_source::aws::bucket::Bucket;
use std::collections::BTreeMap;
use std::io::Write;

/// What objects hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Findings, as the API shows them.
    Findings,
    /// OCSF.
    Ocsf,
}

/// An export into a bucket.
pub struct Export {
    bucket: Bucket,
    prefix: String,
    kms_key: Option<String>,
    lines: Lines,
}

impl Export {
    /// Into a bucket, below a prefix.
    pub const fn new(bucket: Bucket, prefix: String, kms_key: Option<String>, lines: Lines) -> Self {
        Self { bucket, prefix, kms_key, lines }
    }

    pub(super) const fn kind(&self) -> &'static str {
        match self.lines {
            Lines::Findings => "bucket",
            Lines::Ocsf => "ocsf-bucket",
        }
    }

    pub(super) async fn send(&self, items: &[Item]) -> Vec<Outcome> {
        let mut objects: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, item) in items.iter().enumerate() {
            objects.entry(folder(item, self.lines)).or_default().push(n);
        }
        let mut outcomes = all(items, Refused::item("it has no OCSF form"));
        for (folder, numbers) in objects {
            let (mut lines, mut ids, mut written) = (Vec::new(), Vec::new(), Vec::new());
            for n in numbers {
                let item = &items[n];
                let line = match self.lines {
                    Lines::Findings => Some(item.finding.clone()),
                    Lines::Ocsf => item.ocsf(),
                };
                if let Some(line) = line {
                    lines.push(line.to_string());
                    ids.push(item.event_id());
                    written.push(n);
                }
            }
            if lines.is_empty() {
                continue;
            }
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            // The same editions give the same name, so that a retry does not leave them there twice.
            let key = format!("{}{folder}{}.jsonl.gz", self.prefix, uuid_of(&ids));
            let put = match packed(&lines) {
                Ok(bytes) => self
                    .bucket
                    .put(&key, bytes, "application/x-gzip", self.kms_key.as_deref())
                    .await
                    .map_err(|e| Refused::now(format!("s3://{}: {e}", self.bucket.name()))),
                Err(e) => Err(Refused::now(e)),
            };
            written.into_iter().for_each(|n| outcomes[n] = put.clone());
        }
        outcomes
    }
}

fn folder(item: &Item, lines: Lines) -> String {
    let day = item.updated().strftime("%Y/%m/%d").to_string();
    let service = match lines {
        Lines::Findings => "GuardDuty",
        Lines::Ocsf => "OCSF",
    };
    format!("AWSLogs/{}/{service}/{}/{day}/", item.account(), item.region())
}

fn packed(lines: &[String]) -> std::io::Result<Vec<u8>> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    for line in lines {
        gz.write_all(line.as_bytes())?;
        gz.write_all(b"\n")?;
    }
    gz.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::item;
    use std::io::Read;

    #[test]
    fn keys_are_guarddutys_and_lines_are_findings() {
        assert_eq!(folder(&item("a", 1), Lines::Findings), "AWSLogs/111122223333/GuardDuty/eu-west-1/2026/01/02/");
        let bytes = packed(&["one".into(), "two".into()]).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo\n");
    }
}
