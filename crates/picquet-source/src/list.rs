//! The files below the given paths.

use crate::SourceError;
use picquet_logs::ObjectName;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A file to read.
#[derive(Clone, Debug)]
pub struct ObjectRef {
    /// Where it is.
    pub path: PathBuf,
    /// What its path says.
    pub name: ObjectName,
    /// Bytes on disk.
    pub size: u64,
}

/// What there is to read.
#[derive(Debug, Default)]
pub struct Listing {
    /// The files, in the order of the time in their names and then of their paths.
    pub objects: Vec<ObjectRef>,
    /// Files that are passed over without a look, by why.
    pub skipped: BTreeMap<String, u64>,
    /// Folders and files that could not be looked at.
    pub unreadable: Vec<SourceError>,
}

/// How deep folders may be nested: S3 keys have at most 1,024 bytes, so at most 512 folders.
const MAX_DEPTH: usize = 512;

/// Lists files and folder trees. Hidden files and CloudTrail digest files are counted and passed over; links
/// to folders are not followed, so that a loop cannot be entered.
pub fn list(paths: &[PathBuf]) -> Listing {
    let mut listing = Listing::default();
    for path in paths {
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => walk(path, 0, &mut listing),
            Ok(meta) => add(path.clone(), meta.len(), &mut listing),
            Err(cause) => listing.unreadable.push(SourceError { path: path.clone(), cause }),
        }
    }
    listing.objects.sort_by(|a, b| (a.name.time, &a.path).cmp(&(b.name.time, &b.path)));
    listing.objects.dedup_by(|a, b| a.path == b.path);
    listing
}

fn walk(folder: &Path, depth: usize, listing: &mut Listing) {
    if depth > MAX_DEPTH {
        let cause = io::Error::other("folders are nested too deep");
        listing.unreadable.push(SourceError { path: folder.to_owned(), cause });
        return;
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) => return listing.unreadable.push(SourceError { path: folder.to_owned(), cause }),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(cause) => {
                listing.unreadable.push(SourceError { path: folder.to_owned(), cause });
                continue;
            }
        };
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let kind = entry.file_type();
        let is_folder = kind.as_ref().is_ok_and(fs::FileType::is_dir);
        let linked_folder = kind.as_ref().is_ok_and(fs::FileType::is_symlink) && path.is_dir();
        if hidden {
            skip(if is_folder { "hidden folder" } else { "hidden file" }, listing);
        } else if linked_folder {
            skip("link to a folder", listing);
        } else if is_folder {
            walk(&path, depth + 1, listing);
        } else {
            match fs::metadata(&path) {
                Ok(meta) => add(path, meta.len(), listing),
                Err(cause) => listing.unreadable.push(SourceError { path, cause }),
            }
        }
    }
}

fn skip(why: &str, listing: &mut Listing) {
    *listing.skipped.entry(why.to_owned()).or_default() += 1;
}

fn add(path: PathBuf, size: u64, listing: &mut Listing) {
    let name = ObjectName::parse(&path.to_string_lossy());
    if name.digest {
        skip("CloudTrail digest file", listing);
    } else if size == 0 && path.is_file() {
        skip("empty file", listing);
    } else {
        listing.objects.push(ObjectRef { path, name, size });
    }
}
