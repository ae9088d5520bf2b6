//! Lists of detectors: fetched and made active in the background.

use crate::Api;
use crate::error::ApiError;
use crate::resources::{ListKind, ListSet, ListStatus};
use jiff::Timestamp;
use picquet_intel::{IntelBuilder, ListFormat};
use picquet_store::documents::{Shelf, everywhere};
use picquet_store::lists;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The largest list: GuardDuty takes up to 35 MB (user guide, "Customizing threat detection with entity lists").
const LARGEST: u64 = 35 << 20;
/// How long a server may take to send a list.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which set to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The detector.
    pub detector: String,
    /// The set.
    pub id: String,
}

/// Fetches a set's list on a thread of its own.
pub fn begin(api: &Arc<Api>, fetch: Fetch) {
    let api = api.clone();
    std::thread::spawn(move || run(&api, &fetch));
}

/// Fetches again what was to become active when the process ended.
///
/// # Errors
/// When the store fails.
pub fn resume(api: &Arc<Api>) -> Result<(), ApiError> {
    let all = api.store().read(|sql| everywhere::<ListSet>(sql))?;
    for ((account, region, detector, id), set) in all {
        if set.status == ListStatus::Activating {
            begin(api, Fetch { account, region, detector, id });
        }
    }
    Ok(())
}

/// Fetches a set's list and makes it active, or says why it cannot be.
pub fn run(api: &Api, fetch: &Fetch) {
    let shelf = Shelf { account: &fetch.account, region: &fetch.region, parent: &fetch.detector };
    let known = api.store().read(|sql| shelf.get::<ListSet>(sql, &fetch.id));
    let Ok(Some(set)) = known else { return };
    let fetched = bytes_of(&set.location, api).and_then(|bytes| check(&set, &bytes).map(|()| bytes));
    let now = Timestamp::now().as_millisecond();
    let kept = api.store().write(|sql| -> picquet_store::Result<()> {
        // It may have been changed or deleted meanwhile: then this is not what is wanted any more.
        let Some(mut now_set) = shelf.get::<ListSet>(sql, &fetch.id)? else { return Ok(()) };
        if now_set.status != ListStatus::Activating || now_set.location != set.location {
            return Ok(());
        }
        match fetched {
            Ok(bytes) => {
                lists::put(sql, &fetch.id, bytes)?;
                now_set.status = ListStatus::Active;
                now_set.error = None;
            }
            Err(why) => {
                tracing::warn!(set = fetch.id.as_str(), why = why.as_str(), "a list cannot be made active");
                now_set.status = ListStatus::Error;
                now_set.error = Some(why);
            }
        }
        now_set.updated_at = now;
        shelf.put(sql, &fetch.id, &now_set)
    });
    if let Err(e) = kept {
        tracing::error!(set = fetch.id.as_str(), error = e.to_string().as_str(), "a list cannot be kept");
    }
}

fn check(set: &ListSet, bytes: &[u8]) -> Result<(), String> {
    let mut builder = IntelBuilder::new();
    let format: ListFormat = set.format.parse().map_err(|_| format!("the format {} is not known", set.format))?;
    let report = match set.kind {
        ListKind::IpSet | ListKind::TrustedEntitySet => builder.trusted_list_as(&set.name, bytes, format),
        ListKind::ThreatIntelSet | ListKind::ThreatEntitySet => builder.threat_list_as(&set.name, bytes, format),
    };
    if report.entries > 0 {
        return Ok(());
    }
    let first = report.rejected.first().map(|r| format!(": {r}")).unwrap_or_default();
    Err(format!("the list has no entry that can be used{first}"))
}

/// The bytes that a location names.
fn bytes_of(location: &str, api: &Api) -> Result<Vec<u8>, String> {
    if let Some(path) = location.strip_prefix("file://") {
        return from_file(Path::new(path), &api.options().list_folders);
    }
    if let Some((bucket, key)) = in_s3(location) {
        let reader = api.options().buckets.as_ref().ok_or("buckets cannot be read here: give an https:// location")?;
        return reader.0(&bucket, &key, LARGEST);
    }
    if location.starts_with("https://") {
        return from_https(location);
    }
    Err("the location must be s3://, https:// or file://".into())
}

