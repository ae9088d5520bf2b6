//! Runs children and counts their CPU-seconds, wall time and memory.

use super::corpora::Corpus;
use super::decompress::files;
use super::principals::Sizes;
use super::report::{Entities, Measured, Memory, Report};
use crate::scanner::feed;
use anyhow::{Context, Result, ensure};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs a command and prints user and system seconds, wall seconds and the peak of memory in KiB. Only the parent
/// can ask the kernel for these, and the standard library does not.
const TIMER: &str = "\
import os, sys, time, resource
quiet = os.open(os.devnull, os.O_WRONLY)
began = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, quiet, 1)])
_, status, used = os.wait4(child, 0)
print(used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))";

/// What one run took.
#[derive(Clone, Copy)]
pub struct Took {
    /// CPU-seconds, user and system.
    pub cpu: f64,
    /// Seconds on the wall.
    pub wall: f64,
    /// Peak of memory in MiB.
    pub mib: f64,
}

/// With what is measured.
pub struct Bench {
    /// The binary.
    pub bin: PathBuf,
    /// Addresses and domains.
    pub lists: [PathBuf; 2],
    /// How often; the fastest counts, and the highest peak of memory.
    pub runs: u64,
    /// Where to put what is made.
    pub work: PathBuf,
    /// Megabytes of a corpus.
    pub mb: u64,
}

impl Bench {
    /// Measures a corpus in every way, interleaved.
    pub fn corpus(&self, corpus: &Corpus) -> Result<Measured> {
        eprintln!("measuring {} ...", corpus.name);
        let here = std::env::current_exe()?;
        let alone: Vec<OsString> =
            ["bench", "decompress"].iter().map(OsString::from).chain([corpus.folder.clone().into()]).collect();
        let output = Command::new(&here).args(&alone).output()?; // Also brings the files into the page cache.
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bytes: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
        let mut rounds = [const { Vec::new() }; 5];
        for _ in 0..self.runs {
            rounds[0].push(time(&here, &alone)?);
            rounds[1].push(self.scan(&corpus.folder, 1, true, true)?);
            rounds[2].push(self.scan(&corpus.folder, 2, true, true)?);
            rounds[3].push(self.scan(&corpus.folder, 1, false, true)?);
            if corpus.name.contains("cloudtrail") {
                rounds[4].push(self.scan(&corpus.folder, 1, true, false)?);
            }
        }
        let [alone, one, two, bare, unlearned] = rounds;
        let [alone, one, two, bare] = [alone, one, two, bare].map(fastest);
        let unlearned = (!unlearned.is_empty()).then(|| fastest(unlearned));
        Ok(Measured { name: corpus.name, bar: corpus.bar, goal: corpus.goal, bytes, alone, one, two, bare, unlearned })
    }

    /// The peak of memory on all generated kinds together, and on ten times as many files of the same hosts.
    pub fn memory(&self, corpora: &[Corpus]) -> Result<Memory> {
        eprintln!("measuring memory ...");
        let folder = self.work.join(format!("tenfold-{}", self.mb));
        let [once, tenfold] = [folder.join("1"), folder.join("10")];
        if !folder.join("done").exists() {
            for corpus in corpora {
                let all = files(&corpus.folder)?;
                // A tenth of the files, evenly, so that both sets have the same hosts and days.
                for (n, file) in all.iter().enumerate() {
                    let inner = file.strip_prefix(&self.work)?;
                    let into = if n % 10 == 0 { &[&once, &tenfold][..] } else { &[&tenfold][..] };
                    for root in into {
                        let path = root.join(inner);
                        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
                        fs::hard_link(file, path)?;
                    }
                }
            }
            fs::write(folder.join("done"), "")?;
        }
        let mut peaks = [Vec::new(), Vec::new()];
        for _ in 0..self.runs {
            peaks[0].push(self.scan(&once, 2, true, true)?);
            peaks[1].push(self.scan(&tenfold, 2, true, true)?);
        }
        let [once, tenfold] = peaks.map(highest);
        Ok(Memory { once, tenfold })
    }

    /// The peak of memory at a million interfaces, and what of them was on disk, as the scan says.
    pub fn interfaces(&self) -> Result<Entities> {
        self.million("interfaces", "entities", super::entities::write)
    }

    /// The same of a million principals.
    pub fn principals(&self) -> Result<Entities> {
        self.million("principals", "principals", super::principals::write)
    }

    fn million(&self, kind: &'static str, name: &str, write: fn(&Path, u64) -> Result<()>) -> Result<Entities> {
        const MILLION: u64 = 1_000_000;
        let folder = self.work.join(format!("{name}-{MILLION}"));
        if !folder.join("done").exists() {
            eprintln!("generating {MILLION} {kind} ...");
            write(&folder, MILLION)?;
            fs::write(folder.join("done"), "")?;
        }
        eprintln!("measuring {MILLION} {kind} ...");
        let mut words: Vec<OsString> = vec!["scan".into(), folder.join("AWSLogs").into()];
        words.extend(["--no-default-feeds", "--format", "ndjson", "--threads", "2", "-v"].map(OsString::from));
        let (took, told) = time_and_hear(&self.bin, &words)?;
        let spilled = told.lines().find(|l| l.contains("spilled to disk:")).unwrap_or("nothing was spilled to disk");
        Ok(Entities { kind, many: MILLION, took, spilled: spilled.trim().to_owned() })
    }

