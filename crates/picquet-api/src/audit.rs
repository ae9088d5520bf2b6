//! Every call in CloudTrail's own format (CloudTrail user guide, "CloudTrail record contents"), a line each, a file a
//! day: what Picquet itself can read and watch. Secrets, signatures and members that the service model calls sensitive
//! are not in it.

use crate::Api;
use crate::http::{Caller, THROTTLED};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How long files are kept, in days: as long as CloudTrail's event history.
const KEPT_DAYS: i64 = 90;
/// The longest text of a member that comes from the caller, in bytes.
const LONGEST_TEXT: usize = 1024;
/// The longest that all parameters of a request may be, in bytes (CloudTrail leaves out what is over 100 KB).
const LONGEST_PARAMETERS: usize = 100_000;
/// Members that are not written: what the model calls sensitive, and what clients make up for one request.
const LEFT_OUT: [&str; 4] = ["email", "comments", "clientToken", "message"];

/// Calls of nobody that are written a second, and how many at once: whoever reaches the port can make any number of
/// them, and shall not fill the disk. It is some 400 MB a day at most.
const OF_NOBODY_A_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
const OF_NOBODY_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// One call, as it ended.
pub struct Event<'a> {
    /// Who called.
    pub caller: &'a Caller,
    /// The name of the operation; what was asked for where there is none.
    pub name: &'a str,
    /// The service.
    pub service: &'a str,
    /// The region.
    pub region: &'a str,
    /// When.
    pub time: Timestamp,
    /// The request's id.
    pub request_id: &'a str,
    /// Whether it can change nothing.
    pub read_only: bool,
    /// The members of the request.
    pub parameters: Option<&'a Value>,
    /// The error's code and message.
    pub error: Option<(&'a str, &'a str)>,
}

/// Writes events.
pub struct Audit {
    folder: PathBuf,
    open: Mutex<Option<(String, File)>>,
    of_nobody: DefaultDirectRateLimiter,
    /// Calls that were not written since one was that is of nobody.
    left_out: AtomicU64,
}

impl Audit {
    /// Into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let quota = Quota::per_second(OF_NOBODY_A_SECOND).allow_burst(OF_NOBODY_AT_ONCE);
        let (of_nobody, left_out) = (RateLimiter::direct(quota), AtomicU64::new(0));
        Ok(Self { folder: folder.to_owned(), open: Mutex::default(), of_nobody, left_out })
    }

    /// Writes an event; of calls that nobody known made only so many. A failure is logged and does not fail the call.
    pub fn write(&self, api: &Api, event: &Event<'_>) {
        let Some(left_out) = self.is_written(event) else { return };
        let mut record = record(api, event);
        if left_out > 0 {
            record["additionalEventData"] = json!({ "eventsNotRecorded": left_out });
        }
        let mut line = record.to_string();
        line.push('\n');
        if let Err(e) = self.append(event.time, line.as_bytes()) {
            tracing::error!(error = e.to_string().as_str(), "a call cannot be written to the audit log");
        }
    }

    /// How many were left out before this one; `None` when it is left out too.
    fn is_written(&self, event: &Event<'_>) -> Option<u64> {
        // Who tries passwords is slowed down elsewhere, and nothing shall hide it.
        let is_sign_in = event.name == "CreateSession" && event.error.is_none_or(|(code, _)| code != THROTTLED);
        if event.caller.user.is_some() || is_sign_in {
            return Some(0);
        }
        if self.of_nobody.check().is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.left_out.swap(0, Ordering::Relaxed))
    }

    fn append(&self, time: Timestamp, line: &[u8]) -> io::Result<()> {
        let day = time.strftime("%Y-%m-%d").to_string();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_none_or(|(of, _)| *of != day) {
            self.forget(time);
            let path = self.folder.join(format!("cloudtrail-{day}.ndjson"));
            *open = Some((day, OpenOptions::new().create(true).append(true).open(path)?));
        }
        match open.as_mut() {
            Some((_, file)) => whole(file, line),
            None => Ok(()),
        }
    }

    /// Removes files that are too old.
    fn forget(&self, time: Timestamp) {
        let oldest = time - jiff::SignedDuration::from_hours(24 * KEPT_DAYS);
        let oldest = format!("cloudtrail-{}.ndjson", oldest.strftime("%Y-%m-%d"));
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("cloudtrail-") && name.ends_with(".ndjson") && name < oldest {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Appends a line as a whole or not at all: where the disk is full, half of it would spoil the next one too.
fn whole(file: &mut File, line: &[u8]) -> io::Result<()> {
    let before = file.metadata()?.len();
    file.write_all(line).inspect_err(|_| drop(file.set_len(before)))
}

fn record(api: &Api, event: &Event<'_>) -> Value {
    let caller = event.caller;
    let mut identity = json!({ "type": "IAMUser", "accessKeyId": cut(&caller.access_key_id) });
    if let (Some(user), Some(identity)) = (&caller.user, identity.as_object_mut()) {
        let arn =
            format!("arn:{}:iam::{}:user/{}", picquet_model::ids::partition(event.region), user.account, user.name);
        identity.extend([
            ("principalId".into(), user.name.clone().into()),
            ("arn".into(), arn.into()),
            ("accountId".into(), user.account.clone().into()),
            ("userName".into(), user.name.clone().into()),
        ]);
    }
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": event.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": format!("{}.amazonaws.com", cut(event.service)),
        "eventName": cut(event.name),
        "awsRegion": cut(event.region),
        "sourceIPAddress": caller.address,
        "userAgent": cut(&caller.user_agent),
        "requestParameters": event.parameters.and_then(parameters),
        "responseElements": null,
        "requestID": event.request_id,
        "eventID": crate::http::uuid(api),
        "readOnly": event.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "eventCategory": "Management",
    });
    if let Some(record) = record.as_object_mut() {
        if let Some(user) = &caller.user {
            record.insert("recipientAccountId".into(), user.account.clone().into());
        }
        if let Some((code, message)) = event.error {
            record.insert("errorCode".into(), code.into());
            record.insert("errorMessage".into(), cut(message).into());
        }
    }
    record
}

