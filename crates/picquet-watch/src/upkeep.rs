//! Findings of continuous detection in the store: taken in, published, withdrawn.

use picquet_api::above;
use picquet_api::error::ApiError;
use picquet_api::intake::{self, Taken};
use picquet_api::resources::Detector;
use picquet_model::ids;
use picquet_store::documents::{Shelf, everywhere};
use picquet_store::{Result, Sql, findings};
use serde_json::Value;
use std::collections::BTreeMap;

/// The regions in which accounts have a detector that watches, by account and in their order.
pub fn watched(sql: &mut dyn Sql) -> Result<BTreeMap<String, Vec<String>>> {
    let mut regions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((account, region, ..), _) in everywhere::<Detector>(sql)?.into_iter().filter(|(_, d)| d.enabled) {
        regions.entry(account).or_default().push(region);
    }
    Ok(regions)
}

/// Keeps a finding, and has it published; false when there is no detector for it.
pub fn take(sql: &mut dyn Sql, finding: Value, now: i64) -> Result<bool, ApiError> {
    Ok(intake::take_and_publish(sql, finding, now)? != Taken::NoDetector)
}

/// Removes a finding that facts give no more; whether it was there.
pub fn withdraw(sql: &mut dyn Sql, account: &str, region: &str, id: &str) -> Result<bool, ApiError> {
    let shelf = Shelf { account, region, parent: "" };
    let detector = shelf.page::<Detector>(sql, "", 1)?.into_iter().next().map(|(id, _)| id);
    if let Some(above) = above::of(sql, account, region)? {
        findings::remove(sql, &above.detector, id)?;
    }
    Ok(findings::remove(sql, &detector.unwrap_or_else(|| ids::detector_id(account, region)), id)?)
}

/// A finding of the hours at hand, with what those showed that are in the baseline: an event is in one hour, so that
/// counts add up.
pub fn with_folded(mut finding: Value, folded: Option<&str>) -> Value {
    let Some(folded) = folded.and_then(|body| serde_json::from_str::<Value>(body).ok()) else { return finding };
    let count = |value: &Value| value.pointer("/service/count").and_then(Value::as_i64).unwrap_or(1);
    let sum = count(&finding).saturating_add(count(&folded)).min(i64::from(i32::MAX));
    let first =
        |value: &Value| value.pointer("/service/eventFirstSeen").and_then(Value::as_str).unwrap_or_default().to_owned();
    // Both are ISO 8601 in UTC and of one length.
    let earliest = first(&finding).min(first(&folded));
    finding["createdAt"] = earliest.as_str().into();
    finding["service"]["eventFirstSeen"] = earliest.into();
    finding["service"]["count"] = sum.into();
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_folded_counts_on() {
        let of = |first: &str, count: i64| json!({ "createdAt": first, "service": { "eventFirstSeen": first, "eventLastSeen": first, "count": count } });
        let all = with_folded(of("2026-01-03", 3), Some(&of("2026-01-01", 4).to_string()));
        assert_eq!((&all["service"]["count"], &all["service"]["eventFirstSeen"]), (&json!(7), &json!("2026-01-01")));
        assert_eq!(all["service"]["eventLastSeen"], "2026-01-03");
        assert_eq!(with_folded(of("2026-01-03", 3), None), of("2026-01-03", 3));
    }
}
