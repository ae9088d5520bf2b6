//! The columns of a flow log, from its header line.

/// Where the fields stand in a line.
#[derive(Clone, Debug)]
pub struct Plan {}

impl Plan {
    /// The default format, version 2.
    pub fn default_v2() -> Self {
        Self {}
    }
}
