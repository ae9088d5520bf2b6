//! Where log lines of `serve` go, and who sees its spans.

use super::traces::Traces;
use crate::exit::{Code, Failure};
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, registry};

/// Which lines there are.
const FILTER: &str = "PICQUET_LOG";
/// What they look like.
const FORMAT: &str = "PICQUET_LOG_FORMAT";

type Layers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

/// Log lines go to standard error; PICQUET_LOG says which (warnings when it is not set), PICQUET_LOG_FORMAT whether they
/// are text or JSON. Spans go to traces; without, nobody asks for them, and they are not made.
pub fn begin(traces: Option<&Traces>) -> Result<(), Failure> {
    let wanted = std::env::var(FILTER).unwrap_or_else(|_| "warn".into());
    let format = std::env::var(FORMAT).unwrap_or_default();
    // A second one cannot be set in one process; then the first one does the same.
    let _ = registry().with(layers(&wanted, &format, traces)?).try_init();
    Ok(())
}

fn layers(wanted: &str, format: &str, traces: Option<&Traces>) -> Result<Layers, Failure> {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        "" | "text" => lines.boxed(),
        // Fields stay in an object of their own: some have names that the line's own members have.
        "json" => lines.json().with_current_span(false).with_span_list(false).boxed(),
        other => return Err(Failure::new(Code::Config, format!("{FORMAT} is neither text nor json: {other}"))),
    };
    let wanted = EnvFilter::try_new(wanted).unwrap_or_else(|_| "warn".into());
    // A filter without a hint would have every line of every library looked at.
    let others = filter_fn(|of| !is_ours(of)).with_max_level_hint(LevelFilter::TRACE);
    let mut layers = vec![lines.with_filter(wanted.and(others)).boxed()];
    if let Some(traces) = traces {
        let spans = tracing_opentelemetry::layer()
            .with_tracer(traces.tracer())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false);
        layers.push(spans.with_filter(filter_fn(is_ours).with_max_level_hint(LevelFilter::INFO)).boxed());
    }
    Ok(layers)
}

/// Whether it is a span of this project's. Log lines never become part of a trace: they may hold what logs hold.
fn is_ours(of: &Metadata<'_>) -> bool {
    of.is_span() && of.target().starts_with("picquet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_traces_no_span_is_made_whatever_is_logged() {
        for wanted in ["warn", "info", "trace"] {
            for format in ["text", "json"] {
                let subscriber = registry().with(layers(wanted, format, None).unwrap());
                tracing::subscriber::with_default(subscriber, || {
                    assert!(tracing::info_span!("ours").is_disabled(), "{wanted}");
                    assert_eq!(tracing::enabled!(tracing::Level::INFO), wanted != "warn");
                    // Those of libraries stay beside their lines.
                    let library = tracing::info_span!(target: "library", "theirs");
                    assert_eq!(library.is_disabled(), wanted == "warn");
                });
            }
        }
        assert!(layers("info", "xml", None).is_err());
    }
}
