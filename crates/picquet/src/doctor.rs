//! `picquet doctor`: checks what `serve` needs, and says what to do.

use crate::cli::DoctorArgs;
use crate::config::{self, Operation};
use crate::exit::{Code, Failure, Outcome};
use crate::feeds;
use crate::scan::prepare;
use crate::serve::data::{Data, now};
use picquet_detect::reduce::FactMap;
use picquet_feeds::Shelf;
use picquet_logs::ObjectName;
use picquet_source::aws::CallError;
use picquet_source::aws::bucket::Bucket;
use picquet_source::aws::queue::Queue;
use picquet_watch::settings::Source;
use std::path::Path;

/// Disk that should be free: facts and findings of a day of a large account.
const FREE_BYTES: u64 = 2 << 30;
/// Disk without which nothing goes on for long: what one piece of work may put into temporary files and the store's log.
const LEAST_BYTES: u64 = 256 << 20;
/// What the room is for.
const ROOM: &str = "facts of two days and findings of 90 days lie there, give it 2 GiB or more";
/// The largest object that is fetched to see whether it can be.
const SAMPLE: u64 = 64 << 20;

/// What was found.
#[derive(Default)]
struct Findings {
    wrong: usize,
}

impl Findings {
    fn fine(&self, what: &str) {
        sayln!("ok       {what}");
    }

    fn wrong(&mut self, what: &str, help: &str) {
        self.wrong += 1;
        sayln!("WRONG    {what}");
        sayln!("         {help}");
    }

    fn note(&self, what: &str) {
        sayln!("note     {what}");
    }
}

/// Runs the command.
pub fn run(args: &DoctorArgs) -> Outcome {
    let mut found = Findings::default();
    let operation = match config::operation(args.world.config.as_deref()) {
        Ok(operation) => operation,
        Err(e) => {
            found.wrong(&e.message, e.help.as_deref().unwrap_or("mend the file; deploy/picquet.toml shows every key"));
            Operation::default()
        }
    };
    data(&args.data.data_dir, args.data.store.as_deref(), &mut found);
    let mut given = FactMap::new(0);
    match prepare::environment(&args.world, None, Vec::new(), &mut given, true) {
        Ok(env) => found.fine(&format!("settings and {} lists are read", env.intel.lists().len())),
        Err(e) => found.wrong(&e.message, e.help.as_deref().unwrap_or("`picquet lists check FILE` shows every line")),
    }
    if operation.source.is_empty() {
        let help = "add a [[source]] to the file of --config; deploy/picquet.toml shows how";
        found.wrong("there is no source: nothing is watched", help);
    }
    for of in Shelf::of(&args.data.data_dir).standing(&operation.feed, now()).into_iter().flatten() {
        let said = format!("feed {}", feeds::line(&of));
        match of.is_stale {
            true => found.wrong(&said, "`picquet feeds update` fetches it, or says what is in the way"),
            false => found.fine(&said),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for source in &operation.source {
        runtime.block_on(check(source, &mut found));
    }
    for target in &operation.publish {
        found.note(&format!("target {}: what it takes shows with the first finding (`picquet status`)", target.name));
    }
    match found.wrong {
        0 => Ok(Code::Done),
        n => Err(Failure::new(Code::Config, format!("{n} of the checks failed"))),
    }
}

fn data(folder: &Path, store: Option<&str>, found: &mut Findings) {
    match Data::open(folder, store) {
        Ok(_) => found.fine(&format!("the data folder {} and its store can be written", folder.display())),
        Err(e) => {
            found.wrong(&e.message, e.help.as_deref().unwrap_or("give the user that runs picquet a folder of its own"))
        }
    }
    match free(folder) {
        Some(bytes) if bytes < LEAST_BYTES => {
            found.wrong(&format!("only {} MiB are free for the data folder", bytes >> 20), ROOM);
        }
        Some(bytes) if bytes < FREE_BYTES => {
            found.note(&format!("{} MiB are free for the data folder: {ROOM}", bytes >> 20));
        }
        Some(bytes) => found.fine(&format!("{} GiB are free for the data folder", bytes >> 30)),
        None => found.note("how much is free for the data folder cannot be told here"),
    }
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

async fn check(source: &Source, found: &mut Findings) {
    let name = &source.name;
    if let Some(folder) = &source.folder {
        match std::fs::read_dir(folder) {
            Ok(_) => found.fine(&format!("source {name}: the folder {} can be read", folder.display())),
            Err(e) => found.wrong(
                &format!("source {name}: cannot read {}: {e}", folder.display()),
                "make the folder, or let the user that runs picquet read it",
            ),
        }
        return;
    }
    let bucket = Bucket::new(&source.access, source.bucket.as_deref().unwrap_or_default()).await;
    match bucket.list(&source.prefix, None).await {
        Ok(page) => {
            let logs = page.objects.iter().filter(|o| ObjectName::parse(&o.key).account.is_some()).count();
            found.fine(&format!("source {name}: s3://{}/{} can be listed", bucket.name(), source.prefix));
            if page.objects.is_empty() {
                found.note(&format!(
                    "source {name}: there is nothing below s3://{}/{} yet",
                    bucket.name(),
                    source.prefix
                ));
            } else if logs == 0 {
                found.note(&format!("source {name}: none of the first {} keys is of AWS's layout", page.objects.len()));
            }
            if let Some(object) = page.objects.iter().find(|object| !object.key.ends_with('/')) {
                match bucket.get(&object.key, SAMPLE).await {
                    Ok(_) => found.fine(&format!("source {name}: objects can be read")),
                    Err(e) => found.wrong(
                        &format!("source {name}: cannot read {}: {e}", object.key),
                        &allow(&e, "s3:GetObject, and kms:Decrypt for the bucket's key"),
                    ),
                }
            }
        }
        Err(e) => found.wrong(
            &format!("source {name}: cannot list s3://{}/{}: {e}", bucket.name(), source.prefix),
            &allow(&e, "s3:ListBucket"),
        ),
    }
    if let Some(url) = &source.queue {
        match Queue::new(&source.access, url).await.waiting().await {
            Ok(n) => found.fine(&format!("source {name}: the queue can be read; {n} messages wait")),
            Err(e) => found.wrong(
                &format!("source {name}: cannot read the queue {url}: {e}"),
                &allow(
                    &e,
                    "sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and sqs:GetQueueAttributes",
                ),
            ),
        }
    } else if !source.watch {
        found.note(&format!("source {name}: it is not watched, and read by hunts alone"));
    } else {
        found.note(&format!(
            "source {name}: without a queue new objects are seen with the next look, every {:?}",
            source.poll
        ));
    }
}

/// What to do about a call that failed.
fn allow(e: &CallError, actions: &str) -> String {
    match e {
        CallError::Gone(_) => "look at the name, the region and the endpoint".into(),
        CallError::Denied(_) => format!("look at the credentials, and allow {actions}"),
        CallError::Failed(_) => "look at the network, the region, the endpoint and the clock; then try again".into(),
    }
}
