//! The names of the formats, as they are typed and as a file's extension implies them.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Text for a terminal, grouped by severity.
    Table,
    /// One JSON array of GuardDuty findings.
    Json,
    /// One GuardDuty finding a line.
    Ndjson,
    /// One finding a row, for spreadsheets.
    Csv,
    /// One self-contained page, for people.
    Html,
    /// An array for Security Hub's `BatchImportFindings`.
    Asff,
    /// An array of OCSF Detection Findings.
    Ocsf,
}

/// A format's name that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
        write!(f, "'{}' is no format: give one of {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

impl Format {
    /// All formats, in the order in which help lists them.
    pub const ALL: [Self; 7] = [Self::Table, Self::Json, Self::Ndjson, Self::Csv, Self::Html, Self::Asff, Self::Ocsf];

    /// The name that is typed after `--format`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Asff => "asff",
            Self::Ocsf => "ocsf",
        }
    }

    /// What the format is for, in one line of help.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Table => "text for a terminal, grouped by severity",
            Self::Json => "one JSON array of findings in GuardDuty's own shape",
            Self::Ndjson => "one finding a line, in GuardDuty's own shape",
            Self::Csv => "one finding a row, safe to open in a spreadsheet",
            Self::Html => "one self-contained page, to read, print or attach to a ticket",
            Self::Asff => "AWS Security Finding Format, for Security Hub's BatchImportFindings",
            Self::Ocsf => "OCSF Detection Findings, one JSON array, for Security Lake and SIEMs",
        }
    }

    /// The format that a file's name asks for, or `None`.
    ///
    /// `.json`, `.ndjson`, `.jsonl`, `.csv`, `.html`, `.htm` and `.txt` speak for themselves; ASFF and OCSF
    /// are JSON arrays too, so they are asked for by what stands before: `findings.asff.json`, or by `.asff`
    /// and `.ocsf` alone. `x.ocsf.ndjson` is `None`: it would be neither OCSF nor what was asked for.
    pub fn from_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let mut parts = name.rsplit('.');
        let last = parts.next()?;
        let before = parts.next()?;
        // With a third part, `before` is an inner extension; a file that is just called `asff.json` is JSON.
        let inner = parts.next().map(|_| before);
        match (last, inner) {
            ("json", Some("asff")) | ("asff", _) => Some(Self::Asff),
            ("json", Some("ocsf")) | ("ocsf", _) => Some(Self::Ocsf),
            ("ndjson" | "jsonl", Some("asff" | "ocsf")) => None,
            ("json", _) => Some(Self::Json),
            ("ndjson" | "jsonl", _) => Some(Self::Ndjson),
            ("csv", _) => Some(Self::Csv),
            ("html" | "htm", _) => Some(Self::Html),
            ("txt", _) => Some(Self::Table),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownFormat(crate::escape::visible(text, 40).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err().to_string();
        assert_eq!(error, "'xml' is no format: give one of table, json, ndjson, csv, html, asff, ocsf");
    }

    #[test]
    fn extensions_imply_formats() {
        for (path, want) in [
            ("a.json", Some(Format::Json)),
            ("a.NDJSON", Some(Format::Ndjson)),
            ("dir.v1/a.jsonl", Some(Format::Ndjson)),
            ("a.b.csv", Some(Format::Csv)),
            ("a.html", Some(Format::Html)),
            ("a.txt", Some(Format::Table)),
            ("a.asff.json", Some(Format::Asff)),
            ("a.ocsf.json", Some(Format::Ocsf)),
            ("a.ocsf.ndjson", None),
            ("asff.json", Some(Format::Json)),
            ("a.ocsf", Some(Format::Ocsf)),
            ("a", None),
            ("json", None),
            ("a.xml", None),
            ("", None),
        ] {
            assert_eq!(Format::from_path(Path::new(path)), want, "{path}");
        }
    }
}
