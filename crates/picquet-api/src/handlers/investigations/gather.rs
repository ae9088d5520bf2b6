//! Looking up what an investigation is about, and what belongs to it.

use super::facts::{ADDRESSES, Fact, Handle};
use crate::call::Call;
use crate::error::{ApiError, NO_SUCH_RESOURCE};
use picquet_store::criteria::{Criterion, Test};
use picquet_store::findings::{self, Order};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far back investigations look: 90 days (GuardDuty user guide, "GuardDuty Investigation").
const SINCE_MILLIS: i64 = 90 * 24 * 3600 * 1000;
/// Findings of an account that are read, the most severe first.
pub const MOST_OF_ACCOUNT: usize = 500;
/// Findings with one value in common that are read.
const MOST_OF_HANDLE: usize = 50;
/// Related findings that are kept.
const MOST_RELATED: usize = 200;

/// A finding with what it has in common with the one that is looked into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The finding.
    pub fact: Fact,
    /// What it shares; empty when an account is looked into.
    pub shared: Vec<Handle>,
}

/// The start of what is looked at.
pub fn since(call: &Call<'_>) -> i64 {
    call.millis() - SINCE_MILLIS
}

/// A finding of the detector.
pub fn finding(call: &mut Call<'_>, detector: &str, id: &str) -> Result<Fact, ApiError> {
    read(call, detector, id)?.ok_or_else(|| ApiError::bad(NO_SUCH_RESOURCE))
}

fn read(call: &mut Call<'_>, detector: &str, id: &str) -> Result<Option<Fact>, ApiError> {
    let Some(body) = findings::get(call.sql, detector, id)? else { return Ok(None) };
    let finding = serde_json::from_str(&body).map_err(|e| ApiError::Internal(e.to_string()))?;
    Ok(Some(Fact::of(&finding)))
}

fn ids(
    call: &mut Call<'_>,
    detector: &str,
    mut criteria: Vec<Criterion>,
    most: usize,
) -> Result<Vec<String>, ApiError> {
    // Times are exact as floating point numbers for some hundred thousand years.
    let test = Test::GreaterOrEqual(since(call) as f64);
    criteria.push(Criterion { attribute: "updatedAt".into(), test });
    let order = Order { attribute: "severity".into(), descending: true, after: None };
    let rows = findings::list(call.sql, detector, &criteria, &order, most)?;
    Ok(rows.into_iter().map(|(_, id)| id).collect())
}

/// Findings of the same resource, identity, address or domain.
pub fn related(call: &mut Call<'_>, detector: &str, subject: &Fact) -> Result<Vec<Found>, ApiError> {
    let mut shared: BTreeMap<String, Vec<Handle>> = BTreeMap::new();
    for handle in &subject.handles {
        // An address is the same whatever was done from it.
        let paths = if ADDRESSES.contains(&handle.path.as_str()) { ADDRESSES.to_vec() } else { vec![&*handle.path] };
        for path in paths {
            let same = Criterion { attribute: path.to_owned(), test: Test::In(vec![handle.value.clone()]) };
            let own = Criterion { attribute: "id".into(), test: Test::NotIn(vec![subject.id.clone()]) };
            for id in ids(call, detector, vec![same, own], MOST_OF_HANDLE)? {
                let of_finding = shared.entry(id).or_default();
                let known = of_finding.iter().any(|h| h.value == handle.value && h.resource == handle.resource);
                if !known {
                    of_finding.push(handle.clone());
                }
            }
        }
    }
    let mut all = Vec::new();
    for (id, shared) in shared {
        all.extend(read(call, detector, &id)?.map(|fact| Found { fact, shared }));
    }
    sort(&mut all);
    all.truncate(MOST_RELATED);
    Ok(all)
}

/// The findings of an account, or of all accounts of the detector, and whether there are more.
pub fn of_accounts(call: &mut Call<'_>, detector: &str, account: Option<&str>) -> Result<(Vec<Found>, bool), ApiError> {
    let criteria = account
        .map(|account| Criterion { attribute: "accountId".into(), test: Test::In(vec![account.to_owned()]) })
        .into_iter()
        .collect();
    let mut ids = ids(call, detector, criteria, MOST_OF_ACCOUNT + 1)?;
    let more = ids.len() > MOST_OF_ACCOUNT;
    ids.truncate(MOST_OF_ACCOUNT);
    let mut all = Vec::new();
    for id in ids {
        all.extend(read(call, detector, &id)?.map(|fact| Found { fact, shared: Vec::new() }));
    }
    sort(&mut all);
    Ok((all, more))
}

/// The most severe first, and then the last seen.
fn sort(all: &mut [Found]) {
    all.sort_by(|a, b| {
        let (a, b) = (&a.fact, &b.fact);
        b.severity.total_cmp(&a.severity).then(b.last_seen.cmp(&a.last_seen)).then(a.id.cmp(&b.id))
    });
}
