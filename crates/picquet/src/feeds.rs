//! `picquet feeds`: brings feeds up to date, takes them from files, and says how old they are.

use crate::cli::{FeedsArgs, FeedsCommand, WorldArgs};
use crate::config;
use crate::exit::{Code, Failure, Outcome};
use crate::serve::data::now;
use crate::status::plain;
use picquet_feeds::shelf::Standing;
use picquet_feeds::{Feed, FeedError, Kind, Shelf, Updated};
use picquet_intel::IntelBuilder;
use std::path::Path;

/// Runs the command.
pub fn run(args: &FeedsArgs) -> Outcome {
    let feeds = config::operation(args.config.as_deref())?.feed;
    let shelf = Shelf::of(&args.data_dir);
    match &args.command {
        FeedsCommand::Show => show(&feeds, &shelf),
        FeedsCommand::Update { names } => {
            let wanted = chosen(&feeds, names)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
            let mut failed = 0;
            for feed in wanted {
                if feed.location.is_none() && names.is_empty() {
                    sayln!("{}: is imported by hand", feed.name);
                    continue;
                }
                match runtime.block_on(picquet_feeds::update(feed, &shelf, now())) {
                    Ok(updated) => sayln!("{}: {}", feed.name, said(updated)),
                    Err(e) => {
                        failed += 1;
                        sayln!("{}: not taken in: {}", feed.name, plain(&e.to_string()));
                    }
                }
            }
            match failed {
                0 => Ok(Code::Done),
                n => Err(Failure::new(Code::Input, format!("{n} of the feeds were not taken in"))
                    .help("what was there before goes on serving; `picquet feeds show` says how old it is")),
            }
        }
        FeedsCommand::Import { name, file } => {
            let feed = chosen(&feeds, std::slice::from_ref(name))?[0];
            let updated = picquet_feeds::import(feed, &shelf, file, now())
                .map_err(|e| Failure::new(Code::Input, format!("{name}: not taken in: {e}")))?;
            sayln!("{name}: {}", said(updated));
            Ok(Code::Done)
        }
    }
}

fn chosen<'f>(feeds: &'f [Feed], names: &[String]) -> Result<Vec<&'f Feed>, Failure> {
    if feeds.is_empty() {
        return Err(Failure::new(Code::Config, "no feed is configured")
            .help("add a [[feed]] to the file of --config; deploy/picquet.toml shows how"));
    }
    if names.is_empty() {
        return Ok(feeds.iter().collect());
    }
    let find = |name: &String| {
        let known = || feeds.iter().map(|feed| feed.name.as_str()).collect::<Vec<_>>().join(", ");
        let found = feeds.iter().find(|feed| feed.name == *name);
        found.ok_or_else(|| Failure::new(Code::Config, format!("no feed is called {name}; there are {}", known())))
    };
    names.iter().map(find).collect()
}

fn said(updated: Updated) -> String {
    match updated {
        Updated::New(Some(entries)) => format!("new, {entries} entries"),
        Updated::New(None) => "new".into(),
        Updated::Same => "what is there is the latest".into(),
    }
}

fn show(feeds: &[Feed], shelf: &Shelf) -> Outcome {
    for of in shelf.standing(feeds, now()).map_err(failed)? {
        sayln!("{}", line(&of));
        if let Some(why) = &of.held.why {
            sayln!("  the last try failed: {}", plain(why));
        }
    }
    let mut builder = IntelBuilder::with_seed(0);
    builder.default_feeds(&[]);
    for list in builder.build().lists() {
        if let Some(bundled) = &list.bundled {
            sayln!("bundled {}: of {}, {} entries", list.name, bundled.date, list.entries);
        }
    }
    Ok(Code::Done)
}

/// How a feed stands, in one line.
pub fn line(of: &Standing<'_>) -> String {
    let (name, kind) = (&of.feed.name, of.feed.kind);
    let Some(age) = of.age else { return format!("{name} ({kind}): MISSING, there is none yet") };
    let entries = of.held.entries.map(|n| format!(", {n} entries")).unwrap_or_default();
    let stale = if of.is_stale { "STALE, " } else { "" };
    format!("{name} ({kind}): {stale}{} old{entries}", span(age))
}

/// A span in the unit that says it best.
fn span(millis: i64) -> String {
    let minutes = millis / 60_000;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

fn failed(e: FeedError) -> Failure {
    Failure::new(Code::Config, e)
}

/// What logs are held against, with the feeds of a data folder: as if their files were named on the command line.
pub fn world(given: &WorldArgs, feeds: &[Feed], data_folder: &Path) -> Result<WorldArgs, Failure> {
    let mut world = given.clone();
    for (kind, file) in Shelf::of(data_folder).files(feeds).map_err(failed)? {
        match kind {
            Kind::Feed(category) => world.feed.push((category, file)),
            Kind::ThreatList => world.threat_list.push(file),
            Kind::TrustedList => world.trusted_list.push(file),
            // What the command line names comes first.
            Kind::AwsRanges => world.aws_ranges = world.aws_ranges.or(Some(file)),
            Kind::Geoip => world.geoip.push(file),
        }
    }
    Ok(world)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_their_unit() {
        assert_eq!([59_000, 3_600_000, 7_200_000, 172_800_000].map(span), ["0 min", "60 min", "2 h", "2 d"]);
    }
}
