//! Which feeds there are, as the operator configures them.

use crate::Kind;
use picquet_source::aws::Access;
use picquet_source::span::span;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// A feed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Its name, for people, in findings and as a file's name.
    pub name: String,
    /// What it is of.
    pub kind: Kind,
    /// Where it comes from: `https://`, `s3://` or an absolute path. Without it, it is imported by hand.
    pub location: Option<String>,
    /// The checksum that it must have: 64 hexadecimal digits, or where a file with them is.
    pub sha256: Option<String>,
    /// How often it is fetched.
    #[serde(default = "day", deserialize_with = "span")]
    pub every: Duration,
    /// The age from which it counts as stale.
    #[serde(default = "week", deserialize_with = "span")]
    pub stale: Duration,
    /// Certificates (PEM) to trust instead of the public ones, for a mirror inside.
    pub ca: Option<PathBuf>,
    /// How a bucket is reached.
    #[serde(flatten)]
    pub access: Access,
}

const fn day() -> Duration {
    Duration::from_secs(86_400)
}

const fn week() -> Duration {
    Duration::from_secs(7 * 86_400)
}

/// The longest name.
const LONGEST_NAME: usize = 64;

/// Checks what serde cannot see.
///
/// # Errors
/// What is wrong, in one line.
pub fn check(feeds: &[Feed]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for Feed { name, location, sha256, every, stale, .. } in feeds {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_name) {
            return Err(format!("the feed's name `{name}` is not made of 1 to 64 letters, digits, `-` and `_`"));
        }
        // Files of two such names are one on some machines.
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(format!("there are two feeds of the name {name}"));
        }
        for location in [location, sha256].into_iter().flatten() {
            if !(is_location(location) || is_digest(location) && Some(location) == sha256.as_ref()) {
                let why = "a location begins with https://, s3:// or /, and a checksum is of 64 hexadecimal digits";
                return Err(format!("feed {name}: `{location}`: {why}"));
            }
        }
        if location.is_some() && stale < every {
            return Err(format!(
                "feed {name}: it is stale before it is fetched again; let `stale` be longer than `every`"
            ));
        }
    }
    Ok(())
}

fn is_location(text: &str) -> bool {
    ["https://", "s3://", "/"].iter().any(|begin| text.starts_with(begin))
}

/// Whether a text is a SHA-256 in hexadecimal digits.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Settings {
        feed: Vec<Feed>,
    }

    fn feeds(text: &str) -> Result<Vec<Feed>, String> {
        let feeds = toml::from_str::<Settings>(text).map_err(|e| e.to_string())?.feed;
        check(&feeds).map(|()| feeds)
    }

    #[test]
    fn feeds_are_read() {
        let text = "[[feed]]\nname = \"ips\"\nkind = \"malicious-ip\"\nlocation = \"s3://b/k\"\nregion = \"eu-west-1\"\nevery = \"6h\"\n\
                    [[feed]]\nname = \"geo\"\nkind = \"geoip\"\n";
        let feeds = feeds(text).unwrap();
        assert_eq!((feeds[0].every.as_secs(), feeds[0].stale.as_secs()), (6 * 3600, 7 * 86_400));
        assert_eq!(feeds[0].access.region.as_deref(), Some("eu-west-1"));
        assert!(feeds[1].location.is_none());
    }

    #[test]
    fn mistakes_are_named() {
        let feed = |more: &str| feeds(&format!("[[feed]]\nname = \"a\"\nkind = \"c2\"\n{more}\n")).unwrap_err();
        assert!(feed("location = \"http://example.com/a\"").contains("https://"));
        assert!(feed("location = \"/a\"\nsha256 = \"12\"").contains("64 hexadecimal"));
        assert!(feed("location = \"/a\"\nevery = \"8d\"").contains("stale"));
        assert!(feed("[[feed]]\nname = \"A\"\nkind = \"c2\"").contains("two feeds"));
        assert!(feed("loction = \"/a\"").contains("loction"));
        assert!(feeds("[[feed]]\nname = \"../a\"\nkind = \"c2\"\n").unwrap_err().contains("letters"));
        assert!(feeds("[[feed]]\nname = \"a\"\nkind = \"c3\"\n").unwrap_err().contains("no kind of feed"));
    }
}
