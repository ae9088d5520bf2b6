//! HTTP: limits, identification, routing, and errors in AWS's shape.

use crate::audit::Event;
use crate::auth::policy::Decision;
use crate::auth::sigv4::{Claim, Signed};
use crate::auth::{AuthError, keys};
use crate::beyond::Asked;
use crate::call::Call;
use crate::dispatch::{dispatch, takes_token};
use crate::error::ApiError;
use crate::lists::{self, Fetch};
use crate::session::cookie;
use crate::span::Outcome;
use crate::wire::Reply;
use crate::{Api, beyond, coding, console, session, span, sts, wire};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode};
use jiff::Timestamp;
use picquet_api_model::Route;
use picquet_store::Sql;
use picquet_store::idempotency::Token;
use picquet_store::users::User;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tracing::Span;

/// The largest body of a request, in bytes. The longest that the service model allows is far below it.
const LARGEST_BODY: usize = 1 << 20;
/// The error's name where somebody calls too often.
pub const THROTTLED: &str = "ThrottlingException";
/// How long an answer to a client's token is remembered, in milliseconds: a day.
const TOKEN_MILLIS: i64 = 24 * 3600 * 1000;

/// The service, for a server to run that tells the addresses of clients.
pub fn router(api: Arc<Api>) -> Router {
    Router::new().fallback(answer).with_state(api)
}

/// Who called, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The access key that the request names.
    pub access_key_id: String,
    /// The user, once the signature was verified.
    pub user: Option<User>,
    /// The address.
    pub address: String,
    /// The user agent, as it came.
    pub user_agent: String,
}

/// What is said to a client.
struct Answer {
    status: u16,
    content_type: &'static str,
    /// The error's code and message.
    error: Option<(String, String)>,
    body: String,
    /// What a browser is to keep.
    cookie: Option<String>,
}

impl Answer {
    fn error(code: &str, body_type: &str, status: u16, message: &str) -> Self {
        Self {
            status,
            content_type: "application/json",
            error: Some((code.to_owned(), message.to_owned())),
            body: json!({ "__type": body_type, "message": message }).to_string(),
            cookie: None,
        }
    }

    fn json(status: u16, body: String) -> Self {
        Self { status, content_type: "application/json", error: None, body, cookie: None }
    }

    fn throttled() -> Self {
        Self::error(THROTTLED, THROTTLED, 429, "Rate exceeded")
    }
}

impl From<ApiError> for Answer {
    fn from(e: ApiError) -> Self {
        if let ApiError::Internal(what) = &e {
            tracing::error!(error = what.as_str(), "a call failed");
        }
        Self::error(e.name(), e.body_type(), e.status(), &e.to_string())
    }
}

impl From<AuthError> for Answer {
    fn from(e: AuthError) -> Self {
        Self::error(e.code(), e.code(), 403, &e.to_string())
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::json(reply.status, reply.body)
    }
}

async fn answer(
    State(api): State<Arc<Api>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let id = uuid(&api);
    let (mut parts, body) = request.into_parts();
    name_host(&mut parts);
    if let Some(answer) = console::answer(&parts) {
        return answer;
    }
    if parts.method == "GET" && matches!(parts.uri.path(), "/healthz" | "/readyz") {
        return respond(health(api, parts.uri.path() == "/readyz").await, None, &id);
    }
    // Never what holds a secret: how small it becomes would tell of it, were ever a client's text beside it.
    let packs = coding::takes(&parts.headers, "gzip") && !parts.uri.path().starts_with("/session");
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        let name = "RequestEntityTooLargeException";
        let why = "The request is rejected because its body is larger than 1 MiB.";
        return respond(Answer::error(name, name, 413, why), None, &id);
    };
    let span = span::begin(&parts.method, &id);
    let (of, within) = (id.clone(), span.clone());
    // The store waits for the disk, and passwords are hashed on purpose slowly: not on the threads that listen.
    let work = tokio::task::spawn_blocking(move || {
        let _entered = within.enter();
        let answer = Exchange::new(&api, &parts, &body, address, &of, Timestamp::now()).answer(&within);
        let packed = packs.then(|| coding::gzip(&answer.body)).flatten();
        respond(answer, packed, &of)
    });
    work.await.unwrap_or_else(|_| {
        span::failed(&span);
        respond(ApiError::Internal("a handler panicked".into()).into(), None, &id)
    })
}

