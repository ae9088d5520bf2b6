//! What was answered to a client's token, so that a request that is repeated is not carried out twice.

use crate::{Result, Sql};

/// Of whom, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    /// The account.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
    /// The operation.
    pub operation: &'a str,
    /// The client's token.
    pub token: &'a str,
}

impl Token<'_> {
    /// The answer that was given, if the token was used.
    ///
    /// # Errors
    /// When the database fails.
    pub fn answer(&self, sql: &mut dyn Sql) -> Result<Option<String>> {
        sql.first(
            "SELECT body FROM idempotency WHERE account = ?1 AND region = ?2 AND operation = ?3 AND token = ?4",
            &[self.account.into(), self.region.into(), self.operation.into(), self.token.into()],
            |row| row.string(0),
        )
    }

    /// Remembers an answer, and forgets those from before a moment (milliseconds since the epoch).
    ///
    /// # Errors
    /// When the database fails.
    pub fn remember(&self, sql: &mut dyn Sql, answer: &str, now: i64, forget_before: i64) -> Result<()> {
        sql.execute("DELETE FROM idempotency WHERE created_at < ?1", &[forget_before.into()])?;
        sql.execute(
            "INSERT INTO idempotency (account, region, operation, token, body, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            &[
                self.account.into(),
                self.region.into(),
                self.operation.into(),
                self.token.into(),
                answer.into(),
                now.into(),
            ],
        )?;
        Ok(())
    }
}
