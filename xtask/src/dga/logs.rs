//! The same hosts as a log that the program itself scans: each host in an account of its own.

use super::HELD_OUT;
use super::corpus::{Benign, Corpus, Nature};
use super::hosts::{Asked, budget, day, infected};
use crate::eval::dns_log::{Query, write_of};
use crate::scanner::Scanner;
use anyhow::Result;
use picquet_detect::dga::Model;
use picquet_testkit::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Benign host-days.
const BENIGN: usize = 3000;
/// Infected hosts of each family.
const INFECTED: usize = 5;
/// 2024-05-01T00:00:00Z
const START: i64 = 1_714_521_600;
/// The first host's account.
const FIRST: u64 = 200_000_000_000;
const HOUR: i64 = 3_600_000;

/// Writes the log, scans it, and prints what was found; false when a bar is missed.
pub fn check(corpus: &Corpus, model: &Model, scanner: &Scanner, work: &Path) -> Result<bool> {
    let pool: Vec<&Benign> = corpus.benign.iter().filter(|b| b.fold == HELD_OUT).collect();
    let mut rng = Random(99);
    let mut log = Log { queries: Vec::new(), hosts: 0, pool: &pool };
    for _ in 0..BENIGN {
        log.host(&day(model, &pool, &mut rng).0, &mut rng);
    }
    let mut families: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, family) in corpus.families.iter().enumerate() {
        for _ in 0..INFECTED {
            let mut hours = vec![Asked::default(); 24];
            hours[12] = infected(family, budget(family.nature), &pool, model, &mut rng);
            families.insert(log.host(&hours, &mut rng), i);
        }
    }
    log.queries.sort_by(|a, b| (a.at, &a.name, a.client).cmp(&(b.at, &b.name, b.client)));
    let folder = write_of(&work.join("generated-domains"), START, &log.queries, |client| FIRST + client as u64)?;
    let findings = scanner.scan(&folder.join("AWSLogs"), &["--no-default-feeds".into()])?;
    let raised: BTreeSet<usize> = findings
        .iter()
        .filter(|f| f.name() == "Trojan:EC2/DGADomainRequest.B")
        .filter_map(|f| Some((f.account().parse::<u64>().ok()?.checked_sub(FIRST)?) as usize))
        .collect();
    let mut found = vec![0usize; corpus.families.len()];
    raised.iter().filter_map(|host| families.get(host)).for_each(|&i| found[i] += 1);
    println!("scanned: {} queries of {} hosts", log.queries.len(), log.hosts);
    let mut sound = true;
    for (nature, name, bar) in [(Nature::Random, "random-looking", 95), (Nature::Words, "word-list", 70)] {
        let of: Vec<(&str, usize)> = corpus
            .families
            .iter()
            .zip(&found)
            .filter(|(f, _)| f.nature == nature)
            .map(|(f, n)| (f.name.as_str(), *n))
            .collect();
        let most = of.iter().filter(|(_, n)| *n * 10 >= INFECTED * 9).count();
        let rest: Vec<String> =
            of.iter().filter(|(_, n)| *n < INFECTED).map(|(f, n)| format!("{f} {n} of {INFECTED}")).collect();
        println!(
            "  {name} families found by the scan within {} names: {most} of {} (bar {bar} %); not all hosts of: {}",
            budget(nature),
            of.len(),
            if rest.is_empty() { "none".to_owned() } else { rest.join(", ") }
        );
        sound &= most * 100 >= of.len() * bar;
    }
    let wrong = raised.iter().filter(|host| !families.contains_key(host)).count();
    println!("  false hosts: {wrong} of {BENIGN} benign host-days");
    Ok(sound && wrong == 0)
}

struct Log<'a> {
    queries: Vec<Query>,
    hosts: usize,
    pool: &'a [&'a Benign],
}

impl Log<'_> {
    /// Adds a host's day, and returns the host's number.
    fn host(&mut self, hours: &[Asked], rng: &mut Random) -> usize {
        let client = self.hosts;
        self.hosts += 1;
        for (n, hour) in hours.iter().enumerate() {
            let mut add = |name: String, rcode, answer: &str, rng: &mut Random| {
                let at = n as i64 * HOUR + rng.below(HOUR as usize) as i64;
                self.queries.push(Query { at, client, name, kind: "A", rcode, answer: answer.into() });
            };
            for name in &hour.names {
                add(name.clone(), "NXDOMAIN", "", rng);
            }
            for _ in 0..hour.existing {
                add(rng.pick(self.pool).full.clone(), "NOERROR", "192.0.2.80", rng);
            }
        }
        client
    }
}