/// Reads an object of a bucket, if it has no more than so many bytes.
pub type ReadBucket = dyn Fn(&str, &str, u64) -> Result<Vec<u8>, String> + Send + Sync;

/// How buckets are read: with the credentials of the process.
#[derive(Clone)]
pub struct Buckets(pub Arc<ReadBucket>);

impl std::fmt::Debug for Buckets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Buckets")
    }
}

/// The bucket and the key of a location in S3: as S3 writes it, or an address of S3's, where the bucket is in the path or
/// before the host (GuardDuty API reference, CreateThreatIntelSet; S3 user guide, "Virtual hosting of general purpose
/// buckets").
fn in_s3(location: &str) -> Option<(String, String)> {
    let decoded = |key: &str| percent_encoding::percent_decode_str(key).decode_utf8().ok().map(|key| key.into_owned());
    let split = |rest: &str| {
        let (bucket, key) = rest.split_once('/')?;
        (!bucket.is_empty() && !key.is_empty()).then(|| (bucket.to_owned(), key.to_owned()))
    };
    if let Some(rest) = location.strip_prefix("s3://") {
        return split(rest);
    }
    let (host, path) = location.strip_prefix("https://")?.split_once('/')?;
    let host = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com")?;
    let is_s3 = |name: &str| name == "s3" || name.starts_with("s3.") || name.starts_with("s3-");
    if is_s3(host) {
        let (bucket, key) = split(path)?;
        return Some((bucket, decoded(&key)?));
    }
    let at = host.match_indices(".s3").map(|(at, _)| at).find(|at| is_s3(&host[at + 1..]))?;
    (!path.is_empty()).then_some((host[..at].to_owned(), decoded(path)?))
}

/// Only folders that the operator named: who may call the API may not read the machine's other files.
fn from_file(path: &Path, folders: &[PathBuf]) -> Result<Vec<u8>, String> {
    let refused = || "the file is in no folder that `picquet serve --list-folder` names".to_owned();
    let real = path.canonicalize().map_err(|_| refused())?;
    if !folders.iter().any(|folder| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder))) {
        return Err(refused());
    }
    let file = std::fs::File::open(&real).map_err(|e| format!("the file cannot be read: {e}"))?;
    limited(file)
}

fn from_https(location: &str) -> Result<Vec<u8>, String> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).https_only(true).max_redirects(0).build().into();
    let response = agent.get(location).call().map_err(|e| format!("the list cannot be fetched: {e}"))?;
    limited(response.into_body().into_reader())
}

fn limited(reader: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| format!("the list cannot be read: {e}"))?;
    if bytes.len() as u64 > LARGEST {
        return Err("the list is larger than 35 MB".into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_in_s3_are_told_from_others() {
        let of = |location: &str| in_s3(location);
        let there = Some(("b".to_owned(), "a/l 1.txt".to_owned()));
        assert_eq!(of("s3://b/a/l 1.txt"), there);
        for host in ["s3.amazonaws.com/b", "s3.eu-west-1.amazonaws.com/b", "s3-eu-west-1.amazonaws.com/b"] {
            assert_eq!(of(&format!("https://{host}/a/l%201.txt")), there, "{host}");
        }
        for host in ["b.s3.amazonaws.com", "b.s3.eu-west-1.amazonaws.com", "b.s3.cn-north-1.amazonaws.com.cn"] {
            assert_eq!(of(&format!("https://{host}/a/l%201.txt")), there, "{host}");
        }
        let others =
            ["https://example.com/s3/list", "https://sqs.amazonaws.com/b/l", "s3://b", "https://s3.amazonaws.com/b"];
        for other in others {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
