//! A hunt's findings beside those of the detectors, and into them.

use super::record::{Brief, Found};
use super::scope::{Accounts, Scope};
use picquet_api::error::ApiError;
use picquet_api::intake::{self, Taken};
use picquet_api::resources::Detector;
use picquet_store::criteria::{Criterion, Test};
use picquet_store::documents::everywhere;
use picquet_store::findings::{Key, Order};
use picquet_store::{Result, Sql, findings};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Findings that only the detectors have, and are told of.
const MOST: usize = 200;
/// Findings that are looked at for them at a time, and at most.
const PAGE: (usize, usize) = (500, 20_000);

/// The detectors by account and region, of those that watch.
type Detectors = BTreeMap<(String, String), String>;

fn detectors(sql: &mut dyn Sql, accounts: &Accounts) -> Result<Detectors> {
    let all = everywhere::<Detector>(sql)?.into_iter();
    let shown = all.filter(|((account, region, ..), of)| of.enabled && accounts.shows(account, region));
    Ok(shown.map(|((account, region, _, id), _)| ((account, region), id)).collect())
}

/// The findings of a hunt, each with how it stands in its detector, and those that only the detectors have.
///
/// # Errors
/// When the store fails.
pub fn beside(sql: &mut dyn Sql, scope: &Scope, found: &Found) -> Result<Value> {
    let detectors = detectors(sql, &scope.accounts)?;
    let mut told = Vec::with_capacity(found.kept.len());
    for brief in &found.kept {
        let mut one = serde_json::to_value(brief)?;
        one["live"] = standing(sql, &detectors, brief)?;
        told.push(one);
    }
    let ids = found.kept.iter().map(|brief| brief.id.as_str()).chain(found.others.iter().map(String::as_str));
    let (only, more) = only_live(sql, scope, &detectors, &ids.collect())?;
    Ok(json!({ "findings": told, "onlyLive": only, "onlyLiveMore": more }))
}

/// How a finding stands in the detector of its account and region.
fn standing(sql: &mut dyn Sql, detectors: &Detectors, brief: &Brief) -> Result<Value> {
    let place = (brief.account_id.clone(), brief.region.clone());
    let Some(detector) = detectors.get(&place) else { return Ok(json!({ "state": "no-detector" })) };
    let Some(live) = findings::get(sql, detector, &brief.id)? else { return Ok(json!({ "state": "absent" })) };
    let live: Value = serde_json::from_str(&live)?;
    let archived = live.pointer("/service/archived").and_then(Value::as_bool) == Some(true);
    let of = Brief::of(&live);
    Ok(json!({ "state": if archived { "archived" } else { "current" }, "count": of.count, "severity": of.severity,
               "lastSeen": of.last_seen }))
}

/// Findings of the detectors whose activity overlaps the hunt's time, and that it did not find; the severest first.
fn only_live(
    sql: &mut dyn Sql,
    scope: &Scope,
    detectors: &Detectors,
    known: &BTreeSet<&str>,
) -> Result<(Vec<Brief>, bool)> {
    let at = |millis: i64| millis as f64;
    let of = |attribute: &str, test| Criterion { attribute: attribute.into(), test };
    let mut only = Vec::new();
    for ((account, _), detector) in detectors {
        let criteria = [
            // An administrator's detector has its members' findings too; those are in theirs.
            of("accountId", Test::In(vec![account.clone()])),
            of("service.eventLastSeen", Test::GreaterOrEqual(at(scope.since))),
            of("service.eventLastSeen", Test::LessOrEqual(at(scope.until))),
        ];
        let mut order = Order { attribute: "severity".into(), descending: true, after: None };
        let (mut looked, mut taken) = (0, 0);
        while looked < PAGE.1 && taken <= MOST {
            let page: Vec<(Key, String)> = findings::list(sql, detector, &criteria, &order, PAGE.0)?;
            looked += page.len();
            for (_, id) in page.iter().filter(|(_, id)| !known.contains(id.as_str())) {
                let Some(body) = findings::get(sql, detector, id)? else { continue };
                let finding: Value = serde_json::from_str(&body)?;
                if !is_sample(&finding) {
                    only.push(Brief::of(&finding));
                    taken += 1;
                }
            }
            match page.into_iter().last() {
                Some(last) => order.after = Some(last),
                None => break,
            }
        }
    }
    only.sort_by(|a, b| b.severity.total_cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    let more = only.len() > MOST;
    only.truncate(MOST);
    Ok((only, more))
}

fn is_sample(finding: &Value) -> bool {
    let info = finding.pointer("/service/additionalInfo");
    let info = info.and_then(|info| info.get("value")).and_then(Value::as_str);
    let info = info.and_then(|text| serde_json::from_str::<Value>(text).ok());
    info.and_then(|info| info.get("sample").and_then(Value::as_bool)) == Some(true)
}

/// Takes a finding into the detector of its account and region; why not, if it is not taken.
///
/// # Errors
/// When the store fails.
pub fn promote(
    sql: &mut dyn Sql,
    accounts: &Accounts,
    mut finding: Value,
    now: i64,
) -> std::result::Result<Option<String>, ApiError> {
    let brief = Brief::of(&finding);
    if !accounts.shows(&brief.account_id, &brief.region) {
        return Ok(Some("It is of an account that you may not change.".into()));
    }
    let place = (brief.account_id.clone(), brief.region.clone());
    let Some(detector) = detectors(sql, accounts)?.remove(&place) else {
        return Ok(Some(format!("Account {} has no detector in {} that watches.", brief.account_id, brief.region)));
    };
    if findings::get(sql, &detector, &brief.id)?.is_some() {
        return Ok(Some("It is there already.".into()));
    }
    finding["service"]["archived"] = false.into();
    match intake::take_and_publish(sql, finding, now)? {
        Taken::NoDetector => Ok(Some(format!("Account {} has no detector in {}.", brief.account_id, brief.region))),
        _ => Ok(None),
    }
}
