//! Judges an account again when facts of it arrived or hours of it ended, and brings the store's findings up to date.
//!
//! Everything within the horizon is judged again as a whole, by the engine that `scan` uses: what is found does not
//! depend on when which object came. What is older is folded into the account's baseline, as a scan's is.

use crate::kept::{Hours, Kept, OfAccount};
use crate::reduce::bytes_of;
use crate::runs::StoredRuns;
use crate::settings::Watch;
use crate::spans;
use crate::status::{Status, now};
use crate::upkeep;
use picquet_api::error::ApiError;
use picquet_detect::{Env, Fact, FactKey};
use picquet_engine::{RunError, Runs, judge_within};
use picquet_model::ids::hex;
use picquet_model::{EventTime, Finding};
use picquet_store::StoreError;
use picquet_store::facts::{self, Account, BASELINE, NewRun, Run};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;
use tracing::Span;

/// Runs of one bucket that are merged into one.
const MERGED: usize = 8;
/// Findings of one transaction.
const TOGETHER: usize = 100;

/// What can go wrong with judging.
#[derive(Debug, Error)]
pub enum JudgeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Facts cannot be read.
    #[error(transparent)]
    Facts(#[from] RunError),
    /// A finding was not taken.
    #[error("{}", cause(.0))]
    Api(#[from] ApiError),
}

impl JudgeError {
    /// In one word, for traces.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Store(_) => "store",
            Self::Facts(_) => "facts",
            Self::Api(_) => "finding",
        }
    }
}

/// What an operator is told, where clients of the API are not told the cause.
fn cause(e: &ApiError) -> String {
    match e {
        ApiError::Internal(cause) => cause.clone(),
        other => other.to_string(),
    }
}

/// Judges accounts, one at a time.
pub struct Judge {
    /// The facts.
    pub kept: Kept,
    /// Patience.
    pub watch: Watch,
    /// What is told.
    pub status: Arc<Status>,
}

impl Judge {
    /// Judges one account. `closed` is the first hour that is not judged as a whole, `regions` are those in which a
    /// detector watches.
    ///
    /// # Errors
    /// When the store fails or facts are damaged; then everything is as it was, or partly further.
    pub fn account(
        &self,
        account: &str,
        state: &Account,
        closed: i64,
        regions: &[String],
        env: &Env,
    ) -> Result<(), JudgeError> {
        let mut state = state.clone();
        let runs = self.kept.store.read(|sql| facts::runs(sql, account))?;
        let hours = Hours::new(state.folded_hour, closed);
        let of = OfAccount { account, runs: &runs, regions };
        let findings = self.judge(of, hours, env)?;
        self.keep(account, findings)?;
        // What arrived while this was going on is judged next time.
        let judged = runs.iter().map(|run| run.number).max().unwrap_or(0);
        state.judged = judged.min(state.arrived).max(state.judged);
        state.closed_hour = closed;
        self.kept.store.write(|sql| facts::judged(sql, account, &state))?;
        if let Some(to) = self.folds_to(&state, &runs) {
            let step = spans::fold();
            return step.in_scope(|| told(&step, self.fold(of, &mut state, to, env)));
        }
        self.tidy(account, &runs)
    }

    /// Up to which hour facts are folded: those that are older than the horizon, and came longer ago than that. Once a
    /// day is enough.
    fn folds_to(&self, state: &Account, runs: &[Run]) -> Option<i64> {
        let horizon = i64::try_from(self.watch.horizon.as_millis()).unwrap_or(i64::MAX);
        let to = state.closed_hour - horizon / 3_600_000;
        let mut old = runs.iter().filter(|run| run.bucket != BASELINE && run.last_hour < to).peekable();
        let is_due = to >= state.folded_hour + 24 && old.peek().is_some();
        (is_due && old.all(|run| run.at < now() - horizon)).then_some(to)
    }

    fn judge(&self, of: OfAccount<'_>, hours: Hours, env: &Env) -> Result<Vec<Finding>, JudgeError> {
        let late = std::sync::atomic::AtomicU64::new(0);
        let mut judged = 0;
        let facts = self.kept.merged(of)?.filter(|fact| {
            let Ok((key, _)) = fact else { return true };
            if hours.are_folded(key) {
                Status::add(&late, 1);
                return false;
            }
            let counts = hours.count(key);
            judged += i64::from(counts);
            counts
        });
        let findings = judge_within(facts, env, &mut (), &self.kept.memory)?;
        spans::judged(judged, findings.len());
        self.status.late.store(late.into_inner(), std::sync::atomic::Ordering::Relaxed);
        Ok(findings)
    }

    /// Judges hours for the last time: what they taught becomes the baseline, and what they showed is kept beside it.
    fn fold(&self, of: OfAccount<'_>, state: &mut Account, to: i64, env: &Env) -> Result<(), JudgeError> {
        let OfAccount { account, runs, .. } = of;
        let hours = Hours::new(state.folded_hour, to);
        let mut learned: Vec<(FactKey, Fact)> = Vec::new();
        let mut judged = 0;
        let facts = self.kept.merged(of)?.filter(|fact| {
            let Ok((key, _)) = fact else { return true };
            let counts = key.hour == 0 || (hours.folded..hours.closed).contains(&key.hour);
            judged += i64::from(counts);
            counts
        });
        let findings = judge_within(facts, env, &mut learned, &self.kept.memory)?;
        spans::judged(judged, findings.len());
        learned.sort_by(|a, b| a.0.cmp(&b.0));
        let bytes = bytes_of(&learned);
        let gone: Vec<i64> =
            runs.iter().filter(|run| run.bucket == BASELINE || run.last_hour < to).map(|run| run.number).collect();
        state.folded_hour = to;
        let known = self.kept.store.read(|sql| facts::folded(sql, account))?;
        self.kept.store.write(|sql| -> Result<(), JudgeError> {
            let run = NewRun { bucket: BASELINE, last_hour: to - 1, at: now(), bytes: &bytes };
            facts::replace(sql, account, &gone, run)?;
            for finding in findings {
                let last = EventTime::parse_rfc3339(&finding.service.event_last_seen).map_or(0, EventTime::as_millis);
                let id = finding.id.clone();
                let all = upkeep::with_folded(value(finding), known.get(&id).map(String::as_str));
                facts::set_folded(sql, account, &id, &all.to_string(), last)?;
            }
            facts::judged(sql, account, state)?;
            Ok(())
        })
    }

