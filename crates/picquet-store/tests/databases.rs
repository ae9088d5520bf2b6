//! What both databases promise: turns, snapshots, texts and numbers as they were, and errors that leave nothing.

#![allow(clippy::unwrap_used)]

mod place;

use picquet_store::{Location, Param, Sql, Store, StoreError, documents, findings, lists, users};
use place::Place;
use serde_json::json;
use std::sync::Barrier;
use std::thread;

fn number(sql: &mut dyn Sql) -> Result<i64, StoreError> {
    let found =
        sql.first("SELECT as_number FROM attribute_value WHERE value = ?1", &["n".into()], |row| row.real(0))?;
    Ok(found.flatten().unwrap_or(0.0) as i64)
}

fn set(sql: &mut dyn Sql, n: i64) -> Result<(), StoreError> {
    sql.execute(
        "INSERT INTO attribute_value (value, as_number) VALUES (?1, ?2)
         ON CONFLICT (value) DO UPDATE SET as_number = excluded.as_number",
        &["n".into(), (n as f64).into()],
    )?;
    Ok(())
}

#[test]
fn writers_take_turns_among_stores() {
    const EACH: i64 = 40;
    let place = Place::new();
    place.open().unwrap();
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..2 {
            // Two processes, as far as the database can tell, of two threads each.
            let (place, start) = (&place, &start);
            scope.spawn(move || {
                let store = place.open().unwrap();
                thread::scope(|scope| {
                    for _ in 0..2 {
                        scope.spawn(|| {
                            start.wait();
                            for _ in 0..EACH {
                                // What is read is still so when it is written.
                                store.write(|sql| number(sql).and_then(|n| set(sql, n + 1))).unwrap();
                            }
                        });
                    }
                });
            });
        }
    });
    assert_eq!(place.open().unwrap().read(number).unwrap(), 4 * EACH);
}

#[test]
fn what_is_read_is_of_one_moment() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.write(|sql| set(sql, 1)).unwrap();
    let (before, after) = store
        .read(|sql| {
            let before = number(sql)?;
            store.write(|sql| set(sql, 2))?;
            Ok::<_, StoreError>((before, number(sql)?))
        })
        .unwrap();
    assert_eq!((before, after), (1, 1));
    assert_eq!(store.read(number).unwrap(), 2);
}

#[test]
fn who_only_reads_cannot_write() {
    let place = Place::new();
    let store = place.open().unwrap();
    assert!(store.read(|sql| set(sql, 1)).is_err());
    assert_eq!(store.read(number).unwrap(), 0);
}

#[test]
fn a_statement_that_fails_does_not_harm_the_next_transaction() {
    let place = Place::new();
    let store = place.open().unwrap();
    for _ in 0..2 {
        assert!(store.write(|sql| sql.execute("UPDATE nothing SET a = 1", &[])).is_err());
        assert!(store.read(|sql| sql.first("SELECT a FROM nothing", &[], |row| row.int(0))).is_err());
    }
    store.write(|sql| set(sql, 7)).unwrap();
    assert_eq!(store.read(number).unwrap(), 7);
}

#[test]
fn work_that_panics_leaves_nothing_and_lets_others_write() {
    let place = Place::new();
    let store = place.open().unwrap();
    thread::scope(|scope| {
        let panics = scope.spawn(|| {
            store.write(|sql| -> Result<(), StoreError> {
                set(sql, 5)?;
                panic!("on purpose")
            })
        });
        assert!(panics.join().is_err());
    });
    assert_eq!(store.read(number).unwrap(), 0);
    store.write(|sql| set(sql, 6)).unwrap();
    assert_eq!(store.read(number).unwrap(), 6);
}

/// Texts that a database could mistake for others: NUL, what stands for it, quotes, patterns, letters that sort by
/// language.
const TEXTS: [&str; 14] =
    ["", "\0", "\u{1}", "\u{1}\u{1}", "\u{2}", "A", "B", "a", "a\0b", "a\u{1}b", "b", "é", "z'%_\\?1", "\u{10ffff}"];

#[test]
fn texts_come_back_as_they_were_in_the_order_of_their_bytes() {
    let place = Place::new();
    let store = place.open().unwrap();
    let sorted = store
        .write(|sql| {
            for text in TEXTS.iter().rev() {
                let at = [*text].map(Param::from);
                sql.execute("INSERT INTO attribute_value (value) VALUES (?1)", &at)?;
                let one = sql.first("SELECT value FROM attribute_value WHERE value = ?1", &at, |row| row.string(0))?;
                assert_eq!(one.as_deref(), Some(*text));
            }
            sql.all("SELECT value FROM attribute_value ORDER BY value", &[], |row| row.string(0))
        })
        .unwrap();
    let mut wanted = TEXTS.map(str::to_owned);
    wanted.sort();
    assert_eq!(sorted, wanted);
}

