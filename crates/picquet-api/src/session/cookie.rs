//! The session of a browser: a cookie that no script can read, and short-lived keys for the page that has it.
//!
//! The cookie opens nothing but `/session/credentials`; every call of the API is signed, with keys that live for minutes
//! in the page's memory. The row of the session is an access key without a secret, so it ends with the user, with a new
//! password and with its time, as all sessions do. The ids of its keys begin alike, so that they end with it.

use super::hand_out;
use crate::Api;
use crate::auth::keys;
use crate::auth::policy::Decision;
use crate::error::ApiError;
use crate::resources::Detector;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use picquet_api_model::ROUTES;
use picquet_store::documents;
use picquet_store::users::{self, AccessKey, User};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

/// How long a browser stays signed in, in milliseconds: a working day.
const COOKIE_MILLIS: i64 = 12 * 3600 * 1000;
/// How long the keys of its page last, in milliseconds: the shortest that STS gives.
const KEY_MILLIS: i64 = 15 * 60 * 1000;
/// Detectors that a page is told of; an account has one a region.
const MOST_DETECTORS: usize = 500;
/// What begins the ids of browsers' sessions; no access key of AWS does.
const PREFIX: &str = "BROWSER";
/// The header that only a script of the same origin can send without asking first.
const HEADER: &str = "x-picquet-console";

/// The cookie's name. The prefix makes browsers refuse it from another host or without TLS (RFC 6265bis, 4.1.3.2).
const fn name(tls: bool) -> &'static str {
    if tls { "__Host-picquet-session" } else { "picquet-session" }
}

fn random(e: std::io::Error) -> ApiError {
    ApiError::Internal(e.to_string())
}

/// A session for a browser whose user has shown the password: its id, and the cookie to set.
///
/// # Errors
/// When the store fails.
pub fn open(api: &Api, user: &User, now: Timestamp) -> Result<(String, String), ApiError> {
    let id = format!("{PREFIX}{}", keys::letters(&api.keyring().random::<10>().map_err(random)?));
    let token = URL_SAFE_NO_PAD.encode(api.keyring().random::<32>().map_err(random)?);
    let millis = now.as_millisecond();
    let row = AccessKey {
        id: id.clone(),
        user: user.name.clone(),
        sealed: Vec::new(),
        token: Some(keys::hashed(&token)),
        expires_at: Some(millis + COOKIE_MILLIS),
        active: true,
        created_at: millis,
    };
    api.store().write(|sql| users::put_key(sql, &row))?;
    let cookie = set(api, &format!("{id}.{token}"), COOKIE_MILLIS / 1000);
    Ok((id, cookie))
}

fn set(api: &Api, value: &str, seconds: i64) -> String {
    let tls = api.options().tls;
    let secure = if tls { "; Secure" } else { "" };
    format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}", name(tls))
}

/// Whether a request says that it is from the console.
pub fn is_console(headers: &HeaderMap) -> bool {
    headers.get(HEADER).is_some_and(|value| value == "1")
}

/// Whether a page of this origin sent the request: it must say so, and the browser must not say otherwise.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site");
    // Of an origin only the host matters: the scheme is what a proxy that ends TLS changes.
    let host_of = |origin: &str| origin.split_once("://").map(|(_, host)| host.to_ascii_lowercase());
    let host = text("host").map(str::to_ascii_lowercase);
    let origin = text("origin").map(|origin| host_of(origin).is_some_and(|of| Some(of) == host));
    // Browsers that can show the console send one of the two with every POST and DELETE.
    is_console(headers)
        && site.is_none_or(|site| site == "same-origin")
        && origin.unwrap_or(true)
        && (site.is_some() || origin.is_some())
}

/// The id and the token of the cookie, if there is exactly one.
fn given<'h>(api: &Api, headers: &'h HeaderMap) -> Option<(&'h str, &'h str)> {
    let name = name(api.options().tls);
    let all = headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    let mut ours = all
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(n, value)| (n == name).then_some(value));
    let value = ours.next().filter(|_| ours.next().is_none())?;
    value.split_once('.').filter(|(id, token)| id.starts_with(PREFIX) && !token.is_empty())
}

/// The session and the user of a request.
///
/// # Errors
/// When it is not from a page of this origin, or there is no session any more.
pub fn user(api: &Api, headers: &HeaderMap, now: Timestamp) -> Result<(String, User), ApiError> {
    if !is_same_origin(headers) {
        return Err(ApiError::AccessDenied("The request is not from the console.".into()));
    }
    let over = || ApiError::AccessDenied("There is no session: sign in.".into());
    let (id, token) = given(api, headers).ok_or_else(over)?;
    let (row, user) = api.store().read(|sql| users::access_key(sql, id))?.ok_or_else(over)?;
    let fits = row.token.as_deref().is_some_and(|kept| kept.as_bytes().ct_eq(keys::hashed(token).as_bytes()).into());
    let lasts = row.expires_at.is_some_and(|end| end >= now.as_millisecond());
    if fits && lasts && row.active && row.sealed.is_empty() { Ok((row.id, user)) } else { Err(over()) }
}

/// What the ids of a session's keys begin with.
fn prefix_of_keys(session: &str) -> String {
    format!("ASIA{}", session.strip_prefix(PREFIX).unwrap_or(session))
}

/// Keys for the page of a session, with the detectors that its user may know of.
///
/// # Errors
/// When the store fails.
pub fn credentials(api: &Api, session: &str, user: &User, now: Timestamp) -> Result<String, ApiError> {
    let own = keys::letters(&api.keyring().random::<10>().map_err(random)?);
    let id = format!("{}{own}", prefix_of_keys(session));
    let key = keys::with_id(api.keyring(), id, true).map_err(random)?;
    let mut answer = hand_out(api, user, &key, now, KEY_MILLIS)?;
    answer["detectors"] = detectors(api, user)?;
    Ok(answer.to_string())
}

