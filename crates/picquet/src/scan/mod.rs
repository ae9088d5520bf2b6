//! `picquet scan`: hunts through existing logs.

mod ahead;
mod baseline;
pub mod intel;
pub mod keep;
mod output;
pub mod prepare;
mod progress;
mod shares;
mod summary;
pub mod work;

use crate::cli::{InputArgs, ScanArgs};
use crate::exit::{Code, Failure, Outcome};
use crate::{config, feeds};
use picquet_detect::cold::Memory;
use picquet_detect::reduce::FactMap;
use picquet_detect::{Env, Fact, FactKey};
use picquet_engine::{Parcel, RunError};
use picquet_model::{Finding, Severity};
use picquet_source::{Listing, list, without_duplicates};
use picquet_watch::spill::{ColdFiles, TempStore};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wildmatch::WildMatch;

/// What a scan found, before any filter of the output.
pub struct Scanned {
    /// All findings, in order.
    pub findings: Vec<Finding>,
    /// What was read.
    pub totals: work::Totals,
    /// With what it was judged.
    pub env: Env,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

/// Looks at facts as they go by.
pub type Watch<'a> = &'a mut (dyn FnMut(&FactKey, &Fact, &Env) + Send);

/// Runs the command.
pub fn run(args: &ScanArgs) -> Outcome {
    let began = Instant::now();
    let only = types(&args.only)?;
    let targets = output::targets(args)?;
    let scanned = scan(&args.input, args.quiet)?;
    let shown: Vec<Finding> = scanned
        .findings
        .iter()
        .filter(|f| only.is_empty() || only.iter().any(|t| t.matches(&f.finding_type)))
        .filter(|f| args.min_severity.is_none_or(|s| f.severity >= s.floor()))
        .filter(|f| args.input.account.is_empty() || args.input.account.contains(&f.account_id))
        .filter(|f| args.input.region.is_empty() || args.input.region.contains(&f.region))
        .cloned()
        .collect();
    let hidden = scanned.findings.len() - shown.len();
    let summary = summary::of(&scanned, hidden as u64, began.elapsed());
    output::write(args, &targets, &shown, &summary)?;
    if let Some(folder) = &args.input.data_dir {
        keep::keep(folder, args.input.store.as_deref(), &shown, args.quiet)?;
    }
    if scanned.interrupted {
        return Ok(Code::Interrupted);
    }
    if scanned.totals.read.records.is_empty() && scanned.totals.reference_records == 0 {
        let mut failure =
            Failure::new(Code::Input, "no record of CloudTrail, VPC Flow Logs or Resolver query logs was read");
        failure = match (scanned.totals.read.objects, scanned.totals.read.unreadable.first()) {
            (_, Some(first)) => failure.help(first),
            (0, None) => failure.help("the given paths hold no files; give the folder that holds AWSLogs/"),
            _ => failure.help("what was passed over is in the summary above; run again with -v to see where"),
        };
        return Err(failure);
    }
    if args.fail_on.is_some_and(|limit| shown.iter().any(|f| Severity::of(f.severity) >= limit)) {
        return Ok(Code::Met);
    }
    if args.strict && summary.is_partial() {
        return Ok(Code::Partial);
    }
    Ok(Code::Done)
}

/// Reads, reduces, merges and judges.
pub fn scan(input: &InputArgs, quiet: bool) -> Result<Scanned, Failure> {
    scan_with(input, quiet, &mut |_, _, _| {})
}

/// As [`scan`]; `watch` sees every merged fact, in the order of keys.
pub fn scan_with(input: &InputArgs, quiet: bool, watch: Watch<'_>) -> Result<Scanned, Failure> {
    if input.paths.is_empty() {
        return Err(Failure::new(Code::Input, "no PATH was given")
            .help("give files or folders of logs, or - for standard input"));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    // A second handler cannot be set in one process; then the first one does the same.
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::abort();
        }
    });
    let mut given = FactMap::new(0);
    let world = match &input.data_dir {
        Some(folder) => feeds::world(&input.world, &config::operation(input.world.config.as_deref())?.feed, folder)?,
        None => input.world.clone(),
    };
    let paths: Vec<PathBuf> = input.paths.iter().filter(|p| p.as_os_str() != "-").cloned().collect();
    let stdin = paths.len() < input.paths.len();
    let find = || {
        let Listing { objects, skipped, unreadable } = list(&paths);
        let (objects, twice) = without_duplicates(objects);
        (objects, skipped, unreadable, twice)
    };
    // Finding the objects waits for the disk, loading the lists for the processor.
    let (env, found) = std::thread::scope(|scope| {
        let found = (input.world.thread_count() > 1).then(|| scope.spawn(find));
        let active = |folder: &PathBuf| keep::active_lists(folder, input.store.as_deref(), quiet);
        let stored = input.data_dir.as_ref().map_or_else(|| Ok(Vec::new()), active);
        let env = stored.and_then(|lists| prepare::environment(&world, input.window(), lists, &mut given, quiet));
        (env, found.map_or_else(|| Ok(find()), std::thread::ScopedJoinHandle::join))
    });
    let (env, (objects, skipped, unreadable, twice)) =
        (env?, found.map_err(|_| Failure::new(Code::Internal, "listing the objects failed; please report this"))?);
    let store = TempStore::default();
    let job = work::Job {
        objects: &objects,
        stdin,
        threads: input.world.thread_count(),
        // The rest is for buffers, lists and judging. More would save spills, which cost next to nothing, and would let
        // the peak grow with the input up to where the first spill is.
        fact_bytes: usize::try_from(input.world.max_memory / 16).unwrap_or(usize::MAX),
        env: &env,
        store: &store,
        stop: &stop,
        progress: progress::Progress::new(objects.len() as u64, objects.iter().map(|o| o.size).sum(), quiet),
    };
    let (mut runs, mut totals) = work::reduce(&job)?;
    for (why, n) in skipped {
        *totals.read.skipped.entry(why).or_default() += n;
    }
    if twice > 0 {
        *totals.read.skipped.entry("copy of another file".into()).or_default() += twice;
    }
    totals.read.unreadable.extend(unreadable.iter().map(ToString::to_string));
    totals.read.unreadable.sort();
    totals.reference_records = given.len() as u64;
    runs.push(given.take_sorted());
    totals.spilled = runs.spilled() as u64;
    let mut saver = None;
    if let Some(path) = &input.baseline {
        baseline::load(path, job.fact_bytes, &mut runs, &store)?;
        saver = Some(baseline::Saver::new(path)?);
    }
    let mut sampled = 0;
    let cold = Arc::new(ColdFiles::default());
    let memory =
        Memory { bytes: usize::try_from(input.world.max_memory / 4).unwrap_or(usize::MAX), store: Some(cold.clone()) };
    let facts = runs.merge(&store).map_err(|e| Failure::new(Code::Internal, e))?;
    let facts = facts.inspect(|fact| {
        if let Ok((key, fact)) = fact {
            sampled += u64::from(matches!(fact, Fact::Traffic(traffic) if traffic.is_sampled()));
            watch(key, fact, &env);
        }
    });
    let parcels = picquet_engine::parcels(facts, &env, &memory, saver.is_some());
    let weight = |parcel: &Result<Parcel, RunError>| parcel.as_ref().map_or(0, Parcel::weight);
    let judged = ahead::read(job.threads > 1, parcels, weight, |parcels| match &mut saver {
        Some(saver) => picquet_engine::judge_parcels(parcels, &env, saver),
        None => picquet_engine::judge_parcels(parcels, &env, &mut ()),
    });
    totals.sampled = sampled;
    totals.cold_bytes = cold.bytes();
    let findings = judged.map_err(|e| Failure::new(Code::Internal, e))?;
    if let Some(saver) = saver {
        saver.finish()?;
    }
    Ok(Scanned { findings, totals, env, interrupted: stop.load(Ordering::SeqCst) })
}

/// The patterns of `--only`; one that no type matches is a mistake.
fn types(patterns: &[String]) -> Result<Vec<WildMatch>, Failure> {
    patterns
        .iter()
        .map(|p| {
            let pattern = WildMatch::new(p);
            if picquet_model::catalogue::all().iter().any(|row| pattern.matches(&row.name)) {
                return Ok(pattern);
            }
            let near = picquet_detect::tuning::nearest(p);
            Err(Failure::new(Code::Config, format!("--only {p}: no finding type matches{near}"))
                .help("`picquet explain '*'` lists the types"))
        })
        .collect()
}
