//! Which accounts are to be judged, and when.

use crate::commit::Committed;
use crate::judge::Judge;
use crate::settings::Watch;
use crate::spans;
use crate::status::{Status, now};
use crate::upkeep;
use crate::worlds::Worlds;
use picquet_store::facts::{self, Account};
use picquet_store::{DAY_MILLIS, StoreError, ledger, volume};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long facts wait for others, so that they are judged together.
const GATHER: Duration = Duration::from_millis(300);
/// An account is judged no more often than takes this share of the time.
const SHARE: u32 = 5;
/// How often it is looked whether hours have ended.
const TICK: Duration = Duration::from_secs(1);
/// How often what is too old is forgotten.
const FORGETS: Duration = Duration::from_secs(3600);
/// How long volumes, and what folded hours showed, are remembered: a year, and as long as GuardDuty keeps findings.
const REMEMBERED_DAYS: (i64, i64) = (365, 90);
/// How long an account waits that could not be judged.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// What is known of an account beside what the store knows.
#[derive(Default)]
struct Pace {
    /// Not to be judged before.
    not_before: Option<Instant>,
    /// When facts of old hours came last.
    old: Option<Instant>,
    /// What it was judged with the last time; unknown after a start.
    with: Option<With>,
    /// It could not be judged the last time, and that was said.
    fails: bool,
}

/// What judging depends on beside the facts.
#[derive(PartialEq)]
struct With {
    /// Where a detector watches.
    regions: Vec<String>,
    /// The edition of lists and settings.
    worlds: u64,
}

/// Judges accounts until there are no more commits.
pub fn run(judge: &Judge, worlds: &Worlds, committed: &Receiver<Committed>, stop: &CancellationToken) {
    let mut paces: BTreeMap<String, Pace> = BTreeMap::new();
    let mut open = true;
    let mut forgot: Option<Instant> = None;
    while open && !stop.is_cancelled() {
        match committed.recv_timeout(TICK) {
            Ok(first) => {
                note(&mut paces, &judge.watch, first);
                std::thread::sleep(GATHER);
                committed.try_iter().for_each(|next| note(&mut paces, &judge.watch, next));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => open = false,
        }
        if forgot.is_none_or(|at| at.elapsed() >= FORGETS) {
            forgot = Some(Instant::now());
            let span = spans::upkeep();
            if let Err(e) = span.in_scope(|| forget(judge)) {
                spans::failed(&span, "store");
                tracing::error!(error = e.to_string().as_str(), "what is too old cannot be removed");
            }
        }
        let read = judge.kept.store.read(|sql| Ok::<_, StoreError>((facts::accounts(sql)?, upkeep::watched(sql)?)));
        let (known, mut watched) = match read {
            Ok(read) => read,
            Err(e) => {
                tracing::error!(error = e.to_string().as_str(), "the accounts cannot be read");
                std::thread::sleep(AFTER_FAILURE);
                continue;
            }
        };
        for (account, state) in known {
            if stop.is_cancelled() {
                return;
            }
            let pace = paces.entry(account.clone()).or_default();
            let closed = closed(&state, pace, &judge.watch);
            let with = With { regions: watched.remove(&account).unwrap_or_default(), worlds: worlds.edition() };
            // Who has made a detector, or changed a list or a setting, wants to see now what that finds.
            let is_changed = pace.with.as_ref() != Some(&with);
            let due = state.arrived > state.judged || closed > state.closed_hour || is_changed;
            // The last commits are judged at once: nothing comes after them.
            if !due || open && pace.not_before.is_some_and(|at| at > Instant::now()) {
                continue;
            }
            let began = Instant::now();
            let span = spans::judge(&account);
            let world = worlds.of(&account, "");
            let done = span.in_scope(|| judge.account(&account, &state, closed, &with.regions, &world));
            if let Err(e) = &done {
                spans::failed(&span, e.kind());
            }
            drop(span);
            let took = began.elapsed();
            Status::add(&judge.status.judged, 1);
            judge.status.judge_millis.store(u64::try_from(took.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
            pace.not_before = Some(Instant::now() + took * SHARE);
            match done {
                Ok(()) => (pace.fails, pace.with) = (false, Some(with)),
                Err(e) => {
                    if !std::mem::replace(&mut pace.fails, true) {
                        let error = e.to_string();
                        tracing::error!(account, error = error.as_str(), "an account cannot be judged; trying again");
                    }
                    pace.not_before = Some(Instant::now() + AFTER_FAILURE);
                }
            }
        }
    }
}

/// Removes what is too old of the ledger, of volumes and of what folded hours showed.
fn forget(judge: &Judge) -> picquet_store::Result<()> {
    let at = now();
    let remembered = i64::try_from(judge.watch.remember.as_millis()).unwrap_or(i64::MAX);
    judge.kept.store.write(|sql| {
        ledger::expire(sql, at.saturating_sub(remembered))?;
        volume::expire(sql, at - REMEMBERED_DAYS.0 * DAY_MILLIS)?;
        facts::expire_folded(sql, at - REMEMBERED_DAYS.1 * DAY_MILLIS)?;
        Ok(())
    })
}

fn hour(millis: i64) -> i64 {
    millis.div_euclid(3_600_000)
}

/// The first hour that is not over yet: what came of it is judged as a whole some time after its end.
fn first_open(watch: &Watch) -> i64 {
    hour(now() - i64::try_from(watch.slack.as_millis()).unwrap_or(i64::MAX / 2))
}

fn note(paces: &mut BTreeMap<String, Pace>, watch: &Watch, committed: Committed) {
    let old = committed.last_hour < first_open(watch);
    let pace = paces.entry(committed.account).or_default();
    if old {
        pace.old = Some(Instant::now());
    }
}

/// Up to where hours are judged as a whole: not further than they were while old ones still come.
fn closed(state: &Account, pace: &Pace, watch: &Watch) -> i64 {
    if pace.old.is_some_and(|at| at.elapsed() < watch.settle) {
        state.closed_hour
    } else {
        first_open(watch).max(state.closed_hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_stay_open_while_old_ones_come() {
        let watch = Watch::default();
        let state = Account { arrived: 1, judged: 0, closed_hour: 7, folded_hour: 0 };
        assert_eq!(closed(&state, &Pace::default(), &watch), first_open(&watch));
        let mut paces = BTreeMap::new();
        note(&mut paces, &watch, Committed { account: "a".into(), last_hour: first_open(&watch) + 1 });
        assert_eq!(closed(&state, &paces["a"], &watch), first_open(&watch));
        note(&mut paces, &watch, Committed { account: "a".into(), last_hour: 5 });
        assert_eq!(closed(&state, &paces["a"], &watch), 7);
        let settled = Watch { settle: Duration::ZERO, ..watch };
        assert_eq!(closed(&state, &paces["a"], &settled), first_open(&settled));
    }
}
