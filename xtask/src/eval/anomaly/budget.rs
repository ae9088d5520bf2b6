//! Findings that nothing calls for: of the benign month, and of the same month with change.

use super::drift::Drift;
use super::history::History;
use super::hits::distinct;
use super::log::Log;
use super::{BUDGET, SHOWN, line, options};
use crate::eval::score::Score;
use crate::scanner::{Finding, Scanner};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// After so long nothing above low severity may come of change.
const SETTLED: i64 = 86_400;
/// The least medium severity.
const MEDIUM: f64 = 4.0;

/// Scans the month, and returns its anomaly findings by what makes each the same in another scan.
pub fn month(scanner: &Scanner, history: &History, log: &Log, score: &mut Score) -> Result<BTreeSet<String>> {
    let findings = scanner.scan_all(&[&history.before, &history.last], &options())?;
    score.validate("the benign month", &findings);
    let all = distinct(&findings);
    report("the benign month", &all, log.records, score);
    Ok(all.into_iter().map(line).collect())
}

/// Scans the month with change.
pub fn change(
    scanner: &Scanner,
    history: &History,
    log: &Log,
    (work, seed): (&Path, u32),
    usual: &BTreeSet<String>,
    score: &mut Score,
) -> Result<()> {
    let drift = Drift::make(history, log, work, seed)?;
    let before = scanner.records();
    let findings = scanner.scan_all(&[&drift.folder], &options())?;
    score.validate("the month with change", &findings);
    let all = distinct(&findings);
    println!("\nwho changed, and calls that did: {:?}", drift.kinds());
    report("the month with change", &all, scanner.records() - before, score);
    let mut by_kind = BTreeMap::<&str, [u32; 2]>::new();
    for finding in all.iter().filter(|f| !usual.contains(&line(f))) {
        let name = finding.text("/resource/accessKeyDetails/userName");
        let (kind, since) = drift.of(finding.account(), name).unwrap_or(("nobody who changed", i64::MAX));
        let late = finding.seen().1.saturating_sub(SETTLED) > since && finding.severity() >= MEDIUM;
        let counts = by_kind.entry(kind).or_default();
        counts[0] += 1;
        counts[1] += u32::from(late);
        score.bar(!late, || format!("change, {kind}: above low after a day: {}", line(finding)));
    }
    println!("  more than in the month without change, and of these above low after a day: {by_kind:?}");
    std::fs::remove_dir_all(&drift.folder)?;
    Ok(())
}

fn report(run: &str, findings: &[&Finding], records: u64, score: &mut Score) {
    let rate = findings.len() as f64 * 1e6 / records.max(1) as f64;
    println!("{run}: {} anomaly findings in {records} events, {rate:.2} per million (bar {BUDGET})", findings.len());
    findings.iter().take(SHOWN).for_each(|f| println!("  {}", line(f)));
    score.bar(rate <= BUDGET, || format!("{run}: {rate:.2} anomaly findings per million events, bar {BUDGET}"));
}
