//! What an object's key says: account, region and the time that its records begin.
//!
//! Keys are a help, never needed: `AWSLogs/<account>/CloudTrail/<region>/<yyyy>/<mm>/<dd>/<file>` and its
//! relatives (AWS, "Finding your CloudTrail log files", "Flow log files", "Values that appear in VPC Resolver
//! query logs"). Hive-compatible flow log keys write `aws-account-id=...`, `aws-region=...`, `year=...`.

use picquet_model::EventTime;

/// What could be read from a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectName {
    /// Twelve digits.
    pub account: Option<String>,
    /// A region's name.
    pub region: Option<String>,
    /// When the object's records begin, by the time stamp in its name or the date of its folder.
    pub time: Option<EventTime>,
    /// Whether the key is that of a CloudTrail digest file.
    pub digest: bool,
}

impl ObjectName {
    /// Reads a key or a path; `/` and `\` both separate.
    pub fn parse(key: &str) -> Self {
        let mut name = Self::default();
        let parts: Vec<&str> = key.split(['/', '\\']).filter(|p| !p.is_empty()).collect();
        let Some((file, folders)) = parts.split_last() else { return name };
        name.digest = parts.contains(&"CloudTrail-Digest") || file.contains("_CloudTrail-Digest_");
        let mut hive = [None; 4];
        for (i, part) in folders.iter().enumerate() {
            match part.split_once('=') {
                Some(("aws-account-id", v)) if is_account(v) => name.account = Some(v.to_owned()),
                Some(("aws-region", v)) if is_region(v) => name.region = Some(v.to_owned()),
                Some(("year", v)) => hive[0] = v.parse().ok(),
                Some(("month", v)) => hive[1] = v.parse().ok(),
                Some(("day", v)) => hive[2] = v.parse().ok(),
                Some(("hour", v)) => hive[3] = v.parse::<i64>().ok(),
                _ if is_account(part) && i > 0 && (folders[i - 1] == "AWSLogs" || folders[i - 1].starts_with("o-")) => {
                    name.account = Some((*part).to_owned());
                }
                _ if is_region(part) => name.region = Some((*part).to_owned()),
                _ => {}
            }
        }
        if let [Some(y), Some(m), Some(d), h] = hive {
            name.time = date(y, m, d, h.unwrap_or(0));
        }
        if name.time.is_none() {
            name.time =
                folders.windows(3).rev().find_map(|w| date(number(w[0], 4)?, number(w[1], 2)?, number(w[2], 2)?, 0));
        }
        for piece in file.split('_') {
            if name.account.is_none() && is_account(piece) {
                name.account = Some(piece.to_owned());
            } else if name.region.is_none() && is_region(piece) {
                name.region = Some(piece.to_owned());
            } else if let Some(time) = stamp(piece) {
                name.time = Some(time);
            }
        }
        name
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `us-east-1`, `us-gov-west-1`, `cn-north-1`, `us-isob-east-1`, ...
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(first), Some(last)) = (parts.next(), parts.next_back()) else { return false };
    let middle: Vec<&str> = parts.collect();
    first.len() == 2
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && last.len() == 1
        && last.bytes().all(|b| b.is_ascii_digit())
        && (1..=2).contains(&middle.len())
        && middle.iter().all(|p| (3..=9).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase()))
}

fn number(text: &str, len: usize) -> Option<i64> {
    (text.len() == len && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn date(y: i64, m: i64, d: i64, h: i64) -> Option<EventTime> {
    EventTime::parse_rfc3339(&format!("{y:04}-{m:02}-{d:02}T{h:02}:00:00Z"))
}

/// `20240501T1205Z`, the time stamp of a delivered file.
fn stamp(text: &str) -> Option<EventTime> {
    let text = text.split('.').next()?;
    let (day, clock) = text.split_once('T')?;
    let clock = clock.strip_suffix('Z')?;
    if day.len() != 8 || clock.len() < 4 || !day.bytes().chain(clock.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    EventTime::parse_rfc3339(&format!(
        "{}-{}-{}T{}:{}:00Z",
        &day[..4],
        &day[4..6],
        &day[6..8],
        &clock[..2],
        &clock[2..4]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_layouts_of_aws() {
        for (key, account, region, time) in [
            (
                "b/AWSLogs/111122223333/CloudTrail/us-east-1/2024/05/01/111122223333_CloudTrail_us-east-1_20240501T1205Z_AbCd.json.gz",
                "111122223333",
                "us-east-1",
                "2024-05-01T12:05:00.000Z",
            ),
            (
                "AWSLogs/o-abc123/111122223333/CloudTrail/us-gov-west-1/2024/05/01/x.json.gz",
                "111122223333",
                "us-gov-west-1",
                "2024-05-01T00:00:00.000Z",
            ),
            (
                "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2024/month=05/day=01/hour=07/f.parquet",
                "111122223333",
                "eu-west-1",
                "2024-05-01T07:00:00.000Z",
            ),
            (
                "111122223333_vpcflowlogs_us-west-2_fl-0c6_20260303T1400Z_73faa6de.log.gz",
                "111122223333",
                "us-west-2",
                "2026-03-03T14:00:00.000Z",
            ),
        ] {
            let name = ObjectName::parse(key);
            assert_eq!(name.account.as_deref(), Some(account), "{key}");
            assert_eq!(name.region.as_deref(), Some(region), "{key}");
            assert_eq!(name.time.map(|t| t.to_string()).as_deref(), Some(time), "{key}");
        }
    }

    #[test]
    fn says_nothing_of_what_it_does_not_know() {
        assert_eq!(ObjectName::parse("notes/readme.txt"), ObjectName::default());
        assert_eq!(ObjectName::parse(""), ObjectName::default());
        assert!(ObjectName::parse("AWSLogs/111122223333/CloudTrail-Digest/us-east-1/x.json.gz").digest);
        assert!(
            !is_region("a-b-c") && !is_region("us-east") && is_region("ap-southeast-3") && is_region("us-isob-east-1")
        );
    }
}
