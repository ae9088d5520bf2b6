//! The versions of OCSF that can be written.

use std::fmt;
use std::str::FromStr;

/// A version of OCSF, 1.1.0 to 1.8.0. The default is 1.5.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OcsfVersion {
    minor: u8,
}

/// A version that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOcsfVersion(String);

impl fmt::Display for UnknownOcsfVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is no OCSF version that Picquet writes: give 1.1 to 1.8", self.0)
    }
}

impl std::error::Error for UnknownOcsfVersion {}

impl OcsfVersion {
    /// Whether an endpoint has its autonomous system, and a location its coordinates as two members.
    pub(crate) fn has_networks(self) -> bool {
        self.minor >= 3
    }

    /// Whether the types of 1.4 hold, which have no greatest length and no pattern for host names.
    pub(crate) fn has_free_text(self) -> bool {
        self.minor >= 4
    }

    /// Whether the name of a resource is an observable of a type of its own, which came with 1.4.
    pub(crate) fn has_resource_names(self) -> bool {
        self.minor >= 4
    }

    /// Whether the class has `is_alert`, which came with 1.4.
    pub(crate) fn has_is_alert(self) -> bool {
        self.minor >= 4
    }
}

impl Default for OcsfVersion {
    fn default() -> Self {
        Self { minor: 5 }
    }
}

impl fmt::Display for OcsfVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}.0", self.minor)
    }
}

impl FromStr for OcsfVersion {
    type Err = UnknownOcsfVersion;

    /// Reads `1.5` or `1.5.0`.
    fn from_str(text: &str) -> Result<Self, UnknownOcsfVersion> {
        let short = text.strip_suffix(".0").unwrap_or(text);
        (1..=8)
            .map(|minor| Self { minor })
            .find(|version| short == format!("1.{}", version.minor))
            .ok_or_else(|| UnknownOcsfVersion(crate::escape::visible(text, 40).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_round_trip() {
        for text in ["1.1.0", "1.5.0", "1.8.0"] {
            assert_eq!(text.parse::<OcsfVersion>().unwrap().to_string(), text);
        }
        assert_eq!("1.5".parse(), Ok(OcsfVersion::default()));
        for text in ["1.0", "1.9", "2.0", "1", "1.5.1", ""] {
            assert!(text.parse::<OcsfVersion>().is_err(), "{text}");
        }
    }
}
