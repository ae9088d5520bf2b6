//! Plays the cases: each scan has the day of the attacks and one case in each account, and knows the month before from
//! a baseline. So no case teaches the model anything about another.

use super::cast::Cast;
use super::history::{History, LAST};
use super::hits::{self, Hit};
use super::log::Log;
use super::objects;
use super::recording::Recording;
use super::recount::{Ledger, Recount};
use super::{SHOWN, line, options};
use crate::eval::score::Score;
use crate::scanner::{Finding, Scanner, seconds};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Scans that are also made in one go, without a baseline: an easy and a hard one.
const WHOLE: [usize; 2] = [0, 1];

/// What is scanned.
pub struct Splices {
    before: [PathBuf; 2],
    last: [PathBuf; 2],
    folder: PathBuf,
}

/// What was found.
pub struct Found {
    /// For each case.
    pub hits: Vec<Hit>,
    /// What findings state.
    pub recount: Recount,
}

impl Splices {
    /// Writes what helpers do, and takes it into the log.
    pub fn make(
        history: &History,
        log: &mut Log,
        cast: &Cast,
        recordings: &[Recording],
        (work, seed): (&Path, u32),
    ) -> Result<Self> {
        let folder = objects::empty(&work.join("splice"))?;
        let routine = cast.routine(log, recordings, seed)?;
        println!("{} calls of {} helpers", routine.len(), cast.helpers.len());
        routine.iter().for_each(|record| log.add(record));
        log.sort();
        let is_before = |r: &serde_json::Value| r["eventTime"].as_str().and_then(seconds).is_some_and(|t| t < LAST);
        let (before, last): (Vec<_>, Vec<_>) = routine.into_iter().partition(is_before);
        let helpers = [folder.join("helpers-before"), folder.join("helpers-last")];
        objects::write(&helpers[0], "helpers", before)?;
        objects::write(&helpers[1], "helpers", last)?;
        let [first, second] = helpers;
        Ok(Self { before: [history.before.clone(), first], last: [history.last.clone(), second], folder })
    }

    /// Scans all cases.
    pub fn scan(
        &self,
        scanner: &Scanner,
        log: &Log,
        cast: &Cast,
        recordings: &[Recording],
        score: &mut Score,
    ) -> Result<Found> {
        let learned = self.folder.join("month.baseline");
        let month = scanner.scan_all(&self.before, &with(&learned))?;
        let taught = hits::distinct(&month).len();
        let day = self.day(scanner, &learned, None)?;
        let quiet: BTreeSet<String> = hits::distinct(&day).into_iter().map(line).collect();
        let ledger = Ledger::new(log);
        let mut found = Found { hits: vec![Hit::default(); cast.cases.len()], recount: Recount::default() };
        let mut scans = BTreeMap::<usize, Vec<usize>>::new();
        for (n, case) in cast.cases.iter().enumerate() {
            scans.entry(case.scan).or_default().push(n);
        }
        let mut beside = BTreeMap::<String, u32>::new();
        for (scan, cases) in &scans {
            let folder = objects::empty(&self.folder.join("cases"))?;
            for case in cases.iter().map(|n| &cast.cases[*n]) {
                objects::write(&folder, &format!("case{}", case.victim), case.records(recordings, log)?)?;
            }
            let findings = self.day(scanner, &learned, Some(&folder))?;
            score.validate("a case", &findings);
            for &n in cases {
                let case = &cast.cases[n];
                let principal = &log.principals[case.victim as usize];
                found.hits[n] = hits::of_case(&findings, case, principal, &recordings[case.technique]);
            }
            let mine = |f: &Finding| {
                let of = |n: &usize| hits::belongs(f, &cast.cases[*n], &log.principals[cast.cases[*n].victim as usize]);
                cases.iter().any(of)
            };
            for finding in hits::distinct(&findings) {
                ledger.check(finding, &mut found.recount);
                if !mine(finding) && !quiet.contains(&line(finding)) {
                    *beside.entry(line(finding)).or_default() += 1;
                }
            }
            if WHOLE.contains(scan) {
                self.whole(scanner, &folder, &findings, score)?;
            }
        }
        println!(
            "{} scans; {taught} anomaly findings while the month was learned, {} on its last day without a case, {} \
             beside cases",
            scans.len(),
            quiet.len(),
            beside.len(),
        );
        quiet.iter().take(SHOWN).for_each(|f| println!("  without a case: {f}"));
        beside.iter().take(SHOWN).for_each(|(f, n)| println!("  beside cases, in {n} scans: {f}"));
        Ok(found)
    }

    /// The day of the attacks, against what was learned of the month.
    fn day(&self, scanner: &Scanner, learned: &Path, cases: Option<&Path>) -> Result<Vec<Finding>> {
        let own = self.folder.join("day.baseline");
        fs::copy(learned, &own)?;
        let paths = self.last.iter().map(PathBuf::as_path).chain(cases);
        scanner.scan_all(&paths.collect::<Vec<_>>(), &with(&own))
    }

    /// The same in one go: there must be the same findings on the last day.
    fn whole(&self, scanner: &Scanner, cases: &Path, apart: &[Finding], score: &mut Score) -> Result<()> {
        let paths = self.before.iter().chain(&self.last).map(PathBuf::as_path).chain([cases]);
        let whole = scanner.scan_all(&paths.collect::<Vec<_>>(), &options())?;
        let of_day = |all: &[Finding]| -> BTreeSet<String> {
            hits::distinct(all).into_iter().filter(|f| f.seen().1 >= LAST).map(kind).collect()
        };
        let (whole, apart) = (of_day(&whole), of_day(apart));
        println!("in one go: {} anomaly findings on the last day, and {} with a baseline", whole.len(), apart.len());
        whole.symmetric_difference(&apart).for_each(|f| println!("  only in one of them: {f}"));
        score.bar(whole == apart, || "anomaly: a scan in one go and one with a baseline differ".into());
        Ok(())
    }
}

/// What a finding of the last day is, whenever it was first seen.
fn kind(finding: &Finding) -> String {
    let names: Vec<_> = finding.entities(&Default::default()).into_iter().collect();
    let last = finding.text("/service/eventLastSeen");
    format!("{} {} {} {names:?} {last}", finding.name(), finding.severity(), finding.account())
}

fn with(baseline: &Path) -> Vec<OsString> {
    let mut all = options();
    all.extend(["--baseline".into(), baseline.into()]);
    all
}
