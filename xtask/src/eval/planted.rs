//! Planted attacks: generated logs of several accounts and days with attacks whose place and time are known.

use super::score::Score;
use crate::scanner::{Finding, Scanner, feed, seconds};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What hosts do that no list and no count tells.
const BEHAVIOUR: [&str; 3] = ["dga_burst", "dns_tunnel", "spambot"];
/// The same, against what is usual; a set of less than two weeks may place it before that is learned.
const LEARNED: [&str; 2] = ["exfil_volume", "unusual_port"];
/// API calls that only a model of what is usual can tell. Required where their type has a detector.
const ANOMALIES: [&str; 3] = ["unusual_region", "cred_access_burst", "s3_exfil"];
/// False findings of that model in a million CloudTrail events that are allowed.
const BUDGET: f64 = 5.0;

/// How far from an attack's time a finding may be, in seconds.
const AROUND: i64 = 3600;

/// The lists of a generated set and the feeds that they are.
const FEEDS: [(&str, &str); 6] = [
    ("c2_ips.txt", "c2"),
    ("c2_domains.txt", "c2"),
    ("mining_domains.txt", "miner"),
    ("scanners.txt", "scanner"),
    ("tor_exits.txt", "tor-exit"),
    ("tor_relays.txt", "tor-relay"),
];

/// Generates, scans and judges the sets.
pub fn run(
    scanner: &Scanner,
    data: &Path,
    (mb, seeds): (u64, &[u32]),
    work: &Path,
    (raised, score): (&BTreeSet<String>, &mut Score),
) -> Result<()> {
    let mut beside = Beside::default();
    let month = seeds.iter().flat_map(|&seed| [(seed, 2, 30, true), (seed, 5, 30, true)]);
    for (seed, version, days, inventory) in month.chain([(1, 2, 8, false)]) {
        let folder = generate(data, mb, work, seed, version, days)?;
        let mut options: Vec<OsString> = Vec::new();
        if inventory {
            options.extend(["--inventory".into(), folder.join("inventory.json").into()]);
        }
        for (name, category) in FEEDS {
            let list = folder.join("intel").join(name);
            if list.exists() {
                options.extend(feed(category, &list));
            }
        }
        let findings = scanner.scan(&folder.join("AWSLogs"), &options)?;
        let run =
            format!("{days} days, seed {seed} flow v{version}{}", if inventory { "" } else { " without inventory" });
        score.validate(&run, &findings);
        let truth: Value = serde_json::from_slice(&fs::read(folder.join("truth.json"))?)?;
        let known = instances(&serde_json::from_slice(&fs::read(folder.join("inventory.json"))?)?);
        let attacks: Vec<Attack> = truth["attacks"].as_array().into_iter().flatten().map(Attack::new).collect();
        ensure!(!attacks.is_empty(), "no attack was planted");
        beside.events += truth["meta"]["records"]["cloudtrail"].as_u64().unwrap_or_default();
        judge(&run, (&attacks, days, raised), &findings, &known, (&mut beside, score));
    }
    beside.judge(score);
    Ok(())
}

/// Anomaly findings that no attack explains, of all sets: a few are allowed.
#[derive(Default)]
struct Beside {
    events: u64,
    findings: Vec<(String, Finding)>,
}

impl Beside {
    fn judge(self, score: &mut Score) {
        let rate = self.findings.len() as f64 * 1e6 / self.events.max(1) as f64;
        let (count, events) = (self.findings.len(), self.events);
        score.note(
            "planted",
            &format!("{count} anomaly findings beside attacks in {events} events ({rate:.2} per million)"),
        );
        for (run, finding) in self.findings {
            if rate > BUDGET {
                score.extra(&run, &finding);
            } else {
                score.note(&run, &format!("within the budget: {}", finding.line()));
            }
        }
    }
}

fn generate(data: &Path, mb: u64, work: &Path, seed: u32, version: u32, days: u32) -> Result<PathBuf> {
    let folder = work.join(format!("planted-{mb}mb-{days}days-seed{seed}-v{version}"));
    if folder.join("truth.json").exists() {
        return Ok(folder);
    }
    let mut python = Command::new("python3");
    python.arg(data.join("../tools/genlogs.py")).arg("--out").arg(&folder);
    python.args(["--days", &days.to_string(), "--inject", "all", "--mb", &mb.to_string()]);
    python.args(["--seed", &seed.to_string(), "--flow-version", &version.to_string()]);
    let output = python.arg("--intel").arg(data.join("intel")).output().context("failed to start python3")?;
    ensure!(output.status.success(), "genlogs.py: {}", String::from_utf8_lossy(&output.stderr));
    Ok(folder)
}

