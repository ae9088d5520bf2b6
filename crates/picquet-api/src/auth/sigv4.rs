//! Signature Version 4, verified as AWS does it: in the header or presigned in the query.
//!
//! Source: "AWS Signature Version 4 for API requests" in the IAM user guide; what SDKs send was observed. The path is
//! encoded once more than it came, since every service but S3 signs it so. The payload's hash is always that of the
//! body: a client that signs `x-amz-content-sha256` signs the header as well, so that a wrong one fails either way.

use super::AuthError;
use axum::http::HeaderMap;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use picquet_model::ids;
use ring::{digest, hmac};
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// The only algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far the clocks may be apart: 15 minutes.
const SKEW: SignedDuration = SignedDuration::from_mins(15);
/// The longest that a presigned request is valid: 7 days, in seconds.
const LONGEST_PRESIGNED_SECS: u32 = 7 * 24 * 3600;
/// What RFC 3986 leaves as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What of a request is signed.
pub struct Signed<'r> {
    /// The method.
    pub method: &'r str,
    /// The path as it came, percent-encoded.
    pub path: &'r str,
    /// The query as it came, without the question mark.
    pub query: &'r str,
    /// All headers.
    pub headers: &'r HeaderMap,
    /// The whole body.
    pub body: &'r [u8],
}

/// Who a request says that it is from, not yet verified.
#[derive(Debug)]
pub struct Claim {
    /// The access key.
    pub access_key_id: String,
    /// The region of the credential scope.
    pub region: String,
    /// The service of the credential scope.
    pub service: String,
    /// The token of a session, if there is one.
    pub session_token: Option<String>,
    date: String,
    time: String,
    at: Timestamp,
    /// Until when a presigned request is valid.
    until: Option<Timestamp>,
    signed_headers: Vec<String>,
    signature: Vec<u8>,
    presigned: bool,
}

fn incomplete(why: impl Into<String>) -> AuthError {
    AuthError::IncompleteSignature(why.into())
}

impl Claim {
    /// Reads what a request claims.
    ///
    /// # Errors
    /// When it carries no signature, or one that is not whole.
    pub fn of(request: &Signed<'_>) -> Result<Self, AuthError> {
        let mut authorizations = request.headers.get_all("authorization").iter();
        let query: Vec<(String, String)> = pairs(request.query)?;
        let in_query = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let presigned = in_query("X-Amz-Algorithm").is_some() || in_query("X-Amz-Signature").is_some();
        match (authorizations.next(), presigned) {
            (None, false) => Err(AuthError::MissingToken),
            (Some(_), true) => Err(incomplete("a request is signed in its header or in its query, not in both")),
            (Some(header), false) => {
                if authorizations.next().is_some() {
                    return Err(incomplete("there is more than one Authorization header"));
                }
                let text = header.to_str().map_err(|_| incomplete("the Authorization header is not text"))?;
                Self::of_header(text, request.headers)
            }
            (None, true) => {
                if let Some((twice, _)) = query
                    .iter()
                    .find(|(n, _)| n.starts_with("X-Amz-") && query.iter().filter(|(o, _)| o == n).count() > 1)
                {
                    return Err(incomplete(format!("{twice} is given twice")));
                }
                let get = |name: &str| in_query(name).ok_or_else(|| incomplete(format!("{name} is missing")));
                let expires: u32 = get("X-Amz-Expires")?
                    .parse()
                    .map_err(|_| incomplete("X-Amz-Expires must be a number of seconds"))?;
                if expires == 0 || expires > LONGEST_PRESIGNED_SECS {
                    return Err(incomplete(format!("X-Amz-Expires must be from 1 to {LONGEST_PRESIGNED_SECS}")));
                }
                let mut claim = Self::new(
                    get("X-Amz-Algorithm")?,
                    get("X-Amz-Credential")?,
                    get("X-Amz-SignedHeaders")?,
                    get("X-Amz-Signature")?,
                    get("X-Amz-Date")?,
                )?;
                claim.until =
                    Some(claim.at.saturating_add(SignedDuration::from_secs(expires.into())).unwrap_or(claim.at));
                claim.session_token = in_query("X-Amz-Security-Token").map(str::to_owned);
                claim.presigned = true;
                claim.check_headers(request.headers)?;
                Ok(claim)
            }
        }
    }

