//! Findings: kept as JSON, with what they are looked up by beside it.

use crate::attributes;
use crate::criteria;
use crate::groups::{self, Member};
use crate::{DAY_MILLIS, Param, Result, Sql, StoreError};
use serde_json::Value;
use std::collections::BTreeSet;

pub use crate::listing::{Key, Order, list, list_within};

/// What a finding is kept by; the rest is in its JSON.
struct Columns<'f> {
    id: &'f str,
    account: &'f str,
    region: &'f str,
    finding_type: &'f str,
    severity: f64,
    archived: bool,
    created_at: i64,
    updated_at: i64,
    first_seen: i64,
    last_seen: i64,
    count: i64,
    resource_type: &'f str,
    resource_id: String,
}

impl<'f> Columns<'f> {
    fn of(finding: &'f Value) -> Result<Self> {
        let at = |pointer: &str| finding.pointer(pointer);
        let text = |pointer: &str| at(pointer).and_then(Value::as_str);
        let needed =
            |pointer: &str| text(pointer).ok_or_else(|| StoreError::Damaged(format!("a finding has no {pointer}")));
        let time = |pointer: &str| text(pointer).and_then(criteria::instant);
        let created_at = time("/createdAt").unwrap_or(0);
        let updated_at = time("/updatedAt").unwrap_or(created_at);
        Ok(Self {
            id: needed("/id")?,
            account: needed("/accountId")?,
            region: needed("/region")?,
            finding_type: needed("/type")?,
            severity: at("/severity").and_then(Value::as_f64).unwrap_or(0.0),
            archived: at("/service/archived").and_then(Value::as_bool).unwrap_or(false),
            created_at,
            updated_at,
            first_seen: time("/service/eventFirstSeen").unwrap_or(created_at),
            last_seen: time("/service/eventLastSeen").unwrap_or(updated_at),
            count: at("/service/count").and_then(Value::as_i64).unwrap_or(1),
            resource_type: text("/resource/resourceType").unwrap_or_default(),
            resource_id: resource_id(finding),
        })
    }
}

impl Columns<'_> {
    /// By what it is counted.
    fn group(&self) -> Member<'_> {
        Member {
            account: self.account,
            day: self.last_seen.div_euclid(DAY_MILLIS),
            finding_type: self.finding_type,
            resource_type: self.resource_type,
            resource_id: &self.resource_id,
            severity: self.severity,
            archived: self.archived,
            updated_at: self.updated_at,
        }
    }
}

/// A resource whose name is longer is counted by its beginning (AWS's names are shorter; an index takes some 2,700 bytes).
const LONGEST_RESOURCE: usize = 1024;

/// What a finding's resource is called: the instance, the access key or its user, the bucket, the cluster.
fn resource_id(finding: &Value) -> String {
    const PLACES: [&str; 9] = [
        "/resource/instanceDetails/instanceId",
        "/resource/s3BucketDetails/0/name",
        "/resource/eksClusterDetails/name",
        "/resource/ecsClusterDetails/name",
        "/resource/rdsDbInstanceDetails/dbInstanceIdentifier",
        "/resource/lambdaDetails/functionName",
        "/resource/containerDetails/id",
        "/resource/accessKeyDetails/userName",
        "/resource/accessKeyDetails/accessKeyId",
    ];
    let text = |place: &str| finding.pointer(place).and_then(Value::as_str);
    let by_type = match text("/resource/resourceType") {
        Some("AccessKey") => text("/resource/accessKeyDetails/userName"),
        Some("S3Bucket") => text("/resource/s3BucketDetails/0/name"),
        _ => None,
    };
    let id = by_type.or_else(|| PLACES.iter().find_map(|place| text(place))).unwrap_or_default();
    id.get(..id.floor_char_boundary(LONGEST_RESOURCE)).unwrap_or_default().to_owned()
}

/// Writes a finding, in the place of an earlier one with its id.
///
/// # Errors
/// When the database fails, or the finding lacks what every finding has.
pub fn put(sql: &mut dyn Sql, detector: &str, finding: &Value) -> Result<()> {
    let c = Columns::of(finding)?;
    let mut old = BTreeSet::new();
    let known = find(sql, detector, c.id)?;
    let number = match known {
        Some((number, body)) => {
            let before: Value = serde_json::from_str(&body)?;
            groups::count(sql, detector, &Columns::of(&before)?.group(), -1)?;
            old = criteria::rows(&before).collect();
            number
        }
        None => sql.first("SELECT COALESCE(MAX(number), 0) + 1 FROM finding", &[], |row| row.int(0))?.unwrap_or(1),
    };
    groups::count(sql, detector, &c.group(), 1)?;
    sql.execute(
        "INSERT INTO finding (number, detector, id, account, region, type, severity, archived, created_at, updated_at, \
         first_seen, last_seen, count, resource_type, resource_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (number) DO UPDATE SET type = excluded.type, severity = excluded.severity, \
         archived = excluded.archived, created_at = excluded.created_at, updated_at = excluded.updated_at, \
         first_seen = excluded.first_seen, last_seen = excluded.last_seen, count = excluded.count, \
         resource_type = excluded.resource_type, resource_id = excluded.resource_id",
        &[
            number.into(),
            detector.into(),
            c.id.into(),
            c.account.into(),
            c.region.into(),
            c.finding_type.into(),
            c.severity.into(),
            c.archived.into(),
            c.created_at.into(),
            c.updated_at.into(),
            c.first_seen.into(),
            c.last_seen.into(),
            c.count.into(),
            c.resource_type.into(),
            c.resource_id.clone().into(),
        ],
    )?;
    sql.execute(
        "INSERT INTO finding_body (number, body) VALUES (?1, ?2) ON CONFLICT (number) DO UPDATE SET body = excluded.body",
        &[number.into(), finding.to_string().into()],
    )?;
    let new: BTreeSet<(String, String)> = criteria::rows(finding).collect();
    attributes::unlink(sql, number, &old.difference(&new).collect::<Vec<_>>())?;
    attributes::link(sql, number, &new.difference(&old).collect::<Vec<_>>())
}

