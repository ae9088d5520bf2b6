//! Access keys and passwords: made, and looked up.

use super::AuthError;
use crate::keyring::Keyring;
use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use picquet_store::users::{self, AccessKey, User};
use picquet_store::{Sql, StoreError};
use ring::digest;
use std::io;
use subtle::ConstantTimeEq;

/// An access key that was just made: the secret is shown once.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// `AKIA…` or `ASIA…`.
    pub id: String,
    /// 40 characters.
    pub secret: String,
    /// The token of a session.
    pub token: Option<String>,
}

/// Letters and digits of access key ids: base 32.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Makes an access key: of a user, or of a session that ends at a moment (milliseconds since the epoch).
///
/// # Errors
/// When the system has no random numbers.
pub fn make(keyring: &Keyring, session: bool) -> io::Result<NewKey> {
    let (prefix, bytes): (_, [u8; 16]) = (if session { "ASIA" } else { "AKIA" }, keyring.random()?);
    with_id(keyring, format!("{prefix}{}", letters(&bytes)), session)
}

/// One letter or digit for each byte.
pub fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect()
}

/// Makes an access key whose id is known.
///
/// # Errors
/// When the system has no random numbers.
pub fn with_id(keyring: &Keyring, id: String, session: bool) -> io::Result<NewKey> {
    // 30 bytes are 40 characters.
    let secret = STANDARD.encode(keyring.random::<30>()?);
    let token = session.then(|| keyring.random::<48>()).transpose()?.map(|b| STANDARD.encode(b));
    Ok(NewKey { id, secret, token })
}

/// Keeps an access key, its secret sealed and its token hashed.
///
/// # Errors
/// When the store fails.
pub fn keep(
    sql: &mut dyn Sql,
    keyring: &Keyring,
    user: &str,
    key: &NewKey,
    now: i64,
    expires_at: Option<i64>,
) -> Result<(), StoreError> {
    let sealed = keyring.seal(&key.id, &key.secret).map_err(|e| StoreError::Damaged(e.to_string()))?;
    let token = key.token.as_deref().map(hashed);
    let id = key.id.clone();
    users::put_key(sql, &AccessKey { id, user: user.into(), sealed, token, expires_at, active: true, created_at: now })
}

/// What is kept of a token.
pub fn hashed(token: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

/// The secret and the user of an access key, if it may be used.
///
/// # Errors
/// When it may not; a failure of the store is `Ok(Err(_))`.
pub fn look_up(
    sql: &mut dyn Sql,
    keyring: &Keyring,
    id: &str,
    token: Option<&str>,
    now: i64,
) -> Result<Result<(String, User), AuthError>, StoreError> {
    // A row without a secret is a browser's session (`session::cookie`): it signs nothing.
    let signs = |key: &AccessKey| key.active && !key.sealed.is_empty();
    let Some((key, user)) = users::access_key(sql, id)?.filter(|(key, _)| signs(key)) else {
        return Ok(Err(AuthError::UnrecognizedClient));
    };
    let fits = match (&key.token, token) {
        (None, None) => true,
        (Some(wanted), Some(given)) => wanted.as_bytes().ct_eq(hashed(given).as_bytes()).into(),
        _ => false,
    };
    if !fits {
        return Ok(Err(AuthError::UnrecognizedClient));
    }
    if key.expires_at.is_some_and(|end| end < now) {
        return Ok(Err(AuthError::ExpiredToken));
    }
    match keyring.open_sealed(&key.id, &key.sealed) {
        Some(secret) => Ok(Ok((secret, user))),
        None => Err(StoreError::Damaged(format!("the secret of {id} cannot be opened: is the key file another one?"))),
    }
}

/// A password's hash: Argon2id with the crate's defaults (19 MiB, 2 passes; OWASP Password Storage Cheat Sheet).
///
/// # Errors
/// When it cannot be hashed.
pub fn hash_password(password: &str) -> Result<String, String> {
    let salt = SaltString::generate(&mut OsRng);
    Argon2::default().hash_password(password.as_bytes(), &salt).map(|h| h.to_string()).map_err(|e| e.to_string())
}

/// Whether it is the user's password. It takes as long for a user who has none.
pub fn is_password(user: Option<&User>, password: &str) -> bool {
    // Of a password that nobody has.
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHR0aGF0aXNmaXhlZA$\
                          AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let known = user.and_then(|u| u.password.as_deref());
    let hash = PasswordHash::new(known.unwrap_or(NOBODY));
    let fits = hash.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    fits && known.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(password: Option<&str>) -> User {
        User {
            name: "ann".into(),
            account: "111122223333".into(),
            password: password.map(|p| hash_password(p).unwrap()),
            policy: "administrator".into(),
            created_at: 0,
        }
    }

    #[test]
    fn a_password_is_known_by_its_hash() {
        assert!(is_password(Some(&user(Some("correct horse"))), "correct horse"));
        assert!(!is_password(Some(&user(Some("correct horse"))), "battery staple"));
        assert!(!is_password(Some(&user(None)), "") && !is_password(None, "correct horse"));
    }

    #[test]
    fn keys_look_like_those_of_aws() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::open(&folder.path().join("key")).unwrap();
        let key = make(&keyring, false).unwrap();
        assert!(key.id.starts_with("AKIA") && key.id.len() == 20 && key.secret.len() == 40 && key.token.is_none());
        let session = make(&keyring, true).unwrap();
        assert!(session.id.starts_with("ASIA") && session.token.is_some());
    }
}