    fn of_header(text: &str, headers: &HeaderMap) -> Result<Self, AuthError> {
        let (algorithm, rest) =
            text.split_once(' ').ok_or_else(|| incomplete("the Authorization header has no parts"))?;
        let mut parts = [None; 3];
        for part in rest.split(',') {
            let (name, value) = part
                .trim()
                .split_once('=')
                .ok_or_else(|| incomplete("a part of the Authorization header has no value"))?;
            let slot = match name {
                "Credential" => 0,
                "SignedHeaders" => 1,
                "Signature" => 2,
                _ => return Err(incomplete("the Authorization header has a part that does not belong there")),
            };
            if parts[slot].replace(value).is_some() {
                return Err(incomplete(format!("{name} is given twice")));
            }
        }
        let [Some(credential), Some(signed_headers), Some(signature)] = parts else {
            return Err(incomplete("Authorization header requires 'Credential', 'SignedHeaders' and 'Signature'"));
        };
        let one = |name: &str| -> Result<Option<String>, AuthError> {
            let mut all = headers.get_all(name).iter();
            let Some(value) = all.next() else { return Ok(None) };
            if all.next().is_some() {
                return Err(incomplete(format!("{name} is given twice")));
            }
            Ok(Some(value.to_str().map_err(|_| incomplete(format!("{name} is not text")))?.trim().to_owned()))
        };
        let date = one("x-amz-date")?.ok_or_else(|| incomplete("Authorization header requires 'X-Amz-Date'"))?;
        let mut claim = Self::new(algorithm, credential, signed_headers, signature, &date)?;
        claim.session_token = one("x-amz-security-token")?;
        claim.check_headers(headers)?;
        Ok(claim)
    }

    fn new(algorithm: &str, credential: &str, headers: &str, signature: &str, time: &str) -> Result<Self, AuthError> {
        if algorithm != ALGORITHM {
            return Err(incomplete(format!("the algorithm must be {ALGORITHM}")));
        }
        let scope: Vec<&str> = credential.split('/').collect();
        let [access_key_id, date, region, service, "aws4_request"] = scope[..] else {
            return Err(incomplete("the credential must be key/date/region/service/aws4_request"));
        };
        if access_key_id.is_empty() || access_key_id.len() > 128 || region.is_empty() || region.len() > 64 {
            return Err(incomplete("the credential must be key/date/region/service/aws4_request"));
        }
        let at = DateTime::strptime("%Y%m%dT%H%M%SZ", time)
            .and_then(|t| TimeZone::UTC.to_timestamp(t))
            .map_err(|_| incomplete("X-Amz-Date must be written 20150830T123600Z"))?;
        if !time.starts_with(date) || date.len() != 8 {
            return Err(AuthError::InvalidSignature("the date of the credential is not that of the request".into()));
        }
        let signed_headers: Vec<String> = headers.split(';').map(str::to_owned).collect();
        Ok(Self {
            access_key_id: access_key_id.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            session_token: None,
            date: date.to_owned(),
            time: time.to_owned(),
            at,
            until: None,
            signed_headers,
            signature: unhex(signature).ok_or_else(|| incomplete("the signature must be 64 hexadecimal digits"))?,
            presigned: false,
        })
    }

