//! What a caller may choose.

use crate::ocsf::OcsfVersion;

/// How to render. The default is plain text of 120 columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Columns of the terminal; `None` where there is none.
    pub width: Option<u16>,
    /// Whether ANSI colour may be used. All output can be understood without.
    pub color: bool,
    /// 0 for the usual, 1 for the explanation of each finding too, 2 for all defects.
    pub verbose: u8,
    /// The OCSF version to write.
    pub ocsf_version: OcsfVersion,
}

/// The width that is assumed where the terminal's is not known.
const USUAL_WIDTH: u16 = 120;
/// Below this nothing can be laid out; a narrower terminal wraps the lines itself.
const LEAST_WIDTH: u16 = 60;
/// Above this a line is hard to follow.
const MOST_WIDTH: u16 = 240;

impl Options {
    /// The columns to lay text out in.
    pub(crate) fn columns(&self) -> usize {
        usize::from(self.width.unwrap_or(USUAL_WIDTH).clamp(LEAST_WIDTH, MOST_WIDTH))
    }
}
