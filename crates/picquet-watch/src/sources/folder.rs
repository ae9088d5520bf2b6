//! A folder that is watched: the system says what is new, and it is looked through from time to time for what it did
//! not say.

use super::Feed;
use crate::arrival::Arrival;
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecursiveMode, Watcher};
use picquet_source::list;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A file that was written to this shortly ago may be written to still; when it is closed, the system says so.
const SETTLED: Duration = Duration::from_secs(2);

/// Watches the folder until told to stop.
pub async fn run(feed: Feed, folder: PathBuf) {
    let (watcher, mut changed) = watch(&feed, &folder);
    loop {
        let status = feed.status.source(&feed.source.name);
        let root = folder.clone();
        // Listing a folder waits for the disk.
        match tokio::task::spawn_blocking(move || list(&[root])).await {
            Ok(listing) => {
                for problem in &listing.unreadable {
                    status.failing(&problem.to_string());
                }
                if listing.unreadable.is_empty() {
                    status.listed();
                }
                for object in listing.objects {
                    if !name(&feed, &object.path, SETTLED).await {
                        return;
                    }
                }
            }
            Err(e) => status.failing(&format!("the folder cannot be listed: {e}")),
        }
        // Where the system says nothing, or too much at a time, looking again is all there is.
        let next = tokio::time::sleep(if watcher.is_some() { feed.source.poll } else { feed.source.poll.min(POLLED) });
        tokio::pin!(next);
        loop {
            tokio::select! {
                () = feed.stop.cancelled() => return,
                () = &mut next => break,
                Some(path) = changed.recv() => {
                    if !name(&feed, &path, Duration::ZERO).await {
                        return;
                    }
                }
            }
        }
    }
}

/// How often a folder is looked through that the system says nothing of.
const POLLED: Duration = Duration::from_secs(10);

fn watch(feed: &Feed, folder: &Path) -> (Option<impl Watcher + use<>>, UnboundedReceiver<PathBuf>) {
    let (tell, changed) = unbounded_channel();
    let told = move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        let is_new = matches!(
            event.kind,
            EventKind::Access(AccessKind::Close(AccessMode::Write))
                | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both))
        );
        if is_new {
            event.paths.into_iter().next_back().into_iter().for_each(|path| drop(tell.send(path)));
        }
    };
    let watcher = notify::recommended_watcher(told).and_then(|mut watcher| {
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(watcher)
    });
    let watcher = watcher
        .inspect_err(|e| {
            tracing::warn!(
                source = feed.source.name.as_str(),
                error = e.to_string().as_str(),
                "the folder is not watched, but looked through every few seconds"
            );
        })
        .ok();
    (watcher, changed)
}

/// Names a file; false when it shall stop.
async fn name(feed: &Feed, path: &Path, settled: Duration) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let text = path.to_string_lossy();
    let Ok(meta) = std::fs::metadata(path) else { return true };
    let modified = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let rests = rests(modified, SystemTime::now(), settled);
    if hidden || !meta.is_file() || meta.len() == 0 || !rests || feed.is_old(&text) {
        return true;
    }
    if picquet_logs::ObjectName::parse(&text).digest {
        return true;
    }
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let arrival = Arrival {
        source: feed.source.clone(),
        name: text.into_owned(),
        version: format!("{}-{}", meta.len(), since.as_nanos()),
        size: meta.len(),
        receipt: None,
    };
    feed.send(arrival).await
}

/// Whether nobody has written to a file for so long. One of a time to come was written before the clock was set back, or
/// under a clock that is ahead: it must not wait until then.
fn rests(modified: SystemTime, now: SystemTime, settled: Duration) -> bool {
    now.duration_since(modified).unwrap_or_else(|ahead| ahead.duration()) >= settled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_time_to_come_does_not_wait_for_it() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100_000);
        let (settled, seconds) = (Duration::from_secs(5), Duration::from_secs);
        assert!(rests(now - seconds(6), now, settled) && !rests(now - seconds(4), now, settled));
        assert!(rests(now + seconds(3600), now, settled) && !rests(now, now, settled));
        assert!(rests(now, now, Duration::ZERO));
    }
}
