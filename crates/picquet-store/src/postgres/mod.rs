//! PostgreSQL: one writer, and readers that do not wait for it.
//!
//! The rooms of the store read before they write (a quota, the next number), and their work can be done only once. So
//! writers take turns, as they do in SQLite: each transaction that writes first takes a lock of the schema, among all
//! processes, and reads what is committed from then on. No two of them meet, so that the database has none to repeat,
//! as it would have with transactions that are serializable.

mod connection;
mod pool;
mod values;

use crate::location::Database;
use crate::{Result, Sql, StoreError};
use ::postgres::error::SqlState;
use connection::{Connection, READER, WRITER};
use pool::Pool;
use std::sync::{Mutex, PoisonError};

/// The lock of those that write: this number and the hash of the schema's name. Another number would let an older
/// picquet write at the same time.
const LOCK: i32 = 0x7069_6371;
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A store in PostgreSQL.
pub(crate) struct Postgres {
    database: Database,
    begin_writing: String,
    writer: Mutex<Option<Connection>>,
    readers: Pool,
}

impl Postgres {
    /// Connects, and makes the schema if one is named and not there.
    pub fn open(database: &Database) -> Result<Self> {
        let mut connection = Connection::open(database, WRITER)?;
        connection.fits(database, LOCK)?;
        Ok(Self {
            database: database.clone(),
            // Each statement sees what is committed when it begins: the first one after the lock sees all.
            begin_writing: format!(
                "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
                 SELECT pg_advisory_xact_lock({LOCK}, hashtext(current_schema()))"
            ),
            writer: Mutex::new(Some(connection)),
            readers: Pool::default(),
        })
    }

    /// As [`crate::Store::read`].
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut dyn Sql) -> Result<T, E>) -> Result<T, E> {
        let mut lent = self.readers.take();
        let mut connection = self.begin(lent.connection.take(), READER, READ)?;
        let result = work(&mut connection);
        // One that cannot even end a transaction is let go.
        if connection.end("ROLLBACK").is_ok() {
            lent.connection = Some(connection);
        }
        result
    }

    /// As [`crate::Store::write`].
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut dyn Sql) -> Result<T, E>) -> Result<T, E> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut connection = self.begin(writer.take(), WRITER, &self.begin_writing)?;
        // Work that panics, or a commit that fails, takes the connection with it, and with that what was not committed.
        let result = work(&mut connection);
        let failure = connection.failed.take();
        let end = if result.is_ok() && failure.is_none() { "COMMIT" } else { "ROLLBACK" };
        let ended = connection.end(end);
        if ended.is_ok() {
            *writer = Some(connection);
        }
        let done = result?;
        match failure {
            // The database commits nothing after a statement that failed, whatever became of the error.
            Some(why) => Err(StoreError::Database(why).into()),
            None => ended.map(|()| done).map_err(E::from),
        }
    }

    /// Begins a transaction: on another connection if the server let this one go, since nothing was asked of it yet.
    fn begin(&self, idle: Option<Connection>, settings: &str, how: &str) -> Result<Connection> {
        if let Some(mut connection) = idle {
            match connection.begin(how) {
                Ok(()) => return Ok(connection),
                // Others write for a minute already.
                Err(e) if e.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => return Err(e.into()),
                Err(_) => {}
            }
        }
        let mut connection = Connection::open(&self.database, settings)?;
        connection.begin(how)?;
        Ok(connection)
    }
}
