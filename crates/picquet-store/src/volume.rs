//! How much was read, by account, region, kind of log and day: what usage, coverage and lag are told from.

use crate::{DAY_MILLIS, Param, Result, Row, Sql};

/// What was read of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// The account.
    pub account: String,
    /// The region; empty where neither records nor objects name one.
    pub region: String,
    /// The kind's name, such as `CLOUD_TRAIL`.
    pub kind: String,
    /// Objects.
    pub objects: i64,
    /// Bytes, uncompressed.
    pub bytes: i64,
    /// Records.
    pub records: i64,
    /// The latest event, in milliseconds since the epoch.
    pub last_event: i64,
    /// When an object was read last, in milliseconds since the epoch.
    pub last_read: i64,
}

/// Adds what was read of an object.
///
/// # Errors
/// When the database fails.
pub fn add(sql: &mut dyn Sql, read: &Volume) -> Result<()> {
    sql.execute(
        "INSERT INTO volume (account, region, kind, day, objects, bytes, records, last_event, last_read)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (account, region, kind, day) DO UPDATE SET objects = volume.objects + excluded.objects, \
         bytes = volume.bytes + excluded.bytes, records = volume.records + excluded.records, \
         last_event = CASE WHEN excluded.last_event > volume.last_event THEN excluded.last_event \
                           ELSE volume.last_event END, last_read = excluded.last_read",
        &[
            read.account.as_str().into(),
            read.region.as_str().into(),
            read.kind.as_str().into(),
            read.last_read.div_euclid(DAY_MILLIS).into(),
            read.objects.into(),
            read.bytes.into(),
            read.records.into(),
            read.last_event.into(),
            read.last_read.into(),
        ],
    )?;
    Ok(())
}

fn volume(row: &dyn Row) -> Result<Volume> {
    Ok(Volume {
        account: row.string(0)?,
        region: row.string(1)?,
        kind: row.string(2)?,
        objects: row.int(3)?,
        bytes: row.int(4)?,
        records: row.int(5)?,
        last_event: row.int(6)?,
        last_read: row.int(7)?,
    })
}

/// What was read since a moment (milliseconds since the epoch; whole days count), of one account or of all.
///
/// # Errors
/// When the database fails.
pub fn since(sql: &mut dyn Sql, account: Option<&str>, since: i64) -> Result<Vec<Volume>> {
    let mut params: Vec<Param> = vec![since.div_euclid(DAY_MILLIS).into()];
    let mut of = "";
    if let Some(account) = account {
        params.push(account.into());
        of = " AND account = ?2";
    }
    let text = format!(
        "SELECT account, region, kind, CAST(SUM(objects) AS BIGINT), CAST(SUM(bytes) AS BIGINT), \
         CAST(SUM(records) AS BIGINT), MAX(last_event), MAX(last_read)
         FROM volume WHERE day >= ?1{of} GROUP BY account, region, kind ORDER BY account, region, kind"
    );
    sql.all(&text, &params, volume)
}

/// Forgets what was read before a moment.
///
/// # Errors
/// When the database fails.
pub fn expire(sql: &mut dyn Sql, before: i64) -> Result<u64> {
    sql.execute("DELETE FROM volume WHERE day < ?1", &[before.div_euclid(DAY_MILLIS).into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn volumes_add_up_by_day() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.db")).unwrap();
        let read = |day: i64, last_event: i64| Volume {
            account: "1".into(),
            region: "us-east-1".into(),
            kind: "DNS".into(),
            objects: 1,
            bytes: 10,
            records: 3,
            last_event,
            last_read: day * DAY_MILLIS + 5,
        };
        for volume in [read(1, 7), read(2, 9), read(2, 8)] {
            store.write(|sql| add(sql, &volume)).unwrap();
        }
        let of = |since_day: i64| store.read(|sql| since(sql, Some("1"), since_day * DAY_MILLIS)).unwrap().remove(0);
        assert_eq!((of(0).objects, of(0).bytes, of(2).records, of(2).last_event), (3, 30, 6, 9));
        assert!(store.read(|sql| since(sql, Some("2"), 0)).unwrap().is_empty());
        assert_eq!(store.write(|sql| expire(sql, 2 * DAY_MILLIS)).unwrap(), 1);
    }
}
