//! Tokens of pages: where the next page begins, and of which question. Clients can neither read nor change them.

use crate::error::ApiError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

/// Bytes of the authentication code that a token carries.
const TAG: usize = 16;

/// Writes and reads tokens.
pub struct Pager {
    key: hmac::Key,
}

impl Pager {
    /// With a secret of the store.
    pub fn new(secret: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    fn tag(&self, question: &str, place: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&(question.len() as u64).to_le_bytes());
        context.update(question.as_bytes());
        context.update(place);
        context.sign()
    }

    /// A token for the page that begins after a place, in the answer to a question.
    pub fn token<T: Serialize>(&self, question: &str, place: &T) -> String {
        // What places are made of can always be written.
        let mut bytes = serde_json::to_vec(place).unwrap_or_default();
        let tag = self.tag(question, &bytes);
        bytes.extend_from_slice(&tag.as_ref()[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place of a token; `None` without one.
    ///
    /// # Errors
    /// When it is no token of ours, or of another question.
    pub fn place<T: DeserializeOwned>(&self, question: &str, token: Option<&str>) -> Result<Option<T>, ApiError> {
        let Some(token) = token.filter(|t| !t.is_empty()) else { return Ok(None) };
        let invalid = || ApiError::parameter("nextToken", "is no token of this request");
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
        let (place, tag) = bytes.split_at_checked(bytes.len().saturating_sub(TAG)).ok_or_else(invalid)?;
        let wanted = self.tag(question, place);
        if !bool::from(wanted.as_ref()[..TAG].ct_eq(tag)) {
            return Err(invalid());
        }
        serde_json::from_slice(place).map(Some).map_err(|_| invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place() {
        let pager = Pager::new(b"secret");
        let token = pager.token("list", &"a1");
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(pager.place::<String>("list", Some(&token)).unwrap().as_deref(), Some("a1"));
        assert_eq!(pager.place::<String>("list", None).unwrap(), None);
    }

    #[test]
    fn what_was_changed_or_is_for_another_question_is_refused() {
        let pager = Pager::new(b"secret");
        let token = pager.token("list", &"a1");
        let mut changed = token.clone().into_bytes();
        changed[1] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        for (question, token) in [("other", token.as_str()), ("list", &changed), ("list", "garbage"), ("list", "*")] {
            assert!(pager.place::<String>(question, Some(token)).is_err(), "{question} {token}");
        }
        assert!(Pager::new(b"another").place::<String>("list", Some(&token)).is_err());
    }
}
