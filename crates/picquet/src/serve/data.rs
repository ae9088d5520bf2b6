//! The data folder: the store, and the key file beside it.

use crate::exit::{Code, Failure};
use picquet_api::keyring::Keyring;
use picquet_store::{Location, Store, StoreError};
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The name of the store's file.
pub const STORE: &str = "picquet.db";

/// The variable that says where the store is, when no option does. No option reads it by itself: a command that shows its
/// options would show the password, and a scan without a data folder has no store.
const STORE_URL: &str = "PICQUET_STORE";

/// An open data folder.
pub struct Data {
    pub store: Store,
    pub keyring: Keyring,
    pub folder: PathBuf,
    /// Held while the store is open.
    _in_use: File,
}

impl Data {
    /// Opens the folder, and makes what is missing; the store may be elsewhere.
    pub fn open(folder: &Path, store: Option<&str>) -> Result<Self, Failure> {
        let bad = |e: std::io::Error| {
            Failure::new(Code::Config, format!("cannot use the data folder {}: {e}", folder.display()))
        };
        let location = location(folder, store)?;
        make_private(folder).map_err(bad)?;
        let keyring = Keyring::open(&folder.join("key")).map_err(bad)?;
        let in_use = lock_file(folder).map_err(bad)?;
        match in_use.lock_shared() {
            // Some network file systems have no locks: then nothing keeps a store from being replaced.
            Err(e) if e.kind() != ErrorKind::Unsupported => return Err(bad(e)),
            _ => {}
        }
        let store = Store::open(location).map_err(failed)?;
        Ok(Self { store, keyring, folder: folder.to_owned(), _in_use: in_use })
    }
}

/// Where the store is: what an option says, else the environment, else the folder.
pub fn location(folder: &Path, store: Option<&str>) -> Result<Location, Failure> {
    let from_environment = std::env::var(STORE_URL).ok().filter(|url| !url.is_empty());
    match store.or(from_environment.as_deref()) {
        Some(url) => url.parse().map_err(failed),
        None => Ok(Location::File(folder.join(STORE))),
    }
}

/// The right to replace the store of a folder, which nobody uses as long as it is held.
pub fn alone(folder: &Path) -> Result<File, Failure> {
    let lock = lock_file(folder)?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Failure::new(Code::Config, format!("the store of {} is in use", folder.display()))
                .help("stop `picquet serve` first"))
        }
        Err(TryLockError::Error(e)) if e.kind() != ErrorKind::Unsupported => Err(e.into()),
        _ => Ok(lock),
    }
}

fn lock_file(folder: &Path) -> std::io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(folder.join("lock"))
}

/// The folder holds secrets: only its owner may look into it.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A store that fails.
pub fn failed(e: StoreError) -> Failure {
    let code = match e {
        StoreError::Open { .. } | StoreError::TooNew { .. } | StoreError::Location(_) => Code::Config,
        _ => Code::Internal,
    };
    Failure::new(code, e)
}

/// Milliseconds since the epoch.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Accounts have twelve digits.
pub fn check_account(account: &str) -> Result<(), Failure> {
    if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(Failure::new(Code::Config, format!("{account} is no account: it must have twelve digits")))
}
