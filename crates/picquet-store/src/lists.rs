//! What lists held when they were fetched last.

use crate::{Result, Sql};

/// Keeps the content of a list, in the place of an earlier one.
///
/// # Errors
/// When the database fails.
pub fn put(sql: &mut dyn Sql, id: &str, bytes: Vec<u8>) -> Result<()> {
    sql.execute(
        "INSERT INTO list_content (id, bytes) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes",
        &[id.into(), bytes.into()],
    )?;
    Ok(())
}

/// The content of a list.
///
/// # Errors
/// When the database fails.
pub fn get(sql: &mut dyn Sql, id: &str) -> Result<Option<Vec<u8>>> {
    sql.first("SELECT bytes FROM list_content WHERE id = ?1", &[id.into()], |row| row.blob(0))
}

/// Forgets the content of a list.
///
/// # Errors
/// When the database fails.
pub fn remove(sql: &mut dyn Sql, id: &str) -> Result<()> {
    sql.execute("DELETE FROM list_content WHERE id = ?1", &[id.into()])?;
    Ok(())
}
