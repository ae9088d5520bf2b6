//! What is to be published: a row of each finding and target, written in the transaction that changes the finding.
//!
//! A row waits while it is due, and rests between two editions. A change of a finding whose row waits changes nothing
//! of it: the finding is read when it is sent. Every edition is sent at least once, under an id that its number gives.

use crate::{Result, Row, Sql};

/// Deliveries that are remembered of a target, for people to look at.
const REMEMBERED: i64 = 500;

/// A finding that is due at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The target's name.
    pub target: String,
    /// The finding's detector.
    pub detector: String,
    /// The finding's id.
    pub finding: String,
    /// Which edition this is, counted from 1.
    pub edition: i64,
    /// How often the finding changed until now.
    pub changes: i64,
    /// How often it was tried to send this edition.
    pub tries: i64,
}

/// An attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The target's name.
    pub target: String,
    /// The finding's detector.
    pub detector: String,
    /// The finding's id.
    pub finding: String,
    /// The edition.
    pub edition: i64,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// "sent", or why it was not.
    pub outcome: String,
}

/// Names all targets: of one detector, or of all (an empty name). Rows of targets that are no more are removed.
///
/// # Errors
/// When the database fails.
pub fn set_targets(sql: &mut dyn Sql, targets: &[(String, String)]) -> Result<()> {
    sql.execute("DELETE FROM target", &[])?;
    for (name, detector) in targets {
        sql.execute(
            "INSERT INTO target (name, detector) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET detector = excluded.detector",
            &[name.as_str().into(), detector.as_str().into()],
        )?;
    }
    sql.execute("DELETE FROM outbox WHERE target NOT IN (SELECT name FROM target)", &[])?;
    Ok(())
}

/// All targets, with their detectors.
///
/// # Errors
/// When the database fails.
pub fn targets(sql: &mut dyn Sql) -> Result<Vec<(String, String)>> {
    sql.all("SELECT name, detector FROM target ORDER BY name", &[], |row| Ok((row.string(0)?, row.string(1)?)))
}

/// A finding is new, or changed: it is due at each target, at once, or when so many milliseconds have passed since its
/// last edition.
///
/// # Errors
/// When the database fails.
pub fn put(sql: &mut dyn Sql, detector: &str, finding: &str, frequency: i64, now: i64) -> Result<()> {
    put_to(sql, "t.detector = '' OR t.detector = ?1", detector, finding, frequency, now)
}

/// As [`put`], to the targets of the detector alone: the others get the finding from the detector that it is of.
///
/// # Errors
/// When the database fails.
pub fn put_to_own(sql: &mut dyn Sql, detector: &str, finding: &str, frequency: i64, now: i64) -> Result<()> {
    put_to(sql, "t.detector = ?1", detector, finding, frequency, now)
}

fn put_to(sql: &mut dyn Sql, which: &str, detector: &str, finding: &str, frequency: i64, now: i64) -> Result<()> {
    let text = format!(
        "INSERT INTO outbox (target, detector, finding, edition, changes, due_at, sent_at, tries, why)
         SELECT t.name, ?1, ?2, 1, 1, ?3, NULL, 0, '' FROM target t WHERE {which}
         ON CONFLICT (target, detector, finding) DO UPDATE SET changes = outbox.changes + 1, \
         edition = CASE WHEN outbox.due_at IS NULL THEN outbox.edition + 1 ELSE outbox.edition END, \
         tries = CASE WHEN outbox.due_at IS NULL THEN 0 ELSE outbox.tries END, \
         due_at = CASE WHEN outbox.due_at IS NOT NULL THEN outbox.due_at \
                       WHEN outbox.sent_at + ?4 > ?3 THEN outbox.sent_at + ?4 ELSE ?3 END"
    );
    sql.execute(&text, &[detector.into(), finding.into(), now.into(), frequency.into()])?;
    Ok(())
}

/// What is due at a target, the longest waiting first.
///
/// # Errors
/// When the database fails.
pub fn due(sql: &mut dyn Sql, target: &str, now: i64, most: i64) -> Result<Vec<Due>> {
    sql.all(
        "SELECT target, detector, finding, edition, changes, tries FROM outbox
         WHERE target = ?1 AND due_at <= ?2 ORDER BY due_at, detector, finding LIMIT ?3",
        &[target.into(), now.into(), most.into()],
        |row| {
            Ok(Due {
                target: row.string(0)?,
                detector: row.string(1)?,
                finding: row.string(2)?,
                edition: row.int(3)?,
                changes: row.int(4)?,
                tries: row.int(5)?,
            })
        },
    )
}

