//! The store, whichever database it is in.

use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::{Location, Result, Sql, StoreError, check, migrations};
use std::path::Path;

/// The store.
pub struct Store {
    backend: Backend,
    location: Location,
}

enum Backend {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Store {
    /// Opens the store, makes it if it is not there, and brings it up to date.
    ///
    /// # Errors
    /// When it cannot be opened, or is of a later version.
    pub fn open(at: impl Into<Location>) -> Result<Self> {
        let location = at.into();
        let backend = match &location {
            Location::File(path) => Backend::Sqlite(Sqlite::open(path)?),
            Location::Postgres(database) => Backend::Postgres(Box::new(Postgres::open(database)?)),
        };
        let store = Self { backend, location };
        store.write(migrations::migrate)?;
        Ok(store)
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Runs `work` in a transaction that only reads: what it sees is of one moment.
    ///
    /// # Errors
    /// When the database fails, and as `work`.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut dyn Sql) -> Result<T, E>) -> Result<T, E> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.read(work),
            Backend::Postgres(postgres) => postgres.read(work),
        }
    }

    /// Runs `work` in a transaction of its own. It is on disk when this returns, or nothing of it is.
    ///
    /// # Errors
    /// When the database fails, and as `work`, after which nothing is changed.
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut dyn Sql) -> Result<T, E>) -> Result<T, E> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.write(work),
            Backend::Postgres(postgres) => postgres.write(work),
        }
    }

    /// Checks that the store is whole: of a file, what lies on disk; of both, that what is kept twice is the same. Every
    /// line that is returned is a fault.
    ///
    /// # Errors
    /// When the check cannot be run.
    pub fn check(&self) -> Result<Vec<String>> {
        let mut faults = match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.check()?,
            // Its files are the server's affair (pg_amcheck).
            Backend::Postgres(_) => Vec::new(),
        };
        if faults.is_empty() {
            faults = self.read(check::faults)?;
        }
        Ok(faults)
    }

    /// Writes a copy of the store, of one moment, to a new file.
    ///
    /// # Errors
    /// When it cannot be written, or is there already; always of PostgreSQL, which has `pg_dump` for that.
    pub fn backup(&self, to: &Path) -> Result<()> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.backup(to),
            Backend::Postgres(_) => Err(StoreError::Location("pg_dump makes copies of a PostgreSQL database".into())),
        }
    }
}