    /// Brings the store's findings up to date with what was found.
    fn keep(&self, account: &str, findings: Vec<Finding>) -> Result<(), JudgeError> {
        let (mut live, folded) = self
            .kept
            .store
            .read(|sql| Ok::<_, StoreError>((facts::live(sql, account)?, facts::folded(sql, account)?)))?;
        let mut changed: Vec<(String, String, String, Value)> = Vec::new();
        for finding in findings {
            let (id, region) = (finding.id.clone(), finding.region.clone());
            let whole = upkeep::with_folded(value(finding), folded.get(&id).map(String::as_str));
            let digest = hex(&Sha256::digest(whole.to_string())[..16]);
            let known = live.remove(&id);
            if known.is_none_or(|(_, before)| before != digest) {
                changed.push((id, region, digest, whole));
            }
        }
        for some in changed.chunks(TOGETHER) {
            self.kept.store.write(|sql| -> Result<(), JudgeError> {
                for (id, region, digest, finding) in some {
                    // Without a detector it is kept once there is one.
                    if upkeep::take(sql, finding.clone(), now())? {
                        facts::set_live(sql, account, id, region, digest)?;
                        self.status.with_detector(account, region);
                    } else {
                        self.status.without_detector(account, region);
                    }
                }
                Ok(())
            })?;
        }
        // What is left was found before, and is not found any more: facts that came later say otherwise.
        if live.is_empty() {
            return Ok(());
        }
        self.withdraw(account, live, &folded)
    }

    fn withdraw(
        &self,
        account: &str,
        left: BTreeMap<String, (String, String)>,
        folded: &BTreeMap<String, String>,
    ) -> Result<(), JudgeError> {
        self.kept.store.write(|sql| -> Result<(), JudgeError> {
            for (id, (region, _)) in &left {
                facts::unset_live(sql, account, id)?;
                // What the baseline's hours showed stays.
                if !folded.contains_key(id) && upkeep::withdraw(sql, account, region, id)? {
                    Status::add(&self.status.withdrawn, 1);
                    tracing::info!(
                        account,
                        finding = id.as_str(),
                        "a finding is withdrawn: later logs, lists or settings say otherwise"
                    );
                }
            }
            Ok(())
        })
    }

    /// Merges runs of one day, when there are many of them.
    fn tidy(&self, account: &str, runs: &[Run]) -> Result<(), JudgeError> {
        let mut buckets: BTreeMap<i64, Vec<Run>> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.bucket != BASELINE) {
            buckets.entry(run.bucket).or_default().push(run.clone());
        }
        for (bucket, runs) in buckets.into_iter().filter(|(_, runs)| runs.len() >= MERGED) {
            // Large runs are merged with their like, or every small one would cost all of them.
            let mut sizes: Vec<&Run> = runs.iter().collect();
            sizes.sort_by_key(|run| run.bytes);
            let mut sum = 0;
            let some: Vec<Run> = sizes
                .into_iter()
                .take_while(|run| {
                    let fits = sum == 0 || run.bytes <= 4 * sum;
                    sum += run.bytes;
                    fits
                })
                .cloned()
                .collect();
            if some.len() < 2 {
                continue;
            }
            let step = spans::merge(some.len());
            step.in_scope(|| told(&step, self.merge(account, bucket, &some)))?;
        }
        Ok(())
    }

    /// Merges runs into one.
    fn merge(&self, account: &str, bucket: i64, some: &[Run]) -> Result<(), JudgeError> {
        let stored = StoredRuns::new(&self.kept.store, some);
        let mut all = Runs::default();
        (0..some.len()).for_each(|run| all.push_spilled(run));
        let merged = all.merge(&stored)?.collect::<Result<Vec<_>, _>>()?;
        let numbers: Vec<i64> = some.iter().map(|run| run.number).collect();
        let last = some.iter().map(|run| run.last_hour).max().unwrap_or(0);
        let bytes = bytes_of(&merged);
        let at = some.iter().map(|run| run.at).max().unwrap_or(0);
        let run = NewRun { bucket, last_hour: last, at, bytes: &bytes };
        self.kept.store.write(|sql| facts::replace(sql, account, &numbers, run))?;
        Ok(())
    }
}

/// Tells a step's span how it ended.
fn told<T>(step: &Span, done: Result<T, JudgeError>) -> Result<T, JudgeError> {
    if let Err(e) = &done {
        spans::failed(step, e.kind());
    }
    done
}

fn value(finding: Finding) -> Value {
    // A finding has no maps with keys that are not strings.
    serde_json::to_value(finding).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_names_the_cause() {
        let full = || StoreError::Database("database or disk is full".into());
        let of_intake = JudgeError::from(ApiError::from(full()));
        assert!(of_intake.to_string().contains("disk is full"), "{of_intake}");
        assert_eq!(JudgeError::from(full()).to_string(), "the store failed: database or disk is full");
    }
}
