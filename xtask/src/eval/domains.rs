//! New domains with odd names, and domains whose addresses change over many networks: what is found, and what is found
//! of clients that nobody attacks.

use super::dns_log::{Query, write, write_of};
use super::score::Score;
use super::table;
use crate::dga::HELD_OUT;
use crate::dga::corpus::{Corpus, Nature};
use crate::gz;
use crate::scanner::{Finding, Scanner};
use anyhow::Result;
use picquet_testkit::Random;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

const ODD: &str = "Impact:EC2/SuspiciousDomainRequest.Reputation";
const FLUX: &str = "Custom:EC2/FastFluxDomain";
/// 2024-05-01T00:00:00Z.
const START: i64 = 1_714_521_600;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Days before anything is new.
const LEARNING: i64 = 8;
/// Days after that.
const DAYS: i64 = 15;
/// Accounts, each of which knows no other's domains, and clients of each.
const ACCOUNTS: usize = 150;
const CLIENTS: usize = 10;
/// At most one false finding in so many days of a client.
const CLIENT_DAYS: f64 = 1000.0;
/// Names of a family, or of a list, that are tried.
const TRIED: usize = 200;

/// Runs everything.
pub fn run(scanner: &Scanner, data: &Path, work: &Path, score: &mut Score) -> Result<()> {
    let corpus = Corpus::read(data)?;
    benign(scanner, &corpus, work, score)?;
    odd(scanner, &corpus, data, work, score)?;
    flux(scanner, data, work, score)
}

fn query(at: i64, client: usize, name: &str) -> Query {
    Query { at, client, name: name.into(), kind: "A", rcode: "NOERROR", answer: "203.0.113.10".into() }
}

fn scan(scanner: &Scanner, folder: &Path, score: &mut Score) -> Result<Vec<Finding>> {
    let options: [OsString; 1] = ["--no-default-feeds".into()];
    let findings = scanner.scan(&folder.join("AWSLogs"), &options)?;
    score.validate("made-up DNS", &findings);
    Ok(findings)
}

/// A day's usual names of a client.
fn usual(queries: &mut Vec<Query>, client: usize, day: i64) {
    for (n, name) in ["repository.example.com", "www.example.org", "time.example.net"].iter().enumerate() {
        queries.push(query(day * DAY + (client % 97) as i64 * 60_000 + n as i64, client, name));
    }
}

/// Clients that ask for new domains, all benign and none that the model learned from: most days of most none, some
/// days of servers a few, of people's machines thirty.
fn benign(scanner: &Scanner, corpus: &Corpus, work: &Path, score: &mut Score) -> Result<()> {
    let pool: Vec<&str> = corpus.benign.iter().filter(|b| b.fold == HELD_OUT).map(|b| b.full.as_str()).collect();
    let mut random = Random(71);
    let (mut queries, mut new) = (Vec::new(), 0);
    for account in 0..ACCOUNTS {
        let mut left = pool.clone();
        random.shuffle(&mut left);
        for day in 0..LEARNING + DAYS {
            for client in account * CLIENTS..(account + 1) * CLIENTS {
                usual(&mut queries, client, day);
                if day < LEARNING {
                    continue;
                }
                let count = match client % CLIENTS {
                    9 => random.range(10, 50),
                    _ => random.below(10).saturating_sub(6),
                };
                for _ in 0..count {
                    let Some(name) = left.pop() else { break };
                    queries.push(query(day * DAY + random.below(DAY as usize) as i64, client, name));
                    new += 1;
                }
            }
        }
    }
    queries.sort_by_key(|q| (q.at, q.client));
    let account = |client: usize| 100_000_000_000 + (client / CLIENTS) as u64;
    let folder = write_of(&work.join("new-domains"), START, &queries, account)?;
    let findings = scan(scanner, &folder, score)?;
    let client_days = (ACCOUNTS * CLIENTS) as f64 * DAYS as f64;
    let names: BTreeSet<&str> = findings.iter().map(|f| f.text("/service/action/dnsRequestAction/domain")).collect();
    println!(
        "\nnew domains: {} false findings in {client_days:.0} client-days with {new} new benign domains that the model did \
         not learn from ({:.2} per 1,000, bar 1; {:.2} per million records): {names:?}",
        findings.len(),
        findings.len() as f64 * 1000.0 / client_days,
        findings.len() as f64 * 1e6 / queries.len() as f64
    );
    if findings.len() as f64 * CLIENT_DAYS > client_days {
        findings.iter().for_each(|f| score.extra("new domains", f));
    }
    Ok(())
}

/// How many names are found that a client asks for, each as the only new one of its day.
fn found(scanner: &Scanner, names: &[&str], work: &Path, score: &mut Score) -> Result<usize> {
    let mut queries = Vec::new();
    for (client, name) in names.iter().enumerate() {
        (0..LEARNING).for_each(|day| usual(&mut queries, client, day));
        queries.push(query(LEARNING * DAY + client as i64, client, name));
    }
    queries.sort_by_key(|q| (q.at, q.client));
    let folder = write(&work.join("odd"), START, &queries)?;
    let findings = scan(scanner, &folder, score)?;
    Ok(findings.iter().filter(|f| f.name() == ODD).count())
}

