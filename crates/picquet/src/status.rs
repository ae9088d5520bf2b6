//! `picquet status`: what continuous detection did and what waits, from the store alone.

use crate::cli::{StatusArgs, StatusFormat};
use crate::exit::{Code, Failure, Outcome};
use crate::serve::data::{Data, failed};
use jiff::Timestamp;
use picquet_feeds::Shelf;
use picquet_store::ledger;
use picquet_watch::report;
use picquet_watch::status::now;
use serde_json::{Value, json};

/// Runs the command.
pub fn run(args: &StatusArgs) -> Outcome {
    let data = Data::open(&args.data.data_dir, args.data.store.as_deref())?;
    if args.retry {
        let n = data.store.write(ledger::retry).map_err(failed)?;
        sayln!("{n} objects that were set aside will be tried again within a minute, if `picquet serve` runs");
        return Ok(Code::Done);
    }
    let told = data.store.read(|sql| {
        let at = now();
        Ok::<_, picquet_store::StoreError>(json!({
            "objects": report::objects(sql)?,
            "volumes": report::volumes(sql, None, at)?,
            "accounts": report::accounts(sql)?,
            "targets": report::targets(sql, at)?,
            "setAside": report::set_aside(sql)?,
        }))
    });
    let mut told = told.map_err(failed)?;
    let feeds = Shelf::of(&args.data.data_dir).index().map_err(|e| Failure::new(Code::Config, e))?;
    told["feeds"] = feeds
        .iter()
        .map(|(name, held)| {
            let fresh = held.age(now()).map(|_| held.fresh_at);
            json!({ "name": name, "freshAt": fresh, "entries": held.entries, "why": held.why })
        })
        .collect();
    match args.format {
        StatusFormat::Json => {
            let text = serde_json::to_string_pretty(&told).map_err(|e| Failure::new(Code::Internal, e))?;
            sayln!("{text}");
        }
        StatusFormat::Text => text(&told),
    }
    Ok(Code::Done)
}

fn list<'v>(told: &'v Value, name: &str) -> &'v [Value] {
    told[name].as_array().map_or(&[], Vec::as_slice)
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or(0)
}

fn moment(value: &Value, name: &str) -> String {
    match value[name].as_i64().filter(|millis| *millis > 0).map(Timestamp::from_millisecond) {
        Some(Ok(time)) => time.strftime("%Y-%m-%dT%H:%MZ").to_string(),
        _ => "never".into(),
    }
}

/// Names of objects are the log writers', and what servers say may hold anything: nothing in it may move the cursor.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn text(told: &Value) {
    let sources = told["objects"].as_object();
    sayln!("Sources");
    if sources.is_none_or(serde_json::Map::is_empty) {
        sayln!("  nothing was read yet: `picquet doctor --config FILE` says what is missing");
    }
    for (source, states) in sources.into_iter().flatten() {
        let states = states.as_object().into_iter().flatten();
        let states: Vec<String> = states.map(|(state, n)| format!("{n} {state}")).collect();
        sayln!("  {source}: {} objects", states.join(", "));
    }
    sayln!("Read in 30 days");
    for v in list(told, "volumes") {
        sayln!(
            "  {} {} {}: {} records, {:.1} MB in {} objects, last event {}",
            plain(word(v, "account")),
            plain(word(v, "region")),
            word(v, "kind"),
            number(v, "records"),
            number(v, "bytes") as f64 / 1e6,
            number(v, "objects"),
            moment(v, "lastEvent")
        );
    }
    sayln!("Accounts");
    for account in list(told, "accounts") {
        let waits = if account["waiting"] == true { "; facts wait to be judged" } else { "" };
        sayln!("  {}: judged to {}{waits}", plain(word(account, "account")), moment(account, "judgedTo"));
    }
    sayln!("Targets");
    for target in list(told, "targets") {
        let (waiting, failing) = (number(target, "waiting"), number(target, "failing"));
        sayln!("  {}: {waiting} findings wait, {failing} of them were refused", word(target, "name"));
    }
    if !list(told, "feeds").is_empty() {
        sayln!("Feeds (`picquet feeds show --config FILE` says which are stale)");
    }
    for feed in list(told, "feeds") {
        let why = feed["why"].as_str().map(|why| format!("; the last try failed: {}", plain(why))).unwrap_or_default();
        sayln!("  {}: as of {}{why}", plain(word(feed, "name")), moment(feed, "freshAt"));
    }
    let aside = list(told, "setAside");
    if !aside.is_empty() {
        sayln!("Objects that were not read (`picquet status --retry` tries those that were set aside again)");
    }
    for entry in aside {
        sayln!(
            "  {} {}: {} after {} tries: {}",
            plain(word(entry, "source")),
            plain(word(entry, "object")),
            word(entry, "state"),
            number(entry, "tries"),
            plain(word(entry, "why"))
        );
    }
}
