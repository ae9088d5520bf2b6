//! The span of a call, for traces: who called which operation and how that ended, and nothing of what was said. Names are
//! those of OpenTelemetry's conventions for servers and for AWS's services.

use axum::http::Method;
use picquet_api_model::ROUTES;
use tracing::Span;
use tracing::field::Empty;

/// A call that begins.
pub fn begin(method: &Method, id: &str) -> Span {
    let method = named(method);
    tracing::info_span!(
        parent: None,
        "call",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "aws-api",
        rpc.service = Empty,
        rpc.method = Empty,
        http.request.method = method,
        http.response.status_code = Empty,
        aws.request_id = id,
        cloud.account.id = Empty,
        cloud.region = Empty,
        "error.type" = Empty,
    )
}

/// Methods that clients make up become one (semantic conventions of HTTP).
fn named(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "PATCH" => "PATCH",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// What became known of a call.
pub struct Outcome<'a> {
    /// As the audit log has it: an operation, or method and path where it is none.
    pub name: &'a str,
    /// The service that the signature names.
    pub service: &'a str,
    /// Account and region of a caller whose signature holds.
    pub caller: Option<(&'a str, &'a str)>,
    /// The status.
    pub status: u16,
    /// The error's code.
    pub error: Option<&'a str>,
}

/// Says how a call ended. What clients ask wrongly is no error of a server; what it failed at is.
pub fn end(span: &Span, outcome: &Outcome<'_>) {
    if span.is_disabled() {
        return;
    }
    // Paths are what clients please.
    if !outcome.name.contains(' ') {
        let service = match outcome.service {
            "sts" => "STS",
            _ if ROUTES.iter().any(|route| route.name == outcome.name) => "GuardDuty",
            _ => "Picquet",
        };
        span.record("rpc.service", service).record("rpc.method", outcome.name);
        span.record("otel.name", format!("{service}/{}", outcome.name));
    }
    if let Some((account, region)) = outcome.caller {
        span.record("cloud.account.id", account).record("cloud.region", region);
    }
    span.record("http.response.status_code", i64::from(outcome.status));
    if let Some(code) = outcome.error {
        span.record("error.type", code);
    }
    if outcome.status >= 500 {
        failed(span);
    }
}

/// The server failed at a call.
pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}
