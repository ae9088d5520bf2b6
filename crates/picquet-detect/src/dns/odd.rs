//! Registered domains whose very name speaks against them: letters that look drawn at random, or a well-known name with
//! one letter changed.

use super::alike;
use crate::dga::Model;

/// From which logit on facts keep a name: one chosen name in some hundreds has it. What is found is rarer by settings.
const FLOOR: f32 = 3.0;

/// What speaks against a registered domain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Odd {
    /// The logit of being generated, in parts of [`crate::dga::LOGIT_UNIT`].
    Generated(i32),
    /// The well-known label that it is to be taken for.
    Alike(&'static str),
}

impl Odd {
    /// What speaks against a registered domain in lower case, if anything does.
    pub fn of(domain: &str) -> Option<Self> {
        let model = Model::embedded()?;
        let score = model.score(domain).ok()?;
        if let Some(known) = alike::known(score.target.label) {
            return Some(Self::Alike(known));
        }
        (score.logit as f32 >= FLOOR * crate::dga::LOGIT_UNIT).then_some(Self::Generated(score.logit))
    }

    /// Of how many benign domains one has as odd a name.
    pub fn rarity(self) -> f64 {
        match self {
            Self::Generated(logit) => Model::embedded().map_or(1.0, |model| model.name_rarity(logit)),
            Self::Alike(_) => alike::RARITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names() {
        assert_eq!(Odd::of("mlcrosoft.cloud"), Some(Odd::Alike("microsoft")));
        assert!(matches!(Odd::of("a8f3k2q9x7b1.net"), Some(Odd::Generated(_))));
        for name in ["microsoft.com", "stadtwerke-ulm.de", "d111111abcdef8.cloudfront.net", "printer.local", "x", ""] {
            assert_eq!(Odd::of(name), None, "{name}");
        }
    }
}
