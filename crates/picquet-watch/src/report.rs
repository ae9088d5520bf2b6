//! What the store tells of continuous detection, whether or not a process is at work on it.

use picquet_store::ledger::{self, State};
use picquet_store::{DAY_MILLIS, Result, Sql, facts, outbox, volume};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Objects and deliveries that are told of, at most.
const MOST: usize = 100;
/// Days of which volumes are told.
const DAYS: i64 = 30;

/// What was read of an account in the last 30 days, or of all.
///
/// # Errors
/// When the store fails.
pub fn volumes(sql: &mut dyn Sql, account: Option<&str>, now: i64) -> Result<Value> {
    let read = volume::since(sql, account, now - DAYS * DAY_MILLIS)?;
    let told = read.into_iter().map(|v| {
        json!({
            "account": v.account, "region": v.region, "kind": v.kind, "objects": v.objects, "bytes": v.bytes,
            "records": v.records, "lastEvent": v.last_event, "lastRead": v.last_read,
        })
    });
    Ok(told.collect())
}

/// Objects by source and state.
///
/// # Errors
/// When the store fails.
pub fn objects(sql: &mut dyn Sql) -> Result<BTreeMap<String, BTreeMap<&'static str, i64>>> {
    let mut all: BTreeMap<String, BTreeMap<&'static str, i64>> = BTreeMap::new();
    for (source, state, n) in ledger::counts(sql)? {
        all.entry(source).or_default().insert(state.name(), n);
    }
    Ok(all)
}

/// The latest objects that were set aside, are failing or were gone.
///
/// # Errors
/// When the store fails.
pub fn set_aside(sql: &mut dyn Sql) -> Result<Value> {
    let mut told = Vec::new();
    for state in [State::SetAside, State::Failing, State::Gone] {
        for entry in ledger::latest(sql, state, MOST)? {
            told.push(json!({
                "source": entry.source, "object": entry.object, "state": state.name(), "tries": entry.tries,
                "why": entry.why, "at": entry.at,
            }));
        }
    }
    Ok(told.into())
}

/// What waits at each target.
///
/// # Errors
/// When the store fails.
pub fn targets(sql: &mut dyn Sql, now: i64) -> Result<Value> {
    let mut told = Vec::new();
    for (name, detector) in outbox::targets(sql)? {
        let (waiting, failing, since) = outbox::backlog(sql, &name, now)?;
        told.push(json!({
            "name": name, "detector": detector, "waiting": waiting, "failing": failing, "since": since,
        }));
    }
    Ok(told.into())
}

/// The latest deliveries, the newest first.
///
/// # Errors
/// When the store fails.
pub fn deliveries(sql: &mut dyn Sql) -> Result<Value> {
    let told = outbox::deliveries(sql, MOST as i64)?.into_iter().map(|d| {
        json!({ "target": d.target, "detector": d.detector, "finding": d.finding, "edition": d.edition, "at": d.at,
                "outcome": d.outcome })
    });
    Ok(told.collect())
}

/// How far the judging of each account is: facts that wait, and the hour up to which all was judged as a whole.
///
/// # Errors
/// When the store fails.
pub fn accounts(sql: &mut dyn Sql) -> Result<Value> {
    let told = facts::accounts(sql)?.into_iter().map(|(account, state)| {
        let hour = |n: i64| (n > 0).then_some(n * 3_600_000);
        json!({ "account": account, "waiting": state.arrived > state.judged, "judgedTo": hour(state.closed_hour),
                "learnedTo": hour(state.folded_hour) })
    });
    Ok(told.collect())
}
