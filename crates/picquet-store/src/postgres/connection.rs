//! One connection, its statements, and a transaction on it.

use super::values::{Answer, type_of};
use crate::location::Database;
use crate::{Dialect, Param, Result, Row, Sql, StoreError};
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::Type;
use postgres::{Client, NoTls, Statement};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 256;
/// What holds for a whole connection. Lookups are short, and compiling them takes longer than they do. A process that
/// waits for another, or that is gone in the middle of a transaction, is not waited for longer than a minute, as in
/// SQLite. A commit that returned is on disk, whatever the database's default is.
const SETTINGS: &str = "SET jit = off; SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET standard_conforming_strings = on; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Of connections that read: plans are made for what is asked, since a type that is rare is looked up otherwise than one
/// that is not. Groups and sorted rows of a million findings stay in memory, where PostgreSQL's 4 MB would write them to
/// files; the 16 connections seldom use it at once.
pub(super) const READER: &str = "SET plan_cache_mode = force_custom_plan; SET work_mem = '32MB'; ";
/// Of the one that writes: a finding's rows are looked up by their keys, however small the tables look.
pub(super) const WRITER: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; ";

pub(super) struct Connection {
    client: Client,
    statements: HashMap<(String, Vec<Type>), Statement>,
    /// Why a statement of this transaction failed.
    pub failed: Option<String>,
}

impl Connection {
    pub fn open(database: &Database, also: &str) -> Result<Self> {
        let failed = |why: String| StoreError::Open { store: database.to_string(), why };
        let encrypted = database.config.get_ssl_mode() != postgres::config::SslMode::Disable;
        let connected = if encrypted {
            let tls = tls(database.roots.as_deref()).map_err(failed)?;
            database.config.connect(MakeRustlsConnect::new(tls))
        } else {
            database.config.connect(NoTls)
        };
        let mut client = connected.map_err(|e| failed(said(&e)))?;
        let mut settings = format!("{also}{SETTINGS}");
        if let Some(schema) = &database.schema {
            settings = format!("SET search_path TO \"{schema}\"; {settings}");
        }
        client.batch_execute(&settings).map_err(|e| failed(said(&e)))?;
        Ok(Self { client, statements: HashMap::new(), failed: None })
    }

    /// Whether a store can be in the database; makes its schema.
    pub fn fits(&mut self, database: &Database, lock: i32) -> Result<()> {
        let failed = |why: String| StoreError::Open { store: database.to_string(), why };
        let wrong = |e: postgres::Error| failed(said(&e));
        let row = self.client.query_one("SELECT current_setting('server_encoding')", &[]).map_err(wrong)?;
        let encoding: String = row.try_get(0).map_err(wrong)?;
        if encoding != "UTF8" {
            return Err(failed(format!("its encoding is {encoding}, and must be UTF8")));
        }
        if let Some(schema) = &database.schema {
            // Who may not make schemas can use one that is there.
            let there = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
            if self.client.query_opt(there, &[schema]).map_err(wrong)?.is_none() {
                let make = format!(
                    "BEGIN; SELECT pg_advisory_xact_lock({lock}, 0); CREATE SCHEMA IF NOT EXISTS \"{schema}\"; COMMIT"
                );
                self.client.batch_execute(&make).map_err(wrong)?;
            }
        }
        let row = self.client.query_one("SELECT current_schema()::text", &[]).map_err(wrong)?;
        match row.try_get::<_, Option<String>>(0).map_err(wrong)? {
            Some(_) => Ok(()),
            None => Err(failed("its search_path names no schema that is there".into())),
        }
    }

    pub fn begin(&mut self, how: &str) -> Result<(), postgres::Error> {
        self.failed = None;
        self.client.batch_execute(how)
    }

    pub fn end(&mut self, how: &str) -> Result<()> {
        Ok(self.client.batch_execute(how)?)
    }

    fn statement(&mut self, sql: &str, params: &[Param]) -> Result<Statement, postgres::Error> {
        let key = (sql.to_owned(), params.iter().map(type_of).collect::<Vec<_>>());
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare_typed(&numbered(sql), &key.1)?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }

    fn run(&mut self, sql: &str, params: &[Param]) -> Result<u64, postgres::Error> {
        let statement = self.statement(sql, params)?;
        let params: Vec<&(dyn postgres::types::ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        self.client.execute(&statement, &params)
    }

    /// Remembers that a statement failed.
    fn noted(&mut self, e: postgres::Error) -> StoreError {
        let e = StoreError::from(e);
        self.failed.get_or_insert_with(|| match &e {
            StoreError::Database(why) => why.clone(),
            e => e.to_string(),
        });
        e
    }
}

impl Sql for Connection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        self.run(sql, params).map_err(|e| self.noted(e))
    }

    fn each(&mut self, sql: &str, params: &[Param], each: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()> {
        let statement = self.statement(sql, params).map_err(|e| self.noted(e))?;
        let mut failure = None;
        match self.client.query_raw(&statement, params) {
            Ok(mut rows) => loop {
                match rows.next() {
                    Ok(Some(row)) => each(&Answer(row))?,
                    Ok(None) => break,
                    Err(e) => {
                        failure = Some(e);
                        break;
                    }
                }
            },
            Err(e) => failure = Some(e),
        }
        failure.map_or(Ok(()), |e| Err(self.noted(e)))
    }
}

/// A statement with its parameters as `$1` in the place of `?1`.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut quoted = false;
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        quoted ^= c == '\'';
        let is_param = c == '?' && !quoted && chars.peek().is_some_and(char::is_ascii_digit);
        out.push(if is_param { '$' } else { c });
    }
    out
}

/// Trust in the public authorities, or in those of a file alone.
fn tls(roots: Option<&Path>) -> Result<ClientConfig, String> {
    let mut trusted = RootCertStore::empty();
    match roots {
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let bad = |why: &dyn std::fmt::Display| format!("the certificates of {}: {why}", file.display());
            for certificate in CertificateDer::pem_file_iter(file).map_err(|e| bad(&e))? {
                trusted.add(certificate.map_err(|e| bad(&e))?).map_err(|e| bad(&e))?;
            }
            if trusted.is_empty() {
                return Err(bad(&"there is none"));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(|e| e.to_string())?.with_root_certificates(trusted).with_no_client_auth())
}

/// What the server said; without its details, which repeat values.
fn said(e: &postgres::Error) -> String {
    if let Some(e) = e.as_db_error() {
        return format!("{} ({})", e.message(), e.code().code());
    }
    let mut text = e.to_string();
    let mut cause = std::error::Error::source(e);
    while let Some(e) = cause {
        text += &format!(": {e}");
        cause = e.source();
    }
    text
}

impl From<postgres::Error> for StoreError {
    fn from(e: postgres::Error) -> Self {
        Self::Database(said(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn parameters_are_numbered_as_the_server_wants_it() {
        assert_eq!(numbered("SELECT ?1, '?2', 'it''s ?3' || ?10"), "SELECT $1, '?2', 'it''s ?3' || $10");
    }
}
