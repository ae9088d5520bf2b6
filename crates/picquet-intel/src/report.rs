//! What became of a list when it was read: how much counts, and why the rest does not.

use std::fmt;

/// The layout of a list. The first six are GuardDuty's; `Tsv` is Picquet's own for feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListFormat {
    /// One entry a line.
    Txt,
    /// STIX 1.x in XML.
    Stix,
    /// Open Threat Exchange: `Indicator type, Indicator, Description`.
    OtxCsv,
    /// AlienVault reputation: `ip#reliability#risk#activity#...`.
    AlienVault,
    /// ProofPoint ET Intelligence: `ip or domain, category, score, ...`.
    ProofPoint,
    /// FireEye iSight: CSV with named columns.
    FireEye,
    /// `indicator`, `port`, `threat` separated by tabs, the columns named by an optional header.
    Tsv,
}

impl ListFormat {
    /// Every format.
    pub const ALL: [Self; 7] =
        [Self::Txt, Self::Stix, Self::OtxCsv, Self::AlienVault, Self::ProofPoint, Self::FireEye, Self::Tsv];

    /// The name in GuardDuty's API (`TSV` is ours).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Txt => "TXT",
            Self::Stix => "STIX",
            Self::OtxCsv => "OTX_CSV",
            Self::AlienVault => "ALIEN_VAULT",
            Self::ProofPoint => "PROOF_POINT",
            Self::FireEye => "FIRE_EYE",
            Self::Tsv => "TSV",
        }
    }
}

impl fmt::Display for ListFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no list format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown list format; known ones are {}", ListFormat::ALL.map(ListFormat::name).join(", "))]
pub struct UnknownFormat;

impl std::str::FromStr for ListFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(text)).ok_or(UnknownFormat)
    }
}

/// Why an entry does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Neither an address, a block, a name nor (where these count) an access key id.
    NotAnIndicator,
    /// A private or otherwise special address.
    NotRoutable,
    /// A block shorter than [`MIN_PREFIX_V4`](crate::MIN_PREFIX_V4) or [`MIN_PREFIX_V6`](crate::MIN_PREFIX_V6).
    TooBroad,
    /// A wildcard over a public suffix, such as `*.com`.
    PublicSuffix,
    /// A kind of indicator that this list cannot hold: an access key outside a list of compromised keys, or anything
    /// else inside one.
    WrongKind,
    /// The port is not 1 to 65,535.
    BadPort,
    /// Longer than [`MAX_LINE`](crate::MAX_LINE) bytes.
    LineTooLong,
    /// The text is broken where it has to be well-formed (XML).
    Malformed,
    /// The list, or the matcher, is full: [`MAX_ENTRIES`](crate::MAX_ENTRIES).
    TooMany,
}

impl Cause {
    /// The sentence for a person.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotAnIndicator => "not an address, a block of addresses or a domain name",
            Self::NotRoutable => "not a publicly routable address",
            Self::TooBroad => "too broad a block of addresses",
            Self::PublicSuffix => "a wildcard over a public suffix",
            Self::WrongKind => "not the kind of indicator that this list holds",
            Self::BadPort => "not a port number",
            Self::LineTooLong => "the line is too long",
            Self::Malformed => "malformed",
            Self::TooMany => "the list is full",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// One entry that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The line, from 1.
    pub line: usize,
    /// What stood there: at most [`MAX_REJECTED_TEXT`] characters, with control characters escaped.
    pub text: String,
    /// Why.
    pub cause: Cause,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: `{}`: {}", self.line, self.text, self.cause)
    }
}

/// How many rejected entries a report shows; the rest are counted.
pub const MAX_REJECTED: usize = 100;

/// How many characters of a rejected entry a report shows.
pub const MAX_REJECTED_TEXT: usize = 80;

/// What became of one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListReport {
    /// As detected, or as given.
    pub format: ListFormat,
    /// Entries that count, repeated ones included: the sum of the four below.
    pub entries: usize,
    /// Single addresses.
    pub ips: usize,
    /// Blocks of addresses. A range that is no block counts as the blocks it takes.
    pub cidrs: usize,
    /// Names, exact and wildcard.
    pub domains: usize,
    /// Access key ids.
    pub keys: usize,
    /// File hashes, which no foundational data source can match: counted and left out, not rejected.
    pub hashes: usize,
    /// The first [`MAX_REJECTED`] entries that do not count.
    pub rejected: Vec<Rejected>,
    /// How many do not count.
    pub rejected_total: usize,
}

impl ListReport {
    pub(crate) fn new(format: ListFormat) -> Self {
        Self {
            format,
            entries: 0,
            ips: 0,
            cidrs: 0,
            domains: 0,
            keys: 0,
            hashes: 0,
            rejected: Vec::new(),
            rejected_total: 0,
        }
    }

    pub(crate) fn reject(&mut self, line: usize, text: &str, cause: Cause) {
        self.rejected_total += 1;
        if self.rejected.len() < MAX_REJECTED {
            self.rejected.push(Rejected { line, text: bounded(text), cause });
        }
    }
}

/// The text with everything escaped that could disturb a terminal or a log, cut to [`MAX_REJECTED_TEXT`].
pub(crate) fn bounded(text: &str) -> String {
    let mut escaped = text.trim().chars().flat_map(escape);
    let mut shown: String = escaped.by_ref().take(MAX_REJECTED_TEXT).collect();
    if escaped.next().is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

fn escape(c: char) -> impl Iterator<Item = char> {
    let plain = (' '..='~').contains(&c);
    let (same, escaped) = if plain { (Some(c), None) } else { (None, Some(c.escape_default())) };
    same.into_iter().chain(escaped.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_text_is_bounded_and_escaped() {
        assert_eq!(bounded(" a\u{1b}[31m\u{202e} "), r"a\u{1b}[31m\u{202e}");
        assert_eq!(bounded(&"x".repeat(1000)).chars().count(), MAX_REJECTED_TEXT);
    }

    #[test]
    fn the_report_is_bounded() {
        let mut report = ListReport::new(ListFormat::Txt);
        for line in 1..=1000 {
            report.reject(line, "x", Cause::NotAnIndicator);
        }
        assert_eq!((report.rejected.len(), report.rejected_total), (MAX_REJECTED, 1000));
    }

    #[test]
    fn format_names_read_back() {
        for format in ListFormat::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert_eq!("alien_vault".parse(), Ok(ListFormat::AlienVault));
    }
}
