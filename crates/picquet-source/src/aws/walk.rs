//! The objects of a bucket that are of some days, without listing the days before and after.
//!
//! Folders are looked through level by level down to those of years. From there on keys are in the order of time (S3
//! lists them in the order of their bytes, API reference, `ListObjectsV2`), so that a listing begins with the first day
//! and ends with the last.

use super::CallError;
use super::bucket::{Bucket, Listed, Page};
use crate::days::{Day, Stem, year};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Listings that go on at a time.
const TOGETHER: usize = 8;

/// Which objects are wanted.
pub struct Wanted {
    /// The first day.
    pub first: Day,
    /// The day after the last one.
    pub end: Day,
    /// Whether a folder may hold objects that are wanted, whatever their day.
    pub folder: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// The most objects that are named; one too many is enough to know.
    pub most: usize,
}

/// Why objects are not named.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// A listing failed.
    #[error("cannot list {0}: {1}")]
    Call(String, CallError),
    /// There are too many of them.
    #[error("there are more than {0} objects")]
    TooMany(usize),
}

/// A listing that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// What is directly below a prefix.
    Level(String),
    /// The days below a stem.
    Days(Stem),
}

/// All objects below a prefix that are wanted, in no order; objects in folders of no day are among them.
///
/// # Errors
/// When a listing fails, or there are too many objects.
pub async fn objects(bucket: &Bucket, prefix: &str, wanted: Wanted) -> Result<Vec<Listed>, WalkError> {
    let wanted = Arc::new(wanted);
    let mut steps = vec![Step::Level(prefix.to_owned())];
    let mut tasks = JoinSet::new();
    let mut found = Vec::new();
    loop {
        while tasks.len() < TOGETHER
            && let Some(step) = steps.pop()
        {
            let (bucket, wanted) = (bucket.clone(), wanted.clone());
            tasks.spawn(async move {
                match step {
                    Step::Level(prefix) => level(&bucket, &prefix, &wanted).await,
                    Step::Days(stem) => days(&bucket, &stem, &wanted).await.map(|objects| (objects, Vec::new())),
                }
            });
        }
        let Some(done) = tasks.join_next().await else { return Ok(found) };
        let failed = |e| WalkError::Call(bucket.name().to_owned(), CallError::Failed(format!("{e}")));
        let (objects, next) = done.map_err(failed)??;
        found.extend(objects);
        steps.extend(next);
        if found.len() > wanted.most {
            return Err(WalkError::TooMany(wanted.most));
        }
    }
}

async fn level(bucket: &Bucket, prefix: &str, wanted: &Wanted) -> Result<(Vec<Listed>, Vec<Step>), WalkError> {
    let (mut objects, mut steps, mut from) = (Vec::new(), BTreeSet::new(), None);
    loop {
        let page = bucket.level(prefix, from).await.map_err(|e| failed(bucket, prefix, e))?;
        steps.extend(next(prefix, &page, wanted));
        objects.extend(page.objects.into_iter().filter(is_object));
        if objects.len() > wanted.most {
            return Ok((objects, Vec::new()));
        }
        match page.next {
            Some(next) => from = Some(next),
            None => return Ok((objects, steps.into_iter().collect())),
        }
    }
}

/// What is to be listed after a page of a level.
fn next(prefix: &str, page: &Page, wanted: &Wanted) -> BTreeSet<Step> {
    let folders = page.folders.iter().filter(|folder| (wanted.folder)(folder));
    folders
        .map(|folder| match year(folder) {
            Some((_, hive)) => Step::Days(Stem { prefix: prefix.to_owned(), hive }),
            None => Step::Level(folder.clone()),
        })
        .collect()
}

async fn days(bucket: &Bucket, stem: &Stem, wanted: &Wanted) -> Result<Vec<Listed>, WalkError> {
    let day = |(year, month, day): Day| stem.day(year, month, day);
    let (first, end) = (day(wanted.first), day(wanted.end));
    let (mut objects, mut from) = (Vec::new(), None);
    loop {
        let page = bucket.list_after(&stem.prefix, &first, from).await.map_err(|e| failed(bucket, &stem.prefix, e))?;
        let ends = page.objects.last().is_none_or(|last| last.key >= end);
        objects.extend(page.objects.into_iter().filter(|object| object.key < end && is_object(object)));
        match page.next.filter(|_| !ends && objects.len() <= wanted.most) {
            Some(next) => from = Some(next),
            None => return Ok(objects),
        }
    }
}

/// Consoles make folders that are objects without bytes.
fn is_object(object: &Listed) -> bool {
    object.size > 0 && !object.key.ends_with('/')
}

fn failed(bucket: &Bucket, prefix: &str, e: CallError) -> WalkError {
    WalkError::Call(format!("s3://{}/{prefix}", bucket.name()), e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_lead_to_years_and_no_further() {
        let wanted = Wanted {
            first: (2026, 1, 1),
            end: (2026, 1, 3),
            folder: Box::new(|folder| !folder.contains("444455556666")),
            most: 10,
        };
        let page =
            |folders: &[&str]| Page { folders: folders.iter().map(|f| (*f).to_owned()).collect(), ..Page::default() };
        let accounts = page(&["AWSLogs/111122223333/", "AWSLogs/444455556666/"]);
        let steps = next("AWSLogs/", &accounts, &wanted);
        assert_eq!(steps, BTreeSet::from([Step::Level("AWSLogs/111122223333/".into())]));
        // All years of a region are one listing.
        let region = "AWSLogs/111122223333/CloudTrail/us-east-1/";
        let years = page(&[&format!("{region}2025/"), &format!("{region}2026/"), &format!("{region}else/")]);
        let stem = Stem { prefix: region.into(), hive: false };
        let steps = next(region, &years, &wanted);
        assert_eq!(steps, BTreeSet::from([Step::Level(format!("{region}else/")), Step::Days(stem)]));
    }
}
