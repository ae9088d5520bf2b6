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

/// Findings that are sent at a time, at most.
const TOGETHER: i64 = 50;
/// How often it is looked what is due.
const TICK: Duration = Duration::from_millis(300);
/// How long one waits after the first failure; twice as long after each further one.
const FIRST_PAUSE: i64 = 1000;
/// The longest pause.
const LONGEST_PAUSE: i64 = 600_000;
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
    let target = Arc::new(target);
    loop {
        let (of, at) = (store.clone(), name.clone());
        let due = tokio::task::spawn_blocking(move || of.read(|sql| load(sql, &at))).await;
        let more = match due {
            Ok(Ok((due, gone))) => {
                let full = due.len() + gone.len() >= TOGETHER as usize;
                deliver(&store, &name, &target, due, gone).await && full
            }
            Ok(Err(e)) => {
                tracing::error!(target = name.as_str(), error = e.to_string().as_str(), "the outbox cannot be read");
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
async fn deliver(store: &Arc<Store>, name: &str, target: &Arc<Target>, due: Vec<(Due, Item)>, gone: Vec<Due>) -> bool {
    if due.is_empty() && gone.is_empty() {
        return true;
    }
    let items: Vec<Item> = due.iter().map(|(_, item)| item.clone()).collect();
    let outcomes = if items.is_empty() { Vec::new() } else { target.send(&items).await };
    let failed = outcomes.iter().any(std::result::Result::is_err);
    if let Some(Err(refused)) = outcomes.iter().find(|outcome| outcome.is_err()) {
        tracing::warn!(target = name, why = refused.why.as_str(), "findings cannot be published");
    }
    let (of, rows): (_, Vec<Due>) = (store.clone(), due.into_iter().map(|(row, _)| row).collect());
    let written = tokio::task::spawn_blocking(move || of.write(|sql| write_down(sql, &rows, &outcomes, &gone))).await;
    match written {
        Ok(Ok(())) => !failed,
        Ok(Err(e)) => {
            tracing::error!(target = name, error = e.to_string().as_str(), "deliveries cannot be written down");
            false
        }
        Err(_) => false,
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
