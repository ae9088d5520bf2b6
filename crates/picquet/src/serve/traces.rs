//! OpenTelemetry traces of `serve`, as OTLP over HTTP: off unless OpenTelemetry's own variables name an endpoint.
//!
//! Spans wait in a bounded queue and are sent from a thread of their own. What cannot be sent is lost, counted, and told
//! once; nothing waits for it.

use crate::exit::{Code, Failure};
use opentelemetry::trace::TracerProvider;
use opentelemetry::{Context, Key, KeyValue, Value};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter as Otlp, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, Span, SpanData, SpanExporter, SpanProcessor,
};
use std::env;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use ureq::tls::TlsConfig;

/// Spans that wait, at most, unless OTEL_BSP_MAX_QUEUE_SIZE says otherwise.
const WAITING: usize = 2048;
/// The longest text of an attribute, in bytes; keys of objects and paths may be longer.
const LONGEST: usize = 512;
/// How long a collector may take to answer, unless OTEL_EXPORTER_OTLP_TIMEOUT says otherwise (OTLP exporter
/// configuration).
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer of a collector that is read.
const LONGEST_ANSWER: u64 = 64 << 10;

/// Traces, as they are sent.
pub struct Traces {
    provider: SdkTracerProvider,
    tally: Arc<Tally>,
}

/// What became of spans.
#[derive(Debug, Default)]
pub struct Tally {
    /// Sent, and taken by the collector.
    pub sent: AtomicU64,
    /// Lost: the queue was full, or they could not be sent.
    pub lost: AtomicU64,
    waiting: AtomicUsize,
    fails: AtomicBool,
    /// What was wrong with the way to the collector the last time.
    why: Mutex<Option<String>>,
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable for traces, or the one for all signals.
fn otlp(name: &str) -> Option<(String, String)> {
    let names = [format!("OTEL_EXPORTER_OTLP_TRACES_{name}"), format!("OTEL_EXPORTER_OTLP_{name}")];
    names.into_iter().find_map(|name| variable(&name).map(|value| (name, value)))
}

impl Traces {
    /// As the environment says; none without an endpoint.
    pub fn from_env() -> Result<Option<Self>, Failure> {
        let is_off = variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
            || variable("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none");
        if is_off || otlp("ENDPOINT").is_none() {
            return Ok(None);
        }
        if let Some((name, value)) = otlp("PROTOCOL").filter(|(_, value)| value != "http/protobuf") {
            return Err(Failure::new(Code::Config, format!("{name} is {value}, and traces are sent as http/protobuf"))
                .help("collectors take it at port 4318"));
        }
        let tally = Arc::new(Tally::default());
        let built = Otlp::builder().with_http().with_http_client(Client::new(tally.clone())?).build();
        let next = built.map_err(|e| Failure::new(Code::Config, format!("traces cannot be sent: {e}")))?;
        let most = variable("OTEL_BSP_MAX_QUEUE_SIZE").and_then(|n| n.parse().ok()).unwrap_or(WAITING).max(1);
        let config = BatchConfigBuilder::default().with_max_queue_size(most).build();
        let sender = BatchSpanProcessor::builder(Sender { next, tally: tally.clone() }).with_batch_config(config);
        let queue = Queue { next: sender.build(), tally: tally.clone(), most };
        let provider = SdkTracerProvider::builder().with_span_processor(queue).with_resource(resource()).build();
        Ok(Some(Self { provider, tally }))
    }

    /// Who makes spans.
    pub fn tracer(&self) -> SdkTracer {
        self.provider.tracer("picquet")
    }

    /// What became of spans.
    pub fn tally(&self) -> Arc<Tally> {
        self.tally.clone()
    }

    /// Sends what waits, for so long at most.
    pub fn stop(&self, within: Duration) {
        // A collector that does not answer is left alone.
        let _ = self.provider.shutdown_with_timeout(within);
        let lost = self.tally.lost.load(Ordering::Relaxed) + self.tally.waiting.load(Ordering::Relaxed) as u64;
        if lost > 0 {
            tracing::warn!(lost, "spans of traces were not sent");
        }
    }
}

/// What traces are of: `picquet`, unless the environment has another name.
fn resource() -> Resource {
    let builder = || Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    let known = builder().build();
    match known.get(&Key::new("service.name")) {
        Some(name) if !name.as_str().starts_with("unknown_service") => known,
        _ => builder().with_service_name("picquet").build(),
    }
}

impl Tally {
    fn lose(&self, n: usize, why: &str) {
        self.lost.fetch_add(n as u64, Ordering::Relaxed);
        if !self.fails.swap(true, Ordering::Relaxed) {
            tracing::warn!(why, "traces are lost until they can be sent again");
        }
    }

