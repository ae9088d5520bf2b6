//! What the service model asks of values, and what is said of one that does not fit.

use regex::Regex;
use std::fmt;
use std::sync::OnceLock;

/// A structure whose members the service model asks something of.
pub trait Validate {
    /// Checks lengths, sizes, ranges and patterns. Types, required members and enumerations were checked by parsing.
    ///
    /// # Errors
    /// The first member that does not fit.
    fn validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// A value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The path of the member, by its names on the wire.
    pub member: String,
    /// What is asked of it.
    pub why: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.member, self.why)
    }
}

fn invalid(member: &str, why: String) -> Result<(), Invalid> {
    Err(Invalid { member: member.to_owned(), why })
}

/// A pattern of the model; it must match the whole value.
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Of a text of the model. It is compiled when it is first used.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    fn matches(&self, value: &str) -> bool {
        // The one look-ahead of the model, which `regex` does not have.
        let (forbidden, text) = match self.text.strip_prefix("(?!aws:)") {
            Some(rest) => (Some("aws:"), rest),
            None => (None, self.text),
        };
        if forbidden.is_some_and(|start| value.starts_with(start)) {
            return false;
        }
        let compiled = self.compiled.get_or_init(|| {
            // The model means the ten digits, `regex` those of all scripts.
            Regex::new(&format!("^(?:{})$", text.replace(r"\d", "[0-9]"))).ok()
        });
        // A test compiles all patterns.
        compiled.as_ref().is_some_and(|regex| regex.is_match(value))
    }
}

/// Checks the length of a text in characters.
///
/// # Errors
/// When it is out of bounds.
pub fn length(member: &str, value: &str, least: Option<usize>, most: Option<usize>) -> Result<(), Invalid> {
    let n = value.chars().count();
    match (least, most) {
        (Some(least), _) if n < least => invalid(member, format!("must have at least {least} characters")),
        (_, Some(most)) if n > most => invalid(member, format!("must have at most {most} characters")),
        _ => Ok(()),
    }
}

/// Checks how many entries there are.
///
/// # Errors
/// When there are too few or too many.
pub fn size(member: &str, n: usize, least: Option<usize>, most: Option<usize>) -> Result<(), Invalid> {
    match (least, most) {
        (Some(least), _) if n < least => invalid(member, format!("must have at least {least} entries")),
        (_, Some(most)) if n > most => invalid(member, format!("must have at most {most} entries")),
        _ => Ok(()),
    }
}

/// Checks a number.
///
/// # Errors
/// When it is out of range.
pub fn range(member: &str, value: f64, least: Option<f64>, most: Option<f64>) -> Result<(), Invalid> {
    match (least, most) {
        (Some(least), _) if value < least => invalid(member, format!("must be at least {least}")),
        (_, Some(most)) if value > most => invalid(member, format!("must be at most {most}")),
        _ => Ok(()),
    }
}

/// Checks a text against a pattern.
///
/// # Errors
/// When the pattern does not match all of it.
pub fn pattern(member: &str, value: &str, pattern: &Pattern) -> Result<(), Invalid> {
    if pattern.matches(value) { Ok(()) } else { invalid(member, format!("must match {}", pattern.text)) }
}

/// What was found in a structure, with the member that holds the structure before it.
///
/// # Errors
/// As `found`.
pub fn below(member: &str, found: Result<(), Invalid>) -> Result<(), Invalid> {
    found.map_err(|Invalid { member: inner, why }| Invalid { member: format!("{member}.{inner}"), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive() {
        assert!(length("name", "éé", Some(1), Some(2)).is_ok());
        assert_eq!(
            length("name", "ééé", Some(1), Some(2)).unwrap_err().to_string(),
            "name must have at most 2 characters"
        );
        assert!(size("ids", 50, Some(0), Some(50)).is_ok() && size("ids", 51, Some(0), Some(50)).is_err());
        assert!(range("rank", 1.0, Some(1.0), None).is_ok() && range("rank", 0.0, Some(1.0), None).is_err());
    }

    #[test]
    fn a_pattern_is_for_the_whole_value() {
        let digits = Pattern::new("[0-9]+");
        assert!(pattern("owner", "123", &digits).is_ok());
        assert!(pattern("owner", "123\n", &digits).is_err() && pattern("owner", "x123", &digits).is_err());
    }

    #[test]
    fn digits_are_the_ten() {
        let account = Pattern::new(r"arn:\d+");
        assert!(pattern("arn", "arn:123", &account).is_ok() && pattern("arn", "arn:\u{661}", &account).is_err());
    }

    #[test]
    fn tags_of_aws_are_not_for_users() {
        let key = Pattern::new("(?!aws:)[a-zA-Z+-=._:/]+");
        assert!(pattern("tags", "team", &key).is_ok() && pattern("tags", "aws:team", &key).is_err());
    }
}
