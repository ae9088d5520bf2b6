//! Text that no log shows.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Text of a member that the service model marks as sensitive, such as an e-mail address. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive(String);

impl Sensitive {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_printed() {
        let email = Sensitive::from("someone@example.com".to_owned());
        assert_eq!(format!("{email:?}"), "(sensitive)");
        assert_eq!(serde_json::to_string(&email).unwrap(), "\"someone@example.com\"");
    }
}
