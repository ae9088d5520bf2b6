//! Objects of CloudTrail: reading those of a folder, and writing records as AWS delivers them.

use crate::gz;
use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The `.json.gz` files below a folder, sorted.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.to_string_lossy().ends_with(".json.gz") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// The records of an object.
pub fn records(path: &Path) -> Result<Vec<Value>> {
    let text = gz::file(path)?;
    let mut object: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    Ok(object["Records"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// Writes records as one object for each account, region and day, and says how many there were.
pub fn write(folder: &Path, name: &str, records: Vec<Value>) -> Result<usize> {
    let mut by_object = BTreeMap::<(String, String, String), Vec<Value>>::new();
    let count = records.len();
    for record in records {
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        let day = text("eventTime").get(..10).unwrap_or("0000-00-00").replace('-', "/");
        by_object.entry((text("recipientAccountId"), text("awsRegion"), day)).or_default().push(record);
    }
    for ((account, region, day), mut records) in by_object {
        records.sort_by_key(|r| r["eventTime"].as_str().unwrap_or_default().to_owned());
        let inner = folder.join(format!("AWSLogs/{account}/CloudTrail/{region}/{day}"));
        let stamp = day.replace('/', "");
        let file = inner.join(format!("{account}_CloudTrail_{region}_{stamp}T2355Z_{name}.json.gz"));
        put(&file, &Value::from_iter([("Records", Value::from(records))]))?;
    }
    Ok(count)
}

/// Writes an object.
pub fn put(file: &Path, object: &Value) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let out = fs::File::create(file).with_context(|| file.display().to_string())?;
    let mut out = GzEncoder::new(out, Compression::fast());
    out.write_all(&serde_json::to_vec(object)?)?;
    out.finish()?;
    Ok(())
}

/// A folder with nothing in it.
pub fn empty(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}
