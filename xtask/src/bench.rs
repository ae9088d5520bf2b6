//! `cargo xtask bench`: the whole scan beside decompression alone, on the same files, in CPU seconds.

use crate::args::{Args, root};
use anyhow::{Context, Result, ensure};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a command and prints user and system seconds, wall seconds and peak memory in KiB: the operating
/// system's own account of the finished process.
const TIMER: &str = "import resource,subprocess,sys,time;t=time.time();\
subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL);w=time.time()-t;\
r=resource.getrusage(resource.RUSAGE_CHILDREN);print(r.ru_utime+r.ru_stime,w,r.ru_maxrss)";

/// Entries of each of the two lists.
const ENTRIES: u32 = 250_000;
const RUNS: usize = 3;

/// What one process cost.
#[derive(Clone, Copy)]
struct Cost {
    cpu: f64,
    wall: f64,
    peak_mib: f64,
}

/// Runs the command; false when a bar is missed.
pub fn run(mut args: Args) -> Result<bool> {
    if let Some(folder) = args.value("--decompress")? {
        args.end()?;
        return decompress(Path::new(&folder));
    }
    let data = args.data()?.context("give --data DIR: its ../tools/genlogs.py makes the logs")?;
    let mb = args.number("--mb")?.unwrap_or(400);
    let binary = args.binary()?;
    args.end()?;
    let work = root().join("target/bench");
    fs::create_dir_all(&work)?;
    let lists = lists(&work)?;
    println!(
        "medians of {RUNS} interleaved runs; share = decompression alone (libdeflate) / whole scan, in CPU seconds"
    );
    println!(
        "{:<18} {:>9} {:>9} {:>7} {:>6} {:>9} {:>7} {:>9}",
        "corpus", "alone s", "scan s", "share", "bar", "2 threads", "lists", "peak MiB"
    );
    let mut passed = true;
    for (name, mix, bar) in
        [("CloudTrail", "1,0,0", 25.0), ("flow logs", "0,1,0", 15.0), ("DNS queries", "0,0,1", 12.0)]
    {
        let folder = corpus(&data, &work, mix, mb, 14)?;
        passed &= one(name, bar, &folder, &binary, &lists)?;
    }
    let small = corpus(&data, &work, "0.4,0.4,0.2", mb / 4, 3)?;
    let large = corpus(&data, &work, "0.4,0.4,0.2", mb / 4 * 10, 30)?;
    let (a, b) = (scan(&binary, &small, &lists, 2)?.peak_mib, scan(&binary, &large, &lists, 2)?.peak_mib);
    println!(
        "peak memory: {a:.0} MiB, at ten times the input {b:.0} MiB ({:.2} times; bars 256 MiB and 1.10 times)",
        b / a
    );
    Ok(passed && a.max(b) <= 256.0 && b / a <= 1.1)
}

fn one(name: &str, bar: f64, folder: &Path, binary: &Path, lists: &[PathBuf]) -> Result<bool> {
    let me = std::env::current_exe()?;
    let mut costs: [Vec<Cost>; 4] = Default::default();
    for _ in 0..RUNS {
        let alone: Vec<String> = vec![text(&me), "bench".into(), "--decompress".into(), text(folder)];
        costs[0].push(measure(&alone)?);
        costs[1].push(scan(binary, folder, lists, 1)?);
        costs[2].push(scan(binary, folder, lists, 2)?);
        costs[3].push(scan(binary, folder, &[], 1)?);
    }
    let [alone, whole, two, bare] = costs.map(median);
    let share = 100.0 * alone.cpu / whole.cpu;
    let (speedup, lists_cost) = (whole.wall / two.wall, 100.0 * (whole.cpu / bare.cpu - 1.0));
    println!(
        "{name:<18} {:>9.3} {:>9.3} {share:>6.1}% {bar:>5.0}% {speedup:>8.2}x {lists_cost:>6.1}% {:>9.0}",
        alone.cpu, whole.cpu, whole.peak_mib
    );
    Ok(share >= bar && speedup >= 1.8 && lists_cost <= 15.0)
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    let wall = {
        let mut w: Vec<f64> = costs.iter().map(|c| c.wall).collect();
        w.sort_by(f64::total_cmp);
        w[w.len() / 2]
    };
    Cost { wall, ..costs[costs.len() / 2] }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn scan(binary: &Path, folder: &Path, lists: &[PathBuf], threads: u8) -> Result<Cost> {
    let mut words = vec![
        text(binary),
        "scan".into(),
        text(&folder.join("AWSLogs")),
        "--quiet".into(),
        "--format".into(),
        "ndjson".into(),
        "--no-default-feeds".into(),
        "--threads".into(),
        threads.to_string(),
    ];
    for list in lists {
        words.extend(["--feed".into(), format!("c2={}", list.display())]);
    }
    measure(&words)
}

fn measure(words: &[String]) -> Result<Cost> {
    let out = Command::new("python3").arg("-c").arg(TIMER).args(words).output().context("python3 is needed")?;
    let text = String::from_utf8_lossy(&out.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<f64>);
    let mut next = || numbers.next().context("the timer printed nothing")?.context("the timer printed no number");
    Ok(Cost { cpu: next()?, wall: next()?, peak_mib: next()? / 1024.0 })
}

/// Logs at gzip level 6; made once.
fn corpus(data: &Path, work: &Path, mix: &str, mb: u64, days: u32) -> Result<PathBuf> {
    let folder = work.join(format!("{}-{mb}-{days}", mix.replace([',', '.'], "_")));
    if !folder.join("truth.json").exists() {
        let made = Command::new("python3")
            .arg(data.join("../tools/genlogs.py"))
            .arg("--out")
            .arg(&folder)
            .args(["--mb", &mb.to_string(), "--days", &days.to_string(), "--seed", "5", "--mix", mix, "--level", "6"])
            .output()?;
        ensure!(made.status.success(), "genlogs.py failed: {}", String::from_utf8_lossy(&made.stderr));
    }
    Ok(folder)
}

/// A list of addresses and one of domains that hardly anything matches, as a real list would be.
fn lists(work: &Path) -> Result<Vec<PathBuf>> {
    let (ips, domains) = (work.join("ips.txt"), work.join("domains.txt"));
    let (mut a, mut d) = (String::new(), String::new());
    for i in 0..ENTRIES {
        let x = i.wrapping_mul(2_654_435_761);
        writeln!(
            a,
            "{}.{}.{}.{}",
            [5, 23, 45, 77, 91, 103, 141, 185][(x >> 29) as usize],
            x >> 16 & 255,
            x >> 8 & 255,
            i & 255
        )?;
        writeln!(d, "h{x:08x}-{i}.{}", ["com", "net", "ru", "top"][(i & 3) as usize])?;
    }
    fs::write(&ips, a)?;
    fs::write(&domains, d)?;
    Ok(vec![ips, domains])
}

/// Decompresses every `.gz` below a folder, in one call each and into one buffer.
fn decompress(folder: &Path) -> Result<bool> {
    let (mut out, mut total) = (Vec::new(), 0);
    let mut decompressor = libdeflater::Decompressor::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "gz") {
                let packed = fs::read(&path)?;
                let size = packed.last_chunk::<4>().map_or(0, |t| u32::from_le_bytes(*t)) as usize;
                if out.len() < size {
                    out.resize(size, 0);
                }
                total += decompressor
                    .gzip_decompress(&packed, &mut out[..size])
                    .map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))?;
            }
        }
    }
    println!("{total}");
    Ok(true)
}
