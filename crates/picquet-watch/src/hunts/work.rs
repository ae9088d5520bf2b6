//! Hunts that wait, and the thread that takes one after the other.

use super::progress::Progress;
use super::record::{Brief, Counts, Found, Hunt, HuntFinding, State};
use super::{HuntError, Setup, below, run, shelf};
use crate::status::now;
use picquet_model::Finding;
use picquet_store::StoreError;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Findings that are kept of a hunt: more than anybody reads.
const FINDINGS: usize = 2000;
/// Findings of one transaction.
const TOGETHER: usize = 100;

/// Hunts that wait or go on.
#[derive(Default)]
pub struct Going {
    by_id: Mutex<BTreeMap<String, Arc<Progress>>>,
    /// Whether the process ends: what goes on is left as it is, for the next start to see.
    pub ends: AtomicBool,
}

impl Going {
    /// By their ids.
    pub fn by_id(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Progress>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the process ends.
    pub fn ends(&self) -> bool {
        self.ends.load(Ordering::Relaxed)
    }
}

/// Takes hunts, one at a time, until there is nobody to start more.
pub fn take(setup: &Setup, going: &Going, waiting: &Receiver<(String, String)>) {
    for (account, id) in waiting {
        let progress = going.by_id().get(&id).cloned();
        if let Some(progress) = progress.filter(|progress| !progress.is_stopped())
            && let Err(e) = one(setup, &account, &id, &progress, going)
        {
            let why = e.to_string();
            tracing::error!(hunt = id.as_str(), error = why.as_str(), "a hunt cannot be kept");
            // A store that is full may have room for this; else the next start says so.
            let why = format!("What it found cannot be kept: {why}");
            let _ = end(setup, &account, &id, &progress, (State::Failed, Some(why), None));
        }
        going.by_id().remove(&id);
        if going.ends() {
            return;
        }
    }
}

/// One hunt, to its end.
fn one(setup: &Setup, account: &str, id: &str, progress: &Arc<Progress>, going: &Going) -> Result<(), StoreError> {
    let started = setup.store.write(|sql| {
        let Some(mut hunt) = shelf(account).get::<Hunt>(sql, id)? else { return Ok(None) };
        hunt.started_at = Some(now());
        shelf(account).put(sql, id, &hunt)?;
        Ok::<_, StoreError>(Some(hunt))
    })?;
    // It was removed, or cancelled, while it waited.
    let Some(hunt) = started.filter(|hunt| !hunt.state.is_final()) else { return Ok(()) };
    tracing::info!(hunt = id, account, "a hunt begins");
    let found = catch_unwind(AssertUnwindSafe(|| run::run(setup, &hunt.scope, progress)));
    let found = found.unwrap_or(Err(HuntError::Fault));
    if going.ends() {
        return Ok(());
    }
    let ended = match found {
        Ok(findings) => {
            let counts = keep(setup, account, id, findings)?;
            tracing::info!(hunt = id, findings = counts.total, "a hunt has ended");
            (State::Done, None, Some(counts))
        }
        Err(_) if progress.is_stopped() => (State::Cancelled, None, None),
        Err(e) => {
            let why = e.to_string();
            tracing::error!(hunt = id, error = why.as_str(), "a hunt failed");
            (State::Failed, Some(why), None)
        }
    };
    end(setup, account, id, progress, ended)
}

/// Writes down how a hunt ended. Who cancelled or removed it has said so before: then nothing of it is kept.
fn end(
    setup: &Setup,
    account: &str,
    id: &str,
    progress: &Progress,
    (state, why, findings): (State, Option<String>, Option<Counts>),
) -> Result<(), StoreError> {
    setup.store.write(|sql| {
        let Some(kept) = shelf(account).get::<Hunt>(sql, id)?.filter(|hunt| !hunt.state.is_final()) else {
            return below(account, id).clear(sql);
        };
        let hunt = Hunt { state, why, findings, ended_at: Some(now()), progress: progress.told(), ..kept };
        shelf(account).put(sql, id, &hunt)
    })
}

/// Keeps the severest findings of a hunt.
fn keep(setup: &Setup, account: &str, id: &str, mut findings: Vec<Finding>) -> Result<Counts, StoreError> {
    findings.sort_by(|a, b| b.severity.total_cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    let mut counts = Counts::default();
    findings.iter().for_each(|finding| counts.add(&finding.finding_type, finding.severity));
    let others = findings.split_off(FINDINGS.min(findings.len())).into_iter().map(|f| f.id).collect();
    counts.kept = findings.len();
    let mut found = Found { kept: Vec::new(), others };
    for some in findings.chunks(TOGETHER) {
        setup.store.write(|sql| -> Result<(), StoreError> {
            for finding in some {
                let whole = serde_json::to_value(finding)?;
                found.kept.push(Brief::of(&whole));
                below(account, id).put(sql, &finding.id, &HuntFinding(whole))?;
            }
            Ok(())
        })?;
    }
    setup.store.write(|sql| below(account, id).put(sql, id, &found))?;
    Ok(counts)
}