/// HTTP/2 names the host in its target, and clients that speak it send no Host header, which is what they signed. Where
/// the target has a host, a header counts for nothing (RFC 9113, 8.3.1; RFC 9112, 3.2.2).
fn name_host(parts: &mut Parts) {
    if let Some(host) = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        parts.headers.insert("host", host);
    }
}

/// Whether the process lives, and whether it can do its work: for whoever starts it again when it cannot. What is wrong
/// is in the log, and not for everybody who can reach the port.
async fn health(api: Arc<Api>, all: bool) -> Answer {
    let ready = tokio::task::spawn_blocking(move || match api.operation() {
        Some(operation) if all => operation.ready(),
        _ => Ok(()),
    });
    match ready.await {
        Ok(Ok(())) => Answer::json(200, json!({ "status": "ok" }).to_string()),
        Ok(Err(why)) => {
            tracing::warn!(why, "not ready");
            Answer::json(503, json!({ "status": "not ready" }).to_string())
        }
        Err(_) => Answer::json(503, json!({ "status": "not ready" }).to_string()),
    }
}

/// A random UUID (RFC 9562, version 4).
pub fn uuid(api: &Api) -> String {
    picquet_model::ids::uuid(api.keyring().random().unwrap_or_default(), 4)
}

/// An answer as it is sent; instead of its body, what that is in gzip.
fn respond(answer: Answer, packed: Option<Vec<u8>>, id: &str) -> Response<Body> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let is_packed = packed.is_some();
    let body = packed.map_or_else(|| Body::from(answer.body), Body::from);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if is_packed {
        headers.insert("content-encoding", HeaderValue::from_static("gzip"));
    }
    headers.insert("vary", HeaderValue::from_static("accept-encoding"));
    if status != StatusCode::NO_CONTENT {
        headers.insert("content-type", HeaderValue::from_static(answer.content_type));
    }
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Some(cookie) = answer.cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        headers.insert("set-cookie", cookie);
    }
    if let Some(code) = answer.error.and_then(|(code, _)| HeaderValue::from_str(&code).ok()) {
        headers.insert("x-amzn-errortype", code);
    }
    response
}

/// One request, and what becomes known of it.
struct Exchange<'r> {
    api: &'r Arc<Api>,
    parts: &'r Parts,
    body: &'r [u8],
    id: &'r str,
    now: Timestamp,
    caller: Caller,
    region: String,
    service: String,
    /// What the audit log is to say of it.
    name: String,
    read_only: bool,
    parameters: Option<Value>,
}

impl<'r> Exchange<'r> {
    fn new(
        api: &'r Arc<Api>,
        parts: &'r Parts,
        body: &'r [u8],
        address: SocketAddr,
        id: &'r str,
        now: Timestamp,
    ) -> Self {
        let user_agent = parts.headers.get("user-agent").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let caller = Caller { address: address.ip().to_string(), user_agent, ..Caller::default() };
        let name = format!("{} {}", parts.method, parts.uri.path());
        let service = "guardduty".to_owned();
        Self {
            api,
            parts,
            body,
            id,
            now,
            caller,
            region: String::new(),
            service,
            name,
            read_only: false,
            parameters: None,
        }
    }

    fn answer(mut self, span: &Span) -> Answer {
        let mut answer = self.carry_out().unwrap_or_else(|refused| refused);
        if let Some(audit) = self.api.audit() {
            let error = answer.error.as_ref().map(|(code, message)| (code.as_str(), message.as_str()));
            let event = Event {
                caller: &self.caller,
                name: &self.name,
                service: &self.service,
                region: &self.region,
                time: self.now,
                request_id: self.id,
                read_only: self.read_only,
                parameters: self.parameters.as_ref(),
                error,
            };
            audit.write(self.api, &event);
        }
        let outcome = Outcome {
            name: &self.name,
            service: &self.service,
            caller: self.caller.user.as_ref().map(|user| (user.account.as_str(), self.region.as_str())),
            status: answer.status,
            error: answer.error.as_ref().map(|(code, _)| code.as_str()),
        };
        span::end(span, &outcome);
        // Where no signature could be read, the body's kind alone tells the service.
        let unsigned = self.caller.access_key_id.is_empty();
        if let Some((code, message)) = &answer.error
            && sts::is_query(&self.parts.headers)
            && (self.service == "sts" || unsigned)
        {
            let body = sts::refusal(code, message, self.id);
            answer = Answer { body, content_type: "text/xml", ..answer };
        }
        answer
    }

