//! Runs: what is damaged is said, never believed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use picquet_detect::facts::AccountFacts;
use picquet_detect::{Class, Fact, FactKey};
use picquet_engine::{RunStore, Runs, read_run, write_run};
use picquet_model::EventTime;
use picquet_testkit::MemoryStore;

fn run(n: u32) -> Vec<(FactKey, Fact)> {
    (0..n)
        .map(|hour| {
            let key = FactKey {
                account: "111122223333".into(),
                hour,
                class: Class::Account,
                region: "us-east-1".into(),
                entity: Default::default(),
            };
            (key, Fact::Account(AccountFacts::new("us-east-1", EventTime::MIN)))
        })
        .collect()
}

fn bytes(n: u32) -> Vec<u8> {
    let mut out = Vec::new();
    write_run(&run(n), &mut out).unwrap();
    out
}

#[test]
fn a_run_that_ends_early_is_damaged_at_every_place() {
    let whole = bytes(2);
    let one = bytes(1).len();
    for cut in 0..whole.len() {
        let facts: Vec<_> = read_run(&whole[..cut]).collect();
        let complete = cut == 0 || cut == one;
        assert_eq!(facts.last().is_none_or(Result::is_ok), complete, "cut at {cut}");
    }
}

#[test]
fn a_length_beyond_reason_is_not_allocated() {
    let mut hostile = u64::MAX.to_le_bytes().to_vec();
    hostile.extend([0; 64]);
    assert!(read_run(hostile.as_slice()).next().unwrap().is_err());
}

#[test]
fn facts_of_one_key_are_merged_and_keys_are_sorted() {
    let store = MemoryStore::default();
    let mut runs = Runs::default();
    runs.push(run(5));
    let (number, mut writer) = store.create().unwrap();
    write_run(&run(3), &mut *writer).unwrap();
    drop(writer);
    runs.push_spilled(number);
    runs.push(Vec::new());
    let merged: Vec<_> = runs.merge(&store).unwrap().collect::<Result<_, _>>().unwrap();
    let hours: Vec<u32> = merged.iter().map(|(key, _)| key.hour).collect();
    assert_eq!(hours, [0, 1, 2, 3, 4]);
}

#[test]
fn a_store_that_fails_is_said() {
    let mut runs = Runs::default();
    runs.push_spilled(7);
    assert!(runs.merge(&MemoryStore::default()).is_err());
}
