//! What the operator configures of continuous detection: sources, and how patient it is.

use jiff::Timestamp;
use picquet_source::span::{self, span};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// A source of log objects: a bucket or a folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name, for people and in the ledger.
    pub name: String,
    /// A folder of files.
    pub folder: Option<PathBuf>,
    /// A bucket.
    pub bucket: Option<String>,
    /// Only keys that begin with this.
    #[serde(default)]
    pub prefix: String,
    /// The URL of an SQS queue that says what is new in the bucket.
    pub queue: Option<String>,
    /// How the bucket and the queue are reached.
    #[serde(flatten)]
    pub access: picquet_source::aws::Access,
    /// How far back objects are read when the source is new: a span such as `14d`, a moment, `all` or `none`.
    #[serde(default)]
    pub since: Since,
    /// How often the bucket or folder is looked through for what no notification named.
    #[serde(default = "poll", deserialize_with = "span")]
    pub poll: Duration,
    /// Whether it is watched; one that is not is there for hunts alone, such as an archive.
    #[serde(default = "watched")]
    pub watch: bool,
}

const fn watched() -> bool {
    true
}

/// How far back objects are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Since {
    /// Everything.
    All,
    /// Only what a queue names from now on.
    None,
    /// So many seconds before the start.
    Span(i64),
    /// From a moment on, in seconds since the epoch.
    Moment(i64),
}

impl Default for Since {
    /// Baselines are mature after seven days of data; twice as much lets them show something at once.
    fn default() -> Self {
        Self::Span(14 * 86_400)
    }
}

impl TryFrom<String> for Since {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "all" => return Ok(Self::All),
            "none" => return Ok(Self::None),
            _ => {}
        }
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(Self::Moment(moment.as_second()));
        }
        if let Ok(day) = text.parse::<jiff::civil::Date>()
            && let Ok(start) = jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0))
        {
            return Ok(Self::Moment(start.as_second()));
        }
        span::parse(&text)
            .map(|span| Self::Span(span.as_secs()))
            .ok_or_else(|| format!("`{text}` is neither a span such as `14d`, nor a date, nor `all` or `none`"))
    }
}

impl Since {
    /// The first moment that counts, in seconds since the epoch.
    pub fn first(self, now: i64) -> i64 {
        match self {
            Self::All => i64::MIN,
            Self::None => i64::MAX,
            Self::Span(seconds) => now - seconds,
            Self::Moment(moment) => moment,
        }
    }
}

const fn poll() -> Duration {
    Duration::from_secs(300)
}

/// How patient detection is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Watch {
    /// How long after an hour's end it is judged as a whole: AWS delivers CloudTrail within about 5 minutes and flow
    /// logs within about 10 (user guides).
    #[serde(deserialize_with = "span")]
    pub slack: Duration,
    /// How long nothing may have come of old hours before hours are judged as a whole: while old objects are read,
    /// what is usual is not known yet.
    #[serde(deserialize_with = "span")]
    pub settle: Duration,
    /// How long facts are kept: what comes later than that, or twice, is not judged with what it belongs to.
    #[serde(deserialize_with = "span")]
    pub horizon: Duration,
    /// How often an object is tried, with growing pauses, before it is set aside: with twelve tries about 40 minutes. One
    /// that was set aside is tried again every six hours.
    pub tries: u32,
    /// Objects that are fetched at a time.
    pub fetches: usize,
    /// Bytes of objects that are held at a time, in MiB.
    pub memory_mib: u32,
    /// How long the ledger remembers objects.
    #[serde(deserialize_with = "span")]
    pub remember: Duration,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            slack: Duration::from_secs(20 * 60),
            settle: Duration::from_secs(60),
            horizon: Duration::from_secs(48 * 3600),
            tries: 12,
            fetches: 16,
            memory_mib: 256,
            remember: Duration::from_secs(90 * 86_400),
        }
    }
}

/// Checks what serde cannot see.
///
/// # Errors
/// What is wrong, in one line.
pub fn check(sources: &[Source], watch: &Watch) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for source in sources {
        let name = &source.name;
        if name.is_empty() || name.len() > 64 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        {
            return Err(format!("the source's name `{name}` is not made of 1 to 64 letters, digits, `-`, `_` and `.`"));
        }
        if !names.insert(name) {
            return Err(format!("there are two sources of the name {name}"));
        }
        match (&source.folder, &source.bucket) {
            (Some(_), Some(_)) => return Err(format!("source {name}: it is either a bucket or a folder")),
            (None, None) => return Err(format!("source {name}: it needs a bucket or a folder")),
            (Some(_), None) if source.queue.is_some() => {
                return Err(format!("source {name}: a folder has no queue"));
            }
            _ => {}
        }
        if !source.watch && source.queue.is_some() {
            return Err(format!("source {name}: `watch = false` leaves its queue unread"));
        }
        if source.since == Since::None && source.queue.is_none() && source.folder.is_none() {
            return Err(format!("source {name}: without a queue, `since = \"none\"` leaves nothing to read"));
        }
    }
    if watch.tries == 0 || watch.fetches == 0 || watch.memory_mib == 0 {
        return Err("watch: tries, fetches and memory_mib must be 1 or more".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Result<Source, String> {
        toml::from_str(text).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn a_source_needs_little() {
        let bucket = source("name = 'trail'\nbucket = 'logs'").unwrap();
        assert_eq!((bucket.since, bucket.poll.as_secs()), (Since::Span(14 * 86_400), 300));
        assert!(check(std::slice::from_ref(&bucket), &Watch::default()).is_ok());
        assert!(check(&[bucket.clone(), bucket], &Watch::default()).unwrap_err().contains("two sources"));
    }

    #[test]
    fn mistakes_are_named() {
        let wrong = |text: &str| source(text).and_then(|s| check(&[s], &Watch::default())).unwrap_err();
        assert!(wrong("name = 'a'").contains("needs a bucket or a folder"));
        assert!(wrong("name = 'a b'\nfolder = '/x'").contains("letters"));
        assert!(wrong("name = 'a'\nfolder = '/x'\nbucket = 'b'").contains("either"));
        assert!(wrong("name = 'a'\nfolder = '/x'\nqueue = 'q'").contains("no queue"));
        assert!(wrong("name = 'a'\nbucket = 'b'\nsince = 'soon'").contains("soon"));
        assert!(wrong("name = 'a'\nbucket = 'b'\nsince = 'none'").contains("leaves nothing"));
        assert!(wrong("name = 'a'\nbucket = 'b'\nqueue = 'q'\nwatch = false").contains("unread"));
        assert!(wrong("name = 'a'\nbucket = 'b'\npoll = '0s'").contains("no span"));
    }

    #[test]
    fn how_far_back_is_a_span_a_day_or_a_moment() {
        let of = |text: &str| Since::try_from(text.to_owned()).map(|since| since.first(1_000_000));
        assert_eq!(of("2h"), Ok(1_000_000 - 7200));
        assert_eq!(of("1d"), Ok(1_000_000 - 86_400));
        assert_eq!(of("1970-01-02"), Ok(86_400));
        assert_eq!(of("1970-01-02T00:00:01Z"), Ok(86_401));
        assert_eq!((of("all"), of("none")), (Ok(i64::MIN), Ok(i64::MAX)));
        assert!(of("-1d").is_err() && of("").is_err());
    }
}
