//! Metrics for Prometheus (OpenMetrics text), on a port of their own. Labels are bounded: sources, kinds, causes, targets
//! and severities.

use super::operation::Process;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use picquet_store::{StoreError, outbox, severities};
use picquet_watch::status::now;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is served to Prometheus.
pub fn router(process: Arc<Process>) -> Router {
    Router::new().route("/metrics", get(move || scrape(process.clone())))
}

async fn scrape(process: Arc<Process>) -> impl IntoResponse {
    let written = tokio::task::spawn_blocking(move || {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Told(process)));
        let mut out = String::new();
        text::encode(&mut out, &registry).map(|()| out)
    });
    let text = match written.await {
        Ok(Ok(text)) => text,
        _ => String::new(),
    };
    ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
}

struct Told(Arc<Process>);

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

/// A metric with its values by label.
type Values<'v, V> = Vec<(Vec<(&'static str, &'v str)>, V)>;

fn gauges(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, values: Values<'_, f64>) -> fmt::Result {
    let mut metric = out.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in values {
        ConstGauge::new(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}

fn counters(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, values: Values<'_, u64>) -> fmt::Result {
    let mut metric = out.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in values {
        ConstCounter::new(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}

impl Collector for Told {
    fn encode(&self, mut out: DescriptorEncoder<'_>) -> fmt::Result {
        let process = &self.0;
        let at = now();
        let sources = process.status.sources();
        let of = |n: &AtomicU64| n.load(Ordering::Relaxed);
        let seconds = |millis: i64| millis as f64 / 1000.0;
        let mut records = Vec::new();
        let mut defects = Vec::new();
        for (name, state) in &sources {
            let name = name.as_str();
            records.extend(state.records.iter().map(|(kind, n)| (vec![("source", name), ("kind", *kind)], *n)));
            defects.extend(state.defects.iter().map(|(cause, n)| (vec![("source", name), ("cause", *cause)], *n)));
        }
        let each = |of: fn(&picquet_watch::status::SourceState) -> u64| -> Values<'_, u64> {
            sources.iter().map(|(name, state)| (vec![("source", name.as_str())], of(state))).collect()
        };
        counters(&mut out, "picquet_records", "Records read.", records)?;
        counters(&mut out, "picquet_defects", "Records that could not be read.", defects)?;
        counters(&mut out, "picquet_objects", "Objects read.", each(|s| s.objects))?;
        counters(&mut out, "picquet_bytes", "Bytes read, uncompressed.", each(|s| s.bytes))?;
        counters(&mut out, "picquet_source_failures", "Tries of a source that failed.", each(|s| s.failures))?;
        let lag = sources.iter().filter_map(|(name, s)| Some((vec![("source", name.as_str())], seconds(s.lag?))));
        let help = "Seconds from the latest event of the last object to its commit.";
        gauges(&mut out, "picquet_source_lag_seconds", help, lag.collect())?;
        let failing =
            sources.iter().map(|(n, s)| (vec![("source", n.as_str())], f64::from(u8::from(s.failing.is_some()))));
        gauges(&mut out, "picquet_source_failing", "Whether a source is in trouble.", failing.collect())?;
        counters(
            &mut out,
            "picquet_judgements",
            "Judgements of accounts.",
            vec![(vec![], of(&process.status.judged))],
        )?;
        let took = vec![(vec![], of(&process.status.judge_millis) as f64 / 1000.0)];
        gauges(&mut out, "picquet_judgement_seconds", "How long the last judgement took.", took)?;
        let withdrawn = vec![(vec![], of(&process.status.withdrawn))];
        counters(&mut out, "picquet_findings_withdrawn", "Findings that later logs took back.", withdrawn)?;
        gauges(
            &mut out,
            "picquet_late_facts",
            "Facts that came after their hour was folded.",
            vec![(vec![], of(&process.status.late) as f64)],
        )?;
        let failures = vec![(vec![], of(&process.status.commit_failures))];
        counters(&mut out, "picquet_commit_failures", "Commits that failed and were tried again.", failures)?;
        if let Some(traces) = &process.traces {
            let outcomes = [("sent", &traces.sent), ("lost", &traces.lost)];
            let spans = outcomes.map(|(outcome, n)| (vec![("outcome", outcome)], of(n)));
            counters(&mut out, "picquet_trace_spans", "Spans of traces, sent or lost.", spans.into())?;
        }
        let feeds = process.shelf.standing(&process.feeds, at).unwrap_or_default();
        let label = |name| vec![("feed", name)];
        let ages = feeds.iter().filter_map(|of| Some((label(of.feed.name.as_str()), seconds(of.age?))));
        gauges(
            &mut out,
            "picquet_feed_age_seconds",
            "Seconds since a feed was known to be the latest.",
            ages.collect(),
        )?;
        let stale = feeds.iter().map(|of| (label(of.feed.name.as_str()), f64::from(u8::from(of.is_stale))));
        gauges(&mut out, "picquet_feed_stale", "Whether a feed is missing or too old.", stale.collect())?;
        let stored = process.store.read(|sql| {
            let mut backlog = Vec::new();
            for (name, _) in outbox::targets(sql)? {
                backlog.push((name.clone(), outbox::backlog(sql, &name, at)?));
            }
            Ok::<_, StoreError>((backlog, severities::current(sql)?))
        });
        // A store that fails is told by readiness, and by the metrics that are missing.
        let Ok((backlog, severities)) = stored else { return Ok(()) };
        let waiting = backlog.iter().map(|(name, (n, ..))| (vec![("target", name.as_str())], *n as f64));
        gauges(&mut out, "picquet_publish_waiting", "Findings that are due at a target.", waiting.collect())?;
        let failing = backlog.iter().map(|(name, (_, n, _))| (vec![("target", name.as_str())], *n as f64));
        gauges(&mut out, "picquet_publish_failing", "Findings that a target did not take so far.", failing.collect())?;
        let lag = backlog.iter().map(|(name, (.., since))| {
            (vec![("target", name.as_str())], since.map_or(0.0, |since| seconds(at - since)))
        });
        gauges(&mut out, "picquet_publish_lag_seconds", "How long the first finding is due.", lag.collect())?;
        let words: Vec<(String, i64)> = severities;
        let findings = words.iter().map(|(severity, n)| (vec![("severity", severity.as_str())], *n as f64));
        gauges(&mut out, "picquet_findings", "Findings that are not archived.", findings.collect())
    }
}
