//! The anomaly model of API activity: recorded techniques played on principals of a benign month, three rivals on the
//! same cases, the month alone, the month with change that is no attack, and a recount of what findings state.

mod budget;
mod cast;
mod drift;
mod geo;
mod history;
mod hits;
mod log;
mod objects;
mod recording;
mod recount;
mod rivals;
mod splice;
mod tally;

use super::score::Score;
use crate::scanner::{Finding, Scanner};
use anyhow::Result;
use cast::Cast;
use history::History;
use log::Log;
use recording::Recording;
use std::ffi::OsString;
use std::path::Path;

/// False findings in a million events that are allowed.
const BUDGET: f64 = 5.0;
/// Events that a month must have.
const EVENTS: u64 = 1_000_000;
/// Cases of each mode that are needed.
const CASES: u32 = 200;
/// Shares of easy and of hard cases that must be found.
const EASY: f64 = 0.95;
const HARD: f64 = 0.70;
/// Rows of a list that are printed.
const SHOWN: usize = 20;

/// Runs everything, once for each seed.
pub fn run(scanner: &Scanner, data: &Path, seeds: &[u32], work: &Path, score: &mut Score) -> Result<()> {
    let recordings = recording::all(data)?;
    alone(scanner, &recordings, score)?;
    let countries = geo::Countries::read(&data.join("geo/country_ipv4.tsv.gz"))?;
    let work = work.join("anomaly");
    for &seed in seeds {
        let history = History::make(data, &work, seed)?;
        let mut log = Log::default();
        log.read(&history.before)?;
        let events = log.records;
        log.read(&history.last)?;
        println!(
            "\nanomaly, seed {seed}: {events} events in {} days and {} on the day of the attacks, {} principals in {} \
             calls that are theirs",
            history::DAYS,
            log.records - events,
            log.principals.len(),
            log.events.len(),
        );
        score.bar(events >= EVENTS, || format!("anomaly, seed {seed}: only {events} events of history"));
        let usual = budget::month(scanner, &history, &log, score)?;
        budget::change(scanner, &history, &log, (&work, seed), &usual, score)?;
        let cast = Cast::draw(&log, &recordings, seed)?;
        let splices = splice::Splices::make(&history, &mut log, &cast, &recordings, (&work, seed))?;
        let verdicts = rivals::judge(&mut log, &cast.cases, &recordings, &countries)?;
        println!(
            "rivals: thresholds set on {} principal-hours and {} records for {BUDGET} alarms per million (without a \
             threshold the first-seen rule raises {}): {}",
            verdicts.hours.0,
            verdicts.hours.1,
            verdicts.plain,
            rivals::NAMES.iter().zip(verdicts.thresholds).fold(String::new(), |all, (name, (limit, alarms))| {
                format!("{all} {name} above {limit:.3} ({alarms} alarms)")
            }),
        );
        let found = splices.scan(scanner, &log, &cast, &recordings, score)?;
        let outcomes: Vec<tally::Outcome<'_>> = cast
            .cases
            .iter()
            .zip(found.hits)
            .zip(verdicts.cases)
            .map(|((case, hit), rivals)| tally::Outcome { case, hit, rivals })
            .collect();
        tally::print(&outcomes, &recordings, &log);
        let cases = work.join(format!("cases-seed{seed}.tsv"));
        std::fs::write(&cases, tally::tsv(&outcomes, &recordings, &log))?;
        println!("each case is in {}", cases.display());
        bars(seed, &outcomes, score);
        recounted(seed, &found.recount, score);
    }
    Ok(())
}

/// Options of every scan: what lists say is not looked at here.
fn options() -> Vec<OsString> {
    vec!["--no-default-feeds".into()]
}

/// A recording without a history raises no anomaly.
fn alone(scanner: &Scanner, recordings: &[Recording], score: &mut Score) -> Result<()> {
    for recording in recordings {
        let findings = scanner.scan(&recording.file, &options())?;
        score.validate(&recording.technique, &findings);
        let run = format!("{} without a history", recording.technique);
        findings.iter().filter(|f| hits::is_anomaly(f)).for_each(|f| score.extra(&run, f));
    }
    Ok(())
}

fn bars(seed: u32, outcomes: &[tally::Outcome<'_>], score: &mut Score) {
    for (easy, name, least) in [(true, "easy", EASY), (false, "hard", HARD)] {
        let row = tally::total(outcomes, easy);
        let share = row.share(0);
        let shares: Vec<_> = ["tactic fits", "any tactic"].into_iter().chain(rivals::NAMES).enumerate().collect();
        let shares: Vec<_> = shares.iter().map(|(n, name)| format!("{name} {:.3}", row.share(*n))).collect();
        score.note(&format!("anomaly, seed {seed}, {} {name} cases", row.cases), &shares.join(", "));
        score.bar(row.cases >= CASES, || format!("anomaly, seed {seed}: only {} {name} cases", row.cases));
        score.bar(share >= least, || {
            format!("anomaly, seed {seed}: {:.1}% of {} {name} cases found, bar {least}", 100.0 * share, row.cases)
        });
        for (n, rival) in rivals::NAMES.iter().enumerate() {
            let theirs = row.share(n + 2);
            score.bar(share > theirs, || {
                format!("anomaly, seed {seed}: {share:.3} of {name} cases is not better than {theirs:.3} of {rival}")
            });
        }
    }
}

fn recounted(seed: u32, recount: &recount::Recount, score: &mut Score) {
    println!(
        "\nrecount: {} statements hold, {} do not, {} findings state nothing that can be recounted, {} are of principals \
         that are in no log; not recounted: {:?}",
        recount.held,
        recount.faults.len(),
        recount.bare,
        recount.strangers,
        recount.unknown,
    );
    recount.faults.iter().take(SHOWN).for_each(|fault| println!("  {fault}"));
    score.bar(recount.faults.is_empty(), || {
        format!("anomaly, seed {seed}: {} statements do not hold when recounted", recount.faults.len())
    });
    let blind = recount.bare + recount.strangers;
    score.bar(blind == 0, || format!("anomaly, seed {seed}: {blind} findings cannot be recounted"));
}

/// A finding in a line, without its address.
fn line(finding: &Finding) -> String {
    let (first, last) = (finding.text("/service/eventFirstSeen"), finding.text("/service/eventLastSeen"));
    let names: Vec<_> = finding.entities(&Default::default()).into_iter().collect();
    let api = finding.text("/service/action/awsApiCallAction/api");
    format!("{} severity {} {} {names:?} {api} {first}..{last}", finding.name(), finding.severity(), finding.account())
}
