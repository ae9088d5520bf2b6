//! A bucket that is looked through: once as a whole, then the days that new objects are of.

use super::Feed;
use crate::arrival::Arrival;
use jiff::{Timestamp, ToSpan};
use picquet_source::aws::CallError;
use picquet_source::aws::bucket::{Bucket, Listed};
use picquet_source::days::Stems;
use std::time::{Duration, Instant};

/// After this long everything is listed again: accounts and regions may have come.
const WHOLE: Duration = Duration::from_secs(24 * 3600);
/// Days before today that are looked through for what came late.
const DAYS_BACK: i32 = 1;

/// Looks through the bucket until told to stop.
pub async fn run(feed: Feed, bucket: Bucket) {
    let mut stems = Stems::default();
    let mut whole: Option<Instant> = None;
    loop {
        let prefixes = match (whole, stems.all()) {
            (Some(at), Some(known)) if at.elapsed() < WHOLE => recent(known, Timestamp::now()),
            _ => vec![feed.source.prefix.clone()],
        };
        let is_whole = prefixes == [feed.source.prefix.clone()];
        let mut complete = true;
        for prefix in prefixes {
            match list(&feed, &bucket, &prefix, &mut stems).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(e) => {
                    complete = false;
                    feed.status
                        .source(&feed.source.name)
                        .failing(&format!("cannot list s3://{}/{prefix}: {e}", bucket.name()));
                }
            }
        }
        if complete {
            feed.status.source(&feed.source.name).listed();
            if is_whole {
                whole = Some(Instant::now());
            }
        }
        if !feed.wait(feed.source.poll).await {
            return;
        }
    }
}

/// The prefixes of today and the days before.
fn recent<'s>(stems: impl IntoIterator<Item = &'s picquet_source::days::Stem>, now: Timestamp) -> Vec<String> {
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    // Of a date that is today some days can be taken.
    let days: Vec<_> = (0..=DAYS_BACK).filter_map(|back| today.checked_sub(back.days()).ok()).collect();
    stems.into_iter().flat_map(|stem| days.iter().map(|d| stem.day(d.year(), d.month(), d.day()))).collect()
}

/// Names all objects below a prefix; false when it shall stop.
async fn list(feed: &Feed, bucket: &Bucket, prefix: &str, stems: &mut Stems) -> Result<bool, CallError> {
    let mut from = None;
    loop {
        let page = bucket.list(prefix, from).await?;
        for object in page.objects {
            // A folder that a console made.
            if object.key.ends_with('/') {
                continue;
            }
            stems.see(&object.key);
            if !feed.is_old(&object.key) && !feed.send(arrival(feed, object)).await {
                return Ok(false);
            }
        }
        match page.next {
            Some(next) => from = Some(next),
            None => return Ok(true),
        }
    }
}

fn arrival(feed: &Feed, object: Listed) -> Arrival {
    Arrival { source: feed.source.clone(), name: object.key, version: object.etag, size: object.size, receipt: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picquet_source::days::Stem;

    #[test]
    fn today_and_yesterday_are_looked_through() {
        let stem = Stem { prefix: "a/".into(), hive: false };
        let now: Timestamp = "2026-03-01T00:30:00Z".parse().unwrap();
        assert_eq!(recent([&stem], now), ["a/2026/03/01/", "a/2026/02/28/"]);
    }
}
