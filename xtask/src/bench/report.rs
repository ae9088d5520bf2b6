//! The figures beside their bars.

use super::measure::Took;
use super::principals::Sizes;
use anyhow::Result;
use serde_json::json;
use std::fs;
use std::path::Path;

/// The figures of a corpus.
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// The share of decompression that must be reached, in percent.
    pub bar: f64,
    /// The share that is aimed at.
    pub goal: f64,
    /// Uncompressed bytes.
    pub bytes: f64,
    /// Decompression alone.
    pub alone: Took,
    /// The scan with both lists on one thread.
    pub one: Took,
    /// The same on two threads.
    pub two: Took,
    /// The scan without the lists, on one thread.
    pub bare: Took,
    /// Of CloudTrail, the scan with both lists that learns nothing of identities, on one thread.
    pub unlearned: Option<Took>,
}

/// Peaks of memory in MiB.
pub struct Memory {
    /// On a tenth of the files.
    pub once: f64,
    /// On all.
    pub tenfold: f64,
}

/// A scan of many entities.
pub struct Entities {
    /// Of what.
    pub kind: &'static str,
    /// How many.
    pub many: u64,
    /// What it took.
    pub took: Took,
    /// What it says of its spill.
    pub spilled: String,
}

/// Everything measured.
#[derive(Default)]
pub struct Report {
    corpora: Vec<Measured>,
    memory: Option<Memory>,
    entities: Vec<Entities>,
    profiles: Option<Sizes>,
    duckdb: Vec<(&'static str, Took)>,
    notes: Vec<String>,
}

impl Report {
    /// Adds a corpus.
    pub fn add(&mut self, measured: Measured) {
        self.corpora.push(measured);
    }

    /// Sets the peaks of memory.
    pub fn memory(&mut self, memory: Memory) {
        self.memory = Some(memory);
    }

    /// Adds the figures of many entities.
    pub fn entities(&mut self, entities: Entities) {
        self.entities.push(entities);
    }

    /// Sets the sizes of profiles.
    pub fn profiles(&mut self, sizes: Sizes) {
        self.profiles = Some(sizes);
    }

    /// Adds DuckDB's figures for a corpus.
    pub fn duckdb(&mut self, name: &'static str, took: Took) {
        self.duckdb.push((name, took));
    }

    /// Adds a remark.
    pub fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }

    /// Prints the figures; true when every bar is reached.
    pub fn print(&self, json_file: &Path) -> Result<bool> {
        let mut passed = true;
        let mut verdict = |fits: bool| {
            passed &= fits;
            if fits { "ok" } else { "MISSED" }
        };
        let mut rows = Vec::new();
        println!("CPU-seconds, the fastest of all runs; gzip level 6; 250,000 addresses and 250,000 domains loaded");
        for m in &self.corpora {
            let share = 100.0 * m.alone.cpu / m.one.cpu;
            let speedup = m.one.wall / m.two.wall;
            let lists = 100.0 * (m.one.cpu - m.bare.cpu) / m.bare.cpu;
            let speed = |t: &Took| m.bytes / 1e6 / t.cpu;
            println!("\n{} ({:.0} MB)", m.name, m.bytes / 1e6);
            println!("  decompression alone   {:>8.2} s  {:>7.0} MB/s", m.alone.cpu, speed(&m.alone));
            println!("  the whole scan        {:>8.2} s  {:>7.0} MB/s", m.one.cpu, speed(&m.one));
            println!("  without the lists     {:>8.2} s  {:>7.0} MB/s", m.bare.cpu, speed(&m.bare));
            if let Some(unlearned) = &m.unlearned {
                println!("  without API behaviour {:>8.2} s  {:>7.0} MB/s", unlearned.cpu, speed(unlearned));
            }
            println!(
                "  share of decompression {share:>6.1} %   bar {} % (goal {} %)  {}",
                m.bar,
                m.goal,
                verdict(share >= m.bar)
            );
            println!("  two threads on the wall {speedup:>5.2} x   bar 1.8 x  {}", verdict(speedup >= 1.8));
            println!("  what the lists cost   {lists:>7.1} %   bar 15 % (goal 8 %)  {}", verdict(lists <= 15.0));
            if let Some((_, duck)) = self.duckdb.iter().find(|(name, _)| *name == m.name) {
                println!("  DuckDB's plain aggregate {:>5.2} s  {:>7.0} MB/s", duck.cpu, speed(duck));
            }
            rows.push(json!({
                "corpus": m.name, "bytes": m.bytes, "decompressionCpuSecs": m.alone.cpu, "scanCpuSecs": m.one.cpu,
                "withoutListsCpuSecs": m.bare.cpu, "withoutBehaviorCpuSecs": m.unlearned.map(|t| t.cpu), "sharePercent": share, "twoThreadsSpeedup": speedup,
                "listsCostPercent": lists, "scanMib": m.one.mib,
            }));
        }
        if let Some(memory) = &self.memory {
            let growth = memory.tenfold / memory.once;
            println!("\npeak memory, 2 threads, default --max-memory");
            println!(
                "  a tenth of all files  {:>8.0} MiB  bar 256 MiB (goal 128)  {}",
                memory.once,
                verdict(memory.once <= 256.0)
            );
            println!(
                "  all files             {:>8.0} MiB  bar 256 MiB (goal 128)  {}",
                memory.tenfold,
                verdict(memory.tenfold <= 256.0)
            );
            println!("  growth                {growth:>8.2} x    bar 1.1 x  {}", verdict(growth <= 1.1));
            rows.push(json!({"memoryMib": [memory.once, memory.tenfold]}));
        }
        for e in &self.entities {
            println!("\n{} {} of one account, 2 threads, default --max-memory", e.many, e.kind);
            println!("  peak memory           {:>8.0} MiB  bar 256 MiB  {}", e.took.mib, verdict(e.took.mib <= 256.0));
            println!("  on disk               {}", e.spilled);
            println!("  time                  {:>8.1} s wall, {:.1} s CPU", e.took.wall, e.took.cpu);
            rows.push(json!({"entities": e.kind, "many": e.many, "memoryMib": e.took.mib, "spilled": e.spilled}));
        }
        if let Some(sizes) = &self.profiles {
            let kib = |bytes: usize| bytes as f64 / 1024.0;
            let (median, largest) = (kib(sizes.median), kib(sizes.largest));
            println!("\nprofiles of {} principals, as a baseline has them", sizes.profiles);
            println!("  median                {median:>8.1} KiB  bar 8 KiB  {}", verdict(median < 8.0));
            println!("  largest               {largest:>8.1} KiB  bar 64 KiB  {}", verdict(largest <= 64.0));
            rows.push(json!({"profiles": sizes.profiles, "medianBytes": sizes.median, "largestBytes": sizes.largest}));
        }
        self.notes.iter().for_each(|note| println!("\n{note}"));
        fs::write(json_file, serde_json::to_vec_pretty(&rows)?)?;
        println!("\n{}; written to {}", if passed { "no bar missed" } else { "A BAR IS MISSED" }, json_file.display());
        Ok(passed)
    }
}
