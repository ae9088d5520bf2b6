//! Bytes from where a location names them, into a file.

use crate::{Feed, FeedError};
use picquet_source::aws::bucket::Bucket;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// The largest feed as it comes. City databases have some 100 MB.
const LARGEST: u64 = 512 << 20;
/// The largest file of checksums, and of certificates.
const LARGEST_OTHER: u64 = 1 << 20;
/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often a server may send somewhere else; mirrors do.
const REDIRECTS: u32 = 3;
/// The longest name of a version that is remembered.
const LONGEST_ETAG: usize = 256;

/// What came.
pub(crate) enum Fetched {
    /// Bytes, in the file, and what the server calls the version.
    New(Option<String>),
    /// The version that was named.
    Same,
}

/// Fetches a feed into a file, unless the server still has the version that is named.
pub(crate) async fn feed(
    feed: &Feed,
    location: &str,
    etag: Option<&str>,
    into: &mut File,
) -> Result<Fetched, FeedError> {
    get(feed, location, etag, LARGEST, into).await
}

/// Fetches a file of checksums, and finds the one of the feed: that of the line which names the feed's file, or the only
/// one.
pub(crate) async fn checksum(feed: &Feed, location: &str, of: &str) -> Result<String, FeedError> {
    let mut file = tempfile::tempfile()?;
    get(feed, location, None, LARGEST_OTHER, &mut file).await?;
    let mut text = String::new();
    std::io::Seek::rewind(&mut file)?;
    file.read_to_string(&mut text).map_err(|e| FeedError(format!("{location}: {e}")))?;
    named_digest(&text, of.rsplit('/').next().unwrap_or(of))
        .ok_or_else(|| FeedError(format!("{location} has no SHA-256 of it")))
}

/// Lines are `DIGEST  NAME`, as sha256sum writes them, or a digest alone.
fn named_digest(text: &str, name: &str) -> Option<String> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let digest = words.next().filter(|word| crate::settings::is_digest(word))?;
        Some((digest.to_ascii_lowercase(), words.next().map(|name| name.trim_start_matches('*'))))
    });
    let lines: Vec<_> = lines.collect();
    let named = lines.iter().find(|(_, of)| of.is_some_and(|of| of.rsplit('/').next() == Some(name)));
    match (named, &lines[..]) {
        (Some((digest, _)), _) | (None, [(digest, _)]) => Some(digest.clone()),
        _ => None,
    }
}

async fn get(
    feed: &Feed,
    location: &str,
    etag: Option<&str>,
    most: u64,
    into: &mut File,
) -> Result<Fetched, FeedError> {
    if location.starts_with("https://") {
        let (ca, location) = (feed.ca.clone(), location.to_owned());
        let (etag, mut into) = (etag.map(str::to_owned), into.try_clone()?);
        let work =
            tokio::task::spawn_blocking(move || https(&location, ca.as_deref(), etag.as_deref(), most, &mut into));
        return work.await.unwrap_or_else(|e| Err(FeedError(format!("fetching failed: {e}"))));
    }
    if let Some((bucket, key)) = location.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) {
        let bytes = Bucket::new(&feed.access, bucket).await.get(key, most).await;
        into.write_all(&bytes.map_err(|e| FeedError(format!("{location} cannot be read: {e}")))?)?;
        return Ok(Fetched::New(None));
    }
    let file = File::open(location).map_err(|e| FeedError(format!("{location} cannot be read: {e}")))?;
    copy(file, most, into).map_err(|e| FeedError(format!("{location}: {}", e.0)))?;
    Ok(Fetched::New(None))
}

fn https(
    location: &str,
    ca: Option<&Path>,
    etag: Option<&str>,
    most: u64,
    into: &mut File,
) -> Result<Fetched, FeedError> {
    let mut config =
        ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).https_only(true).max_redirects(REDIRECTS);
    if let Some(ca) = ca {
        config = config.tls_config(TlsConfig::builder().root_certs(certificates(ca)?).build());
    }
    let agent: ureq::Agent = config.build().into();
    let mut request = agent.get(location);
    if let Some(etag) = etag {
        request = request.header("if-none-match", etag);
    }
    let response = request.call().map_err(|e| FeedError(format!("{location} cannot be fetched: {e}")))?;
    if response.status() == 304 {
        return Ok(Fetched::Same);
    }
    let named = response.headers().get("etag").and_then(|tag| tag.to_str().ok());
    let etag = named.filter(|tag| tag.len() <= LONGEST_ETAG).map(str::to_owned);
    copy(response.into_body().into_reader(), most, into).map_err(|e| FeedError(format!("{location}: {}", e.0)))?;
    Ok(Fetched::New(etag))
}

/// The authorities that a file in PEM names.
///
/// # Errors
/// When it cannot be read, or there are none in it.
pub fn certificates(file: &Path) -> Result<RootCerts, FeedError> {
    let bad = |e: &dyn std::fmt::Display| FeedError(format!("the certificates {}: {e}", file.display()));
    let pem = picquet_source::read_small(file, LARGEST_OTHER).map_err(|e| bad(&e))?;
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|e| bad(&e))? {
            found.push(certificate);
        }
    }
    if found.is_empty() {
        return Err(bad(&"there are none"));
    }
    Ok(RootCerts::new_with_certs(&found))
}

/// At most so many bytes; a feed that is larger is refused, and not cut off.
fn copy(from: impl Read, most: u64, into: &mut File) -> Result<(), FeedError> {
    let copied =
        std::io::copy(&mut from.take(most + 1), into).map_err(|e| FeedError(format!("it cannot be read: {e}")))?;
    if copied > most {
        return Err(FeedError(format!("it is larger than {} MiB", most >> 20)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_feed_is_found_among_others() {
        let (a, b) = ("a".repeat(64), "B".repeat(64));
        let text = format!("# checksums\n{a}  lists/ips.txt\n{b} *names.txt\n");
        assert_eq!(named_digest(&text, "names.txt"), Some("b".repeat(64)));
        assert_eq!(named_digest(&text, "ips.txt"), Some(a.clone()));
        assert_eq!(named_digest(&text, "other.txt"), None);
        assert_eq!(named_digest(&format!("{a}\n"), "other.txt"), Some(a));
        assert_eq!(named_digest("abc", "abc"), None);
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let mut file = tempfile::tempfile().unwrap();
        assert!(copy(&[0u8; 11][..], 10, &mut file).unwrap_err().0.contains("larger"));
        assert!(copy(&[0u8; 10][..], 10, &mut file).is_ok());
    }
}
