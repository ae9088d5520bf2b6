//! Where the objects of a day are below a bucket's prefixes, so that looking for new ones need not list all.
//!
//! AWS writes `…/yyyy/mm/dd/…` (CloudTrail, VPC Flow Logs, Resolver query logs) or, partitioned for Hive,
//! `…/year=yyyy/month=mm/day=dd/…` (VPC Flow Logs user guide, "Flow log files").

use std::collections::BTreeSet;

/// What stands before the day, and how the day is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stem {
    /// The prefix, with its slash at the end.
    pub prefix: String,
    /// `year=…` and so on.
    pub hive: bool,
}

impl Stem {
    /// The stem of a key, if the key has a day.
    pub fn of(key: &str) -> Option<Self> {
        let mut at = 0;
        let parts: Vec<(usize, &str)> = key
            .split('/')
            .map(|part| {
                let start = at;
                at += part.len() + 1;
                (start, part)
            })
            .collect();
        let plain = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        let hive = |part: &str, name: &str, digits: usize| part.strip_prefix(name).is_some_and(|p| plain(p, digits));
        parts.windows(3).find_map(|days| {
            let [(start, year), (_, month), (_, day)] = days else { return None };
            let is_plain = plain(year, 4) && plain(month, 2) && plain(day, 2);
            let is_hive = hive(year, "year=", 4) && hive(month, "month=", 2) && hive(day, "day=", 2);
            (is_plain || is_hive).then(|| Self { prefix: key[..*start].to_owned(), hive: is_hive })
        })
    }

    /// The prefix of a day.
    pub fn day(&self, year: i16, month: i8, day: i8) -> String {
        if self.hive {
            format!("{}year={year:04}/month={month:02}/day={day:02}/", self.prefix)
        } else {
            format!("{}{year:04}/{month:02}/{day:02}/", self.prefix)
        }
    }
}

/// A day, as it is written in keys: year, month and day.
pub type Day = (i16, i8, i8);

/// The year, and how it is written, of a folder that holds a year's objects in AWS's layouts; none for any other. Four
/// digits alone can be anything above `AWSLogs`, and are a year below.
pub fn year(folder: &str) -> Option<(i16, bool)> {
    let mut parts = folder.trim_end_matches('/').rsplit('/');
    let last = parts.next()?;
    if let Some(year) = last.strip_prefix("year=") {
        return Some((year.parse().ok()?, true));
    }
    let is_year = last.len() == 4 && last.bytes().all(|b| b.is_ascii_digit());
    (is_year && parts.any(|part| part == "AWSLogs")).then(|| Some((last.parse().ok()?, false)))?
}

/// The stems of keys that were seen. More than these are not remembered: a bucket without order is listed as a whole.
#[derive(Default)]
pub struct Stems {
    known: BTreeSet<Stem>,
    without: bool,
}

/// Stems that are remembered: accounts, regions and kinds of an organization.
const MOST: usize = 50_000;

impl Stems {
    /// Sees a key.
    pub fn see(&mut self, key: &str) {
        match Stem::of(key) {
            Some(stem) if self.known.len() < MOST => drop(self.known.insert(stem)),
            _ => self.without = true,
        }
    }

    /// All of them, if every key had one.
    pub fn all(&self) -> Option<&BTreeSet<Stem>> {
        (!self.without && !self.known.is_empty()).then_some(&self.known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_layouts_have_a_day() {
        let trail = "org/AWSLogs/o-1/111122223333/CloudTrail/us-east-1/2026/01/02/x_20260102T0000Z_a.json.gz";
        let stem = Stem::of(trail).unwrap();
        assert_eq!(stem.prefix, "org/AWSLogs/o-1/111122223333/CloudTrail/us-east-1/");
        assert!(trail.starts_with(&stem.day(2026, 1, 2)));
        let hive = "AWSLogs/aws-account-id=1/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=01/day=02/hour=03/f.parquet";
        let stem = Stem::of(hive).unwrap();
        assert!(stem.hive && hive.starts_with(&stem.day(2026, 1, 2)));
        assert_eq!(Stem::of("logs/2026/1/2/a"), None);
        assert_eq!(Stem::of("2026/01"), None);
    }

    #[test]
    fn years_are_told_from_other_folders() {
        assert_eq!(year("a/AWSLogs/111122223333/CloudTrail/us-east-1/2026/"), Some((2026, false)));
        assert_eq!(year("AWSLogs/aws-account-id=1/aws-region=us-east-1/year=2026/"), Some((2026, true)));
        assert_eq!(year("2026/"), None);
        assert_eq!(year("AWSLogs/2026/01/"), None);
        assert_eq!(year("AWSLogs/111122223333/"), None);
        assert_eq!(year("year=x/"), None);
    }

    #[test]
    fn one_key_without_a_day_needs_the_whole_list() {
        let mut stems = Stems::default();
        assert_eq!(stems.all(), None);
        stems.see("a/2026/01/02/x");
        stems.see("a/2026/01/03/x");
        assert_eq!(stems.all().map(BTreeSet::len), Some(1));
        stems.see("b/x");
        assert_eq!(stems.all(), None);
    }
}