#[test]
fn numbers_bytes_and_nothing_come_back_as_they_were() {
    let place = Place::new();
    let store = place.open().unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    let key = users::AccessKey {
        id: "AKIA1".into(),
        user: "ann".into(),
        sealed: bytes.clone(),
        token: None,
        expires_at: None,
        active: true,
        created_at: i64::MAX,
    };
    let user = users::User {
        name: "ann".into(),
        account: "111122223333".into(),
        password: None,
        policy: "administrator".into(),
        created_at: -1,
    };
    store
        .write(|sql| {
            users::put(sql, &user)?;
            users::put_key(sql, &key)?;
            lists::put(sql, "list", bytes.clone())
        })
        .unwrap();
    let found = store.read(|sql| users::access_key(sql, "AKIA1")).unwrap();
    assert_eq!(found, Some((key, user)));
    assert_eq!(store.read(|sql| lists::get(sql, "list")).unwrap(), Some(bytes));
}

#[test]
fn a_hostile_finding_is_kept_and_found() {
    let place = Place::new();
    let store = place.open().unwrap();
    let long = "x".repeat(100_000);
    let finding = json!({
        "id": "f1", "accountId": "111122223333", "region": "us-east-1", "type": "Recon:EC2/Portscan", "severity": 2.0,
        "resource": { "resourceType": "Instance", "instanceDetails": { "instanceId": format!("i-\0{long}"), "a\0": "b\0" } },
        "service": { "additionalInfo": { "value": json!({ long.clone(): "far", "near\u{1}": "\0" }).to_string() } },
    });
    store.write(|sql| findings::put(sql, "d", &finding)).unwrap();
    let body = store.read(|sql| findings::get(sql, "d", "f1")).unwrap().unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), finding);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    store.write(|sql| findings::clear(sql, "d")).unwrap();
    let left = "SELECT (SELECT COUNT(*) FROM finding_attribute) + (SELECT COUNT(*) FROM finding_group)";
    assert_eq!(store.read(|sql| sql.first(left, &[], |row| row.int(0))).unwrap(), Some(0));
}

#[test]
fn a_check_sees_what_does_not_add_up() {
    let place = Place::new();
    let store = place.open().unwrap();
    let finding = json!({ "id": "f1", "accountId": "1", "region": "r", "type": "t", "severity": 2.0 });
    store.write(|sql| findings::put(sql, "d", &finding)).unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    for harm in ["DELETE FROM finding_body", "UPDATE finding_group SET findings = findings + 1"] {
        store.write(|sql| sql.execute(harm, &[])).unwrap();
    }
    assert_eq!(store.check().unwrap().len(), 2);
}

#[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
struct Note(String);

impl documents::Document for Note {
    const KIND: &'static str = "note";
}

#[test]
fn many_read_at_once() {
    let place = Place::new();
    let store = place.open().unwrap();
    let shelf = documents::Shelf { account: "1", region: "", parent: "" };
    store.write(|sql| shelf.put(sql, "a", &Note("kept".into()))).unwrap();
    let open: &Store = &store;
    thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(move || {
                for _ in 0..10 {
                    let note = open.read(|sql| shelf.get::<Note>(sql, "a")).unwrap();
                    assert_eq!(note, Some(Note("kept".into())));
                }
            });
        }
    });
}

#[test]
fn a_server_that_let_go_of_connections_is_asked_again() {
    let place = Place::new();
    let Location::Postgres(_) = place.location() else { return };
    let (store, other) = (place.open().unwrap(), place.open().unwrap());
    store.write(|sql| set(sql, 1)).unwrap();
    assert_eq!(store.read(number).unwrap(), 1);
    // All but its own that used this schema.
    let end = "SELECT COUNT(pg_terminate_backend(a.pid)) FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid()
               AND a.application_name = 'picquet' AND a.pid IN (SELECT ?1 UNION SELECT ?2)";
    let pid =
        |sql: &mut dyn Sql| Ok::<_, StoreError>(sql.first("SELECT pg_backend_pid()", &[], |row| row.int(0))?.unwrap());
    let (writer, reader) = (store.write(pid).unwrap(), store.read(pid).unwrap());
    let ended = other.read(|sql| sql.first(end, &[writer.into(), reader.into()], |row| row.int(0))).unwrap();
    assert_eq!(ended, Some(2));
    assert_eq!(store.read(number).unwrap(), 1);
    store.write(|sql| set(sql, 2)).unwrap();
    assert_eq!(store.read(number).unwrap(), 2);
}
