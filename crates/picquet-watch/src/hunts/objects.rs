//! The objects that a hunt reads: those of its sources that are of its time and accounts.

use super::HuntError;
use super::progress::Progress;
use super::scope::Scope;
use crate::settings::Source;
use picquet_logs::ObjectName;
use picquet_model::EventTime;
use picquet_source::aws::bucket::{Bucket, Listed};
use picquet_source::aws::walk::{self, WalkError, Wanted};
use picquet_source::{Listing, Tally, list, without_duplicates};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Objects of a hunt: about 200 MiB of names.
const MOST: usize = 1_000_000;

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Where it is.
    pub place: Place,
    /// The time in its name.
    pub time: Option<EventTime>,
    /// Bytes, as it is.
    pub size: u64,
}

impl Object {
    /// What its name says.
    pub fn name(&self) -> ObjectName {
        ObjectName::parse(&self.place.text())
    }
}

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// A key of a bucket, which is that of the source with this number.
    Key(usize, String),
}

impl Place {
    /// For people.
    pub fn text(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Key(_, key) => key.clone(),
        }
    }
}

/// What there is to read.
#[derive(Default)]
pub struct Found {
    /// The objects, in the order of the times in their names.
    pub objects: Vec<Object>,
    /// The buckets that some of them are in, by the numbers of their sources.
    pub buckets: BTreeMap<usize, Bucket>,
    /// What was passed over.
    pub passed_over: Tally,
}

/// Looks for objects.
///
/// # Errors
/// When a bucket cannot be listed, there are too many objects, or it shall stop.
pub fn find(scope: &Arc<Scope>, sources: &[Source], runtime: &Handle, progress: &Progress) -> Result<Found, HuntError> {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    for (n, source) in sources.iter().enumerate().filter(|(_, source)| scope.sources.contains(&source.name)) {
        let objects = match &source.folder {
            Some(folder) => of_folder(folder.clone(), scope, &mut found.passed_over),
            None => {
                let name = source.bucket.as_deref().unwrap_or_default();
                let bucket = runtime.block_on(Bucket::new(&source.access, name));
                let wanted = wanted(scope, MOST.saturating_sub(found.objects.len()));
                let listed = runtime.block_on(async {
                    tokio::select! {
                        () = progress.stopped() => Err(HuntError::Stopped),
                        listed = walk::objects(&bucket, &source.prefix, wanted) => Ok(listed?),
                    }
                })?;
                found.buckets.insert(n, bucket);
                of_bucket(n, listed, scope, &mut found.passed_over)
            }
        };
        if progress.is_stopped() {
            return Err(HuntError::Stopped);
        }
        add(&mut found, objects, &mut seen);
        if found.objects.len() > MOST {
            return Err(WalkError::TooMany(MOST).into());
        }
    }
    found.objects.sort_by(|a, b| (a.time, &a.place).cmp(&(b.time, &b.place)));
    Ok(found)
}

fn wanted(scope: &Arc<Scope>, most: usize) -> Wanted {
    let (first, end) = scope.days();
    let of_folder = scope.clone();
    Wanted {
        first,
        end,
        folder: Box::new(move |folder| {
            // A name below tells what a folder says of its account.
            let name = ObjectName::parse(&format!("{folder}x"));
            !name.digest && name.account.is_none_or(|account| of_folder.accounts.has(&account))
        }),
        most,
    }
}

fn of_folder(folder: PathBuf, scope: &Scope, passed_over: &mut Tally) -> Vec<Object> {
    let Listing { mut objects, skipped, unreadable } = list(&[folder]);
    objects.retain(|object| scope.wants(&object.name));
    let (objects, twice) = without_duplicates(objects);
    skipped.into_iter().for_each(|(why, n)| skip(passed_over, &why, n));
    skip(passed_over, COPY, twice);
    passed_over.unreadable.extend(unreadable.iter().map(ToString::to_string));
    objects.into_iter().map(|o| Object { place: Place::File(o.path), time: o.name.time, size: o.size }).collect()
}

const COPY: &str = "copy of another object";

fn skip(passed_over: &mut Tally, why: &str, n: u64) {
    if n > 0 {
        *passed_over.skipped.entry(why.to_owned()).or_default() += n;
    }
}

/// Objects of a bucket. Of those with the same ETag and size, which hold the same, the one counts whose name says most of
/// account and region, and of those the first.
fn of_bucket(source: usize, listed: Vec<Listed>, scope: &Scope, passed_over: &mut Tally) -> Vec<Object> {
    let mut best: BTreeMap<(String, u64), Object> = BTreeMap::new();
    let mut without = Vec::new();
    for Listed { key, etag, size } in listed {
        let name = ObjectName::parse(&key);
        if !scope.wants(&name) {
            continue;
        }
        let object = Object { place: Place::Key(source, key), time: name.time, size };
        if etag.is_empty() {
            without.push(object);
            continue;
        }
        let rank = |o: &Object| {
            let name = o.name();
            let says = u8::from(name.account.is_some()) + u8::from(name.region.is_some());
            (std::cmp::Reverse(says), o.place.clone())
        };
        match best.entry((etag, size)) {
            std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(object)),
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                skip(passed_over, COPY, 1);
                if rank(&object) < rank(entry.get()) {
                    entry.insert(object);
                }
            }
        }
    }
    without.extend(best.into_values());
    without
}

/// Adds a source's objects, without those that an earlier source has: AWS's names are of one object alone, so that a file
/// of the same name and size is its copy.
fn add(found: &mut Found, objects: Vec<Object>, seen: &mut BTreeSet<(String, u64)>) {
    let file_name = |object: &Object| {
        let text = object.place.text();
        (text.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(), object.size)
    };
    let mut names = Vec::new();
    for object in objects {
        // Names that say nothing of themselves may be those of different objects.
        let copy = object.time.is_some().then(|| file_name(&object));
        if copy.as_ref().is_some_and(|copy| seen.contains(copy)) {
            skip(&mut found.passed_over, COPY, 1);
            continue;
        }
        names.extend(copy);
        found.objects.push(object);
    }
    seen.extend(names);
}

#[cfg(test)]
mod tests {
    use super::super::scope::Accounts;
    use super::*;

    fn scope() -> Scope {
        Scope {
            sources: vec!["a".into()],
            accounts: Accounts::All,
            since: 0,
            until: i64::MAX / 2,
            learn_days: 0,
            for_administrators: false,
            settings: None,
        }
    }

    fn listed(key: &str, etag: &str) -> Listed {
        Listed { key: key.into(), etag: etag.into(), size: 7 }
    }

    #[test]
    fn a_copy_counts_once_and_by_the_name_that_says_most() {
        let trail = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/02/111122223333_CloudTrail_us-east-1_20260102T0000Z_a.json.gz";
        let mut passed_over = Tally::default();
        let objects =
            of_bucket(0, vec![listed("a.json", "1"), listed(trail, "1"), listed("b", "")], &scope(), &mut passed_over);
        let keys: Vec<String> = objects.iter().map(|o| o.place.text()).collect();
        assert_eq!(keys, ["b", trail]);
        assert_eq!(passed_over.skipped, BTreeMap::from([(COPY.to_owned(), 1)]));
        // Another source holds the same, elsewhere.
        let (mut found, mut seen) = (Found::default(), BTreeSet::new());
        add(&mut found, objects, &mut seen);
        let copy = listed(&format!("copies/{trail}"), "2");
        add(&mut found, of_bucket(1, vec![copy, listed("b", "3")], &scope(), &mut Tally::default()), &mut seen);
        assert_eq!(found.objects.len(), 3);
    }
}
