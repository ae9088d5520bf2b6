//! Who may call: users, and the access keys of users and of their sessions.

use crate::{Result, Row, Sql};

/// A user of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name, unique in the store.
    pub name: String,
    /// The account.
    pub account: String,
    /// The hash of the password, as a PHC string; `None` of one who only has keys.
    pub password: Option<String>,
    /// The policy: a name, or its text.
    pub policy: String,
    /// Milliseconds since the epoch.
    pub created_at: i64,
}

/// An access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…` of a user, `ASIA…` of a session.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// The secret, sealed.
    pub sealed: Vec<u8>,
    /// The hash of the session's token.
    pub token: Option<String>,
    /// Until when a session's key is valid, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
    /// Whether it may be used.
    pub active: bool,
    /// Milliseconds since the epoch.
    pub created_at: i64,
}

fn user(row: &dyn Row) -> Result<User> {
    Ok(User {
        name: row.string(0)?,
        account: row.string(1)?,
        password: row.text(2)?,
        policy: row.string(3)?,
        created_at: row.int(4)?,
    })
}

fn key(row: &dyn Row) -> Result<AccessKey> {
    Ok(AccessKey {
        id: row.string(0)?,
        user: row.string(1)?,
        sealed: row.blob(2)?,
        token: row.text(3)?,
        // No value reads as 0, and nothing expired then.
        expires_at: row.real(4)?.map(|ms| ms as i64),
        active: row.int(5)? != 0,
        created_at: row.int(6)?,
    })
}

/// A user by name.
///
/// # Errors
/// When the database fails.
pub fn get(sql: &mut dyn Sql, name: &str) -> Result<Option<User>> {
    sql.first(
        "SELECT name, account, password, policy, created_at FROM user_account WHERE name = ?1",
        &[name.into()],
        user,
    )
}

/// All users, by name.
///
/// # Errors
/// When the database fails.
pub fn list(sql: &mut dyn Sql) -> Result<Vec<User>> {
    sql.all("SELECT name, account, password, policy, created_at FROM user_account ORDER BY name", &[], user)
}

/// Writes a user, in the place of an earlier one of the name.
///
/// # Errors
/// When the database fails.
pub fn put(sql: &mut dyn Sql, user: &User) -> Result<()> {
    sql.execute(
        "INSERT INTO user_account (name, account, password, policy, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO UPDATE SET account = excluded.account, password = excluded.password, \
         policy = excluded.policy",
        &[
            user.name.as_str().into(),
            user.account.as_str().into(),
            user.password.clone().into(),
            user.policy.as_str().into(),
            user.created_at.into(),
        ],
    )?;
    Ok(())
}

/// Removes a user with all keys; whether there was one.
///
/// # Errors
/// When the database fails.
pub fn remove(sql: &mut dyn Sql, name: &str) -> Result<bool> {
    sql.execute("DELETE FROM access_key WHERE user_name = ?1", &[name.into()])?;
    Ok(sql.execute("DELETE FROM user_account WHERE name = ?1", &[name.into()])? > 0)
}

const KEY: &str = "SELECT id, user_name, sealed, token, expires_at, active, created_at FROM access_key";

/// An access key with its user.
///
/// # Errors
/// When the database fails.
pub fn access_key(sql: &mut dyn Sql, id: &str) -> Result<Option<(AccessKey, User)>> {
    let Some(key) = sql.first(&format!("{KEY} WHERE id = ?1"), &[id.into()], key)? else { return Ok(None) };
    Ok(get(sql, &key.user)?.map(|user| (key, user)))
}

/// The keys of a user, without those of sessions.
///
/// # Errors
/// When the database fails.
pub fn access_keys(sql: &mut dyn Sql, user: &str) -> Result<Vec<AccessKey>> {
    sql.all(&format!("{KEY} WHERE user_name = ?1 AND token IS NULL ORDER BY id"), &[user.into()], key)
}

/// Writes an access key, in the place of an earlier one of the id.
///
/// # Errors
/// When the database fails.
pub fn put_key(sql: &mut dyn Sql, key: &AccessKey) -> Result<()> {
    sql.execute(
        "INSERT INTO access_key (id, user_name, sealed, token, expires_at, active, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET active = excluded.active",
        &[
            key.id.as_str().into(),
            key.user.as_str().into(),
            key.sealed.clone().into(),
            key.token.clone().into(),
            key.expires_at.into(),
            key.active.into(),
            key.created_at.into(),
        ],
    )?;
    Ok(())
}

/// Removes an access key; whether there was one.
///
/// # Errors
/// When the database fails.
pub fn remove_key(sql: &mut dyn Sql, id: &str) -> Result<bool> {
    Ok(sql.execute("DELETE FROM access_key WHERE id = ?1", &[id.into()])? > 0)
}

/// Removes the keys of sessions whose ids begin so; how many there were.
///
/// # Errors
/// When the database fails.
pub fn end_session(sql: &mut dyn Sql, prefix: &str) -> Result<u64> {
    // Ids are letters and digits, so nothing in them stands for anything else.
    sql.execute("DELETE FROM access_key WHERE id LIKE ?1 AND token IS NOT NULL", &[format!("{prefix}%").into()])
}

/// Ends all sessions of a user.
///
/// # Errors
/// When the database fails.
pub fn end_sessions(sql: &mut dyn Sql, user: &str) -> Result<u64> {
    sql.execute("DELETE FROM access_key WHERE user_name = ?1 AND token IS NOT NULL", &[user.into()])
}

/// Removes the keys of sessions that are over.
///
/// # Errors
/// When the database fails.
pub fn remove_expired(sql: &mut dyn Sql, now: i64) -> Result<u64> {
    sql.execute("DELETE FROM access_key WHERE expires_at < ?1", &[now.into()])
}
