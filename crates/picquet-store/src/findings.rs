//! Findings: kept as JSON, with what they are looked up by beside it.

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
    by_type.or_else(|| PLACES.iter().find_map(|place| text(place))).unwrap_or_default().to_owned()
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
    for (path, value) in old.difference(&new) {
        unlink(sql, number, path, value)?;
    }
    for (path, value) in new.difference(&old) {
        link(sql, number, path, value)?;
    }
    Ok(())
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

/// Makes an attribute of a finding known.
fn link(sql: &mut dyn Sql, number: i64, path: &str, value: &str) -> Result<()> {
    let link = "INSERT INTO finding_attribute (path, value, finding)
                SELECT p.number, v.number, ?3 FROM attribute_path p, attribute_value v
                WHERE p.path = ?1 AND v.value = ?2 ON CONFLICT DO NOTHING";
    let params: [Param; 3] = [path.into(), value.into(), number.into()];
    if sql.execute(link, &params)? > 0 {
        return Ok(());
    }
    // The path or the value is new.
    sql.execute("INSERT INTO attribute_path (path) VALUES (?1) ON CONFLICT DO NOTHING", &[path.into()])?;
    let as_number = value.parse::<f64>().ok().filter(|n| n.is_finite());
    sql.execute(
        "INSERT INTO attribute_value (value, as_number) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        &[value.into(), as_number.into()],
    )?;
    sql.execute(link, &params)?;
    Ok(())
}

fn unlink(sql: &mut dyn Sql, number: i64, path: &str, value: &str) -> Result<()> {
    sql.execute(
        "DELETE FROM finding_attribute WHERE path = (SELECT number FROM attribute_path WHERE path = ?1)
         AND value = (SELECT number FROM attribute_value WHERE value = ?2) AND finding = ?3",
        &[path.into(), value.into(), number.into()],
    )?;
    Ok(())
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
    while remove(sql, "f.detector = ?1", &[detector.into()])? > 0 {}
    Ok(())
}

/// Removes some of the findings that were last updated before a moment, in milliseconds since the epoch, so few that
/// others who write need not wait for long; how many, and 0 when none are left.
///
/// # Errors
/// When the database fails.
pub fn expire(sql: &mut dyn Sql, before: i64) -> Result<u64> {
    for detector in sql.all("SELECT DISTINCT detector FROM finding_group", &[], |row| row.string(0))? {
        let removed = remove(sql, "f.detector = ?1 AND f.updated_at < ?2", &[detector.into(), before.into()])?;
        if removed > 0 {
            return Ok(removed);
        }
    }
    Ok(0)
}

/// Findings that are removed at a time.
const BATCH: u64 = 200;

/// Removes at most [`BATCH`] findings.
fn remove(sql: &mut dyn Sql, which: &str, params: &[Param]) -> Result<u64> {
    let text = format!(
        "SELECT f.number, f.detector, b.body FROM finding f JOIN finding_body b ON b.number = f.number \
         WHERE {which} LIMIT {BATCH}"
    );
    let batch = sql.all(&text, params, |row| Ok((row.int(0)?, row.string(1)?, row.string(2)?)))?;
    let removed = batch.len() as u64;
    for (number, detector, body) in batch {
        let finding: Value = serde_json::from_str(&body)?;
        groups::count(sql, &detector, &Columns::of(&finding)?.group(), -1)?;
        for (path, value) in criteria::rows(&finding) {
            unlink(sql, number, &path, &value)?;
        }
        sql.execute("DELETE FROM finding_body WHERE number = ?1", &[number.into()])?;
        sql.execute("DELETE FROM finding WHERE number = ?1", &[number.into()])?;
    }
    Ok(removed)
}