/// Interfaces and private addresses, and the instance of each.
fn instances(inventory: &Value) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    let reservations = inventory.pointer("/instances/Reservations").and_then(Value::as_array);
    for instance in reservations.into_iter().flatten().filter_map(|r| r["Instances"].as_array()).flatten() {
        let id = instance["InstanceId"].as_str().unwrap_or_default();
        for interface in instance["NetworkInterfaces"].as_array().into_iter().flatten() {
            for name in ["NetworkInterfaceId", "PrivateIpAddress"] {
                if let Some(value) = interface[name].as_str() {
                    known.insert(value.to_owned(), id.to_owned());
                }
            }
        }
    }
    known
}

/// A planted attack or decoy.
struct Attack {
    name: String,
    kind: String,
    account: String,
    entity: String,
    expected: String,
    also: BTreeSet<String>,
    remotes: BTreeSet<String>,
    time: (i64, i64),
    decoy: bool,
}

impl Attack {
    fn new(row: &Value) -> Self {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let many = |name: &str| match &row[name] {
            Value::String(one) => BTreeSet::from([one.clone()]),
            Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => BTreeSet::new(),
        };
        // A user's ARN ends in its name, and root's in `root`.
        let entity = text("entity");
        let entity = entity.rsplit([':', '/']).next().unwrap_or(&entity).to_owned();
        let time = |name: &str| seconds(row[name].as_str().unwrap_or_default()).unwrap_or_default();
        Self {
            name: text("name"),
            kind: text("kind"),
            account: text("account"),
            entity,
            expected: text("expected_finding"),
            also: many("also"),
            remotes: many("remote"),
            time: (time("start") - AROUND, time("end") + AROUND),
            decoy: row["decoy"].as_bool().unwrap_or_default(),
        }
    }

    fn is_required(&self, days: u32, raised: &BTreeSet<String>) -> bool {
        let name = self.name.as_str();
        if ANOMALIES.contains(&name) {
            return days >= 14 && raised.contains(&self.expected);
        }
        let kind = matches!(self.kind.as_str(), "list" | "rule" | "count");
        !self.decoy && (kind || BEHAVIOUR.contains(&name) || (days >= 14 && LEARNED.contains(&name)))
    }

    /// Whether a finding is in this attack's account and time.
    fn is_near(&self, finding: &Finding) -> bool {
        let (first, last) = finding.seen();
        finding.account() == self.account && first <= self.time.1 && last >= self.time.0
    }
}

fn judge(
    run: &str,
    (attacks, days, raised): (&[Attack], u32, &BTreeSet<String>),
    findings: &[Finding],
    known: &BTreeMap<String, String>,
    (beside, score): (&mut Beside, &mut Score),
) {
    for attack in attacks {
        let here: Vec<_> =
            findings.iter().filter(|f| attack.is_near(f) && f.entities(known).contains(&attack.entity)).collect();
        let found = here.iter().any(|f| f.name() == attack.expected);
        if attack.is_required(days, raised) {
            score.positive(&attack.expected, found, || {
                let near = here.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ");
                format!("{run} {} on {} in {}; there: [{near}]", attack.name, attack.entity, attack.account)
            });
        } else if attack.decoy {
            here.iter().for_each(|f| score.extra(&format!("{run}, decoy {}", attack.name), f));
        } else if !here.is_empty() {
            score.note_counts(&format!("{run}, {} (not required yet)", attack.name), here.iter().copied());
        }
    }
    let mut seen = BTreeSet::new();
    for finding in findings {
        let (entities, remotes) = (finding.entities(known), finding.remotes());
        let mut touched = attacks
            .iter()
            .filter(|a| a.is_near(finding) && (entities.contains(&a.entity) || !a.remotes.is_disjoint(&remotes)));
        // The copies of an event of a global service, one in each region, are one finding.
        let copy = (finding.name(), finding.account(), entities.clone(), remotes.clone(), finding.seen());
        if touched.next().is_none() && seen.insert(format!("{copy:?}")) {
            if finding.name().contains("AnomalousBehavior") {
                beside.findings.push((run.to_owned(), Finding(finding.0.clone())));
            } else {
                score.extra(run, finding);
            }
        } else if !attacks.iter().any(|a| a.expected == finding.name() || a.also.contains(finding.name())) {
            score.note(run, &format!("beside an attack: {}", finding.line()));
        }
    }
}