/// Where the account has detectors: the API answers for one region at a time.
fn detectors(api: &Api, user: &User) -> Result<Value, ApiError> {
    let all = api.store().read(documents::everywhere::<Detector>)?;
    let list = ROUTES.iter().find(|route| route.name == "ListDetectors");
    let may =
        |region: &str| list.is_some_and(|route| api.policies().decide(user, route, region, None) == Decision::Allowed);
    let theirs = all.iter().filter(|((account, region, ..), _)| *account == user.account && may(region));
    let told = theirs.take(MOST_DETECTORS).map(
        |((_, region, _, id), detector)| json!({ "region": region, "detectorId": id, "enabled": detector.enabled }),
    );
    Ok(told.collect())
}

/// Ends a session and its keys: the cookie to set.
///
/// # Errors
/// When the store fails.
pub fn close(api: &Api, session: &str) -> Result<String, ApiError> {
    api.store().write(|sql| {
        users::end_session(sql, &prefix_of_keys(session))?;
        users::remove_key(sql, session)
    })?;
    Ok(set(api, "", 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use crate::testing::{ACCOUNT, Bench, REGION};

    fn ann() -> User {
        User {
            name: "ann".into(),
            account: ACCOUNT.into(),
            password: None,
            policy: "administrator".into(),
            created_at: 0,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn bench(tls: bool) -> Bench {
        let bench = Bench::with(Options { tls, ..Options::default() });
        bench.api.store().write(|sql| users::put(sql, &ann())).unwrap();
        bench
    }

    fn headers(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        let all =
            [("cookie", pair), (HEADER, "1"), ("origin", "https://guard.example:8443"), ("host", "guard.example:8443")];
        all.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn json(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_cookie_opens_keys_until_its_time_and_its_end() {
        let bench = bench(true);
        let detector = bench.detector();
        let api = &bench.api;
        let (_, cookie) = open(api, &ann(), at(1000)).unwrap();
        assert!(cookie.starts_with("__Host-picquet-session=BROWSER") && cookie.ends_with("; SameSite=Strict; Secure"));
        assert!(cookie.contains("; Path=/; Max-Age=43200; HttpOnly;"));
        let (session, who) = user(api, &headers(&cookie), at(2000)).unwrap();
        assert_eq!(who, ann());
        let told = json(&credentials(api, &session, &who, at(2000)).unwrap());
        assert_eq!(told["expiration"], "1970-01-01T00:48:20.000Z");
        assert_eq!(told["detectors"], json!([{ "region": REGION, "detectorId": detector, "enabled": true }]));
        let id = told["accessKeyId"].as_str().unwrap().to_owned();
        let token = told["sessionToken"].as_str().unwrap().to_owned();
        let works = || api.store().read(|sql| keys::look_up(sql, api.keyring(), &id, Some(&token), 2_000_000)).unwrap();
        assert_eq!(works().unwrap().1, ann());
        assert!(user(api, &headers(&cookie), at(1000 + 12 * 3600 + 1)).is_err());
        assert!(close(api, &session).unwrap().contains("=; Path=/; Max-Age=0;"));
        assert!(works().is_err() && user(api, &headers(&cookie), at(2001)).is_err());
    }

    #[test]
    fn the_session_of_a_browser_signs_nothing() {
        let bench = bench(false);
        let api = &bench.api;
        let (_, cookie) = open(api, &ann(), at(1000)).unwrap();
        assert!(cookie.starts_with("picquet-session=") && !cookie.contains("Secure"));
        let (id, token) = cookie["picquet-session=".len()..].split(';').next().unwrap().split_once('.').unwrap();
        let found = api.store().read(|sql| keys::look_up(sql, api.keyring(), id, Some(token), 1_000_000)).unwrap();
        assert!(found.is_err());
    }

    #[test]
    fn another_token_or_origin_opens_nothing() {
        let bench = bench(true);
        let api = &bench.api;
        let (_, cookie) = open(api, &ann(), at(1000)).unwrap();
        let with = |name: &'static str, value: Option<&str>| {
            let mut headers = headers(&cookie);
            headers.remove(name);
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
            user(api, &headers, at(1001)).is_ok()
        };
        assert!(with("sec-fetch-site", Some("same-origin")) && with("origin", Some("http://GUARD.example:8443")));
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!with("sec-fetch-site", Some(site)), "{site}");
        }
        for origin in [None, Some("null"), Some(""), Some("https://evil.example"), Some("https://guard.example")] {
            assert!(!with("origin", origin), "{origin:?}");
        }
        assert!(!with(HEADER, None) && !with(HEADER, Some("0")) && !with("host", None) && !with("cookie", None));
        let pair = cookie.split(';').next().unwrap();
        for wrong in
            [format!("{pair}x"), pair[..pair.len() - 1].to_owned(), format!("{pair}; {pair}"), pair.replace('.', "")]
        {
            assert!(!with("cookie", Some(&wrong)), "{wrong}");
        }
        assert!(with("cookie", Some(&format!("a=b; {pair}; c=d"))));
    }

    #[test]
    fn keys_of_other_sessions_stay() {
        let bench = bench(true);
        let api = &bench.api;
        let [first, second] = [(), ()].map(|()| open(api, &ann(), at(1)).unwrap().0);
        let key = json(&credentials(api, &second, &ann(), at(2)).unwrap());
        close(api, &first).unwrap();
        let id = key["accessKeyId"].as_str().unwrap();
        assert!(api.store().read(|sql| users::access_key(sql, id)).unwrap().is_some());
    }
}