    /// What must be signed is, and what is signed is there.
    fn check_headers(&self, headers: &HeaderMap) -> Result<(), AuthError> {
        let signs = |name: &str| self.signed_headers.iter().any(|s| s == name);
        if !self.signed_headers.is_sorted_by(|a, b| a < b) {
            return Err(incomplete("the signed headers must be sorted, each once"));
        }
        let unsigned = headers.keys().map(|k| k.as_str()).find(|n| n.starts_with("x-amz-") && !signs(n));
        match unsigned {
            _ if !signs("host") => Err(incomplete("'Host' must be signed")),
            Some(name) => Err(AuthError::InvalidSignature(format!("'{name}' must be signed"))),
            None => match self.signed_headers.iter().find(|s| !headers.contains_key(s.as_str())) {
                Some(missing) => Err(incomplete(format!("'{missing}' is signed and not there"))),
                None => Ok(()),
            },
        }
    }

    /// Verifies the signature with the secret of the access key.
    ///
    /// # Errors
    /// When the signature is another, or the request is too old or from the future.
    pub fn verify(&self, request: &Signed<'_>, secret: &str, now: Timestamp) -> Result<(), AuthError> {
        let wanted = self.sign(request, secret)?;
        // The signature first: what a wrong one says of the clock is not to be believed.
        if !bool::from(wanted.ct_eq(&self.signature)) {
            return Err(AuthError::InvalidSignature(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details."
                    .into(),
            ));
        }
        let show = |t: Timestamp| t.strftime("%Y%m%dT%H%M%SZ").to_string();
        let (earliest, latest) = (now - SKEW, now + SKEW);
        if self.at > latest {
            return Err(AuthError::InvalidSignature(format!(
                "Signature not yet current: {} is still later than {} ({} + 15 min.)",
                self.time,
                show(latest),
                show(now)
            )));
        }
        let expired = self.until.map_or(self.at < earliest, |until| until < now);
        if expired {
            return Err(AuthError::InvalidSignature(format!(
                "Signature expired: {} is now earlier than {} ({} - 15 min.)",
                self.time,
                show(earliest),
                show(now)
            )));
        }
        Ok(())
    }

    fn sign(&self, request: &Signed<'_>, secret: &str) -> Result<Vec<u8>, AuthError> {
        let canonical = self.canonical(request)?;
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let text = format!("{ALGORITHM}\n{}\n{scope}\n{}", self.time, ids::hex(sha256(canonical.as_bytes()).as_ref()));
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in [&*self.date, &*self.region, &*self.service, "aws4_request", &*text] {
            key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        Ok(key)
    }

    fn canonical(&self, request: &Signed<'_>) -> Result<String, AuthError> {
        let path: Vec<String> = request.path.split('/').map(|s| utf8_percent_encode(s, ENCODED).to_string()).collect();
        let mut query: Vec<(String, String)> = pairs(request.query)?
            .into_iter()
            .filter(|(name, _)| !self.presigned || name != "X-Amz-Signature")
            .map(|(name, value)| (encoded(&name), encoded(&value)))
            .collect();
        query.sort_unstable();
        let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = String::new();
        for name in &self.signed_headers {
            let mut values = Vec::new();
            for value in request.headers.get_all(name) {
                let value = value.to_str().map_err(|_| incomplete(format!("'{name}' is not text")))?;
                values.push(value.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "));
            }
            // Writing to a text cannot fail.
            let _ = writeln!(headers, "{name}:{}", values.join(","));
        }
        Ok(format!(
            "{}\n{}\n{}\n{headers}\n{}\n{}",
            request.method,
            path.join("/"),
            query.join("&"),
            self.signed_headers.join(";"),
            ids::hex(sha256(request.body).as_ref())
        ))
    }
}

/// The parameters of a query, decoded. A plus sign stands for itself, as SDKs send it.
fn pairs(query: &str) -> Result<Vec<(String, String)>, AuthError> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let decode = |text: &str| {
                let text = percent_decode_str(text).decode_utf8();
                text.map(Into::into).map_err(|_| incomplete("the query is not UTF-8"))
            };
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return None;
    }
    (0..32).map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}
