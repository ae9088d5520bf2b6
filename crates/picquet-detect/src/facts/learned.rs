//! What a judge learned of an entity in earlier scans: its part of the baseline.

use serde::{Deserialize, Serialize};

/// A judge's state of one entity, as that judge wrote it. The key names the judge and the entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedFacts {
    /// The hour up to which it was learned.
    pub hour: u32,
    /// Changes when the judge writes its state another way; a state of another version is not read.
    pub version: u16,
    /// The state.
    pub state: Vec<u8>,
}

impl LearnedFacts {
    /// The one that knows more hours; of equals the greater.
    pub fn merge(&mut self, other: Self) {
        let rank = |f: &Self| (f.hour, f.version);
        if (rank(&other), &other.state) > (rank(self), &self.state) {
            *self = other;
        }
    }
}
