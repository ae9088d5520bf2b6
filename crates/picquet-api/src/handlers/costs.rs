//! What GuardDuty would charge for what was read: its list prices over measured volumes.

use crate::error::ApiError;
use picquet_store::{DAY_MILLIS, Sql, volume};
use std::collections::BTreeMap;

/// Days that are summed up, as GuardDuty does (API reference, GetUsageStatistics).
const DAYS: i64 = 30;
/// List prices in us-east-1, in dollars (GuardDuty pricing page): from how much on, and what a unit costs from there.
/// Gigabytes of flow and DNS logs together.
const LOGS: [(f64, f64); 4] = [(0.0, 1.0), (500.0, 0.5), (2500.0, 0.25), (10_000.0, 0.15)];
/// Millions of S3 data events.
const DATA_EVENTS: [(f64, f64); 3] = [(0.0, 0.8), (500.0, 0.4), (5000.0, 0.2)];
/// A million management events.
const MANAGEMENT: [(f64, f64); 1] = [(0.0, 4.0)];

/// The names of kinds of logs in volumes, which are those of the API's data sources.
pub const KINDS: [&str; 4] = ["CLOUD_TRAIL", "S3_LOGS", "FLOW_LOGS", "DNS_LOGS"];

/// Dollars by kind of log, for an account and a region. What names no region counts in every one.
pub fn of(sql: &mut dyn Sql, account: &str, region: &str, now: i64) -> Result<BTreeMap<&'static str, f64>, ApiError> {
    let mut read: BTreeMap<&'static str, (f64, f64)> = BTreeMap::new();
    for volume in volume::since(sql, Some(account), now - DAYS * DAY_MILLIS)? {
        if !volume.region.is_empty() && volume.region != region {
            continue;
        }
        if let Some(kind) = KINDS.into_iter().find(|kind| *kind == volume.kind) {
            let (bytes, records) = read.entry(kind).or_default();
            *bytes += volume.bytes as f64;
            *records += volume.records as f64;
        }
    }
    let (bytes, records) =
        (|kind: &str| read.get(kind).map_or(0.0, |r| r.0), |kind: &str| read.get(kind).map_or(0.0, |r| r.1));
    let logs = bytes("FLOW_LOGS") + bytes("DNS_LOGS");
    let both = price(logs / 1e9, &LOGS);
    let share = |kind: &str| if logs > 0.0 { both * bytes(kind) / logs } else { 0.0 };
    Ok(BTreeMap::from([
        ("CLOUD_TRAIL", price(records("CLOUD_TRAIL") / 1e6, &MANAGEMENT)),
        ("S3_LOGS", price(records("S3_LOGS") / 1e6, &DATA_EVENTS)),
        ("FLOW_LOGS", share("FLOW_LOGS")),
        ("DNS_LOGS", share("DNS_LOGS")),
    ]))
}

/// What an amount costs in steps.
fn price(amount: f64, steps: &[(f64, f64)]) -> f64 {
    let ends = steps.iter().skip(1).map(|(from, _)| *from).chain([f64::INFINITY]);
    steps.iter().zip(ends).map(|((from, each), end)| (amount.min(end) - from).max(0.0) * each).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_cheaper_by_the_step() {
        assert_eq!(price(0.0, &LOGS), 0.0);
        assert_eq!(price(100.0, &LOGS), 100.0);
        assert_eq!(price(3000.0, &LOGS), 500.0 + 1000.0 + 125.0);
        assert_eq!(price(2.5, &MANAGEMENT), 10.0);
    }
}
