//! `POST /session`: a name and a password, or an access key, for short-lived keys of a session.

pub mod cookie;

use crate::Api;
use crate::auth::keys::{self, NewKey};
use crate::error::ApiError;
use jiff::Timestamp;
use picquet_store::users::{self, User};
use serde::Deserialize;
use serde_json::{Value, json};

/// How long a session lasts, in milliseconds: an hour, which is what STS gives to roles by default.
const SESSION_MILLIS: i64 = 3600 * 1000;
/// The longest name and password that are looked at, in bytes.
const LONGEST: usize = 1024;

/// What is asked with a password.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// The user.
    pub user_name: String,
    /// The password.
    pub password: String,
}

/// Reads a request to sign in.
///
/// # Errors
/// When it is none.
pub fn parse(body: &[u8]) -> Result<SignIn, ApiError> {
    let refused = || ApiError::bad("The request is rejected because it must have userName and password.");
    let sign_in: SignIn = serde_json::from_slice(body).map_err(|_| refused())?;
    if sign_in.user_name.len() > LONGEST || sign_in.password.len() > LONGEST {
        return Err(refused());
    }
    Ok(sign_in)
}

/// The user of a name and a password. It takes as long whether the name or the password is wrong.
///
/// # Errors
/// When either is wrong; nobody is told which.
pub fn sign_in(api: &Api, sign_in: &SignIn) -> Result<User, ApiError> {
    let user = api.store().read(|sql| users::get(sql, &sign_in.user_name))?;
    if !keys::is_password(user.as_ref(), &sign_in.password) {
        return Err(ApiError::AccessDenied("The user name or the password is wrong.".into()));
    }
    user.ok_or_else(|| ApiError::Internal("a password of nobody".into()))
}

/// Keys of a new session, as JSON.
///
/// # Errors
/// When the store fails.
pub fn open(api: &Api, user: &User, now: Timestamp) -> Result<String, ApiError> {
    let key = keys::make(api.keyring(), true).map_err(|e| ApiError::Internal(e.to_string()))?;
    hand_out(api, user, &key, now, SESSION_MILLIS).map(|session| session.to_string())
}

/// Keeps keys that end so many milliseconds from now, and tells them.
fn hand_out(api: &Api, user: &User, key: &NewKey, now: Timestamp, lasts: i64) -> Result<Value, ApiError> {
    let millis = now.as_millisecond();
    let ends = millis + lasts;
    api.store().write(|sql| -> Result<(), ApiError> {
        users::remove_expired(sql, millis)?;
        keys::keep(sql, api.keyring(), &user.name, key, millis, Some(ends))?;
        Ok(())
    })?;
    let policy = crate::auth::policy::BUILT_IN.iter().find(|(name, _)| *name == user.policy);
    Ok(json!({
        "accessKeyId": key.id,
        "secretAccessKey": key.secret,
        "sessionToken": key.token,
        "expiration": crate::call::iso(ends),
        "userName": user.name,
        "accountId": user.account,
        "policy": policy.map_or("custom", |(name, _)| name),
    }))
}