/// An edition was sent. If the finding changed since it was read for it, the next edition is due.
///
/// # Errors
/// When the database fails.
pub fn sent(sql: &mut dyn Sql, due: &Due, frequency: i64, now: i64) -> Result<()> {
    sql.execute(
        "UPDATE outbox SET sent_at = ?5, tries = 0, why = '', \
         edition = CASE WHEN changes > ?6 THEN edition + 1 ELSE edition END, \
         due_at = CASE WHEN changes > ?6 THEN ?7 ELSE NULL END
         WHERE target = ?1 AND detector = ?2 AND finding = ?3 AND edition = ?4",
        &[
            due.target.as_str().into(),
            due.detector.as_str().into(),
            due.finding.as_str().into(),
            due.edition.into(),
            now.into(),
            due.changes.into(),
            (now + frequency).into(),
        ],
    )?;
    log(sql, due, "sent", now)
}

/// An edition could not be sent: it is due again later, or never (`None`).
///
/// # Errors
/// When the database fails.
pub fn failed(sql: &mut dyn Sql, due: &Due, again_at: Option<i64>, why: &str, now: i64) -> Result<()> {
    sql.execute(
        "UPDATE outbox SET tries = tries + 1, why = ?5, due_at = ?6
         WHERE target = ?1 AND detector = ?2 AND finding = ?3 AND edition = ?4",
        &[
            due.target.as_str().into(),
            due.detector.as_str().into(),
            due.finding.as_str().into(),
            due.edition.into(),
            why.into(),
            again_at.into(),
        ],
    )?;
    log(sql, due, why, now)
}

/// The clock was set back: rows of a target that would wait for longer than anything waits are due now. An edition that
/// failed waits for `pause` milliseconds at most, and a repeat for `rest`; a first edition does not wait. How many were.
///
/// # Errors
/// When the database fails.
pub fn set_back(sql: &mut dyn Sql, target: &str, now: i64, pause: i64, rest: i64) -> Result<u64> {
    sql.execute("UPDATE outbox SET sent_at = ?2 WHERE target = ?1 AND sent_at > ?2", &[target.into(), now.into()])?;
    sql.execute(
        "UPDATE outbox SET due_at = ?2 WHERE target = ?1 AND due_at > ?2 AND ((tries > 0 AND due_at > ?3) \
         OR (tries = 0 AND edition > 1 AND due_at > ?4) OR (tries = 0 AND edition = 1))",
        &[target.into(), now.into(), (now + pause).into(), (now + rest).into()],
    )
}

/// An edition needs not be sent: the finding was archived, or is there no more.
///
/// # Errors
/// When the database fails.
pub fn drop(sql: &mut dyn Sql, due: &Due) -> Result<()> {
    sql.execute(
        "DELETE FROM outbox WHERE target = ?1 AND detector = ?2 AND finding = ?3",
        &[due.target.as_str().into(), due.detector.as_str().into(), due.finding.as_str().into()],
    )?;
    Ok(())
}