    /// How large profiles of principals are after all of a corpus.
    pub fn profiles(&self, corpus: &Corpus) -> Result<Sizes> {
        eprintln!("measuring profiles ...");
        let baseline = self.work.join("profiles.baseline");
        if baseline.exists() {
            fs::remove_file(&baseline)?;
        }
        let mut words: Vec<OsString> = vec!["scan".into(), corpus.folder.clone().into(), "--baseline".into()];
        words.push(baseline.clone().into());
        words.extend(["--no-default-feeds", "--format", "ndjson", "--quiet"].map(OsString::from));
        time(&self.bin, &words)?;
        super::principals::sizes(&baseline)
    }

    /// DuckDB's plain aggregate on one thread, where Python has it.
    pub fn duckdb(&self, corpora: &[Corpus], report: &mut Report) -> Result<()> {
        let python = [crate::args::root().join(".venv/bin/python"), "python3".into()].into_iter().find(|p| {
            Command::new(p).args(["-c", "import duckdb"]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
        });
        let Some(python) = python else {
            report.note("DuckDB is not installed (pip install duckdb): not compared");
            return Ok(());
        };
        for corpus in corpora {
            // The generator writes a few files of the other sources as well.
            let files = match corpus.name {
                "cloudtrail" => "**/*_CloudTrail_*.gz",
                "flow" => "**/*vpcflowlogs*.gz",
                "dns" => "**/*vpcdnsquerylogs*.gz",
                _ => "**/*.gz",
            };
            let glob = corpus.folder.join(files).display().to_string();
            let query = match corpus.name {
                "flow" => format!(
                    "select \"interface-id\", count(*), sum(try_cast(bytes as ubigint)) from read_csv('{glob}', delim=' ', header=true, all_varchar=true) group by 1"
                ),
                "dns" => format!(
                    "select srcids.instance, count(*) from read_ndjson('{glob}', columns={{srcids: 'struct(instance varchar)', query_name: 'varchar'}}) group by 1"
                ),
                _ => format!(
                    "select r.eventName, count(*) from (select unnest(Records) r from read_json('{glob}', columns={{Records: 'struct(eventName varchar, sourceIPAddress varchar)[]'}}, maximum_object_size=268435456)) group by 1"
                ),
            };
            let code = format!(
                "import duckdb; c = duckdb.connect(); c.execute('set threads=1'); c.execute({query:?}).fetchall()"
            );
            match time(&python, &["-c".into(), code.into()]) {
                Ok(took) => report.duckdb(corpus.name, took),
                Err(why) => report.note(&format!("DuckDB on {}: {why:#}", corpus.name)),
            }
        }
        Ok(())
    }

    fn scan(&self, folder: &Path, threads: u32, lists: bool, behavior: bool) -> Result<Took> {
        let mut words: Vec<OsString> = vec!["scan".into(), folder.into(), "--no-default-feeds".into()];
        words.extend(["--format", "ndjson", "--quiet", "--threads"].map(OsString::from));
        words.push(threads.to_string().into());
        if !behavior {
            let settings = self.work.join("no-behavior.toml");
            fs::write(&settings, "[detection]\napi_behavior = false\n")?;
            words.extend(["--config".into(), settings.into()]);
        }
        if lists {
            words.extend(feed("c2", &self.lists[0]));
            words.extend(feed("malicious-domain", &self.lists[1]));
        }
        time(&self.bin, &words)
    }
}

fn time(program: impl AsRef<OsStr>, words: &[OsString]) -> Result<Took> {
    Ok(time_and_hear(program, words)?.0)
}

/// What a run took, and what it said on standard error.
fn time_and_hear(program: impl AsRef<OsStr>, words: &[OsString]) -> Result<(Took, String)> {
    let output = Command::new("python3").args(["-c", TIMER]).arg(&program).args(words).output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {}", program.as_ref().display(), error.lines().last().unwrap_or_default());
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [cpu, wall, kib] = numbers[..] else { anyhow::bail!("the timer printed {text:?}") };
    Ok((Took { cpu, wall, mib: kib / 1024.0 }, error.into_owned()))
}

/// The fastest run, in each measure by itself: what disturbs a run from outside only ever adds to it.
fn fastest(all: Vec<Took>) -> Took {
    let of = |get: fn(&Took) -> f64| all.iter().map(get).fold(f64::INFINITY, f64::min);
    Took { cpu: of(|t| t.cpu), wall: of(|t| t.wall), mib: of(|t| t.mib) }
}

/// The highest peak of memory.
fn highest(all: Vec<Took>) -> f64 {
    all.iter().map(|t| t.mib).fold(0.0, f64::max)
}
