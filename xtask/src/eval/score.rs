//! What an evaluation counts: positives, found and extra for each finding type, and a line for each miss and extra.

use super::shape::Model;
use crate::scanner::Finding;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
struct Row {
    positives: u32,
    found: u32,
    extra: u32,
    raised: u64,
    /// Positives of which not all can be found.
    rated: u32,
}

impl Row {
    /// Found of what is there; `None` of nothing.
    fn recall(&self) -> Option<f64> {
        share(self.found, self.positives)
    }

    /// Found of what is raised: attacks against findings that no attack explains.
    fn precision(&self) -> Option<f64> {
        share(self.found, self.found + self.extra)
    }
}

fn share(part: u32, all: u32) -> Option<f64> {
    (all > 0).then(|| f64::from(part) / f64::from(all))
}

/// The state of an evaluation.
pub struct Score {
    model: Model,
    rows: BTreeMap<String, Row>,
    missed: Vec<String>,
    extra: Vec<String>,
    noted: Vec<String>,
    broken: BTreeMap<String, (u32, String)>,
    findings: u64,
}

impl Score {
    /// Nothing counted yet.
    pub fn new(model: Model) -> Self {
        Self {
            model,
            rows: BTreeMap::new(),
            missed: Vec::new(),
            extra: Vec::new(),
            noted: Vec::new(),
            broken: BTreeMap::new(),
            findings: 0,
        }
    }

    /// Checks the findings of a scan against the service model. Every scan passes here.
    pub fn validate(&mut self, run: &str, findings: &[Finding]) {
        self.findings += findings.len() as u64;
        for finding in findings {
            self.rows.entry(finding.name().to_owned()).or_default().raised += 1;
            for fault in self.model.faults("Finding", &finding.0) {
                // Indexes are dropped so that one cause is one line.
                let cause: String = fault.chars().filter(|c| !c.is_ascii_digit()).collect();
                let seen = self
                    .broken
                    .entry(cause)
                    .or_insert_with(|| (0, format!("{run}: {} {}: {fault}", finding.name(), finding.text("/id"))));
                seen.0 += 1;
            }
        }
    }

    /// A positive that was found or missed.
    pub fn positive(&mut self, name: &str, found: bool, what: impl FnOnce() -> String) {
        let row = self.rows.entry(name.to_owned()).or_default();
        row.positives += 1;
        if found {
            row.found += 1;
        } else {
            self.missed.push(format!("{name}: {}", what()));
        }
    }

    /// Positives of which not all can be found: they count for the table and break no bar.
    pub fn rate(&mut self, name: &str, positives: u32, found: u32) {
        let row = self.rows.entry(name.to_owned()).or_default();
        row.positives += positives;
        row.found += found;
        row.rated += positives - found;
    }

    /// A bar that is no type's.
    pub fn bar(&mut self, held: bool, what: impl FnOnce() -> String) {
        if !held {
            self.missed.push(what());
        }
    }

    /// A finding that should not be there, and breaks a bar.
    pub fn extra(&mut self, run: &str, finding: &Finding) {
        self.rows.entry(finding.name().to_owned()).or_default().extra += 1;
        self.extra.push(format!("{run}: {}", finding.line()));
    }

    /// Something to read that breaks no bar.
    pub fn note(&mut self, run: &str, what: &str) {
        self.noted.push(format!("{run}: {what}"));
    }

    /// The findings of a scan in a line, by type.
    pub fn note_counts<'a>(&mut self, run: &str, findings: impl Iterator<Item = &'a Finding>) {
        let mut counts = BTreeMap::<&str, u32>::new();
        for finding in findings {
            *counts.entry(finding.name()).or_default() += 1;
        }
        let text: Vec<_> = counts.iter().map(|(name, n)| format!("{name} x{n}")).collect();
        self.note(run, if text.is_empty() { "nothing".into() } else { text.join(", ") }.as_str());
    }

    /// Prints everything; true when no bar is missed. `known` are the types that can be raised at all, `records` what
    /// all scans read.
    pub fn print(&mut self, known: &BTreeSet<String>, records: u64) -> bool {
        for name in known {
            self.rows.entry(name.clone()).or_default();
        }
        println!(
            "{:<66} {:>9} {:>6} {:>6} {:>7} {:>9} {:>11}",
            "finding type", "positives", "found", "extra", "recall", "precision", "per million"
        );
        let text = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |s| format!("{s:.3}"));
        for (name, row) in &self.rows {
            let verdict = match row {
                Row { positives: 0, extra: 0, .. } => "",
                row if row.found + row.rated < row.positives => "  MISSED",
                row if row.extra > 0 => "  EXTRA",
                _ => "  pass",
            };
            println!(
                "{name:<66} {:>9} {:>6} {:>6} {:>7} {:>9} {:>11.3}{verdict}",
                row.positives,
                row.found,
                row.extra,
                text(row.recall()),
                text(row.precision()),
                row.raised as f64 * 1e6 / records.max(1) as f64,
            );
        }
        let broken: Vec<_> = self.broken.values().map(|(n, first)| format!("x{n}, first in {first}")).collect();
        let lists = [
            ("noted", &self.noted),
            ("missed", &self.missed),
            ("extra", &self.extra),
            ("not as the service model has it", &broken),
        ];
        for (title, lines) in lists {
            println!("\n{title}: {}", lines.len());
            lines.iter().for_each(|line| println!("  {line}"));
        }
        println!("\n{} findings in {records} records, checked against the service model", self.findings);
        self.missed.is_empty() && self.extra.is_empty() && broken.is_empty()
    }

    /// Everything as JSON.
    pub fn json(&self) -> Value {
        let types: Value = self
            .rows
            .iter()
            .map(|(name, r)| {
                (
                    name.clone(),
                    json!({"positives": r.positives, "found": r.found, "extra": r.extra, "raised": r.raised}),
                )
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        let broken: Vec<_> = self.broken.values().map(|(n, first)| json!({"times": n, "first": first})).collect();
        json!({
            "types": types, "missed": self.missed, "extra": self.extra, "noted": self.noted,
            "notAsModelled": broken, "findings": self.findings,
        })
    }
}
