//! `cargo xtask eval`: what is found of recorded and planted attacks, and what is found beside them.
//!
//! `--data` is a folder of labelled logs: `cloudtrail/labels.tsv`, `flow/scenarios.tsv`, `dns/resolver_index.tsv` and
//! `intel/`, with the generator at `../tools/genlogs.py` and the service model in `../api/`.

mod anomaly;
mod behaviour;
mod benign_dns;
mod captures;
mod cloudtrail;
mod credentials;
pub mod dns_log;
mod domains;
mod feeds;
mod fleet;
mod flow_log;
mod initiator;
mod issuers;
mod network;
mod planted;
mod replays;
mod score;
mod shape;
pub mod table;
mod tunnels;

use crate::args::{Args, root};
use crate::scanner::Scanner;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;

/// Runs the command.
pub fn run(mut args: Args) -> Result<bool> {
    let data = args.data()?.context("give --data DIR, the folder of labelled logs")?;
    let mb = args.number("--mb")?.unwrap_or(120);
    let only = args.value("--only")?;
    let given = args.value("--seeds")?;
    let seeds = |otherwise: &str| -> Result<Vec<u32>> {
        let all = given.as_deref().unwrap_or(otherwise).split(',').map(str::parse);
        all.collect::<Result<_, _>>().context("--seeds N,N,...")
    };
    // A month of an account's calls takes minutes for each seed.
    let (month, seeds) = (seeds("1")?, seeds("1,2,3")?);
    let scanner = Scanner::new(args.binary()?);
    args.end()?;
    let work = root().join("target/eval");
    fs::create_dir_all(&work)?;
    let model = shape::Model::read(&data.join("../api/guardduty-2017-11-28.json"))?;
    let mut score = score::Score::new(model);
    let feeds = feeds::Feeds::read(&data.join("intel"))?;
    let part = |name: &str| only.as_deref().is_none_or(|o| o == name);
    if part("cloudtrail") {
        cloudtrail::run(&scanner, &data, &mut score)?;
    }
    if part("flow") {
        captures::flow(&scanner, &data, &feeds, &work, &mut score)?;
    }
    if part("initiator") {
        initiator::run(&data, &mut score)?;
    }
    if part("behaviour") {
        behaviour::run(&scanner, &work, &mut score)?;
    }
    if part("credentials") {
        credentials::run(&scanner, &work, &seeds, &mut score)?;
    }
    if part("dns") {
        captures::dns(&scanner, &data, &feeds, &mut score)?;
        tunnels::run(&scanner, &work, &mut score)?;
    }
    if part("domains") {
        domains::run(&scanner, &data, &work, &mut score)?;
    }
    let sound = !part("dga") || crate::dga::check(&data, &scanner, &work)?;
    if part("anomaly") {
        anomaly::run(&scanner, &data, &month, &work, &mut score)?;
    }
    if part("planted") {
        planted::run(&scanner, &data, (mb, &seeds), &work, (&raised()?, &mut score))?;
    }
    let passed = score.print(&raised()?, scanner.records()) && sound;
    let result = root().join("target/eval.json");
    fs::write(&result, serde_json::to_vec_pretty(&score.json())?)?;
    println!("{}; written to {}", if passed { "no bar missed" } else { "A BAR IS MISSED" }, result.display());
    Ok(passed)
}

/// The types that have a detector, from the catalogue's rows.
fn raised() -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for row in crate::tidy::catalogue()? {
        if !row.detector.is_empty() {
            all.insert(row.name);
        }
    }
    Ok(all)
}
