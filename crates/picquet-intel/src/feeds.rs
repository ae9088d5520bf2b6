//! The feeds that Picquet brings along: dated files with origin and licence, made by `tools/intel-data.py`.

use crate::builder::IntelBuilder;
use crate::category::Category;
use crate::intel::Bundled;
use crate::unpack::gunzip;
use serde::Deserialize;

/// What `data/feeds.toml` says of one feed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Feed {
    category: String,
    file: String,
    name: String,
    origin: String,
    licence: String,
    date: String,
    /// For who reads the file; the builder counts itself.
    #[allow(dead_code)]
    entries: u64,
    /// What was excluded when the file was made, for who reads it.
    #[allow(dead_code)]
    left_out: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    feed: Vec<Feed>,
}

const INDEX: &str = include_str!("../data/feeds.toml");

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../data/feeds/", $name)))),*]
    };
}

const FILES: &[(&str, &[u8])] = files![
    "c2-frameworks.tsv.gz",
    "ipsum.tsv.gz",
    "malware-domains.tsv.gz",
    "malware-ips.tsv.gz",
    "mass-scanners.tsv.gz",
    "mining-domains.tsv.gz",
    "mining-ips.tsv.gz",
    "sinkholes.tsv.gz",
    "tor-exit-nodes.tsv.gz",
    "tor-relays.tsv.gz",
];

/// The domains that AWS's findings tester asks for, each of which stands for one finding type (user guide,
/// "Testing GuardDuty findings"; awslabs/amazon-guardduty-tester). They count to the letter only: random names
/// below the first one are the tester's data exfiltration.
const TESTER: [(Category, &str); 11] = [
    (Category::C2, "=guarddutyc2activityb.com\n=c2.guarddutyc2activityb.com\n"),
    (Category::Miner, "=crypto.guarddutyc2activityb.com\n"),
    (Category::Abused, "=abused-rep.guarddutyc2activityb.com\n"),
    (Category::MinerReputation, "=crypto-rep.guarddutyc2activityb.com\n"),
    (Category::MaliciousDomain, "=malicious-rep.guarddutyc2activityb.com\n"),
    (Category::Suspicious, "=suspicious-rep.guarddutyc2activityb.com\n"),
    (Category::DropPoint, "=guarddutydroppointactivity.com\n"),
    (Category::Sinkhole, "=guarddutyblackholeactivity.com\n"),
    (Category::Phishing, "=guarddutyphishingactivity.com\n"),
    (Category::DriveBy, "=guarddutydrivebyactivity.com\n"),
    (Category::Dga, "=guarddutydgaactivity.com\n"),
];

/// Adds the bundled feeds but for some categories, and the tester's names.
pub(crate) fn add_to(builder: &mut IntelBuilder, except: &[Category]) {
    for feed in index() {
        let Ok(category) = feed.category.parse::<Category>() else { continue };
        if except.contains(&category) {
            continue;
        }
        if let Some((_, bytes)) = FILES.iter().find(|(name, _)| *name == feed.file) {
            let from = Bundled { origin: feed.origin, date: feed.date, licence: feed.licence };
            builder.bundled_feed(category, &feed.name, &gunzip(bytes), from);
        }
    }
    for (category, names) in TESTER {
        let from = Bundled {
            origin: "awslabs/amazon-guardduty-tester".into(),
            date: "2026-07-07".into(),
            licence: "facts".into(),
        };
        builder.bundled_feed(category, "GuardDuty tester", names.as_bytes(), from);
    }
}

fn index() -> Vec<Feed> {
    // The index is compiled in and a test reads it: it cannot fail in a built binary.
    toml::from_str::<Index>(INDEX).map(|i| i.feed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Intel;

    fn intel(except: &[Category]) -> Intel {
        let mut b = Intel::builder();
        b.default_feeds(except);
        b.build()
    }

    #[test]
    fn every_file_is_listed_and_holds_what_the_index_says() {
        let index = index();
        assert_eq!(index.len(), FILES.len());
        let intel = intel(&[]);
        for feed in &index {
            assert!(FILES.iter().any(|(name, _)| *name == feed.file), "{}", feed.file);
            let list = intel.lists().iter().find(|l| l.name == feed.name).unwrap();
            assert_eq!(list.category, Some(feed.category.parse().unwrap()));
            assert!(list.rejected * 50 <= list.entries, "{}: {} rejected", feed.name, list.rejected);
            assert!(matches!(feed.licence.as_str(), "MIT" | "Unlicense" | "CC0-1.0" | "Apache-2.0" | "PDDL-1.0"));
        }
    }

    #[test]
    fn the_testers_names_mean_what_aws_says_and_no_more() {
        let intel = intel(&Category::ALL);
        let of = |name: &str| intel.domain(name).map(|h| intel.hits(h).map(|h| h.category).collect::<Vec<_>>());
        assert_eq!(of("GuardDutyC2ActivityB.com."), Some(vec![Category::C2]));
        assert_eq!(of("crypto.guarddutyc2activityb.com"), Some(vec![Category::Miner]));
        assert_eq!(of("guarddutydgaactivity.com"), Some(vec![Category::Dga]));
        assert_eq!(of("x9f3k.guarddutyc2activityb.com"), None);
    }

    #[test]
    fn what_everybody_uses_is_on_no_bundled_list() {
        let intel = intel(&[]);
        for ip in ["8.8.8.8", "1.1.1.1", "9.9.9.9", "104.21.27.14"] {
            assert_eq!(intel.ip(ip.parse().unwrap()), None, "{ip}");
        }
        for name in [
            "github.com",
            "s3.amazonaws.com",
            "google.com",
            "pypi.org",
            "d111111abcdef8.cloudfront.net",
            "zapto.org",
            "duckdns.org",
        ] {
            assert_eq!(intel.domain(name), None, "{name}");
        }
    }
}
