//! Spans of continuous detection, for traces. They say how much and how long, and nothing of what logs hold; why something
//! failed is in the log.
//!
//! ```text
//! fetch               an object; several at a time
//! batch               the objects that are reduced together, linked to their fetches
//!   reduce
//!   commit            a try of it; of several batches at once
//! judge               an account
//!   fold, merge       what is old, and many runs
//! upkeep              what is too old to be remembered
//! ```
//!
//! Attributes have OpenTelemetry's names where it has them.

use crate::arrival::Arrival;
use crate::fetch::Fetched;
use picquet_logs::ObjectReport;
use picquet_source::aws::CallError;
use std::collections::BTreeSet;
use tracing::Span;
use tracing::field::Empty;

/// An object that is fetched.
pub fn fetch(arrival: &Arrival) -> Span {
    let source = &*arrival.source;
    let (is_file, name) = (source.folder.is_some(), arrival.name.as_str());
    tracing::info_span!(
        parent: None,
        "fetch",
        otel.kind = if is_file { "internal" } else { "client" },
        otel.status_code = Empty,
        picquet.source = source.name.as_str(),
        picquet.bytes = Empty,
        file.path = is_file.then_some(name),
        aws.s3.bucket = source.bucket.as_deref(),
        aws.s3.key = (!is_file).then_some(name),
        "error.type" = Empty,
    )
}

/// Why an object was not fetched, in one word.
pub const fn kind(e: &CallError) -> &'static str {
    match e {
        CallError::Gone(_) => "gone",
        CallError::Denied(_) => "denied",
        CallError::Failed(_) => "failed",
    }
}

/// Objects that are reduced together; bytes as they came.
pub fn batch(fetched: &[Fetched]) -> Span {
    let span = tracing::info_span!(
        parent: None,
        "batch",
        otel.kind = "consumer",
        picquet.source = Empty,
        picquet.objects = fetched.len() as i64,
        picquet.bytes = Empty,
        picquet.records = Empty,
    );
    if !span.is_disabled() {
        let sources: BTreeSet<&str> = fetched.iter().map(|one| one.arrival.source.name.as_str()).collect();
        span.record("picquet.source", sources.into_iter().collect::<Vec<_>>().join(","));
        span.record("picquet.bytes", fetched.iter().map(|one| one.bytes.len() as i64).sum::<i64>());
        fetched.iter().for_each(|one| _ = span.follows_from(&one.span));
    }
    span
}

/// The reducing of a batch.
pub fn reduce(batch: &Span) -> Span {
    tracing::info_span!(parent: batch, "reduce", picquet.unread = Empty, otel.status_code = Empty, "error.type" = Empty)
}

/// How that went. Objects that could not be read, or not to their end, make it an error.
pub fn reduced(batch: &Span, step: &Span, reports: &[Result<ObjectReport, String>]) {
    if batch.is_disabled() {
        return;
    }
    let records: u64 = reports.iter().flatten().map(ObjectReport::total_records).sum();
    batch.record("picquet.records", records as i64);
    let unread = reports.iter().filter(|report| report.is_err()).count();
    step.record("picquet.unread", unread as i64);
    if unread > 0 {
        failed(step, "unread");
    }
}

/// A try to commit batches, as a step of each.
pub fn commit(batches: &[Span]) -> Vec<Span> {
    let together = batches.len() as i64;
    let step = |batch| {
        tracing::info_span!(
            parent: batch, "commit", picquet.batches = together, otel.status_code = Empty, "error.type" = Empty
        )
    };
    batches.iter().map(step).collect()
}

/// A judgement of an account.
pub fn judge(account: &str) -> Span {
    tracing::info_span!(
        parent: None,
        "judge",
        cloud.account.id = account,
        picquet.facts = Empty,
        picquet.findings = Empty,
        otel.status_code = Empty,
        "error.type" = Empty,
    )
}

/// Says to the step at hand what was judged, and found.
pub fn judged(facts: i64, findings: usize) {
    Span::current().record("picquet.facts", facts).record("picquet.findings", findings as i64);
}

/// What is old becomes the baseline: a step of a judgement.
pub fn fold() -> Span {
    tracing::info_span!(
        "fold",
        picquet.facts = Empty,
        picquet.findings = Empty,
        otel.status_code = Empty,
        "error.type" = Empty
    )
}

/// Runs of facts are merged: a step of a judgement.
pub fn merge(runs: usize) -> Span {
    tracing::info_span!("merge", picquet.runs = runs as i64, otel.status_code = Empty, "error.type" = Empty)
}

/// What is too old is forgotten.
pub fn upkeep() -> Span {
    tracing::info_span!(parent: None, "upkeep", otel.status_code = Empty, "error.type" = Empty)
}

/// A step failed; `kind` says at what.
pub fn failed(span: &Span, kind: &str) {
    span.record("error.type", kind).record("otel.status_code", "ERROR");
}
