//! What a scan read, for the reports and the closing lines.

use super::Scanned;
use picquet_detect::detectors::DETECTORS;
use picquet_detect::facts::TrafficFacts;
use picquet_logs::RecordKind;
use picquet_model::Source;
use picquet_report::{Defect, ListUsed, MissingData, Summary};
use std::collections::BTreeSet;
use std::time::Duration;

/// Sums it up.
pub fn of(scanned: &Scanned, hidden: u64, elapsed: Duration) -> Summary {
    let t = &scanned.totals;
    let mut notes = Vec::new();
    if scanned.interrupted {
        notes.push("Interrupted: only a part of the objects was read.".to_owned());
    }
    for (what, n) in &t.read.passed_over {
        notes.push(format!("{n} records hold nothing to profile: {what}"));
    }
    if t.unattributed > 0 {
        notes.push(format!("{} records name no account and count for nobody", t.unattributed));
    }
    if t.defaulted > 0 {
        notes.push(format!(
            "{} flow records name no region and were counted in {} (--default-region)",
            t.defaulted, scanned.env.default_region
        ));
    }
    if t.sampled > 0 {
        notes.push(format!(
            "{} hours of interfaces had more than {} contacts: counts are estimated from as many, and what concerns a \
             single contact may be missed in them",
            t.sampled,
            TrafficFacts::LIGHT
        ));
    }
    if t.spilled > 0 {
        notes.push(format!("Facts were spilled to disk {} times (--max-memory)", t.spilled));
    }
    if t.cold_bytes > 0 {
        notes.push(format!(
            "What is known of instances, interfaces and principals was spilled to disk: {:.1} MB (--max-memory)",
            t.cold_bytes as f64 / 1e6
        ));
    }
    notes.extend(t.read.unreadable.iter().take(20).cloned());
    Summary {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        objects: t.read.objects,
        objects_skipped: t.read.skipped.clone(),
        skipped_examples: t.read.passed.iter().map(|(object, why)| (object.clone(), (*why).to_owned())).collect(),
        objects_unreadable: t.read.unreadable.len() as u64,
        bytes: t.read.bytes,
        bytes_read: t.read.bytes_read,
        records: t.read.records.iter().map(|(k, n)| (k.name().to_owned(), *n)).collect(),
        defects: t.read.defects.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect(),
        defect_examples: t
            .read
            .places
            .iter()
            .map(|(object, line, offset, cause)| Defect {
                object: object.clone(),
                line: Some(*line),
                offset: Some(*offset),
                cause: (*cause).to_owned(),
            })
            .collect(),
        first_event: t.read.span.map(|s| s.0),
        last_event: t.read.span.map(|s| s.1),
        elapsed_secs: elapsed.as_secs_f64(),
        accounts: scanned.findings.iter().map(|f| f.account_id.clone()).collect::<BTreeSet<_>>(),
        regions: scanned.findings.iter().map(|f| f.region.clone()).collect::<BTreeSet<_>>(),
        lists: scanned
            .env
            .intel
            .lists()
            .iter()
            .map(|l| ListUsed {
                name: l.name.clone(),
                category: l.category.map_or_else(|| "trusted".into(), |c| c.to_string()),
                entries: l.entries as u64,
            })
            .collect(),
        detectors_without_data: DETECTORS
            .iter()
            .filter(|d| !has_data(scanned, d.source))
            .map(|d| MissingData { detector: d.name.into(), needs: needs(d.source).into() })
            .collect(),
        findings_hidden: hidden,
        notes,
    }
}

fn has_data(scanned: &Scanned, source: Source) -> bool {
    let kinds: &[RecordKind] = match source {
        Source::Cloudtrail => &[RecordKind::CloudTrailManagement],
        Source::S3Data => &[RecordKind::CloudTrailData],
        Source::Flow => &[RecordKind::VpcFlow],
        Source::Dns => &[RecordKind::ResolverDns],
    };
    kinds.iter().any(|k| scanned.totals.read.records.contains_key(k))
}

fn needs(source: Source) -> &'static str {
    match source {
        Source::Cloudtrail => RecordKind::CloudTrailManagement.name(),
        Source::S3Data => RecordKind::CloudTrailData.name(),
        Source::Flow => RecordKind::VpcFlow.name(),
        Source::Dns => RecordKind::ResolverDns.name(),
    }
}
