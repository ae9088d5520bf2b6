//! Recorded DNS logs, judged by client and hour as a detector would.

use super::hosts::Asked;
use crate::eval::table;
use crate::gz;
use anyhow::Result;
use picquet_detect::dga::{Model, Verdict};
use picquet_detect::hash::stable;
use picquet_detect::tuning::GeneratedDomains;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A recorded log and what was found in it.
pub struct Capture {
    /// Its name.
    pub name: String,
    /// Whether a generator ran.
    pub infected: bool,
    /// Client-hours.
    pub hours: usize,
    /// Distinct names that do not exist, the most of one client and hour.
    pub missing: usize,
    /// What raised a finding.
    pub alarms: Vec<Verdict>,
}

impl Capture {
    /// Whether it was judged as it should have been.
    pub fn right(&self) -> bool {
        self.infected != self.alarms.is_empty()
    }
}

/// Judges all recorded logs of the data folder.
pub fn judge_all(data: &Path, model: &Model, tuning: &GeneratedDomains) -> Result<Vec<Capture>> {
    let mut all = Vec::new();
    for row in table::read(&data.join("dns/resolver_index.tsv"))? {
        let text = gz::file(&data.join(row.get("file")))?;
        let infected = row.get("expected_finding").contains("DGADomainRequest");
        all.push(capture(row.get("name"), &text, infected, model, tuning));
    }
    Ok(all)
}

fn capture(name: &str, text: &str, infected: bool, model: &Model, tuning: &GeneratedDomains) -> Capture {
    let mut hours: BTreeMap<(String, String), (Asked, BTreeSet<u64>)> = BTreeMap::new();
    for line in text.lines() {
        let Ok(record) = serde_json::from_str::<Value>(line) else { continue };
        let field = |key: &str| record[key].as_str().unwrap_or_default();
        let hour = field("query_timestamp").chars().take(13).collect();
        let key = (field("srcaddr").to_owned(), hour);
        let asked = field("query_name").trim_end_matches('.').to_ascii_lowercase();
        let (host, existing) = hours.entry(key).or_default();
        match (field("rcode"), model.target(&asked)) {
            ("NXDOMAIN", Ok(_)) => host.missing(model, &asked),
            ("NOERROR", Ok(target)) => drop(existing.insert(stable(&[target.registrable.as_bytes()]))),
            _ => {}
        }
    }
    for (host, existing) in hours.values_mut() {
        host.existing = existing.len() as u64;
    }
    Capture {
        name: name.to_owned(),
        infected,
        hours: hours.len(),
        missing: hours.values().map(|(host, _)| host.len()).max().unwrap_or_default(),
        alarms: hours.values().filter_map(|(host, _)| host.judge(model, tuning)).collect(),
    }
}
