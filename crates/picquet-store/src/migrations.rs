//! The tables, version by version. A migration that was released is never changed; a new one is added below it. They are
//! written for SQLite; [`crate::Dialect`] says which words are others in PostgreSQL.

use crate::{Result, Sql, StoreError};

const MIGRATIONS: [&str; 3] =
    [include_str!("migrations/1.sql"), include_str!("migrations/2.sql"), include_str!("migrations/3.sql")];

/// Brings a store to the latest version.
pub fn migrate(sql: &mut dyn Sql) -> Result<()> {
    let table = "CREATE TABLE IF NOT EXISTS version (version BIGINT NOT NULL)";
    sql.execute(table, &[])?;
    let found = sql.first("SELECT version FROM version", &[], |row| row.int(0))?;
    let known = MIGRATIONS.len() as i64;
    let mut version = found.unwrap_or(0);
    if version > known {
        return Err(StoreError::TooNew { found: version, known });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        for statement in migration.split(";\n").map(str::trim).filter(|s| !s.is_empty()) {
            sql.execute(&sql.dialect().migration(statement), &[])?;
        }
        version += 1;
    }
    if found.is_none() {
        sql.execute("INSERT INTO version (version) VALUES (?1)", &[version.into()])?;
    } else {
        sql.execute("UPDATE version SET version = ?1", &[version.into()])?;
    }
    Ok(())
}