fn cut(text: &str) -> &str {
    match text.char_indices().find(|(at, c)| at + c.len_utf8() > LONGEST_TEXT) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

/// The members that may be written; `None` where they are too long.
fn parameters(members: &Value) -> Option<Value> {
    let kept = without(members);
    (kept.to_string().len() <= LONGEST_PARAMETERS).then_some(kept)
}

fn without(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()))
            .map(|(name, value)| (lowercased(name), without(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(without).collect(),
        other => other.clone(),
    }
}

/// CloudTrail writes members with a small letter first, also those that are in the path.
fn lowercased(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sensitive_is_left_out() {
        let members =
            json!({ "DetectorId": "d", "accountDetails": [{ "accountId": "1", "email": "a@b" }], "clientToken": "t" });
        assert_eq!(parameters(&members), Some(json!({ "detectorId": "d", "accountDetails": [{ "accountId": "1" }] })));
        assert_eq!(parameters(&json!({ "x": "y".repeat(LONGEST_PARAMETERS) })), None);
    }

    #[test]
    fn calls_of_nobody_do_not_fill_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::new(folder.path()).unwrap();
        let nobody = Caller::default();
        let event = |name: &'static str, code| Event {
            caller: &nobody,
            name,
            service: "guardduty",
            region: "",
            time: Timestamp::UNIX_EPOCH,
            request_id: "",
            read_only: false,
            parameters: None,
            error: Some((code, "")),
        };
        let told: Vec<_> = (0..1000).map(|_| audit.is_written(&event("GET /", "AccessDeniedException"))).collect();
        let written = told.iter().flatten().count();
        assert!((100..120).contains(&written), "{written}");
        // Passwords that are tried are written all the same, but for those that were not even looked at.
        assert_eq!(audit.is_written(&event("CreateSession", "AccessDeniedException")), Some(0));
        assert_eq!(audit.is_written(&event("CreateSession", THROTTLED)), None);
        // What was left out is counted.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let counted = told.iter().flatten().sum::<u64>() + audit.is_written(&event("GET /", "")).unwrap();
        assert_eq!(counted, 1001 - u64::try_from(written).unwrap());
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut(&"é".repeat(1000)).len(), 1024);
        assert_eq!(cut("short"), "short");
    }
}
