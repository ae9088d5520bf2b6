//! Behaviour in flow logs: attacks replayed into a fleet that lives, and the fleet alone for a month.

use super::fleet::{Fleet, START, live};
use super::flow_log::{Host, write};
use super::network::Network;
use super::replays::{self, Cast};
use super::score::Score;
use crate::scanner::{Finding, Scanner};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// How long fleets live before an attack.
const DAYS: i64 = 10;
const MONTH: i64 = 30;
/// What must have been learned before anything behavioural is raised.
const LEARNING: i64 = 7;
/// At most one false finding in so many days of a host.
const HOST_DAYS: f64 = 1000.0;

/// Runs everything.
pub fn run(scanner: &Scanner, work: &Path, score: &mut Score) -> Result<()> {
    println!("\nreplayed attacks, found / expected types and roles");
    for version in [2, 5] {
        attacks(scanner, work, version, score)?;
    }
    benign(scanner, work, score)
}

fn options() -> [OsString; 1] {
    ["--no-default-feeds".into()]
}

fn attacks(scanner: &Scanner, work: &Path, version: u32, score: &mut Score) -> Result<()> {
    let folder = empty(&work.join(format!("replays-v{version}")))?;
    let mut fleet = Fleet::new(21, 24);
    live(&mut fleet, DAYS, |_, _| Ok(()))?;
    let rows = std::mem::take(&mut fleet.net.rows);
    write(&folder, "fleet", &fleet.net.hosts, rows, version)?;
    let before = scanner.scan(&folder, &options())?;
    score.validate("a fleet", &before);
    before.iter().for_each(|f| score.extra(&format!("fleet of the replays, v{version}"), f));
    let known: BTreeSet<String> = before.iter().map(|f| f.text("/id").to_owned()).collect();
    let workers = fleet.workers();
    let cast = Cast { own: workers[0], peer: workers[1], remote: Network::world(600_000) };
    for (n, replay) in replays::ALL.iter().enumerate() {
        // In the last day, some minutes after a full hour.
        replay.play(&mut fleet.net, cast, START + (DAYS - 1) * 86_400 + 3600 + 1027);
        let rows = std::mem::take(&mut fleet.net.rows);
        let attack = folder.join("attack");
        write(&attack, &format!("attack{n}"), &fleet.net.hosts, rows, version)?;
        let findings = scanner.scan(&folder, &options())?;
        fs::remove_dir_all(&attack)?;
        let run = format!("{}, v{version}", replay.name);
        score.validate(&run, &findings);
        let new: Vec<&Finding> = findings.iter().filter(|f| !known.contains(f.text("/id"))).collect();
        let found: BTreeSet<_> = new.iter().map(|f| (f.name(), f.text("/service/resourceRole"))).collect();
        for &(name, role) in replay.expected {
            score.positive(name, found.contains(&(name, role)), || format!("{run} as {role}; there: {found:?}"));
        }
        let hit = replay.expected.iter().filter(|e| found.contains(*e)).count();
        println!("  {run:<76} {hit} / {}", replay.expected.len());
        let beside = |f: &&&Finding| {
            replay.also != Some(f.name()) && !replay.expected.contains(&(f.name(), f.text("/service/resourceRole")))
        };
        new.iter().filter(beside).for_each(|f| score.extra(&run, f));
    }
    Ok(())
}

/// A fleet that nobody attacks: what is raised is false.
fn benign(scanner: &Scanner, work: &Path, score: &mut Score) -> Result<()> {
    for (version, seed) in [(2, 31), (5, 32)] {
        let folder = empty(&work.join(format!("fleet-v{version}")))?;
        let mut fleet = Fleet::new(seed, 120);
        let (mut host_days, mut records) = (0.0, 0);
        live(&mut fleet, MONTH, |fleet, n| {
            if n >= LEARNING * 24 {
                host_days += fleet.size() as f64 / 24.0;
            }
            let rows = std::mem::take(&mut fleet.net.rows);
            records += rows.len();
            let hosts: &[Host] = &fleet.net.hosts;
            write(&folder, &format!("{n:04}"), hosts, rows, version)
        })?;
        let findings = scanner.scan(&folder, &options())?;
        let run = format!("a month of a fleet, v{version}");
        score.validate(&run, &findings);
        let mut by_type = BTreeMap::<&str, usize>::new();
        for finding in &findings {
            *by_type.entry(finding.name()).or_default() += 1;
            score.note(&run, &finding.line());
        }
        println!(
            "\n{run}: {} false findings in {host_days:.0} host-days after the learning period and {records} records \
             ({:.2} per 1,000 host-days, bar 1; {:.2} per million records): {by_type:?}",
            findings.len(),
            findings.len() as f64 * HOST_DAYS / host_days,
            findings.len() as f64 * 1e6 / records as f64,
        );
        if findings.len() as f64 * HOST_DAYS > host_days {
            findings.iter().for_each(|f| score.extra(&run, f));
        }
    }
    Ok(())
}

/// A folder with nothing in it.
fn empty(folder: &Path) -> Result<std::path::PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}
