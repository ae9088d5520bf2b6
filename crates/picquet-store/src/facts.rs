//! Facts of continuous detection: sorted runs by account, in parts, as bytes that the store does not look into.

use crate::{Param, Result, Sql};
use std::collections::BTreeMap;

/// Bytes of a part of a run: what is in memory at a time when a run is read.
pub const PART_BYTES: usize = 1 << 20;
/// The bucket of a run that holds what was learned of an account.
pub const BASELINE: i64 = -1;

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub number: i64,
    /// Runs of one bucket are merged; [`BASELINE`], or the day of its last hour.
    pub bucket: i64,
    /// The last hour of its facts.
    pub last_hour: i64,
    /// When the latest of them arrived, in milliseconds since the epoch.
    pub at: i64,
    /// How many parts it has.
    pub parts: i64,
    /// How many bytes.
    pub bytes: i64,
}

/// What a run is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    /// [`BASELINE`], or the day of its last hour.
    pub bucket: i64,
    /// The last hour of its facts.
    pub last_hour: i64,
    /// When the latest of them arrived, in milliseconds since the epoch.
    pub at: i64,
    /// The facts.
    pub bytes: &'a [u8],
}

/// How far the judging of an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The number of the latest run that arrived.
    pub arrived: i64,
    /// The number of the latest run that was judged.
    pub judged: i64,
    /// Hours before this one are judged as a whole.
    pub closed_hour: i64,
    /// Hours before this one are in the baseline, and are not looked at again.
    pub folded_hour: i64,
}

/// Adds a run, and marks its account as one to be judged; returns its number.
///
/// # Errors
/// When the database fails.
pub fn add(sql: &mut dyn Sql, account: &str, run: NewRun<'_>) -> Result<i64> {
    let number = insert(sql, account, run)?;
    sql.execute(
        "INSERT INTO watched_account (account, arrived, judged, closed_hour, folded_hour) VALUES (?1, ?2, 0, 0, 0)
         ON CONFLICT (account) DO UPDATE SET arrived = excluded.arrived",
        &[account.into(), number.into()],
    )?;
    Ok(number)
}

fn insert(sql: &mut dyn Sql, account: &str, run: NewRun<'_>) -> Result<i64> {
    // Numbers are never used again: an account remembers the latest one that it was judged with.
    let number = sql.first(
        "SELECT COALESCE(MAX(n), 0) + 1 FROM (SELECT MAX(number) AS n FROM fact_run \
         UNION ALL SELECT MAX(arrived) AS n FROM watched_account) numbers",
        &[],
        |row| row.int(0),
    )?;
    let number = number.unwrap_or(1);
    let parts = run.bytes.chunks(PART_BYTES);
    sql.execute(
        "INSERT INTO fact_run (number, account, bucket, last_hour, at, parts, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            number.into(),
            account.into(),
            run.bucket.into(),
            run.last_hour.into(),
            run.at.into(),
            (parts.len() as i64).into(),
            (run.bytes.len() as i64).into(),
        ],
    )?;
    for (part, bytes) in parts.enumerate() {
        sql.execute(
            "INSERT INTO fact_part (run, part, bytes) VALUES (?1, ?2, ?3)",
            &[number.into(), (part as i64).into(), bytes.to_vec().into()],
        )?;
    }
    Ok(number)
}

/// The runs of an account, by number.
///
/// # Errors
/// When the database fails.
pub fn runs(sql: &mut dyn Sql, account: &str) -> Result<Vec<Run>> {
    sql.all(
        "SELECT number, bucket, last_hour, at, parts, bytes FROM fact_run WHERE account = ?1 ORDER BY number",
        &[account.into()],
        |row| {
            Ok(Run {
                number: row.int(0)?,
                bucket: row.int(1)?,
                last_hour: row.int(2)?,
                at: row.int(3)?,
                parts: row.int(4)?,
                bytes: row.int(5)?,
            })
        },
    )
}

/// A part of a run; `None` when the run is there no more.
///
/// # Errors
/// When the database fails.
pub fn part(sql: &mut dyn Sql, run: i64, part: i64) -> Result<Option<Vec<u8>>> {
    let params: [Param; 2] = [run.into(), part.into()];
    sql.first("SELECT bytes FROM fact_part WHERE run = ?1 AND part = ?2", &params, |row| row.blob(0))
}

/// Puts one run in the place of others of its account.
///
/// # Errors
/// When the database fails.
pub fn replace(sql: &mut dyn Sql, account: &str, old: &[i64], run: NewRun<'_>) -> Result<i64> {
    remove(sql, old)?;
    insert(sql, account, run)
}

/// Removes runs.
///
/// # Errors
/// When the database fails.
pub fn remove(sql: &mut dyn Sql, runs: &[i64]) -> Result<()> {
    for run in runs {
        sql.execute("DELETE FROM fact_part WHERE run = ?1", &[(*run).into()])?;
        sql.execute("DELETE FROM fact_run WHERE number = ?1", &[(*run).into()])?;
    }
    Ok(())
}

/// All accounts that facts arrived of.
///
/// # Errors
/// When the database fails.
pub fn accounts(sql: &mut dyn Sql) -> Result<BTreeMap<String, Account>> {
    let text = "SELECT account, arrived, judged, closed_hour, folded_hour FROM watched_account ORDER BY account";
    let rows = sql.all(text, &[], |row| {
        let account =
            Account { arrived: row.int(1)?, judged: row.int(2)?, closed_hour: row.int(3)?, folded_hour: row.int(4)? };
        Ok((row.string(0)?, account))
    })?;
    Ok(rows.into_iter().collect())
}

