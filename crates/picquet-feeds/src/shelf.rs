//! Feeds as they are kept: one file each, and an index of what they are.

use crate::{Feed, FeedError, Kind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const INDEX: &str = "index.json";
const LOCK: &str = "lock";
/// Hexadecimal digits of the checksum in a file's name.
const DIGITS: usize = 16;
/// The longest that is told of a failure.
const LONGEST_WHY: usize = 500;

/// What is known of a feed that was fetched or imported, or was to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Held {
    /// The SHA-256 of the file that serves, in hexadecimal digits; empty when none does.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Entries that can be used, where they can be counted.
    pub entries: Option<usize>,
    /// When it was last known to be what its publisher has, in milliseconds since 1970.
    pub fresh_at: i64,
    /// When it was last tried to fetch it.
    pub tried_at: i64,
    /// Why the last try failed, if it did.
    pub why: Option<String>,
    /// What the server calls this version (RFC 9110, 8.8.3), and where that server is.
    pub etag: Option<(String, String)>,
}

impl Held {
    /// How old it is, in milliseconds; `None` when there is nothing.
    pub fn age(&self, now: i64) -> Option<i64> {
        (!self.sha256.is_empty()).then(|| now.saturating_sub(self.fresh_at).max(0))
    }
}

/// A feed of the settings with what is known of it.
#[derive(Clone, Debug)]
pub struct Standing<'f> {
    /// The feed.
    pub feed: &'f Feed,
    /// What is there.
    pub held: Held,
    /// Its age in milliseconds, when there is something.
    pub age: Option<i64>,
    /// Whether it is missing or too old.
    pub is_stale: bool,
}

/// The folder that feeds are kept in.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

impl Shelf {
    /// The feeds of a data folder, which need not be there yet.
    pub fn of(data_folder: &Path) -> Self {
        Self(data_folder.join("feeds"))
    }

    /// What is known of all feeds by name, those that are no longer configured too.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn index(&self) -> Result<BTreeMap<String, Held>, FeedError> {
        match fs::read(self.0.join(INDEX)) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|e| FeedError(format!("{} is damaged: {e}", self.0.join(INDEX).display()))),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(e) => Err(e.into()),
        }
    }

    /// How each feed stands.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn standing<'f>(&self, feeds: &'f [Feed], now: i64) -> Result<Vec<Standing<'f>>, FeedError> {
        let mut index = self.index()?;
        let each = feeds.iter().map(|feed| {
            let held = index.remove(&feed.name).unwrap_or_default();
            let age = held.age(now);
            let stale = i64::try_from(feed.stale.as_millis()).unwrap_or(i64::MAX);
            Standing { feed, age, is_stale: age.is_none_or(|age| age > stale), held }
        });
        Ok(each.collect())
    }

    /// The files that serve, in the order of the settings.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn files(&self, feeds: &[Feed]) -> Result<Vec<(Kind, PathBuf)>, FeedError> {
        let index = self.index()?;
        let there = feeds.iter().filter_map(|feed| {
            let held = index.get(&feed.name).filter(|held| !held.sha256.is_empty())?;
            Some((feed.kind, self.file(&feed.name, &held.sha256)))
        });
        Ok(there.collect())
    }

    fn file(&self, name: &str, sha256: &str) -> PathBuf {
        self.0.join(format!("{name}.{}", sha256.get(..DIGITS).unwrap_or(sha256)))
    }

    /// A file to write a new version to, in the folder.
    pub(crate) fn draft(&self) -> Result<tempfile::NamedTempFile, FeedError> {
        fs::create_dir_all(&self.0)?;
        Ok(tempfile::Builder::new().prefix(".draft-").tempfile_in(&self.0)?)
    }

    /// Takes a draft as the version that serves. A crash leaves the old version or the new one, never none.
    pub(crate) fn put(&self, name: &str, held: Held, draft: tempfile::NamedTempFile) -> Result<(), FeedError> {
        let lock = self.lock()?;
        draft.as_file().sync_all()?;
        let file = self.file(name, &held.sha256);
        draft.persist(&file).map_err(|e| FeedError::from(e.error))?;
        self.write(name, held)?;
        self.clean(name, &file)?;
        drop(lock);
        Ok(())
    }

    /// Notes how a try ended that brought nothing new.
    pub(crate) fn note(&self, name: &str, change: impl FnOnce(&mut Held)) -> Result<(), FeedError> {
        fs::create_dir_all(&self.0)?;
        let lock = self.lock()?;
        let mut held = self.index()?.remove(name).unwrap_or_default();
        change(&mut held);
        self.write(name, held)?;
        drop(lock);
        Ok(())
    }

    /// Held while the index is changed: `picquet feeds update` may run beside `picquet serve`.
    fn lock(&self) -> Result<File, FeedError> {
        let file = File::options().create(true).truncate(false).write(true).open(self.0.join(LOCK))?;
        file.lock()?;
        Ok(file)
    }

    fn write(&self, name: &str, mut held: Held) -> Result<(), FeedError> {
        held.why = held.why.map(|why| why.chars().take(LONGEST_WHY).collect());
        let mut index = self.index()?;
        index.insert(name.to_owned(), held);
        let mut draft = self.draft()?;
        let text = serde_json::to_vec_pretty(&index).map_err(|e| FeedError(e.to_string()))?;
        draft.write_all(&text)?;
        draft.as_file().sync_all()?;
        draft.persist(self.0.join(INDEX)).map_err(|e| FeedError::from(e.error))?;
        Ok(())
    }

    /// Removes other versions of a feed, also such as a crash left.
    fn clean(&self, name: &str, but: &Path) -> Result<(), FeedError> {
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
            if file.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')) && path != but {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}
