//! `docs/settings.md` against the settings: every key is in the table of its section, with the default that it has.

use super::{Machine, OPERATION, Operation, load, operation};
use picquet_detect::Tuning;
use picquet_detect::tuning::TypeTuning;
use picquet_feeds::Feed;
use picquet_publish::settings::Publish;
use picquet_source::aws::Access;
use picquet_watch::settings::{Source, Watch};
use std::fs;
use std::path::Path;
use toml::{Table, Value};

/// The names of a structure's fields. It does not compile when the structure has another one.
macro_rules! keys {
    ($of:ident { $($key:ident),* $(,)? }) => {{
        let _: fn(&$of) = |$of { $($key: _),* }| {};
        [$(stringify!($key)),*]
    }};
}

/// The heading of what a type has.
const TYPES: &str = "[types.\"TYPE\"]";

fn document() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    fs::read_to_string(file).unwrap()
}

/// The lines below the heading that names a table.
fn section<'d>(document: &'d str, table: &str) -> Vec<&'d str> {
    let named = format!("`{table}`");
    let mut lines = document.lines().skip_while(|line| !(line.starts_with("##") && line.contains(&named)));
    assert!(lines.next().is_some(), "no heading names {table}");
    lines.take_while(|line| !line.starts_with("##")).collect()
}

/// What the row of a key says: the kind of value, the default, what it does.
fn row<'d>(section: &[&'d str], key: &str) -> [&'d str; 3] {
    let begin = format!("| `{key}` |");
    let Some(line) = section.iter().find(|line| line.starts_with(&begin)) else { panic!("no row of {key}") };
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [_, kind, default, does] = cells[..] else { panic!("the row of {key} has {} cells", cells.len()) };
    assert!(!kind.is_empty() && !default.is_empty() && !does.is_empty(), "a cell of {key} is empty");
    [kind, default.trim_matches('`'), does]
}

/// The default that the row of a key gives.
fn told(section: &[&str], key: &str) -> Value {
    let [_, default, _] = row(section, key);
    let parsed = toml::from_str::<Table>(&format!("told = {default}\n"));
    parsed.unwrap_or_else(|e| panic!("the default of {key}: {e}"))["told"].clone()
}

fn as_table<T: serde::Serialize>(settings: &T) -> Table {
    toml::from_str(&toml::to_string(settings).unwrap()).unwrap()
}

#[test]
fn every_setting_of_detection_is_told_with_its_default() {
    let document = document();
    let defaults = as_table(&Tuning::default());
    assert!(defaults.len() > 20);
    for (table, settings) in &defaults {
        let section = section(&document, &if table == "types" { TYPES.to_owned() } else { format!("[{table}]") });
        for (key, default) in settings.as_table().unwrap() {
            assert_eq!(told(&section, key), *default, "[{table}] {key}");
        }
    }
    let section = section(&document, TYPES);
    for (key, default) in &as_table(&TypeTuning::default()) {
        assert_eq!(told(&section, key), *default, "{key} of a type");
    }
    for key in keys!(TypeTuning { enabled, severity, allow }) {
        row(&section, key);
    }
}

#[test]
fn every_setting_of_operation_is_told() {
    let document = document();
    assert_eq!(keys!(Operation { source, watch, publish, destinations, feed, machine }), OPERATION);
    let source = keys!(Source { name, folder, bucket, prefix, queue, access, since, poll, watch });
    let publish =
        keys!(Publish { name, to, bus, source, url, secret_file, format, address, bucket, prefix, kms_key, access });
    let feed = keys!(Feed { name, kind, location, sha256, every, stale, ca, access });
    let access = keys!(Access { region, endpoint, role_arn, external_id });
    let machine = keys!(Machine { dollars_per_month });
    let all: [(&str, &[&str]); 5] = [
        ("[[source]]", &source),
        ("[[publish]]", &publish),
        ("[[feed]]", &feed),
        ("[destinations]", &access),
        ("[machine]", &machine),
    ];
    for (table, keys) in all {
        let section = section(&document, table);
        // What `access` holds stands beside the others in a file, and is told once.
        for key in keys.iter().filter(|key| **key != "access") {
            row(&section, key);
        }
    }
}

#[test]
fn the_defaults_of_operation_are_as_told() {
    let document = document();
    // The settings that a table of the document makes, of the keys that are named.
    let made = |table: &str, keys: &[&str]| {
        let section = section(&document, table);
        let line = |key: &&str| format!("{key} = {}\n", row(&section, key)[1]);
        keys.iter().map(line).collect::<Vec<_>>().concat()
    };
    let keys = keys!(Watch { slack, settle, horizon, tries, fetches, memory_mib, remember });
    let watch: Watch = toml::from_str(&made("[watch]", &keys)).unwrap();
    assert_eq!(format!("{watch:?}"), format!("{:?}", Watch::default()));
    let needed = "name = \"a\"\nbucket = \"b\"\n";
    let source = |more: &str| toml::from_str::<Source>(&format!("{needed}{more}")).unwrap();
    let said = source(&made("[[source]]", &["prefix", "since", "poll"]));
    assert_eq!(format!("{said:?}"), format!("{:?}", source("")));
    let needed = "name = \"a\"\nto = \"slack\"\nurl = \"https://example.com\"\n";
    let publish = |more: &str| toml::from_str::<Publish>(&format!("{needed}{more}")).unwrap();
    let said = publish(&made("[[publish]]", &["format", "prefix"]));
    assert_eq!(format!("{said:?}"), format!("{:?}", publish("")));
    let needed = "name = \"a\"\nkind = \"c2\"\n";
    let feed = |more: &str| toml::from_str::<Feed>(&format!("{needed}{more}")).unwrap();
    let said = feed(&made("[[feed]]", &["every", "stale"]));
    assert_eq!(format!("{said:?}"), format!("{:?}", feed("")));
}

#[test]
fn the_examples_can_be_used() {
    let document = document();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("picquet.toml");
    let examples: Vec<&str> = document.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        fs::write(&file, example).unwrap();
        load(Some(&file)).unwrap_or_else(|e| panic!("{}", e.message));
        operation(Some(&file)).unwrap_or_else(|e| panic!("{}", e.message));
    }
}
