//! Findings on their way into the store: to the detector of their account and region, past its suppression rules.

use crate::above;
use crate::call::iso;
use crate::criteria;
use crate::error::ApiError;
use crate::handlers::filters::Filter;
use crate::resources::Detector;
use picquet_api_model::{FilterAction, FindingPublishingFrequency};
use picquet_store::criteria::{Criterion, accepts};
use picquet_store::documents::Shelf;
use picquet_store::{Sql, findings, outbox};
use serde_json::Value;

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is new.
    New,
    /// It is new, and a suppression rule archived it.
    Suppressed,
    /// It was there, and goes on.
    Updated,
    /// It was there as it is.
    Same,
    /// Its account has no detector in its region, or one that is suspended.
    NoDetector,
}

/// Suppression rules of a detector, in the order of their ranks.
struct Rules(Vec<Vec<Criterion>>);

impl Rules {
    fn of(sql: &mut dyn Sql, shelf: Shelf<'_>) -> Result<Self, ApiError> {
        let mut filters = shelf.list::<Filter>(sql)?;
        filters.retain(|(_, filter)| filter.action == FilterAction::Archive);
        filters.sort_by_key(|(_, filter)| filter.rank);
        // They were checked when they were made, some leniently.
        let criteria = filters.iter().map(|(_, filter)| criteria::parse(Some(&filter.criteria), true));
        Ok(Self(criteria.collect::<Result<_, _>>()?))
    }

    fn suppress(&self, finding: &Value) -> bool {
        self.0.iter().any(|criteria| accepts(criteria, finding))
    }
}