    fn carry_out(&mut self) -> Result<Answer, Answer> {
        let (method, path) = (self.parts.method.as_str(), self.parts.uri.path());
        if !self.parts.headers.contains_key("authorization") {
            match (method, path) {
                ("POST", "/session") => return self.sign_in(),
                ("POST", "/session/credentials") => return self.credentials(),
                ("DELETE", "/session") => return self.sign_out(),
                _ => {}
            }
        }
        let user = self.identify()?;
        if !self.api.limits().may_call(&self.caller.access_key_id) {
            return Err(Answer::throttled());
        }
        match (self.service.as_str(), method, path) {
            ("sts", "POST", "/") => {
                self.name = "GetCallerIdentity".into();
                self.read_only = true;
                let partition = picquet_model::ids::partition(&self.region);
                let (status, body) = sts::answer(&user, self.body, partition, self.id);
                Ok(Answer { content_type: "text/xml", ..Answer::json(status, body) })
            }
            ("guardduty", "POST", "/session") => {
                self.name = "CreateSession".into();
                // A session would never end that could open the next one (as with GetSessionToken of STS).
                if self.parts.headers.contains_key("x-amz-security-token") {
                    let why = "A session cannot be opened with the keys of a session.";
                    return Err(ApiError::AccessDenied(why.into()).into());
                }
                Ok(Answer::json(200, session::open(self.api, &user, self.now)?))
            }
            ("guardduty", _, path) if path.starts_with(beyond::BELOW) => self.beyond(&user),
            ("guardduty", ..) => self.call(&user),
            (other, ..) => {
                let why = format!("Credential should be scoped to correct service: 'guardduty', not '{other}'.");
                Err(AuthError::InvalidSignature(why).into())
            }
        }
    }

    /// What GuardDuty has no operation for.
    fn beyond(&mut self, user: &User) -> Result<Answer, Answer> {
        let path = self.parts.uri.path();
        let Some(asked) = Asked::of(self.parts.method.as_str(), path).filter(|_| self.api.operation().is_some()) else {
            return Err(unknown());
        };
        self.name = asked.name().into();
        self.read_only = asked.is_read_only();
        if !self.read_only {
            self.parameters = serde_json::from_slice(self.body).ok();
        }
        let told = if let Asked::Findings(detector, format) = asked {
            let path = format!("/detector/{detector}/findings/get");
            let matched = picquet_api_model::find("POST", &path).ok_or_else(unknown)?;
            let members = wire::members(&matched, "", self.body)?;
            let (reply, _) = carry_out(self.api, matched.route, members, user, &self.region, self.now)?;
            beyond::formatted(self.api, format, &reply.body)?
        } else {
            beyond::answer(self.api, user, &self.region, asked, self.body)?
        };
        Ok(Answer::json(200, told.to_string()))
    }

    /// With a password. A page of another origin cannot send JSON without asking first, and nothing answers that.
    fn sign_in(&mut self) -> Result<Answer, Answer> {
        self.name = "CreateSession".into();
        let json = self.parts.headers.get("content-type").and_then(|v| v.to_str().ok());
        if json.is_none_or(|kind| kind.split(';').next().map(str::trim) != Some("application/json")) {
            return Err(
                ApiError::bad("The request is rejected because its content type is not application/json.").into()
            );
        }
        let asked = session::parse(self.body)?;
        if !self.api.limits().may_sign_in(&asked.user_name, &self.caller.address) {
            return Err(Answer::throttled());
        }
        let user = session::sign_in(self.api, &asked)?;
        self.caller.user = Some(user.clone());
        if !cookie::is_console(&self.parts.headers) {
            return Ok(Answer::json(200, session::open(self.api, &user, self.now)?));
        }
        let (session, set) = cookie::open(self.api, &user, self.now)?;
        let body = cookie::credentials(self.api, &session, &user, self.now)?;
        Ok(Answer { cookie: Some(set), ..Answer::json(200, body) })
    }

    /// Keys for the page of a browser that is signed in.
    fn credentials(&mut self) -> Result<Answer, Answer> {
        self.name = "RefreshSession".into();
        let (session, user) = cookie::user(self.api, &self.parts.headers, self.now)?;
        self.caller.user = Some(user.clone());
        if !self.api.limits().may_call(&session) {
            return Err(Answer::throttled());
        }
        Ok(Answer::json(200, cookie::credentials(self.api, &session, &user, self.now)?))
    }

    /// Ends the session of a browser.
    fn sign_out(&mut self) -> Result<Answer, Answer> {
        self.name = "DeleteSession".into();
        let (session, user) = cookie::user(self.api, &self.parts.headers, self.now)?;
        self.caller.user = Some(user);
        Ok(Answer { cookie: Some(cookie::close(self.api, &session)?), ..Answer::json(204, String::new()) })
    }