/// Writes how far the judging of an account is; what arrived is left as it is.
///
/// # Errors
/// When the database fails.
pub fn judged(sql: &mut dyn Sql, account: &str, state: &Account) -> Result<()> {
    sql.execute(
        "UPDATE watched_account SET judged = ?1, closed_hour = ?2, folded_hour = ?3 WHERE account = ?4",
        &[state.judged.into(), state.closed_hour.into(), state.folded_hour.into(), account.into()],
    )?;
    Ok(())
}

/// A finding that the facts at hand give, by account: its region, and the hash of it as it was given.
///
/// # Errors
/// When the database fails.
pub fn live(sql: &mut dyn Sql, account: &str) -> Result<BTreeMap<String, (String, String)>> {
    let rows = sql.all(
        "SELECT id, region, digest FROM live_finding WHERE account = ?1 ORDER BY id",
        &[account.into()],
        |row| Ok((row.string(0)?, (row.string(1)?, row.string(2)?))),
    )?;
    Ok(rows.into_iter().collect())
}

/// Remembers a finding that the facts at hand give.
///
/// # Errors
/// When the database fails.
pub fn set_live(sql: &mut dyn Sql, account: &str, id: &str, region: &str, digest: &str) -> Result<()> {
    sql.execute(
        "INSERT INTO live_finding (account, id, region, digest) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account, id) DO UPDATE SET digest = excluded.digest",
        &[account.into(), id.into(), region.into(), digest.into()],
    )?;
    Ok(())
}

/// Forgets a finding that the facts at hand give no more.
///
/// # Errors
/// When the database fails.
pub fn unset_live(sql: &mut dyn Sql, account: &str, id: &str) -> Result<()> {
    sql.execute("DELETE FROM live_finding WHERE account = ?1 AND id = ?2", &[account.into(), id.into()])?;
    Ok(())
}

/// What findings were by the hours that are in the baseline: JSON by id.
///
/// # Errors
/// When the database fails.
pub fn folded(sql: &mut dyn Sql, account: &str) -> Result<BTreeMap<String, String>> {
    let rows =
        sql.all("SELECT id, body FROM folded_finding WHERE account = ?1 ORDER BY id", &[account.into()], |row| {
            Ok((row.string(0)?, row.string(1)?))
        })?;
    Ok(rows.into_iter().collect())
}

/// Writes what a finding was by the hours that are in the baseline.
///
/// # Errors
/// When the database fails.
pub fn set_folded(sql: &mut dyn Sql, account: &str, id: &str, body: &str, last_seen: i64) -> Result<()> {
    sql.execute(
        "INSERT INTO folded_finding (account, id, body, last_seen) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account, id) DO UPDATE SET body = excluded.body, last_seen = excluded.last_seen",
        &[account.into(), id.into(), body.into(), last_seen.into()],
    )?;
    Ok(())
}

/// Forgets findings of the baseline that were last seen before a moment, in milliseconds since the epoch.
///
/// # Errors
/// When the database fails.
pub fn expire_folded(sql: &mut dyn Sql, before: i64) -> Result<u64> {
    sql.execute("DELETE FROM folded_finding WHERE last_seen < ?1", &[before.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    fn run(last_hour: i64, bytes: &[u8]) -> NewRun<'_> {
        NewRun { bucket: 10, last_hour, at: 5, bytes }
    }

    #[test]
    fn runs_come_back_part_by_part_and_give_way_to_a_merged_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.db")).unwrap();
        let bytes: Vec<u8> = (0..PART_BYTES + 5).map(|n| n as u8).collect();
        let first = store.write(|sql| add(sql, "1", run(240, &bytes))).unwrap();
        let second = store.write(|sql| add(sql, "1", run(241, b"two"))).unwrap();
        let known = store.read(|sql| runs(sql, "1")).unwrap();
        assert_eq!(known.iter().map(|r| (r.number, r.parts)).collect::<Vec<_>>(), [(first, 2), (second, 1)]);
        let read = |run, n| store.read(|sql| part(sql, run, n)).unwrap();
        assert_eq!([read(first, 0), read(first, 1)].map(Option::unwrap).concat(), bytes);
        let merged = store.write(|sql| replace(sql, "1", &[first, second], run(241, b"all"))).unwrap();
        assert_eq!((read(first, 0), read(merged, 0)), (None, Some(b"all".to_vec())));
        // The next one that arrives is a later one, whatever was removed.
        store.write(|sql| remove(sql, &[merged])).unwrap();
        assert!(store.write(|sql| add(sql, "1", run(241, b"three"))).unwrap() > second);
    }

    #[test]
    fn an_account_is_to_be_judged_until_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.db")).unwrap();
        let first = store.write(|sql| add(sql, "1", run(240, b"a"))).unwrap();
        let state = |judged| Account { arrived: first, judged, closed_hour: 3, folded_hour: 0 };
        store.write(|sql| judged(sql, "1", &state(first))).unwrap();
        assert_eq!(store.read(accounts).unwrap()["1"], state(first));
        let next = store.write(|sql| add(sql, "1", run(240, b"b"))).unwrap();
        assert_eq!(store.read(accounts).unwrap()["1"], Account { arrived: next, ..state(first) });
    }
}