    fn take(&self, n: usize) {
        self.sent.fetch_add(n as u64, Ordering::Relaxed);
        if self.fails.swap(false, Ordering::Relaxed) {
            tracing::warn!("traces are sent again");
        }
    }

    fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Holds back what is too much before the batch processor drops it, which it would not tell.
#[derive(Debug)]
struct Queue {
    next: BatchSpanProcessor,
    tally: Arc<Tally>,
    most: usize,
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.next.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        if self.tally.waiting.fetch_add(1, Ordering::AcqRel) >= self.most {
            self.tally.waiting.fetch_sub(1, Ordering::AcqRel);
            self.tally.lose(1, "more spans come than are sent");
            return;
        }
        span.attributes.iter_mut().for_each(|attribute| cut(&mut attribute.value));
        self.next.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}

/// Texts are cut off where they grow too long.
fn cut(value: &mut Value) {
    if let Value::String(text) = value
        && text.as_str().len() > LONGEST
    {
        let short = text.as_str();
        *value = Value::from(short[..short.floor_char_boundary(LONGEST)].to_owned());
    }
}

/// Sends, and counts what became of it.
#[derive(Debug)]
struct Sender {
    next: Otlp,
    tally: Arc<Tally>,
}

impl SpanExporter for Sender {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let n = batch.len();
        let done = self.next.export(batch).await;
        self.tally.waiting.fetch_sub(n, Ordering::AcqRel);
        match &done {
            Ok(()) => self.tally.take(n),
            // The exporter keeps what the client said to itself.
            Err(e) => self.tally.lose(n, &self.tally.why().unwrap_or_else(|| e.to_string())),
        }
        done
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}

/// HTTP, on the thread that asks for it.
#[derive(Debug)]
struct Client {
    agent: ureq::Agent,
    tally: Arc<Tally>,
}

impl Client {
    fn new(tally: Arc<Tally>) -> Result<Self, Failure> {
        let patience =
            otlp("TIMEOUT").and_then(|(_, value)| value.parse().ok()).map_or(PATIENCE, Duration::from_millis);
        // Headers hold secrets, and are for the endpoint alone.
        let mut config = ureq::Agent::config_builder()
            .timeout_global(Some(patience))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false);
        if let Some((name, file)) = otlp("CERTIFICATE") {
            let roots = picquet_feeds::certificates(Path::new(&file));
            let roots = roots.map_err(|e| Failure::new(Code::Config, format!("{name}: {e}")))?;
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Ok(Self { agent: config.build().into(), tally })
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = self.agent.run(request.map(|body| body.to_vec()))?.into_parts();
        let body = body.into_with_config().limit(LONGEST_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}

impl HttpClient for Client {
    fn send_bytes<'c, 'f>(
        &'c self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        'c: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let sent = self.send(request);
            let why = sent.as_ref().err().map(ToString::to_string);
            *self.tally.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
            Ok(sent?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        for (text, wanted) in [
            ("a".repeat(512), 512),
            ("a".repeat(513), 512),
            ("é".repeat(300), 512),
            (format!("a{}", "é".repeat(300)), 511),
        ] {
            let mut value = Value::from(text.clone());
            cut(&mut value);
            assert!(text.starts_with(&*value.as_str()) && value.as_str().len() == wanted, "{}", value.as_str().len());
        }
        let mut number = Value::from(7);
        cut(&mut number);
        assert_eq!(number, Value::from(7));
    }

    #[test]
    fn what_is_too_much_is_lost_and_counted() {
        let tally = Tally::default();
        tally.lose(3, "no");
        tally.lose(2, "no");
        assert!(tally.fails.load(Ordering::Relaxed));
        tally.take(4);
        let of = |n: &AtomicU64| n.load(Ordering::Relaxed);
        assert_eq!((of(&tally.lost), of(&tally.sent), tally.fails.load(Ordering::Relaxed)), (5, 4, false));
    }
}
