//! The little of SQL that the rooms of the store need from a database. Statements are written for SQLite and PostgreSQL
//! alike; parameters are numbered `?1`.

use crate::{Dialect, Result};

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// No value.
    Null,
    /// A whole number, or a truth value as 0 or 1.
    Int(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Param {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<bool> for Param {
    fn from(b: bool) -> Self {
        Self::Int(b.into())
    }
}

impl From<f64> for Param {
    fn from(n: f64) -> Self {
        Self::Real(n)
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Param {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row of an answer, by the number of the column.
pub trait Row {
    /// A whole number.
    ///
    /// # Errors
    /// When it is none.
    fn int(&self, column: usize) -> Result<i64>;
    /// A number; `None` of no value.
    ///
    /// # Errors
    /// When it is none.
    fn real(&self, column: usize) -> Result<Option<f64>>;
    /// Text; `None` of no value.
    ///
    /// # Errors
    /// When it is none.
    fn text(&self, column: usize) -> Result<Option<String>>;
    /// Bytes.
    ///
    /// # Errors
    /// When they are none.
    fn blob(&self, column: usize) -> Result<Vec<u8>>;

    /// Text that is there.
    ///
    /// # Errors
    /// When there is none.
    fn string(&self, column: usize) -> Result<String> {
        Ok(self.text(column)?.unwrap_or_default())
    }

    /// Puts text that is there at the end of another one.
    ///
    /// # Errors
    /// When there is none.
    fn append(&self, column: usize, to: &mut String) -> Result<()> {
        to.push_str(&self.string(column)?);
        Ok(())
    }
}

/// Statements within a transaction.
pub trait Sql {
    /// Whose SQL it is.
    fn dialect(&self) -> Dialect;

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// When the database does not take it.
    fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64>;

    /// Runs a query and calls `each` with every row.
    ///
    /// # Errors
    /// When the database does not take it, or `each` fails.
    fn each(&mut self, sql: &str, params: &[Param], each: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()>;
}

impl dyn Sql + '_ {
    /// All rows of a query.
    ///
    /// # Errors
    /// As [`Sql::each`].
    pub fn all<T>(&mut self, sql: &str, params: &[Param], of: impl Fn(&dyn Row) -> Result<T>) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(sql, params, &mut |row| {
            rows.push(of(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// As [`Sql::each`].
    pub fn first<T>(&mut self, sql: &str, params: &[Param], of: impl Fn(&dyn Row) -> Result<T>) -> Result<Option<T>> {
        Ok(self.all(sql, params, of)?.into_iter().next())
    }
}