/// The number and the JSON of a finding.
fn find(sql: &mut dyn Sql, detector: &str, id: &str) -> Result<Option<(i64, String)>> {
    sql.first(
        "SELECT f.number, b.body FROM finding f JOIN finding_body b ON b.number = f.number \
         WHERE f.detector = ?1 AND f.id = ?2",
        &[detector.into(), id.into()],
        |row| Ok((row.int(0)?, row.string(1)?)),
    )
}

/// A finding's JSON.
///
/// # Errors
/// When the database fails.
pub fn get(sql: &mut dyn Sql, detector: &str, id: &str) -> Result<Option<String>> {
    Ok(find(sql, detector, id)?.map(|(_, body)| body))
}

/// Removes all findings of a detector.
///
/// # Errors
/// When the database fails.
pub fn clear(sql: &mut dyn Sql, detector: &str) -> Result<()> {
    while remove_some(sql, "f.detector = ?1", &[detector.into()])? > 0 {}
    Ok(())
}

/// Removes all findings of an account from a detector: those of a member, that another account sees no more.
///
/// # Errors
/// When the database fails.
pub fn clear_account(sql: &mut dyn Sql, detector: &str, account: &str) -> Result<()> {
    // One pass for all of them: no index has the account.
    let numbers = sql.all(
        "SELECT number FROM finding WHERE detector = ?1 AND account = ?2",
        &[detector.into(), account.into()],
        |row| row.int(0),
    )?;
    for number in numbers {
        remove_some(sql, "f.number = ?1", &[number.into()])?;
    }
    Ok(())
}

/// Removes some findings that were last updated before a moment, in milliseconds since the epoch; how many. None are
/// left when it returns 0. A transaction of all of them would keep others waiting.
///
/// # Errors
/// When the database fails.
pub fn expire(sql: &mut dyn Sql, before: i64) -> Result<u64> {
    // Detector by detector, since the index begins with it.
    let mut detector = String::new();
    loop {
        let next = sql.first(
            "SELECT detector FROM finding WHERE detector > ?1 ORDER BY detector LIMIT 1",
            &[detector.as_str().into()],
            |row| row.string(0),
        )?;
        let Some(next) = next else { return Ok(0) };
        let removed =
            remove_some(sql, "f.detector = ?1 AND f.updated_at < ?2", &[next.as_str().into(), before.into()])?;
        if removed > 0 {
            return Ok(removed);
        }
        detector = next;
    }
}

/// Removes a finding; whether it was there.
///
/// # Errors
/// When the database fails.
pub fn remove(sql: &mut dyn Sql, detector: &str, id: &str) -> Result<bool> {
    Ok(remove_some(sql, "f.detector = ?1 AND f.id = ?2", &[detector.into(), id.into()])? > 0)
}

/// Findings that are removed at a time.
const BATCH: u64 = 100;

fn remove_some(sql: &mut dyn Sql, which: &str, params: &[Param]) -> Result<u64> {
    let text = format!(
        "SELECT f.number, f.detector, b.body FROM finding f JOIN finding_body b ON b.number = f.number \
         WHERE {which} LIMIT {BATCH}"
    );
    let batch = sql.all(&text, params, |row| Ok((row.int(0)?, row.string(1)?, row.string(2)?)))?;
    for (number, detector, body) in &batch {
        let finding: Value = serde_json::from_str(body)?;
        groups::count(sql, detector, &Columns::of(&finding)?.group(), -1)?;
        let rows: BTreeSet<_> = criteria::rows(&finding).collect();
        attributes::unlink(sql, *number, &rows.iter().collect::<Vec<_>>())?;
        sql.execute("DELETE FROM finding_body WHERE number = ?1", &[(*number).into()])?;
        sql.execute("DELETE FROM finding WHERE number = ?1", &[(*number).into()])?;
    }
    Ok(batch.len() as u64)
}
