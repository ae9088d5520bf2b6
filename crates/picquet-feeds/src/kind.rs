//! What a feed is of, and whether bytes are such a thing.

use crate::FeedError;
use picquet_intel::{AwsRanges, Category, Geo, IntelBuilder, ListReport};
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;

/// What a feed is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Kind {
    /// A feed of a category, which stands instead of the bundled feeds of the category.
    Feed(Category),
    /// A list of the operator's: matches become `.Custom` findings.
    ThreatList,
    /// What never raises a finding.
    TrustedList,
    /// AWS's ip-ranges.json.
    AwsRanges,
    /// A database in MaxMind's format: countries, cities, networks' operators (ASN).
    Geoip,
}

/// The kinds that are no category, by their names in settings.
const OTHERS: [(&str, Kind); 4] = [
    ("threat-list", Kind::ThreatList),
    ("trusted-list", Kind::TrustedList),
    ("aws-ranges", Kind::AwsRanges),
    ("geoip", Kind::Geoip),
];

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((_, kind)) = OTHERS.iter().find(|(name, _)| *name == text) {
            return Ok(*kind);
        }
        text.parse().map(Self::Feed).map_err(|_| {
            let categories = Category::ALL.map(|category| category.to_string()).join(", ");
            format!("`{text}` is no kind of feed; there are threat-list, trusted-list, aws-ranges, geoip, {categories}")
        })
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feed(category) => category.fmt(f),
            other => f.pad(OTHERS.iter().find(|(_, kind)| kind == other).map_or("", |(name, _)| name)),
        }
    }
}

impl Kind {
    /// How many entries there are, where they can be counted.
    ///
    /// # Errors
    /// When the bytes are nothing that can be used.
    pub fn check(self, name: &str, bytes: Vec<u8>) -> Result<Option<usize>, FeedError> {
        let mut builder = IntelBuilder::new();
        let report = match self {
            Self::Feed(category) => builder.feed(category, name, &bytes),
            Self::ThreatList => builder.threat_list(name, &bytes),
            Self::TrustedList => builder.trusted_list(name, &bytes),
            Self::AwsRanges => return AwsRanges::from_ip_ranges_json(&bytes).map(|_| None).map_err(FeedError),
            Self::Geoip => return Geo::from_mmdb(vec![bytes]).map(|_| None).map_err(FeedError),
        };
        entries(&report).map(Some)
    }
}

fn entries(report: &ListReport) -> Result<usize, FeedError> {
    if report.entries > 0 {
        return Ok(report.entries);
    }
    let first = report.rejected.first().map(|rejected| format!(": {rejected}")).unwrap_or_default();
    Err(FeedError(format!("it has no entry that can be used{first}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_names() {
        for name in ["c2", "malicious-ip", "threat-list", "trusted-list", "aws-ranges", "geoip"] {
            assert_eq!(name.parse::<Kind>().unwrap().to_string(), name);
        }
        assert!("no-such".parse::<Kind>().unwrap_err().contains("malicious-domain"));
    }

    #[test]
    fn what_is_no_such_thing_is_refused() {
        let c2: Kind = "c2".parse().unwrap();
        assert_eq!(c2.check("a", b"198.51.100.7\nbad.example\n".to_vec()).unwrap(), Some(2));
        for page in [&b"<html><body>sign in</body></html>"[..], b""] {
            assert!(c2.check("a", page.to_vec()).is_err());
            assert!(Kind::AwsRanges.check("a", page.to_vec()).is_err());
            assert!(Kind::Geoip.check("a", page.to_vec()).is_err());
        }
    }
}