    /// Who the request is from.
    fn identify(&mut self) -> Result<User, Answer> {
        let signed = Signed {
            method: self.parts.method.as_str(),
            path: self.parts.uri.path(),
            query: self.parts.uri.query().unwrap_or_default(),
            headers: &self.parts.headers,
            body: self.body,
        };
        let claim = Claim::of(&signed)?;
        self.caller.access_key_id.clone_from(&claim.access_key_id);
        self.region.clone_from(&claim.region);
        self.service.clone_from(&claim.service);
        let token = claim.session_token.as_deref();
        let (api, now) = (self.api, self.now.as_millisecond());
        let found = api
            .store()
            .read(|sql| keys::look_up(sql, api.keyring(), &claim.access_key_id, token, now))
            .map_err(ApiError::from)?;
        let (secret, user) = found?;
        claim.verify(&signed, &secret, self.now)?;
        self.caller.user = Some(user.clone());
        Ok(user)
    }

    /// An operation of the service model.
    fn call(&mut self, user: &User) -> Result<Answer, Answer> {
        let Some(matched) = picquet_api_model::find(self.parts.method.as_str(), self.parts.uri.path()) else {
            return Err(unknown());
        };
        self.name = matched.route.name.into();
        self.read_only = matched.route.is_read_only();
        let members = wire::members(&matched, self.parts.uri.query().unwrap_or_default(), self.body)?;
        if !self.read_only {
            self.parameters = Some(members.clone());
        }
        let (reply, after) = carry_out(self.api, matched.route, members, user, &self.region, self.now)?;
        after.into_iter().for_each(|fetch| lists::begin(self.api, fetch));
        Ok(reply.into())
    }
}

fn unknown() -> Answer {
    let name = "UnknownOperationException";
    Answer::error(name, name, 404, "The request is rejected because no operation has this method and path.")
}

/// Calls the handler in a transaction; one that fails leaves nothing.
fn carry_out(
    api: &Api,
    route: &'static Route,
    members: Value,
    user: &User,
    region: &str,
    now: Timestamp,
) -> Result<(Reply, Vec<Fetch>), ApiError> {
    let detector = members.get("DetectorId").and_then(Value::as_str);
    if let Decision::Denied(why) = api.policies().decide(user, route, region, detector) {
        return Err(ApiError::AccessDenied(why));
    }
    // A token is one detector's, where there is one.
    let client_token = members.get("clientToken").and_then(Value::as_str);
    let client_token =
        client_token.map(|token| detector.map_or_else(|| token.to_owned(), |of| format!("{of} {token}")));
    // A token does not make a request valid.
    let client_token = client_token.filter(|_| !route.is_read_only());
    let repeatable = client_token.is_some() && takes_token(route.operation, members.clone())?;
    let work = |sql: &mut dyn Sql| -> Result<(Reply, Vec<Fetch>), ApiError> {
        let token = client_token.as_deref().filter(|_| repeatable).map(|token| Token {
            account: &user.account,
            region,
            operation: route.name,
            token,
        });
        if let Some(body) = token.map(|t| t.answer(sql)).transpose()?.flatten() {
            return Ok((Reply { status: route.status, body }, Vec::new()));
        }
        let mut call = Call { api, sql, account: &user.account, user: &user.name, region, now, after: Vec::new() };
        let reply = dispatch(route.operation, &mut call, members)?;
        let after = std::mem::take(&mut call.after);
        if let Some(token) = token {
            token.remember(call.sql, &reply.body, now.as_millisecond(), now.as_millisecond() - TOKEN_MILLIS)?;
        }
        Ok((reply, after))
    };
    if route.is_read_only() { api.store().read(work) } else { api.store().write(work) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(target: &str, host: Option<&str>) -> Parts {
        let mut request = Request::get(target);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_target_names_the_host() {
        for (target, header, wanted) in [
            ("https://guard.example:8443/detector", None, Some("guard.example:8443")),
            ("https://guard.example/detector", Some("other.example"), Some("guard.example")),
            ("/detector", Some("guard.example"), Some("guard.example")),
            ("/detector", None, None),
        ] {
            let mut parts = parts(target, header);
            name_host(&mut parts);
            let hosts: Vec<_> = parts.headers.get_all("host").iter().collect();
            assert_eq!(hosts, Vec::from_iter(wanted), "{target} {header:?}");
        }
    }
}
