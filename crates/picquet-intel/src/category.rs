//! What a list says about the things that it lists.

use std::fmt;
use std::str::FromStr;

/// The kind of threat that a list names. `types.rs` says which finding type a match becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Command and control servers.
    C2,
    /// Cryptocurrency mining pools and nodes, known with certainty.
    Miner,
    /// Names with a reputation of cryptocurrency activity.
    MinerReputation,
    /// Tor exit nodes: where Tor users come from.
    TorExit,
    /// Tor relays that a Tor client connects to (guards, and authorities).
    TorRelay,
    /// Hosts that probe the whole internet.
    Scanner,
    /// Addresses with a record of attacks.
    MaliciousIp,
    /// Names with a reputation of malicious activity.
    MaliciousDomain,
    /// Phishing sites.
    Phishing,
    /// Sources of drive-by downloads.
    DriveBy,
    /// Where malware leaves stolen data.
    DropPoint,
    /// Sinkholes: what defenders replaced a malicious host with.
    Sinkhole,
    /// Names known to come from a domain generation algorithm.
    Dga,
    /// Names that are legitimate and often abused.
    Abused,
    /// Names that are new, of low repute, or otherwise suspicious.
    Suspicious,
    /// Access key ids known to be in the wrong hands.
    CompromisedKey,
    /// The customer's own threat list.
    Custom,
}

impl Category {
    /// Every category, in the order of the enum.
    pub const ALL: [Self; 17] = [
        Self::C2,
        Self::Miner,
        Self::MinerReputation,
        Self::TorExit,
        Self::TorRelay,
        Self::Scanner,
        Self::MaliciousIp,
        Self::MaliciousDomain,
        Self::Phishing,
        Self::DriveBy,
        Self::DropPoint,
        Self::Sinkhole,
        Self::Dga,
        Self::Abused,
        Self::Suspicious,
        Self::CompromisedKey,
        Self::Custom,
    ];

    /// The name in configuration and reports, in kebab case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::C2 => "c2",
            Self::Miner => "miner",
            Self::MinerReputation => "miner-reputation",
            Self::TorExit => "tor-exit",
            Self::TorRelay => "tor-relay",
            Self::Scanner => "scanner",
            Self::MaliciousIp => "malicious-ip",
            Self::MaliciousDomain => "malicious-domain",
            Self::Phishing => "phishing",
            Self::DriveBy => "drive-by",
            Self::DropPoint => "drop-point",
            Self::Sinkhole => "sinkhole",
            Self::Dga => "dga",
            Self::Abused => "abused",
            Self::Suspicious => "suspicious",
            Self::CompromisedKey => "compromised-key",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no category. The text lists the valid ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown category `{given}`; known ones are {}", Category::ALL.map(Category::name).join(", "))]
pub struct UnknownCategory {
    /// What was given.
    pub given: String,
}

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|category| category.name() == text)
            .ok_or_else(|| UnknownCategory { given: text.chars().take(64).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for category in Category::ALL {
            assert_eq!(category.to_string().parse(), Ok(category));
        }
        let error = "C2".parse::<Category>().unwrap_err().to_string();
        assert!(error.contains("`C2`") && error.contains("tor-exit"), "{error}");
    }
}
