//! Stolen credentials: months of made-up instances, functions and tasks, and what thieves do with their keys.
//!
//! The sessions are those of `issuers.rs`; here they are scanned and what is found is held against what was stolen.

use super::issuers::{self, Month, Theft};
use super::score::Score;
use crate::scanner::{Finding, Scanner, seconds};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// How many false findings there may be in so many days of a holder.
const FALSE: f64 = 1.0;
const PER_DAYS: f64 = 10_000.0;
/// What has to be found of use inside AWS, in per cent; outside it is everything.
const INSIDE: f64 = 95.0;
const FAMILIES: [&str; 2] = ["/InstanceCredentialExfiltration.", "/ResourceCredentialExfiltration."];

/// What several months add up to.
#[derive(Default)]
struct Sums {
    sessions: usize,
    days: f64,
    outside: (usize, usize),
    inside: (usize, usize),
    wrong: usize,
}

/// Runs everything.
pub fn run(scanner: &Scanner, work: &Path, seeds: &[u32], score: &mut Score) -> Result<()> {
    println!("\nstolen credentials, found / stolen");
    let mut sums = Sums::default();
    for &seed in seeds {
        let folder = work.join(format!("credentials-{seed}"));
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        let month = issuers::write(&folder, u64::from(seed))?;
        for inventory in [false, true] {
            let mut options: Vec<OsString> = vec!["--no-default-feeds".into()];
            if inventory {
                options.extend(["--inventory".into(), folder.join("inventory.json").into()]);
            }
            let findings = scanner.scan(&folder.join("AWSLogs"), &options)?;
            let run = format!("credentials, seed {seed}{}", if inventory { " with inventory" } else { "" });
            score.validate(&run, &findings);
            judge(&run, &month, &findings, &mut sums, score);
        }
    }
    let per_days = sums.wrong as f64 * PER_DAYS / sums.days.max(1.0);
    let share = |(found, of): (usize, usize)| 100.0 * found as f64 / of.max(1) as f64;
    let (outside, inside) = (share(sums.outside), share(sums.inside));
    println!(
        "  all: {} sessions; outside AWS {} of {} ({outside:.1} %, bar 100), inside {} of {} ({inside:.1} %, bar {INSIDE}); \
         {} false in {:.0} holder-days ({per_days:.2} per 10,000, bar {FALSE})",
        sums.sessions, sums.outside.0, sums.outside.1, sums.inside.0, sums.inside.1, sums.wrong, sums.days
    );
    score.bar(inside >= INSIDE, || format!("InsideAWS: {inside:.1} % found"));
    score.bar(per_days <= FALSE, || format!("credential exfiltration: {per_days:.2} false per 10,000 holder-days"));
    Ok(())
}

/// The holder that a finding is about: an instance, or the session of a function or task.
fn holder(finding: &Finding) -> &str {
    let principal = finding.text("/resource/accessKeyDetails/principalId");
    principal.split_once(':').map_or(principal, |(_, session)| session)
}

fn is_about(finding: &Finding, theft: &Theft) -> bool {
    let (first, last) = finding.seen();
    holder(finding) == theft.session && finding.name() == theft.expected && first <= theft.first && last >= theft.first
}

fn judge(run: &str, month: &Month, findings: &[Finding], sums: &mut Sums, score: &mut Score) {
    let of_family = |f: &&Finding| FAMILIES.iter().any(|family| f.name().contains(family));
    let (mut outside, mut inside) = ((0, 0), (0, 0));
    for theft in &month.thefts {
        let found = findings.iter().any(|f| is_about(f, theft));
        let of = if theft.expected.ends_with("OutsideAWS") { &mut outside } else { &mut inside };
        of.0 += usize::from(found);
        of.1 += 1;
        let what =
            || format!("{run}: {} {} ({}) from {}", theft.way, theft.session, seconds_text(theft.first), theft.from);
        if theft.expected.ends_with("OutsideAWS") {
            score.positive(theft.expected, found, what);
        } else if !found {
            score.note("missed", &what());
        }
    }
    // A finding that only a theft of the same holder explains is true, whichever calls of it are in it.
    let explained = |f: &&Finding| {
        let (first, last) = f.seen();
        month.thefts.iter().any(|t| t.session == holder(f) && first <= t.last && last >= t.first)
    };
    let wrong: Vec<&Finding> = findings.iter().filter(of_family).filter(|f| !explained(f)).collect();
    wrong.iter().for_each(|f| score.note(&format!("{run}, false"), &f.line()));
    println!(
        "  {run:<38} {} sessions, outside {} / {}, inside {} / {}, {} false in {:.0} holder-days",
        month.sessions,
        outside.0,
        outside.1,
        inside.0,
        inside.1,
        wrong.len(),
        month.days
    );
    sums.sessions += month.sessions;
    sums.days += month.days;
    sums.wrong += wrong.len();
    for (all, more) in [(&mut sums.outside, outside), (&mut sums.inside, inside)] {
        all.0 += more.0;
        all.1 += more.1;
    }
}

fn seconds_text(secs: i64) -> String {
    let start = seconds(issuers::START).unwrap_or_default();
    format!("day {}", (secs - start) / 86_400)
}
