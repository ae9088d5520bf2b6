//! One feed brought up to date, or imported by hand.

use crate::fetch::{self, Fetched};
use crate::settings::is_digest;
use crate::{Feed, FeedError, Held, Shelf};
use picquet_source::read_small;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest feed once it is unpacked.
const LARGEST_PLAIN: u64 = 1 << 30;

/// What became of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updated {
    /// There is a new version, of so many entries where they can be counted.
    New(Option<usize>),
    /// What is there is what its publisher has.
    Same,
}

/// Fetches a feed, checks it and takes it in. How it ended is noted either way. `now` is in milliseconds since 1970.
///
/// # Errors
/// Why it was not taken in.
pub async fn update(feed: &Feed, shelf: &Shelf, now: i64) -> Result<Updated, FeedError> {
    let done = attempt(feed, shelf, now).await;
    match &done {
        Ok(Updated::New(_)) => {}
        Ok(Updated::Same) => shelf.note(&feed.name, |held| {
            (held.fresh_at, held.tried_at, held.why) = (now, now, None);
        })?,
        Err(e) => {
            let why = e.to_string();
            shelf.note(&feed.name, |held| {
                (held.tried_at, held.why) = (now, Some(why));
            })?;
        }
    }
    done
}

async fn attempt(feed: &Feed, shelf: &Shelf, now: i64) -> Result<Updated, FeedError> {
    let Some(location) = &feed.location else {
        return Err(FeedError("it has no location: `picquet feeds import` takes it from a file".into()));
    };
    let held = shelf.index()?.remove(&feed.name).unwrap_or_default();
    let wanted = match &feed.sha256 {
        Some(digest) if is_digest(digest) => Some(digest.to_ascii_lowercase()),
        Some(elsewhere) => Some(fetch::checksum(feed, elsewhere, location).await?),
        None => None,
    };
    if wanted.as_ref().is_some_and(|wanted| *wanted == held.sha256) {
        return Ok(Updated::Same);
    }
    let mut draft = shelf.draft()?;
    let known = held.etag.as_ref().filter(|(_, at)| at == location).map(|(tag, _)| tag.as_str());
    let Fetched::New(etag) = fetch::feed(feed, location, known, draft.as_file_mut()).await? else {
        return Ok(Updated::Same);
    };
    let etag = etag.map(|tag| (tag, location.clone()));
    take(feed, shelf, draft, &held, wanted, etag, now)
}

/// Takes a feed from a file, where nothing can be fetched.
///
/// # Errors
/// Why it was not taken in.
pub fn import(feed: &Feed, shelf: &Shelf, file: &Path, now: i64) -> Result<Updated, FeedError> {
    let bad = |e: std::io::Error| FeedError(format!("{} cannot be read: {e}", file.display()));
    let mut draft = shelf.draft()?;
    std::io::copy(&mut File::open(file).map_err(bad)?, draft.as_file_mut()).map_err(bad)?;
    let wanted = feed.sha256.as_ref().filter(|text| is_digest(text)).map(|digest| digest.to_ascii_lowercase());
    let held = shelf.index()?.remove(&feed.name).unwrap_or_default();
    let done = take(feed, shelf, draft, &held, wanted, None, now)?;
    if done == Updated::Same {
        shelf.note(&feed.name, |held| (held.fresh_at, held.tried_at, held.why) = (now, now, None))?;
    }
    Ok(done)
}

/// Takes what a draft holds, if it is what it must be.
fn take(
    feed: &Feed,
    shelf: &Shelf,
    draft: tempfile::NamedTempFile,
    held: &Held,
    wanted: Option<String>,
    etag: Option<(String, String)>,
    now: i64,
) -> Result<Updated, FeedError> {
    let (sha256, bytes) = digest(draft.path())?;
    if let Some(wanted) = wanted.filter(|wanted| *wanted != sha256) {
        return Err(FeedError(format!("its SHA-256 is {sha256} and should be {wanted}")));
    }
    if sha256 == held.sha256 {
        return Ok(Updated::Same);
    }
    let plain =
        read_small(draft.path(), LARGEST_PLAIN).map_err(|e| FeedError(format!("it cannot be unpacked: {e}")))?;
    let entries = feed.kind.check(&feed.name, plain)?;
    let held = Held { sha256, bytes, entries, fresh_at: now, tried_at: now, why: None, etag };
    shelf.put(&feed.name, held, draft)?;
    Ok(Updated::New(entries))
}

