//! The web console: its files, below `/console/`, where no operation of the API is.

use crate::coding::takes;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use picquet_console::{File, PAGE, file};

/// Where the console is.
const ROOT: &str = "/console/";
/// Nothing but what this server sends, no inline script or style, nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self' data:; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";
/// What a program that was built without the console shows.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Picquet</title></head>\
    <body><main><h1>This build of Picquet has no console</h1><p>The API works as usual. The console needs Node.js when \
    Picquet is built: install it, run <code>make build</code>, and start this program again.</p></main></body></html>\n";

/// The answer to a request for a page or a file of the console; `None` when it is for the API.
pub fn answer(parts: &Parts) -> Option<Response<Body>> {
    let (path, head) = (parts.uri.path(), parts.method == "HEAD");
    if !(head || parts.method == "GET") || parts.headers.contains_key(header::AUTHORIZATION) {
        return None;
    }
    if path == "/console" || (path == "/" && wants_page(&parts.headers)) {
        return Some(redirect());
    }
    let mut response = found(path.strip_prefix(ROOT)?, &parts.headers);
    if head {
        *response.body_mut() = Body::empty();
    }
    Some(response)
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn redirect() -> Response<Body> {
    let mut response = secured(Response::new(Body::empty()));
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(ROOT));
    response
}

fn found(path: &str, headers: &HeaderMap) -> Response<Body> {
    match file(path) {
        Some(file) => sent(file, headers),
        // Names of files have a dot in the last part, pages of the console have none.
        None if path.rsplit('/').next().is_some_and(|last| last.contains('.')) => missing(),
        None => file(PAGE).map_or_else(not_built, |page| sent(page, headers)),
    }
}

fn not_built() -> Response<Body> {
    let mut response = secured(Response::new(Body::from(NOT_BUILT)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn missing() -> Response<Body> {
    let mut response = secured(Response::new(Body::from("There is no such file.\n")));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn sent(file: &File, headers: &HeaderMap) -> Response<Body> {
    let (coding, bytes) = coded(file, headers);
    let mut response = secured(Response::new(Body::from(Bytes::from_static(bytes))));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(file.path)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    // Vite writes a hash of the content into the names below assets.
    if file.path.starts_with("assets/") {
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        headers.insert(header::CACHE_CONTROL, forever);
    }
    response
}

/// The smallest form that the client takes.
fn coded(file: &File, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    match (file.brotli.filter(|_| takes(headers, "br")), file.gzip.filter(|_| takes(headers, "gzip"))) {
        (Some(bytes), _) => (Some("br"), bytes),
        (None, Some(bytes)) => (Some("gzip"), bytes),
        (None, None) => (None, file.plain),
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn secured(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Option<Response<Body>> {
        let request = headers.iter().fold(Request::builder().method(method).uri(path), |b, (n, v)| b.header(*n, *v));
        answer(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn requests_for_the_api_are_left_to_it() {
        let signed = [("authorization", "AWS4-HMAC-SHA256 x")];
        for (method, path, headers) in [
            ("GET", "/detector", &[][..]),
            ("POST", "/console/", &[]),
            ("GET", "/", &[("accept", "*/*")]),
            ("GET", "/", &[]),
            ("GET", "/console/", &signed),
            ("GET", "/consoles", &[]),
        ] {
            assert!(ask(method, path, headers).is_none(), "{method} {path}");
        }
        let to = ask("GET", "/", &[("accept", "text/html,*/*;q=0.8")]).unwrap();
        assert_eq!((to.status().as_u16(), &to.headers()["location"]), (303, &HeaderValue::from_static("/console/")));
    }

    #[test]
    fn every_answer_has_the_policy() {
        for path in ["/console", "/console/", "/console/findings/x", "/console/assets/none.js", "/console/../key"] {
            let answer = ask("GET", path, &[]).unwrap();
            assert_eq!(answer.headers()["content-security-policy"], POLICY, "{path}");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert!(!POLICY.contains("unsafe"));
        }
    }

    #[test]
    fn the_smallest_form_is_sent_that_a_client_takes() {
        let file = File { path: "a.js", plain: b"plain", gzip: Some(b"gz"), brotli: Some(b"b") };
        let coding = |accepted: &str| {
            let headers = [(header::ACCEPT_ENCODING, accepted.parse().unwrap())].into_iter().collect();
            coded(&file, &headers).0
        };
        assert_eq!(coding("gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(coding("GZIP"), Some("gzip"));
        assert_eq!(coding("br;q=0, gzip;q=0.5"), Some("gzip"));
        assert_eq!((coding(""), coding("identity, brr")), (None, None));
    }
}
