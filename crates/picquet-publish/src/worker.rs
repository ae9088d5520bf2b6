//! Sends what is due at one target, and writes down what became of it.

use crate::item::Item;
use crate::targets::{Refused, Target};
use picquet_api::intake;
use picquet_api::resources::Detector;
use picquet_store::documents::find;
use picquet_store::outbox::{self, Due};
use picquet_store::{Result, Sql, Store, findings};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use tracing::field::Empty;

/// Findings that are sent at a time, at most.
const TOGETHER: i64 = 50;
/// How often it is looked what is due.
const TICK: Duration = Duration::from_millis(300);
/// How long one waits after the first failure; twice as long after each further one.
const FIRST_PAUSE: i64 = 1000;
/// The longest pause.
const LONGEST_PAUSE: i64 = 600_000;
/// The longest that a repeat rests: the longest frequency that a detector can have.
const LONGEST_REST: i64 = 6 * 3_600_000;
/// How long one waits to write down deliveries when the store does not take them: the disk may be full.
const STORE_FAILS: Duration = Duration::from_secs(2);
/// After so many failures, about a day of them, an edition is given up.
const MOST_TRIES: i64 = 150;
/// After so many refusals of what nothing is wrong with but itself.
const MOST_REFUSALS: i64 = 5;

/// Milliseconds since the epoch.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Sends until told to stop.
pub async fn run(store: Arc<Store>, name: String, target: Target, stop: CancellationToken) {
    // What was written down before the start may be of a clock that was ahead.
    let mut seen = i64::MAX;
    let mut fails = false;
    loop {
        let (of, at, time) = (store.clone(), name.clone(), now());
        let was_set_back = time < seen;
        let due = tokio::task::spawn_blocking(move || {
            if was_set_back {
                of.write(|sql| outbox::set_back(sql, &at, time, LONGEST_PAUSE, LONGEST_REST))?;
            }
            of.read(|sql| load(sql, &at))
        });
        let more = match due.await {
            Ok(Ok((due, gone))) => {
                (seen, fails) = (time, false);
                let full = due.len() + gone.len() >= TOGETHER as usize;
                deliver(&store, &name, &target, due, gone, &stop).await && full
            }
            Ok(Err(e)) => {
                if !std::mem::replace(&mut fails, true) {
                    let error = e.to_string();
                    tracing::error!(
                        target = name.as_str(),
                        error = error.as_str(),
                        "the outbox cannot be read; trying again"
                    );
                }
                false
            }
            Err(_) => false,
        };
        let pause = if more { Duration::ZERO } else { TICK };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

type Loaded = (Vec<(Due, Item)>, Vec<Due>);

/// What is due, with the findings; and what needs not be sent any more.
fn load(sql: &mut dyn Sql, target: &str) -> Result<Loaded> {
    let (mut due, mut gone) = (Vec::new(), Vec::new());
    for row in outbox::due(sql, target, now(), TOGETHER)? {
        let finding = findings::get(sql, &row.detector, &row.finding)?;
        let finding: Option<Value> = finding.and_then(|body| serde_json::from_str(&body).ok());
        match finding {
            Some(finding) if finding.pointer("/service/archived") != Some(&Value::Bool(true)) => {
                let edition = row.edition;
                due.push((row, Item { finding, edition }));
            }
            _ => gone.push(row),
        }
    }
    Ok((due, gone))
}

/// Sends, and writes down what became of it; false when something failed.
async fn deliver(
    store: &Arc<Store>,
    name: &str,
    target: &Target,
    due: Vec<(Due, Item)>,
    gone: Vec<Due>,
    stop: &CancellationToken,
) -> bool {
    if due.is_empty() && gone.is_empty() {
        return true;
    }
    let items: Vec<Item> = due.iter().map(|(_, item)| item.clone()).collect();
    let outcomes = if items.is_empty() { Vec::new() } else { send(name, target, &items).await };
    let failed = outcomes.iter().any(std::result::Result::is_err);
    if let Some(Err(refused)) = outcomes.iter().find(|outcome| outcome.is_err()) {
        tracing::warn!(target = name, why = refused.why.as_str(), "findings cannot be published");
    }
    let rows: Vec<Due> = due.into_iter().map(|(row, _)| row).collect();
    write_until_kept(store, name, Arc::new((rows, outcomes, gone)), stop).await && !failed
}

/// Sends, and says in a trace how that ended. The target's own words are for the log.
async fn send(name: &str, target: &Target, items: &[Item]) -> Vec<std::result::Result<(), Refused>> {
    let span = tracing::info_span!(
        parent: None, "deliver", otel.kind = "producer", otel.status_code = Empty, picquet.target = name,
        picquet.target.kind = target.kind(), picquet.findings = items.len() as i64, picquet.refused = Empty,
        picquet.outcome = Empty, "error.type" = Empty
    );
    let outcomes = target.send(items).instrument(span.clone()).await;
    let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    let (mut n, mut of_themselves) = (0, 0);
    for refused in refused {
        n += 1;
        of_themselves += usize::from(refused.of_itself);
    }
    span.record("picquet.refused", n as i64);
    span.record(
        "picquet.outcome",
        if n == 0 {
            "sent"
        } else if n < items.len() {
            "partly sent"
        } else {
            "refused"
        },
    );
    if n > 0 {
        // What a target finds wrong with a finding, or with itself.
        span.record("error.type", if of_themselves == n { "finding" } else { "target" });
        span.record("otel.status_code", "ERROR");
    }
    outcomes
}

/// What was tried: the rows and what became of each, and rows that needed not be sent.
type Tried = (Vec<Due>, Vec<std::result::Result<(), Refused>>, Vec<Due>);

/// Writes down what was tried, however often that takes: what was sent and is not written down would be sent again. False
/// when it is told to stop before.
async fn write_until_kept(store: &Arc<Store>, name: &str, tried: Arc<Tried>, stop: &CancellationToken) -> bool {
    let mut said = false;
    loop {
        let (of, tried) = (store.clone(), tried.clone());
        let written = tokio::task::spawn_blocking(move || {
            let (rows, outcomes, gone) = &*tried;
            of.write(|sql| write_down(sql, rows, outcomes, gone))
        });
        match written.await {
            Ok(Ok(())) => return true,
            Ok(Err(e)) if !said => {
                let error = e.to_string();
                tracing::error!(
                    target = name,
                    error = error.as_str(),
                    "deliveries cannot be written down; trying again"
                );
                said = true;
            }
            Ok(Err(_)) => {}
            Err(_) => return false,
        }
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(STORE_FAILS) => {}
        }
    }
}

fn write_down(
    sql: &mut dyn Sql,
    rows: &[Due],
    outcomes: &[std::result::Result<(), Refused>],
    gone: &[Due],
) -> Result<()> {
    let at = now();
    let mut frequencies: BTreeMap<&str, i64> = BTreeMap::new();
    for (row, outcome) in rows.iter().zip(outcomes) {
        match outcome {
            Ok(()) => {
                let frequency = match frequencies.get(row.detector.as_str()) {
                    Some(frequency) => *frequency,
                    None => {
                        let detector = find::<Detector>(sql, &row.detector)?;
                        detector.map_or(0, |(_, _, _, detector)| intake::frequency(&detector))
                    }
                };
                frequencies.insert(&row.detector, frequency);
                outbox::sent(sql, row, frequency, at)?;
            }
            Err(refused) => {
                let most = if refused.of_itself { MOST_REFUSALS } else { MOST_TRIES };
                let pause = FIRST_PAUSE.saturating_mul(1 << row.tries.clamp(0, 20)).min(LONGEST_PAUSE);
                let again = (row.tries + 1 < most).then_some(at + pause);
                outbox::failed(sql, row, again, &refused.why, at)?;
            }
        }
    }
    gone.iter().try_for_each(|row| outbox::drop(sql, row))?;
    outbox::trim(sql)
}

#[cfg(test)]
mod tests {
    use super::*;
    use picquet_store::StoreError;

    /// A database that refuses writes for a while, as on a full disk.
    #[tokio::test]
    async fn what_was_sent_is_written_down_once_the_store_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&*folder.path().join("s.db")).unwrap());
        let run = |text: &str| store.write(|sql| sql.execute(text, &[])).unwrap();
        let put = |sql: &mut dyn Sql| -> Result<()> {
            outbox::set_targets(sql, &[("bus".into(), String::new())])?;
            outbox::put(sql, "d", "f", 0, 1)
        };
        store.write(put).unwrap();
        run("CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END");
        let due = |at| store.read::<_, StoreError>(|sql| outbox::due(sql, "bus", at, 9)).unwrap();
        let (stop, stopped) = (CancellationToken::new(), CancellationToken::new());
        stopped.cancel();
        let tried = Arc::new((due(1), vec![Ok(())], Vec::new()));
        assert!(!write_until_kept(&store, "bus", tried.clone(), &stopped).await);
        let frees = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            run("DROP TRIGGER full");
        };
        let (kept, ()) = tokio::join!(write_until_kept(&store, "bus", tried, &stop), frees);
        assert!(kept && due(i64::MAX).is_empty());
    }
}
