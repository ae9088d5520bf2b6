//! Embedded SQLite: one writer, and readers that do not wait for it (write-ahead log).

use crate::{Dialect, Param, Result, Row, Sql, StoreError};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, TransactionBehavior, params_from_iter};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often a connection that waits for another process asks again, and how many times: a minute in all.
const ASKS_AGAIN: Duration = Duration::from_micros(200);
const ASKS: i32 = 300_000;
/// How long nobody writes after a write, so that another process, which can only ask again and again, has its turn too:
/// it would starve beside one that always has something to write.
const TURN: Duration = Duration::from_micros(500);
/// Readers that are kept open.
const IDLE_READERS: usize = 8;
/// Statements that a connection keeps compiled.
const STATEMENTS: usize = 128;

/// A store in a file.
pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens the file, or makes it.
    pub fn open(path: &Path) -> Result<Self> {
        let writer = connect(path, false)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// As [`crate::Store::read`].
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut dyn Sql) -> Result<T, E>) -> Result<T, E> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, true)?,
        };
        let transaction = connection.transaction().map_err(StoreError::from)?;
        let result = work(&mut Transaction(&transaction));
        drop(transaction);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        result
    }

    /// As [`crate::Store::write`].
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut dyn Sql) -> Result<T, E>) -> Result<T, E> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let done = work(&mut Transaction(&transaction))?;
        transaction.commit().map_err(StoreError::from)?;
        std::thread::sleep(TURN);
        Ok(done)
    }

    /// What is wrong with the file.
    pub fn check(&self) -> Result<Vec<String>> {
        let lines = self.read(|sql| sql.all("PRAGMA integrity_check", &[], |row| row.string(0)))?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// As [`crate::Store::backup`].
    pub fn backup(&self, to: &Path) -> Result<()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
        Ok(())
    }
}

fn wait(asked: i32) -> bool {
    std::thread::sleep(ASKS_AGAIN);
    asked < ASKS
}

fn connect(path: &Path, read_only: bool) -> Result<Connection> {
    let failed = |e: rusqlite::Error| StoreError::Open { store: path.display().to_string(), why: e.to_string() };
    let flags = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    let mut connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    connection.busy_handler(Some(wait)).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A committed transaction is on disk: that is what an answer promises.
    connection
        .execute_batch(if read_only {
            "PRAGMA cache_size = -32768; PRAGMA case_sensitive_like = ON;"
        } else {
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;
             PRAGMA case_sensitive_like = ON;"
        })
        .map_err(failed)?;
    Ok(connection)
}

struct Transaction<'c>(&'c Connection);

impl Sql for Transaction<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        Ok(self.0.prepare_cached(sql)?.execute(params_from_iter(params))? as u64)
    }

    fn each(&mut self, sql: &str, params: &[Param], each: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }
}

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(n) => ToSqlOutput::Owned(Value::Integer(*n)),
            Self::Real(n) => ToSqlOutput::Owned(Value::Real(*n)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

impl Row for rusqlite::Row<'_> {
    fn int(&self, column: usize) -> Result<i64> {
        Ok(self.get(column)?)
    }

    fn real(&self, column: usize) -> Result<Option<f64>> {
        Ok(self.get(column)?)
    }

    fn text(&self, column: usize) -> Result<Option<String>> {
        Ok(self.get(column)?)
    }

    fn blob(&self, column: usize) -> Result<Vec<u8>> {
        Ok(self.get(column)?)
    }

    fn append(&self, column: usize, to: &mut String) -> Result<()> {
        let text = self.get_ref(column)?.as_str_or_null().map_err(|e| StoreError::Database(e.to_string()))?;
        to.push_str(text.unwrap_or_default());
        Ok(())
    }
}
