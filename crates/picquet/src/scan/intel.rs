//! Threat and trusted lists: read and compiled on as many threads as the scan has.

use super::keep::{StoredList, active_lists};
use super::prepare::read;
use crate::cli::InputArgs;
use crate::exit::{Code, Failure};
use picquet_intel::{BundledFeed, Category, Intel, IntelBuilder, ListReport, bundled_feeds};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// GuardDuty takes lists of up to 35 MB; feeds may be larger.
const MAX_LIST: u64 = 256 << 20;

/// A list to read.
enum List<'a> {
    Bundled(BundledFeed),
    Feed(Category, &'a Path),
    Threat(&'a Path),
    Trusted(&'a Path),
    Stored(StoredList),
}

/// A list that was read, with its report where it is the operator's.
type Read<'a> = Result<(IntelBuilder, Option<(&'a Path, ListReport)>), Failure>;

/// Loads the bundled lists and those of the command line. What they match does not depend on the threads.
pub fn load(input: &InputArgs, seed: u64, quiet: bool) -> Result<Intel, Failure> {
    let replaced: Vec<Category> = input.feed.iter().map(|(category, _)| *category).collect();
    let mut lists: Vec<List<'_>> = Vec::new();
    if !input.no_default_feeds {
        lists.extend(bundled_feeds(&replaced).into_iter().map(List::Bundled));
    }
    lists.extend(input.feed.iter().map(|(category, file)| List::Feed(*category, file)));
    lists.extend(input.threat_list.iter().map(|file| List::Threat(file)));
    lists.extend(input.trusted_list.iter().map(|file| List::Trusted(file)));
    if let Some(folder) = &input.data_dir {
        lists.extend(active_lists(folder, input.store.as_deref(), quiet)?.into_iter().map(List::Stored));
    }
    let threads = input.thread_count();
    let mut all = IntelBuilder::with_seed(seed);
    for read in read_all(&lists, seed, threads) {
        let (builder, report) = read?;
        if let Some((file, report)) = report {
            tell(file, &report, quiet)?;
        }
        all.append(builder);
    }
    let (addresses, names) = all.split();
    if threads < 2 {
        return Ok(addresses.compile().with_names(names.compile()));
    }
    thread::scope(|scope| {
        let names = scope.spawn(|| names.compile());
        let intel = addresses.compile();
        match names.join() {
            Ok(names) => Ok(intel.with_names(names)),
            Err(_) => Err(Failure::new(Code::Internal, "compiling the lists failed; please report this")),
        }
    })
}

/// Reads the lists; the results are in their order.
fn read_all<'a>(lists: &[List<'a>], seed: u64, threads: usize) -> Vec<Read<'a>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Read<'a>)>> = Mutex::default();
    let work = || {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(list) = lists.get(n) else { break };
            let result = read_one(list, seed);
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((n, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(lists.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, read)| read).collect()
}

fn read_one<'a>(list: &List<'a>, seed: u64) -> Read<'a> {
    let mut builder = IntelBuilder::with_seed(seed);
    let report = match list {
        List::Bundled(feed) => {
            builder.bundled_feed(feed.clone());
            None
        }
        List::Feed(category, file) => {
            let bytes = read(file, MAX_LIST, "feed")?;
            Some((*file, builder.feed(*category, &name_of(file), &bytes)))
        }
        List::Threat(file) => {
            let bytes = read(file, MAX_LIST, "threat list")?;
            Some((*file, builder.threat_list(&name_of(file), &bytes)))
        }
        List::Stored(StoredList { name, trusted, format, bytes }) => {
            // It was checked when it became active.
            if let Ok(format) = format.parse() {
                match trusted {
                    true => builder.trusted_list_as(name, bytes, format),
                    false => builder.threat_list_as(name, bytes, format),
                };
            }
            None
        }
        List::Trusted(file) => {
            let bytes = read(file, MAX_LIST, "trusted list")?;
            Some((*file, builder.trusted_list(&name_of(file), &bytes)))
        }
    };
    Ok((builder, report))
}

/// A list goes by its file's name, without its endings.
fn name_of(file: &Path) -> String {
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    name.split('.').next().filter(|n| !n.is_empty()).unwrap_or(&name).to_owned()
}

/// A list without a single entry that can be used is a mistake; single bad lines are only said.
fn tell(file: &Path, report: &ListReport, quiet: bool) -> Result<(), Failure> {
    if report.entries == 0 && report.rejected_total > 0 {
        let first = report.rejected.first().map(ToString::to_string).unwrap_or_default();
        return Err(Failure::new(Code::Config, format!("{}: no entry can be used: {first}", file.display()))
            .help(format!("`picquet lists check {}` shows every line that cannot be used", file.display())));
    }
    if report.rejected_total > 0 && !quiet {
        let first = report.rejected.first().map(ToString::to_string).unwrap_or_default();
        eprintln!(
            "warning: {}: {} of {} entries are not used; {first}",
            file.display(),
            report.rejected_total,
            report.entries + report.rejected_total
        );
    }
    Ok(())
}
