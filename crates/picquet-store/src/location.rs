//! Where a store is: a file, or a PostgreSQL database. A password of the URL is never shown.

use crate::StoreError;
use percent_encoding::percent_decode_str;
use postgres::Config;
use postgres::config::{Host, SslMode};
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// URLs that are longer are not read.
const LONGEST: usize = 4096;
/// How long a connection may take to be made, when the URL does not say.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may be silent before the connection counts as lost, when the URL does not say.
const SILENT: Duration = Duration::from_secs(60);

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file of SQLite.
    File(PathBuf),
    /// A PostgreSQL database.
    Postgres(Box<Database>),
}

/// A PostgreSQL database, by a URL.
#[derive(Clone)]
pub struct Database {
    pub(crate) config: Config,
    /// The schema, when it is not the one that the server chooses.
    pub(crate) schema: Option<String>,
    /// A file of certificates that are trusted in the place of the public authorities.
    pub(crate) roots: Option<PathBuf>,
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(database) => database.fmt(f),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Without the password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        let addresses = self.config.get_hostaddrs().iter().map(ToString::to_string);
        let names = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        });
        let hosts: Vec<String> = if names.len() > 0 { names.collect() } else { addresses.collect() };
        f.write_str(&hosts.join(","))?;
        let ports: Vec<String> = self.config.get_ports().iter().map(ToString::to_string).collect();
        if !ports.is_empty() {
            write!(f, ":{}", ports.join(","))?;
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())?;
        self.schema.as_ref().map_or(Ok(()), |schema| write!(f, "?schema={schema}"))
    }
}

/// A URL `postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE`. Options are those of PostgreSQL's own clients that
/// the driver knows, and `sslrootcert` and `schema`.
impl FromStr for Location {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        if !is_postgres || url.len() > LONGEST {
            return Err(no_url());
        }
        // Whatever stands before the first @ is a name and a password.
        let after = url.find('@').unwrap_or(0);
        let (base, query) = match url[after..].find('?') {
            Some(at) => (&url[..after + at], &url[after + at + 1..]),
            None => (url, ""),
        };
        let (mut schema, mut roots) = (None, None);
        let mut others = Vec::new();
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').ok_or_else(no_url)?;
            let value = || percent_decode_str(value).decode_utf8().map(|v| v.into_owned()).map_err(|_| no_url());
            match name {
                "schema" => schema = Some(checked_schema(value()?)?),
                "sslrootcert" => roots = Some(PathBuf::from(value()?)),
                // Certificates are always checked, with the name in them.
                "sslmode" if value()?.starts_with("verify-") => others.push("sslmode=require"),
                _ => others.push(option),
            }
        }
        // What is wrong is not repeated: it may be a part of the password.
        let mut config = Config::from_str(&format!("{base}?{}", others.join("&"))).map_err(|_| no_url())?;
        let named = |sign: char| config.get_hosts().iter().any(|h| matches!(h, Host::Tcp(name) if name.contains(sign)));
        if named('@') {
            return Err(no_url());
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(StoreError::Location("the URL of the store names no host".into()));
        }
        if config.get_ssl_mode() == SslMode::Prefer {
            config.ssl_mode(if is_local(&config) && roots.is_none() { SslMode::Disable } else { SslMode::Require });
        }
        if config.get_application_name().is_none() {
            config.application_name("picquet");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENT);
        }
        Ok(Self::Postgres(Box::new(Database { config, schema, roots })))
    }
}

fn no_url() -> StoreError {
    StoreError::Location(
        "a store is given as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with the signs @ : / ? # & % of a password \
         percent-encoded"
            .into(),
    )
}

/// Names that need no quoting and fit (63 bytes are PostgreSQL's limit).
fn checked_schema(name: String) -> Result<String, StoreError> {
    let fits = (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if fits {
        return Ok(name);
    }
    Err(StoreError::Location("a schema's name is of 1 to 63 small letters, digits and _".into()))
}

/// Whether all of it stays on this machine.
fn is_local(config: &Config) -> bool {
    let names = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    names && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn database(url: &str) -> Database {
        match url.parse().unwrap() {
            Location::Postgres(database) => *database,
            Location::File(path) => panic!("{}", path.display()),
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let location: Location = "postgres://ann:s3cr%40t@db.example.com:5433/logs?schema=a_1".parse().unwrap();
        assert_eq!(location.to_string(), "postgres://ann@db.example.com:5433/logs?schema=a_1");
        assert!(!format!("{location:?}").contains("s3cr"));
        for wrong in [
            "postgres://ann:s3cret@t@db.example.com/logs",
            "postgres://ann:s3cret@db.example.com:port/logs",
            "postgres://ann:s3cret@db.example.com/logs?s3cret=1",
            "postgres://ann:s3cret@db.example.com/logs?s3cret",
            "mysql://ann:s3cret@db.example.com/logs",
            "postgres://ann:s3cret@db.example.com/logs?schema=A%22",
        ] {
            let error = wrong.parse::<Location>().unwrap_err();
            assert!(
                !error.to_string().contains("s3cret") && !format!("{error:?}").contains("s3cret"),
                "{wrong}: {error}"
            );
        }
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        let mode = |url: &str| database(url).config.get_ssl_mode();
        assert_eq!(mode("postgres://ann@db.example.com/logs"), SslMode::Require);
        assert_eq!(mode("postgres://ann@db.example.com/logs?sslmode=prefer"), SslMode::Require);
        assert_eq!(mode("postgres://ann@db.example.com/logs?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://ann@db.example.com/logs?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@localhost/logs?hostaddr=192.0.2.1"), SslMode::Require);
        assert_eq!(mode("postgres://ann@127.0.0.1/logs"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@[::1]/logs"), SslMode::Disable);
        assert_eq!(mode("postgres:///logs?host=/run/postgresql"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@localhost/logs?sslrootcert=ca.pem"), SslMode::Require);
        assert!("postgres:///logs".parse::<Location>().is_err());
    }
}
