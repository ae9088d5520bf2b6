//! Feeds while `serve` runs: fetched when they are due, and told when they grow old.

use super::data::now;
use picquet_feeds::shelf::Standing;
use picquet_feeds::{Feed, Shelf, Updated};
use std::collections::BTreeSet;
use std::time::Duration;
use tracing::Instrument;
use tracing::field::Empty;

/// How often it is looked what is due.
const LOOKS: Duration = Duration::from_secs(60);
/// How long after a failure, in milliseconds, it is tried again, if it is not due sooner.
const AGAIN: i64 = 15 * 60_000;

/// Keeps feeds fresh, until the process ends.
pub async fn keep(feeds: Vec<Feed>, shelf: Shelf) {
    let mut stale = BTreeSet::new();
    let mut looks = tokio::time::interval(LOOKS);
    loop {
        looks.tick().await;
        let standing = match shelf.standing(&feeds, now()) {
            Ok(standing) => standing,
            Err(e) => {
                tracing::error!(error = e.to_string().as_str(), "feeds cannot be looked at");
                continue;
            }
        };
        for of in standing.iter().filter(|of| is_due(of, now())) {
            let feed = of.feed.name.as_str();
            let span = tracing::info_span!(
                parent: None, "update feed", picquet.feed = feed, picquet.entries = Empty, picquet.outcome = Empty,
                "error.type" = Empty, otel.status_code = Empty
            );
            let done = picquet_feeds::update(of.feed, &shelf, now()).instrument(span.clone()).await;
            match &done {
                Ok(Updated::New(entries)) => {
                    span.record("picquet.outcome", "new").record("picquet.entries", entries.map(|n| n as i64));
                }
                Ok(Updated::Same) => _ = span.record("picquet.outcome", "same"),
                Err(_) => {
                    span.record("picquet.outcome", "failed");
                    span.record("error.type", "feed").record("otel.status_code", "ERROR");
                }
            }
            match done {
                Ok(Updated::New(entries)) => tracing::info!(feed, entries, "a feed has a new version"),
                Ok(Updated::Same) => {}
                Err(e) => tracing::warn!(feed, why = e.to_string().as_str(), "a feed was not taken in"),
            }
        }
        for of in shelf.standing(&feeds, now()).into_iter().flatten() {
            let feed = of.feed.name.as_str();
            if !of.is_stale {
                stale.remove(feed);
            } else if stale.insert(feed.to_owned()) {
                tracing::error!(feed, age_hours = of.age.map(|age| age / 3_600_000), "a feed is stale or missing");
            }
        }
    }
}

fn is_due(of: &Standing<'_>, now: i64) -> bool {
    let every = i64::try_from(of.feed.every.as_millis()).unwrap_or(i64::MAX);
    let pause = if of.held.why.is_some() { every.min(AGAIN) } else { every };
    // A clock that was set back must not keep it from being fetched.
    let waited = now.saturating_sub(of.held.tried_at);
    of.feed.location.is_some() && !(0..pause).contains(&waited)
}

#[cfg(test)]
mod tests {
    use super::*;
    use picquet_feeds::Held;

    #[test]
    fn a_feed_is_due_when_its_time_has_passed() {
        let text = "name = \"a\"\nkind = \"c2\"\nlocation = \"/a\"\nevery = \"1h\"\n";
        let mut feed: Feed = toml::from_str(text).unwrap();
        let hour = 3_600_000;
        let at = |feed: &Feed, why: Option<&str>, now: i64| {
            let held = Held { tried_at: 10 * hour, why: why.map(str::to_owned), ..Held::default() };
            is_due(&Standing { feed, held, age: None, is_stale: true }, now)
        };
        assert!(!at(&feed, None, 11 * hour - 1) && at(&feed, None, 11 * hour));
        assert!(!at(&feed, Some("no"), 10 * hour + AGAIN - 1) && at(&feed, Some("no"), 10 * hour + AGAIN));
        assert!(at(&feed, None, 9 * hour));
        feed.location = None;
        assert!(!at(&feed, None, 100 * hour));
    }
}
