//! Which objects were read: the row of an object is written in the transaction of the facts that it gave, so that an
//! object counts once, whatever happens.

use crate::{Result, Row, Sql};
use std::collections::BTreeMap;

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its facts are in the store.
    Done,
    /// The same content was read under another name.
    Twice,
    /// It holds no logs.
    PassedOver,
    /// It was there no more when it was to be read.
    Gone,
    /// It could not be read, and will be tried again.
    Failing,
    /// It could not be read so often that it is set aside.
    SetAside,
}

impl State {
    const ALL: [Self; 6] = [Self::Done, Self::Twice, Self::PassedOver, Self::Gone, Self::Failing, Self::SetAside];

    /// Its name in the store, and for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Twice => "twice",
            Self::PassedOver => "passed over",
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::SetAside => "set aside",
        }
    }

    /// Whether the object needs no further look.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Failing)
    }

    fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.name() == name).unwrap_or(Self::Failing)
    }
}

/// An object: of which source, its name there, and which version of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// The source's name.
    pub source: &'a str,
    /// The object's key, or the file's path.
    pub name: &'a str,
    /// What tells versions apart: an ETag, or size and time.
    pub version: &'a str,
}

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The source's name.
    pub source: String,
    /// The object's name.
    pub object: String,
    /// What tells versions apart.
    pub version: String,
    /// What became of it.
    pub state: State,
    /// How often it was tried without success.
    pub tries: i64,
    /// Why it is not done.
    pub why: String,
    /// When the row was written, in milliseconds since the epoch.
    pub at: i64,
}

/// What is known of an object: its state, and how often it was tried.
///
/// # Errors
/// When the database fails.
pub fn find(sql: &mut dyn Sql, object: Object<'_>) -> Result<Option<(State, i64)>> {
    sql.first(
        "SELECT state, tries FROM ledger WHERE source = ?1 AND object = ?2 AND version = ?3",
        &[object.source.into(), object.name.into(), object.version.into()],
        |row| Ok((State::of(&row.string(0)?), row.int(1)?)),
    )
}