fn log(sql: &mut dyn Sql, due: &Due, outcome: &str, now: i64) -> Result<()> {
    sql.execute(
        "INSERT INTO delivery (number, target, detector, finding, edition, at, outcome)
         SELECT COALESCE(MAX(number), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6 FROM delivery",
        &[
            due.target.as_str().into(),
            due.detector.as_str().into(),
            due.finding.as_str().into(),
            due.edition.into(),
            now.into(),
            outcome.into(),
        ],
    )?;
    Ok(())
}

/// Forgets all but the latest deliveries.
///
/// # Errors
/// When the database fails.
pub fn trim(sql: &mut dyn Sql) -> Result<()> {
    for (target, _) in targets(sql)? {
        sql.execute(
            "DELETE FROM delivery WHERE target = ?1 AND number <= \
             (SELECT number FROM delivery WHERE target = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
            &[target.into(), REMEMBERED.into()],
        )?;
    }
    Ok(())
}

fn delivery(row: &dyn Row) -> Result<Delivery> {
    Ok(Delivery {
        target: row.string(0)?,
        detector: row.string(1)?,
        finding: row.string(2)?,
        edition: row.int(3)?,
        at: row.int(4)?,
        outcome: row.string(5)?,
    })
}

/// The latest deliveries, the newest first.
///
/// # Errors
/// When the database fails.
pub fn deliveries(sql: &mut dyn Sql, most: i64) -> Result<Vec<Delivery>> {
    sql.all(
        "SELECT target, detector, finding, edition, at, outcome FROM delivery ORDER BY number DESC LIMIT ?1",
        &[most.into()],
        delivery,
    )
}

/// What waits at a target: how many findings, how many of them failed before, and since when the first is due.
///
/// # Errors
/// When the database fails.
pub fn backlog(sql: &mut dyn Sql, target: &str, now: i64) -> Result<(i64, i64, Option<i64>)> {
    let row = sql.first(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN tries > 0 THEN 1 ELSE 0 END), 0), COALESCE(MIN(due_at), -1)
         FROM outbox WHERE target = ?1 AND due_at <= ?2",
        &[target.into(), now.into()],
        |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)),
    )?;
    let (waiting, failing, since) = row.unwrap_or((0, 0, -1));
    Ok((waiting, failing, (since >= 0).then_some(since)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    const HOUR: i64 = 3_600_000;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.db")).unwrap();
        let targets = [("bus".to_owned(), String::new()), ("s3".to_owned(), "d1".to_owned())];
        store.write(|sql| set_targets(sql, &targets)).unwrap();
        (folder, store)
    }

    fn due_at(store: &Store, target: &str, now: i64) -> Vec<Due> {
        store.read(|sql| due(sql, target, now, 10)).unwrap()
    }

    #[test]
    fn a_finding_is_due_at_once_and_its_repeats_when_their_time_has_come() {
        let (_folder, store) = store();
        store.write(|sql| put(sql, "d1", "f", HOUR, 1000)).unwrap();
        store.write(|sql| put(sql, "d2", "g", HOUR, 1000)).unwrap();
        assert_eq!((due_at(&store, "bus", 1000).len(), due_at(&store, "s3", 1000).len()), (2, 1));
        let first = due_at(&store, "s3", 1000).remove(0);
        store.write(|sql| sent(sql, &first, HOUR, 2000)).unwrap();
        assert!(due_at(&store, "s3", 9 * HOUR).is_empty());
        store.write(|sql| put(sql, "d1", "f", HOUR, 3000)).unwrap();
        store.write(|sql| put(sql, "d1", "f", HOUR, 4000)).unwrap();
        assert!(due_at(&store, "s3", HOUR).is_empty());
        let second = due_at(&store, "s3", HOUR + 2000).remove(0);
        assert_eq!((first.edition, second.edition), (1, 2));
    }

    #[test]
    fn a_change_while_an_edition_is_sent_is_the_next_one() {
        let (_folder, store) = store();
        store.write(|sql| put(sql, "d1", "f", HOUR, 1000)).unwrap();
        let first = due_at(&store, "bus", 1000).remove(0);
        store.write(|sql| put(sql, "d1", "f", HOUR, 1500)).unwrap();
        store.write(|sql| sent(sql, &first, HOUR, 2000)).unwrap();
        assert!(due_at(&store, "bus", 2000).is_empty());
        assert_eq!(due_at(&store, "bus", HOUR + 2000)[0].edition, 2);
        // Told twice, the same edition is sent once.
        store.write(|sql| sent(sql, &first, HOUR, 2000)).unwrap();
        assert_eq!(due_at(&store, "bus", HOUR + 2000)[0].edition, 2);
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_back() {
        let (_folder, store) = store();
        let back = |now| store.write(|sql| set_back(sql, "bus", now, 600, HOUR)).unwrap();
        // Found, and failed, while the clock was ten hours ahead.
        store.write(|sql| put(sql, "d1", "f", HOUR, 10 * HOUR)).unwrap();
        store.write(|sql| put(sql, "d1", "g", HOUR, 10 * HOUR)).unwrap();
        let first = due_at(&store, "bus", 10 * HOUR).remove(0);
        store.write(|sql| failed(sql, &first, Some(10 * HOUR + 500), "503", 10 * HOUR)).unwrap();
        assert!(due_at(&store, "bus", 1000).is_empty());
        assert_eq!((back(1000), back(1000)), (2, 0));
        assert_eq!(due_at(&store, "bus", 1000).len(), 2);
        // A pause that is as long as it may be is kept.
        store.write(|sql| failed(sql, &first, Some(1500), "503", 1000)).unwrap();
        assert_eq!(back(1000), 0);
        // A repeat rests for as long as it would have, and no longer.
        let second = due_at(&store, "bus", 1000).remove(0);
        store.write(|sql| sent(sql, &second, HOUR, 10 * HOUR)).unwrap();
        back(2000);
        store.write(|sql| put(sql, "d1", "g", HOUR, 3000)).unwrap();
        assert!(due_at(&store, "bus", HOUR).iter().all(|row| row.finding != "g"));
        assert!(due_at(&store, "bus", HOUR + 2000).iter().any(|row| row.finding == "g" && row.edition == 2));
    }

    #[test]
    fn a_target_that_fails_is_asked_again_and_the_log_says_so() {
        let (_folder, store) = store();
        store.write(|sql| put(sql, "d2", "g", HOUR, 0)).unwrap();
        let first = due_at(&store, "bus", 0).remove(0);
        store.write(|sql| failed(sql, &first, Some(50), "503", 10)).unwrap();
        assert!(due_at(&store, "bus", 49).is_empty());
        assert_eq!(store.read(|sql| backlog(sql, "bus", 60)).unwrap(), (1, 1, Some(50)));
        let again = due_at(&store, "bus", 50).remove(0);
        assert_eq!((again.tries, again.edition), (1, 1));
        store.write(|sql| failed(sql, &again, None, "403", 60)).unwrap();
        assert!(due_at(&store, "bus", 9 * HOUR).is_empty());
        let said: Vec<String> = store.read(|sql| deliveries(sql, 9)).unwrap().into_iter().map(|d| d.outcome).collect();
        assert_eq!(said, ["403", "503"]);
        store.write(|sql| set_targets(sql, &[])).unwrap();
        store.write(trim).unwrap();
    }
}
