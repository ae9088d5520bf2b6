//! How long findings are kept: what an administrator chose in the API, else what the process was started with.

use super::data::now;
use picquet_api::Api;
use picquet_store::documents::{Document, Shelf};
use picquet_store::{DAY_MILLIS, Result, Sql, findings};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;
use tracing::field::Empty;

/// What was chosen.
#[derive(Serialize, Deserialize)]
struct Retention {
    days: u16,
}

impl Document for Retention {
    const KIND: &'static str = "retention";
}

/// It is of the store, and of no account.
const SHELF: Shelf<'static> = Shelf { account: "", region: "", parent: "" };
const ID: &str = "findings";

/// How many days findings are kept after their last update, and otherwise if nothing was chosen.
pub fn days(sql: &mut dyn Sql, otherwise: u16) -> Result<u16> {
    Ok(SHELF.get::<Retention>(sql, ID)?.map_or(otherwise, |chosen| chosen.days))
}

/// Chooses.
pub fn choose(sql: &mut dyn Sql, days: u16) -> Result<()> {
    SHELF.put(sql, ID, &Retention { days })
}

/// Removes findings that are too old, at once and then every hour.
pub async fn forget(api: Arc<Api>, otherwise: u16) {
    let mut hours = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hours.tick().await;
        let store = api.clone();
        let read = tokio::task::spawn_blocking(move || store.store().read(|sql| days(sql, otherwise))).await;
        let Ok(Ok(kept_days)) = read else {
            // Nothing is removed by a guess.
            tracing::error!("how long findings are kept cannot be read");
            continue;
        };
        let oldest = now() - i64::from(kept_days) * DAY_MILLIS;
        let span = tracing::info_span!(
            parent: None, "retention", picquet.findings = Empty, "error.type" = Empty, otel.status_code = Empty
        );
        let done = expire(&api, oldest).instrument(span.clone()).await;
        match done {
            Ok(removed) => _ = span.record("picquet.findings", removed as i64),
            Err(error) => {
                span.record("otel.status_code", "ERROR").record("error.type", "store");
                tracing::error!(error = error.as_str(), "old findings cannot be removed");
            }
        }
    }
}

/// Removes findings that are older than a moment; some at a time, so that nobody waits for it.
async fn expire(api: &Arc<Api>, oldest: i64) -> Result<u64, String> {
    let mut removed = 0;
    loop {
        let api = api.clone();
        let some = tokio::task::spawn_blocking(move || api.store().write(|sql| findings::expire(sql, oldest)));
        let some = some.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        if some == 0 {
            return Ok(removed);
        }
        removed += some;
        tracing::debug!(findings = some, "removed what is older than the retention");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