/// Whether facts of this content, by its hash, are in the store already.
///
/// # Errors
/// When the database fails.
pub fn has(sql: &mut dyn Sql, content: &str) -> Result<bool> {
    let found = sql.first(
        "SELECT 1 FROM ledger WHERE content = ?1 AND state = ?2 LIMIT 1",
        &[content.into(), State::Done.name().into()],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// Whether some version of an object was read.
///
/// # Errors
/// When the database fails.
pub fn is_read(sql: &mut dyn Sql, source: &str, name: &str) -> Result<bool> {
    let found = sql.first(
        "SELECT 1 FROM ledger WHERE source = ?1 AND object = ?2 AND state IN (?3, ?4) LIMIT 1",
        &[source.into(), name.into(), State::Done.name().into(), State::Twice.name().into()],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// Writes what became of an object. `content` is the hash of what it holds, where that is known.
///
/// # Errors
/// When the database fails.
pub fn put(sql: &mut dyn Sql, object: Object<'_>, state: State, content: &str, why: &str, now: i64) -> Result<()> {
    sql.execute(
        "INSERT INTO ledger (source, object, version, state, content, tries, why, at)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)
         ON CONFLICT (source, object, version) DO UPDATE SET state = excluded.state, content = excluded.content, \
         why = excluded.why, at = excluded.at",
        &[
            object.source.into(),
            object.name.into(),
            object.version.into(),
            state.name().into(),
            content.into(),
            why.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Counts a try that failed, and sets the object aside after so many; returns what it is now.
///
/// # Errors
/// When the database fails.
pub fn fail(sql: &mut dyn Sql, object: Object<'_>, why: &str, most: i64, now: i64) -> Result<State> {
    let tries = find(sql, object)?.map_or(0, |(_, tries)| tries) + 1;
    let state = if tries >= most { State::SetAside } else { State::Failing };
    put(sql, object, state, "", why, now)?;
    sql.execute(
        "UPDATE ledger SET tries = ?1 WHERE source = ?2 AND object = ?3 AND version = ?4",
        &[tries.into(), object.source.into(), object.name.into(), object.version.into()],
    )?;
    Ok(state)
}

/// Lets objects that were set aside be tried again at once; how many.
///
/// # Errors
/// When the database fails.
pub fn retry(sql: &mut dyn Sql) -> Result<u64> {
    sql.execute(
        "UPDATE ledger SET state = ?1, tries = 0, at = 0 WHERE state = ?2",
        &[State::Failing.name().into(), State::SetAside.name().into()],
    )
}

/// Objects that nobody is at any more: those that were failing at one moment, and those that were set aside at another,
/// in milliseconds since the epoch. They are failing from now on, so that they come up once.
///
/// # Errors
/// When the database fails.
pub fn left(sql: &mut dyn Sql, failing: i64, set_aside: i64, most: i64, now: i64) -> Result<Vec<Entry>> {
    let entries = sql.all(
        "SELECT source, object, version, state, tries, why, at FROM ledger
         WHERE (state = ?1 AND at < ?2) OR (state = ?3 AND at < ?4) ORDER BY at, source, object LIMIT ?5",
        &[State::Failing.name().into(), failing.into(), State::SetAside.name().into(), set_aside.into(), most.into()],
        entry,
    )?;
    for left in &entries {
        sql.execute(
            "UPDATE ledger SET state = ?1, tries = 0, at = ?2 WHERE source = ?3 AND object = ?4 AND version = ?5",
            &[
                State::Failing.name().into(),
                now.into(),
                left.source.as_str().into(),
                left.object.as_str().into(),
                left.version.as_str().into(),
            ],
        )?;
    }
    Ok(entries)
}

/// The latest objects of a state.
///
/// # Errors
/// When the database fails.
pub fn latest(sql: &mut dyn Sql, state: State, most: usize) -> Result<Vec<Entry>> {
    sql.all(
        "SELECT source, object, version, state, tries, why, at FROM ledger WHERE state = ?1
         ORDER BY at DESC, source, object LIMIT ?2",
        &[state.name().into(), i64::try_from(most).unwrap_or(i64::MAX).into()],
        entry,
    )
}

fn entry(row: &dyn Row) -> Result<Entry> {
    Ok(Entry {
        source: row.string(0)?,
        object: row.string(1)?,
        version: row.string(2)?,
        state: State::of(&row.string(3)?),
        tries: row.int(4)?,
        why: row.string(5)?,
        at: row.int(6)?,
    })
}

/// How many objects there are by source and state.
///
/// # Errors
/// When the database fails.
pub fn counts(sql: &mut dyn Sql) -> Result<Vec<(String, State, i64)>> {
    sql.all("SELECT source, state, COUNT(*) FROM ledger GROUP BY source, state ORDER BY source, state", &[], |row| {
        Ok((row.string(0)?, State::of(&row.string(1)?), row.int(2)?))
    })
}

/// When the first object of each source was read that is not forgotten, in milliseconds since the epoch.
///
/// # Errors
/// When the database fails.
pub fn oldest(sql: &mut dyn Sql) -> Result<BTreeMap<String, i64>> {
    let rows =
        sql.all("SELECT source, MIN(at) FROM ledger GROUP BY source", &[], |row| Ok((row.string(0)?, row.int(1)?)));
    Ok(rows?.into_iter().collect())
}

/// Forgets objects that were read before a moment, in milliseconds since the epoch; how many.
///
/// # Errors
/// When the database fails.
pub fn expire(sql: &mut dyn Sql, before: i64) -> Result<u64> {
    sql.execute("DELETE FROM ledger WHERE at < ?1", &[before.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    const OBJECT: Object<'_> = Object { source: "trail", name: "AWSLogs/a.json.gz", version: "e1" };

    #[test]
    fn an_object_is_set_aside_after_so_many_tries_and_can_be_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.db")).unwrap();
        let tries = store.write(|sql| (0..3).map(|n| fail(sql, OBJECT, "500", 3, n)).collect::<Result<Vec<_>>>());
        assert_eq!(tries.unwrap(), [State::Failing, State::Failing, State::SetAside]);
        let aside = store.read(|sql| latest(sql, State::SetAside, 9)).unwrap();
        assert_eq!((aside.len(), aside[0].tries, aside[0].why.as_str()), (1, 3, "500"));
        // Nobody is at it any more: it comes up once, and again when it was asked for.
        let up = |aside: i64| store.write(|sql| left(sql, 1, aside, 9, 10)).unwrap().len();
        assert_eq!([up(2), up(3), up(3)], [0, 1, 0]);
        assert_eq!(store.read(|sql| find(sql, OBJECT)).unwrap(), Some((State::Failing, 0)));
        let again = store.write(|sql| (20..23).map(|n| fail(sql, OBJECT, "500", 3, n)).collect::<Result<Vec<_>>>());
        assert_eq!(again.unwrap()[2], State::SetAside);
        assert_eq!((up(0), store.write(retry).unwrap(), up(0)), (0, 1, 1));
    }

    #[test]
    fn content_counts_once_whatever_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.db")).unwrap();
        let put = |name, state| {
            store.write(|sql| put(sql, Object { name, ..OBJECT }, state, "hash", "", 5)).unwrap();
        };
        put("gone", State::Gone);
        assert!(!store.read(|sql| has(sql, "hash")).unwrap());
        put("first", State::Done);
        assert!(store.read(|sql| has(sql, "hash")).unwrap());
        let counted = store.read(counts).unwrap();
        assert_eq!(counted, [("trail".into(), State::Done, 1), ("trail".into(), State::Gone, 1)]);
        let before = store.read(oldest).unwrap();
        assert_eq!(store.write(|sql| expire(sql, 6)).unwrap(), 2);
        assert!(before["trail"] < 6 && !store.read(oldest).unwrap().contains_key("trail"));
    }
}
