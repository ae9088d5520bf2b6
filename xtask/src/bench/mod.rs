//! `cargo xtask bench`: the whole scan against decompression alone, in CPU-seconds on the same files.
//!
//! Everything is measured in one run, interleaved, and the fastest runs are printed beside the bars. Files lie in the page
//! cache; findings are written, to a file that nobody keeps. `bench decompress` is the measure itself, run as a child
//! so that it is counted as the scan is.

mod api;
mod corpora;
mod decompress;
mod entities;
mod lists;
mod measure;
mod principals;
mod report;

use crate::args::{Args, root};
use anyhow::Result;
use std::fs;

/// Runs the command.
pub fn run(mut args: Args) -> Result<bool> {
    if std::env::args().nth(2).as_deref() == Some("decompress") {
        args.word();
        let folder = args.word().unwrap_or_default();
        return decompress::run(folder.as_ref());
    }
    let data = args.data()?;
    let mb = args.number("--mb")?.unwrap_or(1200);
    let runs = args.number("--runs")?.unwrap_or(5).max(1);
    let only = args.value("--only")?;
    let findings = args.number("--findings")?.unwrap_or(1_000_000);
    let store = args.value("--store")?.unwrap_or_else(|| "sqlite".into());
    let bin = args.binary()?;
    args.end()?;
    let work = root().join("target/bench");
    fs::create_dir_all(&work)?;
    let lists = lists::write(&work)?;
    anyhow::ensure!(only.as_deref().is_none_or(|o| o == "entities" || o == "api"), "--only takes: entities, api");
    if only.as_deref() == Some("api") {
        let count = u32::try_from(findings)?;
        return api::run(&bin, &work, count, &store);
    }
    if only.is_some() {
        let bench = measure::Bench { bin, lists, runs: 1, work, mb };
        let mut report = report::Report::default();
        report.entities(bench.interfaces()?);
        report.entities(bench.principals()?);
        return report.print(&root().join("target/bench-entities.json"));
    }
    let corpora = corpora::all(data.as_deref(), mb, &work)?;
    let bench = measure::Bench { bin, lists, runs, work, mb };
    let mut report = report::Report::default();
    for corpus in &corpora {
        report.add(bench.corpus(corpus)?);
    }
    report.memory(bench.memory(&corpora)?);
    report.entities(bench.interfaces()?);
    report.entities(bench.principals()?);
    if let Some(corpus) = corpora.iter().find(|c| c.name == "cloudtrail") {
        report.profiles(bench.profiles(corpus)?);
    }
    bench.duckdb(&corpora, &mut report)?;
    report.print(&root().join("target/bench.json"))
}
