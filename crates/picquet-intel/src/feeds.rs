//! The feeds that Picquet brings along: dated files with origin and licence, made by `tools/intel-data.py`.

use crate::category::Category;
use crate::intel::Bundled;
use crate::unpack::gunzip;
use serde::Deserialize;
use std::borrow::Cow;

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

/// The list name of the tester's names.
const TESTER_LIST: &str = "GuardDuty tester";

/// A feed that is compiled in; it is unpacked when it is added to a builder.
#[derive(Clone, Debug)]
pub struct BundledFeed {
    pub(crate) category: Category,
    pub(crate) name: String,
    pub(crate) from: Bundled,
    packed: Packed,
}

#[derive(Clone, Copy, Debug)]
enum Packed {
    Gzip(&'static [u8]),
    Plain(&'static str),
}

impl BundledFeed {
    /// The list as it was before it was packed.
    pub(crate) fn bytes(&self) -> Cow<'static, [u8]> {
        match self.packed {
            Packed::Gzip(bytes) => gunzip(bytes).into(),
            Packed::Plain(text) => text.as_bytes().into(),
        }
    }
}

/// The bundled feeds but for some categories, and the tester's names, in their order.
pub fn bundled(except: &[Category]) -> Vec<BundledFeed> {
    let mut feeds = Vec::new();
    for feed in index() {
        let Ok(category) = feed.category.parse::<Category>() else { continue };
        if except.contains(&category) {
            continue;
        }
        if let Some((_, bytes)) = FILES.iter().find(|(name, _)| *name == feed.file) {
            let from = Bundled { origin: feed.origin, date: feed.date, licence: feed.licence };
            feeds.push(BundledFeed { category, name: feed.name, from, packed: Packed::Gzip(bytes) });
        }
    }
    feeds.extend(TESTER.iter().map(|&(category, names)| BundledFeed {
        category,
        name: TESTER_LIST.into(),
        from: Bundled {
            origin: "awslabs/amazon-guardduty-tester".into(),
            date: "2026-07-07".into(),
            licence: "facts".into(),
        },
        packed: Packed::Plain(names),
    }));
    feeds
}

fn index() -> Vec<Feed> {
    // The index is compiled in and a test reads it: it cannot fail in a built binary.
    toml::from_str::<Index>(INDEX).map(|i| i.feed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Intel;
    use crate::indicator::Indicator;

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
            assert_eq!((list.entries + list.rejected) as u64, feed.entries, "{}", feed.name);
            assert!(list.rejected * 50 <= list.entries, "{}: {} rejected", feed.name, list.rejected);
            assert!(matches!(feed.licence.as_str(), "MIT" | "Unlicense" | "CC0-1.0" | "Apache-2.0" | "PDDL-1.0"));
        }
    }

    #[test]
    fn the_testers_names_mean_what_aws_says_and_no_more() {
        let intel = intel(&Category::ALL);
        let of = |name: &str| intel.domain(name).map(|h| intel.hits(h).map(|h| h.category).collect::<Vec<_>>());
        for (name, category) in [
            ("GuardDutyC2ActivityB.com.", Category::C2),
            ("c2.guarddutyc2activityb.com", Category::C2),
            ("crypto.guarddutyc2activityb.com", Category::Miner),
            ("abused-rep.guarddutyc2activityb.com", Category::Abused),
            ("crypto-rep.guarddutyc2activityb.com", Category::MinerReputation),
            ("malicious-rep.guarddutyc2activityb.com", Category::MaliciousDomain),
            ("suspicious-rep.guarddutyc2activityb.com", Category::Suspicious),
            ("guarddutydroppointactivity.com", Category::DropPoint),
            ("guarddutyblackholeactivity.com", Category::Sinkhole),
            ("guarddutyphishingactivity.com", Category::Phishing),
            ("guarddutydrivebyactivity.com", Category::DriveBy),
            ("guarddutydgaactivity.com", Category::Dga),
        ] {
            assert_eq!(of(name), Some(vec![category]), "{name}");
            assert_eq!(of(&format!("x9f3k.{name}")), None, "{name}");
            assert!(crate::finding_type(category, crate::Surface::Dns).is_some());
        }
    }

    #[test]
    fn a_replaced_category_is_left_out() {
        let categories =
            |intel: &Intel| intel.lists().iter().filter(|l| l.name != TESTER_LIST).map(|l| l.category).collect();
        let all: Vec<_> = categories(&intel(&[]));
        let without: Vec<_> = categories(&intel(&[Category::C2, Category::Scanner]));
        assert!(all.contains(&Some(Category::C2)) && all.contains(&Some(Category::TorExit)));
        assert!(!without.contains(&Some(Category::C2)) && without.contains(&Some(Category::TorExit)));
    }

    /// The exclusions as a list that covers what must not be in a feed.
    fn exclusions() -> Intel {
        let mut builder = Intel::builder();
        let report = builder.trusted_list("exclusions", include_bytes!("../data/exclusions.txt"));
        assert_eq!(report.rejected, [], "an exclusion that cannot be read excludes nothing");
        assert!(report.cidrs > 100 && report.domains > 100);
        builder.build()
    }

    #[test]
    fn no_feed_lists_what_is_excluded() {
        let excluded = exclusions();
        for (file, packed) in FILES {
            let text = String::from_utf8(gunzip(packed)).unwrap();
            for line in text.lines() {
                let entry = line.split('\t').next().unwrap();
                match crate::indicator::read(entry) {
                    Ok(Indicator::V4(net, _)) => {
                        assert!(!excluded.is_trusted_ip(net.network().into()), "{file}: {entry}");
                        assert!(!excluded.is_trusted_ip(net.broadcast().into()), "{file}: {entry}");
                    }
                    Ok(Indicator::V6(net, _)) => {
                        assert!(!excluded.is_trusted_ip(net.network().into()), "{file}: {entry}")
                    }
                    Ok(Indicator::Domain(name, _)) => assert!(!excluded.is_trusted_domain(name), "{file}: {entry}"),
                    Ok(Indicator::Key(_)) | Err(_) => {}
                }
            }
        }
    }

    #[test]
    fn what_everybody_uses_is_on_no_bundled_list() {
        let intel = intel(&[]);
        for ip in ["8.8.8.8", "1.1.1.1", "9.9.9.9", "104.21.27.14", "151.101.1.140", "13.107.213.69", "52.216.108.218"]
        {
            assert_eq!(intel.ip(ip.parse().unwrap()), None, "{ip}");
        }
        for name in [
            "github.com",
            "raw.githubusercontent.com",
            "s3.amazonaws.com",
            "bucket.s3.eu-west-1.amazonaws.com",
            "ec2-52-213-18-64.eu-west-1.compute.amazonaws.com",
            "sts.us-east-1.amazonaws.com",
            "google.com",
            "pypi.org",
            "d111111abcdef8.cloudfront.net",
            "someone.github.io",
            "zapto.org",
            "duckdns.org",
            "someone.duckdns.org",
        ] {
            assert_eq!(intel.domain(name), None, "{name}");
        }
    }
}