fn digest(file: &Path) -> Result<(String, u64), FeedError> {
    let (mut file, mut hash, mut size) = (File::open(file)?, Sha256::new(), 0);
    let mut some = vec![0; 1 << 16];
    loop {
        match file.read(&mut some)? {
            0 => break,
            n => {
                hash.update(&some[..n]);
                size += n as u64;
            }
        }
    }
    Ok((hash.finalize().iter().map(|b| format!("{b:02x}")).collect(), size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use std::fs;
    use std::path::PathBuf;
    use std::time::Duration;

    struct Try {
        folder: tempfile::TempDir,
        feed: Feed,
        shelf: Shelf,
    }

    impl Try {
        fn new(text: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("list.txt");
            fs::write(&file, text).unwrap();
            let feed = Feed {
                name: "ips".into(),
                kind: "malicious-ip".parse().unwrap(),
                location: Some(file.display().to_string()),
                sha256: None,
                every: Duration::from_secs(3600),
                stale: Duration::from_secs(7200),
                ca: None,
                access: Default::default(),
            };
            let shelf = Shelf::of(folder.path());
            Self { folder, feed, shelf }
        }

        fn publish(&self, text: &str) {
            fs::write(self.folder.path().join("list.txt"), text).unwrap();
        }

        fn update(&self, now: i64) -> Result<Updated, FeedError> {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(update(&self.feed, &self.shelf, now))
        }

        fn files(&self) -> Vec<(Kind, PathBuf)> {
            self.shelf.files(std::slice::from_ref(&self.feed)).unwrap()
        }

        fn stale(&self, now: i64) -> (Option<i64>, bool) {
            let standing = self.shelf.standing(std::slice::from_ref(&self.feed), now).unwrap();
            (standing[0].age, standing[0].is_stale)
        }
    }

    #[test]
    fn a_new_version_stands_instead_of_the_old_one() {
        let of = Try::new("198.51.100.1\n");
        assert_eq!(of.stale(0), (None, true));
        assert_eq!(of.update(1000).unwrap(), Updated::New(Some(1)));
        let first = of.files();
        assert_eq!(of.update(5000).unwrap(), Updated::Same);
        assert_eq!((of.files(), of.stale(6000)), (first.clone(), (Some(1000), false)));
        of.publish("198.51.100.1\n198.51.100.2\n");
        assert_eq!(of.update(9000).unwrap(), Updated::New(Some(2)));
        assert_eq!(fs::read_to_string(&of.files()[0].1).unwrap().lines().count(), 2);
        assert!(!first[0].1.exists());
        assert_eq!(of.stale(9000 + 7_200_001), (Some(7_200_001), true));
    }

    #[test]
    fn what_cannot_be_used_changes_nothing_and_is_told() {
        let of = Try::new("198.51.100.1\n");
        of.update(1000).unwrap();
        let before = of.files();
        of.publish("<html>sign in</html>\n");
        assert!(of.update(2000).unwrap_err().0.contains("no entry"));
        fs::remove_file(of.folder.path().join("list.txt")).unwrap();
        assert!(of.update(3000).unwrap_err().0.contains("cannot be read"));
        let held = &of.shelf.index().unwrap()["ips"];
        assert_eq!((held.fresh_at, held.tried_at), (1000, 3000));
        assert!(held.why.as_ref().unwrap().contains("cannot be read"));
        assert_eq!(of.files(), before);
    }

    #[test]
    fn a_checksum_must_hold() {
        let mut of = Try::new("198.51.100.1\n");
        let sums = of.folder.path().join("SHA256SUMS");
        of.feed.sha256 = Some(sums.display().to_string());
        fs::write(&sums, format!("{}  list.txt\n", "0".repeat(64))).unwrap();
        assert!(of.update(1).unwrap_err().0.contains("should be 000"));
        assert!(of.files().is_empty());
        let (right, _) = digest(&of.folder.path().join("list.txt")).unwrap();
        fs::write(&sums, format!("{right}  list.txt\n")).unwrap();
        assert_eq!(of.update(2).unwrap(), Updated::New(Some(1)));
        // The same checksum again: nothing is fetched.
        fs::remove_file(of.folder.path().join("list.txt")).unwrap();
        assert_eq!(of.update(3).unwrap(), Updated::Same);
        of.feed.sha256 = Some("f".repeat(64));
        assert!(import(&of.feed, &of.shelf, &of.files()[0].1.clone(), 4).is_err());
    }

    #[test]
    fn a_file_is_imported() {
        let mut of = Try::new("198.51.100.1\n");
        let file = of.feed.location.take().unwrap();
        assert!(of.update(1).unwrap_err().0.contains("import"));
        assert_eq!(import(&of.feed, &of.shelf, Path::new(&file), 2).unwrap(), Updated::New(Some(1)));
        assert_eq!(import(&of.feed, &of.shelf, Path::new(&file), 9).unwrap(), Updated::Same);
        assert_eq!(of.stale(10), (Some(1), false));
    }
}
