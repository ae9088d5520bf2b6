//! What is configured: documents of a kind, in an account and a region, below a parent (mostly a detector).

use crate::{Result, Sql};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The kinds of documents, each a Rust type that is written as JSON.
pub trait Document: Serialize + DeserializeOwned {
    /// Its name in the store.
    const KIND: &'static str;
}

/// Where documents are.
#[derive(Clone, Copy, Debug)]
pub struct Shelf<'a> {
    /// The account.
    pub account: &'a str,
    /// The region; empty for what is of all regions.
    pub region: &'a str,
    /// The detector, or what else they belong to; empty for what belongs to the account.
    pub parent: &'a str,
}

impl Shelf<'_> {
    /// One document.
    ///
    /// # Errors
    /// When the database fails.
    pub fn get<D: Document>(&self, sql: &mut dyn Sql, id: &str) -> Result<Option<D>> {
        let body = sql.first(
            "SELECT body FROM document WHERE kind = ?1 AND account = ?2 AND region = ?3 AND parent = ?4 AND id = ?5",
            &[D::KIND.into(), self.account.into(), self.region.into(), self.parent.into(), id.into()],
            |row| row.string(0),
        )?;
        body.map(|body| Ok(serde_json::from_str(&body)?)).transpose()
    }

    /// Writes a document, in the place of an earlier one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put<D: Document>(&self, sql: &mut dyn Sql, id: &str, document: &D) -> Result<()> {
        let body = serde_json::to_string(document)?;
        sql.execute(
            "INSERT INTO document (kind, account, region, parent, id, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (kind, account, region, parent, id) DO UPDATE SET body = excluded.body",
            &[D::KIND.into(), self.account.into(), self.region.into(), self.parent.into(), id.into(), body.into()],
        )?;
        Ok(())
    }

    /// Removes a document; whether it was there.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove<D: Document>(&self, sql: &mut dyn Sql, id: &str) -> Result<bool> {
        let removed = sql.execute(
            "DELETE FROM document WHERE kind = ?1 AND account = ?2 AND region = ?3 AND parent = ?4 AND id = ?5",
            &[D::KIND.into(), self.account.into(), self.region.into(), self.parent.into(), id.into()],
        )?;
        Ok(removed > 0)
    }

    /// Removes all documents of the shelf, whatever their kind.
    ///
    /// # Errors
    /// When the database fails.
    pub fn clear(&self, sql: &mut dyn Sql) -> Result<()> {
        sql.execute(
            "DELETE FROM document WHERE account = ?1 AND region = ?2 AND parent = ?3",
            &[self.account.into(), self.region.into(), self.parent.into()],
        )?;
        Ok(())
    }

    /// At most so many documents in the order of their ids, those after one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn page<D: Document>(&self, sql: &mut dyn Sql, after: &str, most: usize) -> Result<Vec<(String, D)>> {
        let rows = sql.all(
            "SELECT id, body FROM document
             WHERE kind = ?1 AND account = ?2 AND region = ?3 AND parent = ?4 AND id > ?5 ORDER BY id LIMIT ?6",
            &[
                D::KIND.into(),
                self.account.into(),
                self.region.into(),
                self.parent.into(),
                after.into(),
                i64::try_from(most).unwrap_or(i64::MAX).into(),
            ],
            |row| Ok((row.string(0)?, row.string(1)?)),
        )?;
        rows.into_iter().map(|(id, body)| Ok((id, serde_json::from_str(&body)?))).collect()
    }

    /// How many documents of a kind there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count<D: Document>(&self, sql: &mut dyn Sql) -> Result<usize> {
        let count = sql.first(
            "SELECT COUNT(*) FROM document WHERE kind = ?1 AND account = ?2 AND region = ?3 AND parent = ?4",
            &[D::KIND.into(), self.account.into(), self.region.into(), self.parent.into()],
            |row| row.int(0),
        )?;
        Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(0))
    }

    /// All documents, in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list<D: Document>(&self, sql: &mut dyn Sql) -> Result<Vec<(String, D)>> {
        self.page(sql, "", usize::MAX)
    }
}

/// A document by its id alone, with its account, region and parent: ids are unique.
///
/// # Errors
/// When the database fails.
pub fn find<D: Document>(sql: &mut dyn Sql, id: &str) -> Result<Option<(String, String, String, D)>> {
    let row = sql.first(
        "SELECT account, region, parent, body FROM document WHERE kind = ?1 AND id = ?2",
        &[D::KIND.into(), id.into()],
        |row| Ok((row.string(0)?, row.string(1)?, row.string(2)?, row.string(3)?)),
    )?;
    row.map(|(account, region, parent, body)| Ok((account, region, parent, serde_json::from_str(&body)?))).transpose()
}

/// All documents of a kind that have an id, in the order of their accounts, with account, region and parent: where an id
/// says whom a document is about.
///
/// # Errors
/// When the database fails.
pub fn about<D: Document>(sql: &mut dyn Sql, id: &str) -> Result<Vec<(String, String, String, D)>> {
    let rows = sql.all(
        "SELECT account, region, parent, body FROM document WHERE kind = ?1 AND id = ?2
         ORDER BY account, region, parent",
        &[D::KIND.into(), id.into()],
        |row| Ok((row.string(0)?, row.string(1)?, row.string(2)?, row.string(3)?)),
    )?;
    rows.into_iter()
        .map(|(account, region, parent, body)| Ok((account, region, parent, serde_json::from_str(&body)?)))
        .collect()
}

/// Where a document is: account, region, parent and id.
pub type Address = (String, String, String, String);

/// All documents of a kind that an account has, with where they are.
///
/// # Errors
/// When the database fails.
pub fn of_account<D: Document>(sql: &mut dyn Sql, account: &str) -> Result<Vec<(Address, D)>> {
    let rows = sql.all(
        "SELECT account, region, parent, id, body FROM document WHERE kind = ?1 AND account = ?2
         ORDER BY region, parent, id",
        &[D::KIND.into(), account.into()],
        |row| Ok((row.string(0)?, row.string(1)?, row.string(2)?, row.string(3)?, row.string(4)?)),
    )?;
    rows.into_iter()
        .map(|(account, region, parent, id, body)| Ok(((account, region, parent, id), serde_json::from_str(&body)?)))
        .collect()
}

/// All documents of a kind, with where they are.
///
/// # Errors
/// When the database fails.
pub fn everywhere<D: Document>(sql: &mut dyn Sql) -> Result<Vec<(Address, D)>> {
    let rows = sql.all(
        "SELECT account, region, parent, id, body FROM document WHERE kind = ?1 ORDER BY account, region, parent, id",
        &[D::KIND.into()],
        |row| Ok((row.string(0)?, row.string(1)?, row.string(2)?, row.string(3)?, row.string(4)?)),
    )?;
    rows.into_iter()
        .map(|(account, region, parent, id, body)| Ok(((account, region, parent, id), serde_json::from_str(&body)?)))
        .collect()
}
