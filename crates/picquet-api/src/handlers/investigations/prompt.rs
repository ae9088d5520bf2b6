//! What a prompt asks for. It is read for ids and a few words, by fixed rules: the same prompt is always understood the
//! same way (GuardDuty user guide, "GuardDuty Investigation", "Trigger prompt requirements").

use crate::error::ApiError;

/// What is to be looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A finding, and the account that was named with it.
    Finding(String, Option<String>),
    /// The findings of an account; the caller's own when none is named.
    Account(Option<String>),
    /// The findings of all accounts that the detector has.
    Organization,
}

/// Digits of a finding's id, and of an account's.
const FINDING_DIGITS: usize = 32;
const ACCOUNT_DIGITS: usize = 12;
/// Words, or beginnings of words, that mean the whole organization.
const ORGANIZATION: [&str; 3] = ["organization", "organisation", "org"];

/// Reads a prompt.
///
/// # Errors
/// When it names more than one finding or account.
pub fn read(prompt: &str) -> Result<Asked, ApiError> {
    let prompt = prompt.to_lowercase();
    let words: Vec<&str> = prompt.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let finding = one(&words, "finding", |w| w.len() == FINDING_DIGITS && w.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let account = one(&words, "account", |w| w.len() == ACCOUNT_DIGITS && w.bytes().all(|b| b.is_ascii_digit()))?;
    let all = words.windows(2).any(|pair| matches!(pair, ["all" | "every", "account" | "accounts"]));
    let organization = words.iter().any(|w| ORGANIZATION.iter().any(|o| w == o || (o.len() > 3 && w.starts_with(o))));
    Ok(match (finding, account) {
        (Some(finding), account) => Asked::Finding(finding, account),
        (None, Some(account)) => Asked::Account(Some(account)),
        (None, None) if all || organization => Asked::Organization,
        (None, None) => Asked::Account(None),
    })
}

fn one(words: &[&str], what: &str, is: impl Fn(&str) -> bool) -> Result<Option<String>, ApiError> {
    let mut found: Vec<&str> = words.iter().copied().filter(|word| is(word)).collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [] => Ok(None),
        [id] => Ok(Some(id.to_owned())),
        _ => Err(ApiError::parameter("triggerPrompt", &format!("must name at most one {what} id"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_words_say_what_is_asked() {
        let id = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";
        let finding = |account: Option<&str>| Asked::Finding(id.into(), account.map(Into::into));
        for (prompt, asked) in [
            (format!("Investigate finding {id} in account 123456789012"), finding(Some("123456789012"))),
            (format!("What is {} about? ({id})", id.to_uppercase()), finding(None)),
            ("Analyze findings in account with id 123456789012".into(), Asked::Account(Some("123456789012".into()))),
            ("Analyze findings in my organization".into(), Asked::Organization),
            ("Check all accounts".into(), Asked::Organization),
            ("How organized is this?".into(), Asked::Account(None)),
            ("What happened yesterday?".into(), Asked::Account(None)),
        ] {
            assert_eq!(read(&prompt).unwrap(), asked, "{prompt}");
        }
    }

    #[test]
    fn two_ids_are_refused() {
        for prompt in [
            "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6 and 2ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6",
            "accounts 123456789012 and 123456789013",
        ] {
            assert!(matches!(read(prompt), Err(ApiError::BadRequest(_))), "{prompt}");
        }
    }
}