/// Keeps a finding. One that is there already keeps when it was created, whether it is archived and what users said of
/// it; its span becomes the span of both, and its count the larger one, so that the same logs, read twice, count once.
///
/// # Errors
/// When the store fails, or it is no finding.
pub fn take(sql: &mut dyn Sql, mut finding: Value, now: i64) -> Result<Taken, ApiError> {
    let text = |finding: &Value, pointer: &str| {
        finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (account, region, id) = (text(&finding, "/accountId"), text(&finding, "/region"), text(&finding, "/id"));
    let shelf = Shelf { account: &account, region: &region, parent: "" };
    let detector = shelf.page::<Detector>(sql, "", 1)?.into_iter().next();
    let Some((detector, _)) = detector.filter(|(_, detector)| detector.enabled) else { return Ok(Taken::NoDetector) };
    let above = above::of(sql, &account, &region)?;
    let old = findings::get(sql, &detector, &id)?;
    let old: Option<Value> =
        old.map(|body| serde_json::from_str(&body).map_err(|e| ApiError::Internal(e.to_string()))).transpose()?;
    let taken = match &old {
        Some(old) => {
            merge(&mut finding, old);
            if same(&finding, old) { Taken::Same } else { Taken::Updated }
        }
        None => {
            // A member's findings are its administrator's to suppress.
            let rules = match &above {
                Some(above) => {
                    Rules::of(sql, Shelf { account: &above.account, region: &region, parent: &above.detector })
                }
                None => Rules::of(sql, Shelf { parent: &detector, ..shelf }),
            }?;
            let suppressed = rules.suppress(&finding);
            set(&mut finding, &["service", "archived"], suppressed.into());
            set(&mut finding, &["createdAt"], iso(now).into());
            if suppressed { Taken::Suppressed } else { Taken::New }
        }
    };
    if taken != Taken::Same {
        set(&mut finding, &["updatedAt"], iso(now).into());
        findings::put(sql, &detector, &finding)?;
        above::show(sql, above.as_ref(), &finding)?;
    }
    Ok(taken)
}

/// As [`take`]; what is new, or goes on and is not archived, is due at the targets of its detector, repeats no more
/// often than the detector says.
///
/// # Errors
/// As [`take`].
pub fn take_and_publish(sql: &mut dyn Sql, finding: Value, now: i64) -> Result<Taken, ApiError> {
    let text = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (account, region, id) = (text("/accountId"), text("/region"), text("/id"));
    let taken = take(sql, finding, now)?;
    if matches!(taken, Taken::New | Taken::Updated) {
        publish(sql, &account, &region, &[id], now)?;
    }
    Ok(taken)
}

/// Has findings of a detector published, and exported by its administrator if it has one.
///
/// # Errors
/// When the store fails.
pub fn publish(sql: &mut dyn Sql, account: &str, region: &str, ids: &[String], now: i64) -> Result<(), ApiError> {
    let shelf = Shelf { account, region, parent: "" };
    let Some((detector, settings)) = shelf.page::<Detector>(sql, "", 1)?.into_iter().next() else { return Ok(()) };
    let above = above::of(sql, account, region)?;
    for id in ids {
        outbox::put(sql, &detector, id, frequency(&settings), now)?;
        if let Some(above) = &above {
            outbox::put_to_own(sql, &above.detector, id, frequency(&above.settings), now)?;
        }
    }
    Ok(())
}

/// How often a detector's findings are published that go on, in milliseconds.
pub fn frequency(detector: &Detector) -> i64 {
    const MINUTE: i64 = 60_000;
    match detector.frequency {
        FindingPublishingFrequency::FifteenMinutes => 15 * MINUTE,
        FindingPublishingFrequency::OneHour => 60 * MINUTE,
        FindingPublishingFrequency::SixHours => 360 * MINUTE,
    }
}

fn set(finding: &mut Value, path: &[&str], value: Value) {
    let Some((last, above)) = path.split_last() else { return };
    let place = above.iter().try_fold(finding, |at, name| at.get_mut(*name));
    if let Some(members) = place.and_then(Value::as_object_mut) {
        members.insert((*last).to_owned(), value);
    }
}

/// Takes over from the finding that is there what is not of the logs.
fn merge(finding: &mut Value, old: &Value) {
    let at = |value: &Value, pointer: &str| value.pointer(pointer).cloned();
    for path in [&["createdAt"][..], &["service", "archived"], &["service", "userFeedback"]] {
        if let Some(kept) = at(old, &format!("/{}", path.join("/"))) {
            set(finding, path, kept);
        }
    }
    // Both are ISO 8601 in UTC and of one length, so that their order is that of texts.
    let text = |value: &Value, pointer: &str| at(value, pointer).and_then(|v| v.as_str().map(str::to_owned));
    let (first, last) = ("/service/eventFirstSeen", "/service/eventLastSeen");
    if let (Some(mine), Some(theirs)) = (text(finding, first), text(old, first)) {
        set(finding, &["service", "eventFirstSeen"], mine.min(theirs).into());
    }
    if let (Some(mine), Some(theirs)) = (text(finding, last), text(old, last)) {
        set(finding, &["service", "eventLastSeen"], mine.max(theirs).into());
    }
    let count = |value: &Value| at(value, "/service/count").and_then(|v| v.as_i64()).unwrap_or(1);
    let most = count(finding).max(count(old));
    set(finding, &["service", "count"], most.into());
}

/// Whether nothing changed but when it was updated.
fn same(finding: &Value, old: &Value) -> bool {
    let mut old = old.clone();
    set(&mut old, &["updatedAt"], finding.get("updatedAt").cloned().unwrap_or_default());
    *finding == old
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACCOUNT, Bench, REGION};
    use serde_json::json;

    fn finding(id: &str, severity: f64, count: i64, last: &str) -> Value {
        json!({
            "schemaVersion": "2.0", "accountId": ACCOUNT, "region": REGION, "partition": "aws", "id": id,
            "arn": "a", "type": "Recon:EC2/Portscan", "severity": severity, "title": "t", "description": "d",
            "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
            "resource": { "resourceType": "Instance", "instanceDetails": { "instanceId": "i-1" } },
            "service": { "archived": false, "count": count, "eventFirstSeen": "2026-01-01T00:00:00.000Z",
                         "eventLastSeen": last },
        })
    }

    fn take_at(bench: &Bench, finding: Value, now: i64) -> Taken {
        bench.api.store().write(|sql| take(sql, finding, now)).unwrap()
    }

    fn get(bench: &Bench, detector: &str, id: &str) -> Value {
        let found = bench.call("GetFindings", json!({ "DetectorId": detector, "findingIds": [id] })).unwrap();
        found["findings"][0].clone()
    }

    #[test]
    fn a_repeat_updates_one_finding_and_the_same_changes_nothing() {
        let bench = Bench::new();
        let first = finding("1", 5.0, 2, "2026-01-01T01:00:00.000Z");
        assert_eq!(take_at(&bench, first.clone(), 1000), Taken::NoDetector);
        let detector = bench.detector();
        assert_eq!(take_at(&bench, first.clone(), 1000), Taken::New);
        bench.call("ArchiveFindings", json!({ "DetectorId": detector, "findingIds": ["1"] })).unwrap();
        assert_eq!(take_at(&bench, first, 2000), Taken::Same);
        assert_eq!(take_at(&bench, finding("1", 5.0, 7, "2026-01-02T00:00:00.000Z"), 3000), Taken::Updated);
        let kept = get(&bench, &detector, "1");
        assert_eq!((&kept["service"]["count"], &kept["service"]["archived"]), (&json!(7), &json!(true)));
        assert_eq!(kept["createdAt"], "1970-01-01T00:00:01.000Z");
        assert_eq!(kept["updatedAt"], "1970-01-01T00:00:03.000Z");
        assert_eq!(kept["service"]["eventLastSeen"], "2026-01-02T00:00:00.000Z");
    }

    #[test]
    fn a_suppression_rule_archives_what_comes_after_it() {
        let bench = Bench::new();
        let detector = bench.detector();
        assert_eq!(take_at(&bench, finding("before", 2.0, 1, "2026-01-01T01:00:00.000Z"), 0), Taken::New);
        let criteria = json!({ "criterion": { "severity": { "lt": 4 },
                               "resource.instanceDetails.instanceId": { "eq": ["i-1"] } } });
        let rule = json!({ "DetectorId": detector, "name": "low", "action": "ARCHIVE", "findingCriteria": criteria });
        bench.call("CreateFilter", rule).unwrap();
        assert_eq!(take_at(&bench, finding("low", 2.0, 1, "2026-01-01T01:00:00.000Z"), 0), Taken::Suppressed);
        assert_eq!(take_at(&bench, finding("high", 8.0, 1, "2026-01-01T01:00:00.000Z"), 0), Taken::New);
        let archived = |id: &str| get(&bench, &detector, id)["service"]["archived"].clone();
        assert_eq!([archived("before"), archived("low"), archived("high")], [json!(false), json!(true), json!(false)]);
    }

    #[test]
    fn a_suspended_detector_takes_nothing() {
        let bench = Bench::new();
        let detector = bench.detector();
        bench.call("UpdateDetector", json!({ "DetectorId": detector, "enable": false })).unwrap();
        assert_eq!(take_at(&bench, finding("1", 5.0, 1, "2026-01-01T01:00:00.000Z"), 0), Taken::NoDetector);
    }
}