/// Domains of generators that resolve, and domains of a list of malware.
fn odd(scanner: &Scanner, corpus: &Corpus, data: &Path, work: &Path, score: &mut Score) -> Result<()> {
    let mut random = Random(72);
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for family in corpus.families.iter().filter(|f| f.nature == Nature::Random) {
        groups.insert(&family.name, family.names.iter().map(|n| n.registrable.as_str()).collect());
    }
    let text = gz::file(&data.join("intel/malware_domains.tsv.gz"))?;
    // Domains themselves: names below others' zones are theirs.
    let listed = text.lines().skip(1).filter_map(|l| l.split('\t').next()).filter(|d| d.matches('.').count() == 1);
    groups.insert("a list of malware", listed.collect());
    let mut line = Vec::new();
    let (mut all, mut sum) = (0, 0);
    for (name, mut names) in groups {
        random.shuffle(&mut names);
        names.truncate(TRIED);
        let n = found(scanner, &names, work, score)?;
        (all, sum) = (all + names.len(), sum + n);
        line.push(format!("{name} {n}/{}", names.len()));
    }
    println!("\nnew domains that are no benign ones, found by the name alone: {sum} of {all}: {}", line.join(", "));
    score.rate(ODD, all as u32, sum as u32);
    Ok(())
}

/// Domains of bots, and domains with many addresses that the captures have.
fn flux(scanner: &Scanner, data: &Path, work: &Path, score: &mut Score) -> Result<()> {
    let mut random = Random(73);
    let mut queries = Vec::new();
    (0..LEARNING).for_each(|day| usual(&mut queries, 1, day));
    let attacks = [
        ("three addresses an hour", 3, 1, 12),
        ("ten addresses an hour", 10, 1, 4),
        ("five, every six hours", 5, 6, 4),
    ];
    for (n, (_, addresses, hours, times)) in attacks.iter().enumerate() {
        let bots: Vec<String> = (0..300).map(|_| bot(&mut random)).collect();
        for time in 0..*times {
            let answer: Vec<&str> = (0..*addresses).map(|_| random.pick(&bots).as_str()).collect();
            let at = LEARNING * DAY + time * hours * HOUR + n as i64;
            queries.push(Query { answer: answer.join("\n"), ..query(at, 1, &format!("flux{n}-albums.net")) });
        }
    }
    let benign = spread_answers(data)?;
    for (n, (name, answers)) in benign.iter().enumerate() {
        queries.push(Query { answer: answers.join("\n"), ..query(LEARNING * DAY + n as i64 * 40, 2, name) });
    }
    queries.sort_by_key(|q| (q.at, q.client));
    let folder = write(&work.join("flux"), START, &queries)?;
    let findings = scan(scanner, &folder, score)?;
    let of = |n: usize| {
        let domain = format!("flux{n}-albums.net");
        findings.iter().any(|f| f.name() == FLUX && f.text("/service/action/dnsRequestAction/domain") == domain)
    };
    for (n, (name, ..)) in attacks.iter().enumerate() {
        score.positive(FLUX, of(n), || (*name).to_owned());
    }
    let false_ones: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.name() == FLUX && !f.text("/service/action/dnsRequestAction/domain").starts_with("flux"))
        .collect();
    println!(
        "\nfast flux: {} false of {} recorded answers with three addresses or more",
        false_ones.len(),
        benign.len()
    );
    false_ones.into_iter().for_each(|f| score.extra("recorded answers", f));
    Ok(())
}

/// Recorded answers with three addresses or more, by name.
fn spread_answers(data: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let mut all = BTreeMap::new();
    for row in table::read(&data.join("dns/resolver_index.tsv"))? {
        for line in gz::file(&data.join(row.get("file")))?.lines() {
            let Ok(record) = serde_json::from_str::<Value>(line) else { continue };
            let answers = record["answers"].as_array().map(Vec::as_slice).unwrap_or_default();
            let addresses: Vec<String> = answers
                .iter()
                .filter(|a| a["Type"] == "A")
                .filter_map(|a| a["Rdata"].as_str().map(str::to_owned))
                .collect();
            if addresses.len() >= 3 {
                let name = record["query_name"].as_str().unwrap_or_default().trim_end_matches('.').to_owned();
                all.insert(name, addresses);
            }
        }
    }
    Ok(all)
}

/// An address as an infected machine may have it.
fn bot(random: &mut Random) -> String {
    // Networks of access providers on all continents, by the registries' tables.
    let first = *random.pick(&[24u8, 73, 84, 90, 105, 126, 177, 186, 211, 220, 1, 41]);
    format!("{first}.{}.{}.{}", random.range(1, 250), random.below(256), random.range(1, 254))
}
