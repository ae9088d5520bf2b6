//! CloudTrail events, in the order and spelling of CloudTrail's own files.

use crate::{ACCOUNT, Identity, NOON, REGION, object, quoted, time};
use picquet_detect::hash::stable;
use picquet_model::EventTime;
use serde_json::{Value, json};

/// The services whose events carry the region `us-east-1`, whatever region was called.
const GLOBAL: [&str; 4] = ["iam", "sts", "cloudfront", "route53"];

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    source: String,
    api: String,
    by: Identity,
    account: String,
    region: String,
    time: EventTime,
    ip: String,
    user_agent: String,
    error: Option<String>,
    request: Value,
    response: Value,
    category: &'static str,
    kind: &'static str,
    id: Option<String>,
    endpoint: Option<(String, String)>,
}

impl Event {
    /// A successful management call of a service (`ec2`) by the IAM user alice from 198.51.100.10 at noon.
    pub fn new(service: &str, api: &str) -> Self {
        Self {
            source: if service.contains('.') { service.into() } else { format!("{service}.amazonaws.com") },
            api: api.into(),
            by: Identity::user("alice"),
            account: ACCOUNT.into(),
            region: if GLOBAL.contains(&service) { "us-east-1" } else { REGION }.into(),
            time: time(NOON),
            ip: "198.51.100.10".into(),
            user_agent: "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 exe/x86_64.amzn.2023 prompt/off".into(),
            error: None,
            request: Value::Null,
            response: Value::Null,
            category: "Management",
            kind: "AwsApiCall",
            id: None,
            endpoint: None,
        }
    }

    /// A data event of S3 on a bucket's object.
    pub fn s3_data(api: &str, bucket: &str) -> Self {
        let host = format!("{bucket}.s3.amazonaws.com");
        let mut e = Self::new("s3", api).request(json!({"bucketName": bucket, "Host": host, "key": "reports/q1.csv"}));
        e.category = "Data";
        e
    }

    /// A successful sign-in to the console.
    pub fn console_login() -> Self {
        let mut e = Self::new("signin", "ConsoleLogin").response(json!({"ConsoleLogin": "Success"}));
        e.kind = "AwsConsoleSignIn";
        e
    }

    /// By another principal. Another account's identity leaves the event in the account that is called.
    pub fn by(mut self, identity: Identity) -> Self {
        self.by = identity;
        self
    }

    /// In another account (`recipientAccountId`), with the identity's account along.
    pub fn account(mut self, account: &str) -> Self {
        if self.by.account() == self.account {
            self.by = self.by.of_account(account);
        }
        self.account = account.into();
        self
    }

    /// In another region.
    pub fn region(mut self, region: &str) -> Self {
        self.region = region.into();
        self
    }

    /// At another moment, in RFC 3339.
    pub fn at(mut self, text: &str) -> Self {
        self.time = time(text);
        self
    }

    /// So many seconds later.
    pub fn after(mut self, secs: i64) -> Self {
        self.time = EventTime::from_millis(self.time.as_millis() + secs * 1000).expect("a time");
        self
    }

    /// From another `sourceIPAddress`.
    pub fn ip(mut self, ip: &str) -> Self {
        self.ip = ip.into();
        self
    }

    /// With another user agent.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Failed.
    pub fn error(mut self, code: &str) -> Self {
        self.error = Some(code.into());
        self.response = Value::Null;
        self
    }

    /// With `requestParameters`.
    pub fn request(mut self, parameters: Value) -> Self {
        self.request = parameters;
        self
    }

    /// With `responseElements`.
    pub fn response(mut self, elements: Value) -> Self {
        self.response = elements;
        self
    }

    /// By way of a VPC endpoint of an account, from a private address.
    pub fn endpoint(mut self, id: &str, account: &str) -> Self {
        self.endpoint = Some((id.into(), account.into()));
        self
    }

    /// With an event id of one's own: two records of one id are one event in two trails.
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.into());
        self
    }

    /// As another category (`Management`, `Data`, `NetworkActivity`).
    pub fn category(mut self, category: &'static str) -> Self {
        self.category = category;
        self
    }

    /// As another `eventType`.
    pub fn event_type(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }

    /// The record. `number` tells events apart that are the same in everything else.
    pub(crate) fn json(&self, number: usize) -> String {
        let time = self.time.to_string();
        // CloudTrail writes whole seconds.
        let time = format!("{}Z", time.split('.').next().unwrap_or(&time));
        let seed = stable(&[&number.to_le_bytes(), self.api.as_bytes(), time.as_bytes()]);
        let id = self.id.clone().unwrap_or_else(|| uuid(seed, "event"));
        let shown = |v: &Value| Some(v.to_string());
        object(&[
            ("eventVersion", Some("\"1.09\"".into())),
            ("userIdentity", Some(self.by.json())),
            ("eventTime", Some(quoted(&time))),
            ("eventSource", Some(quoted(&self.source))),
            ("eventName", Some(quoted(&self.api))),
            ("awsRegion", Some(quoted(&self.region))),
            ("sourceIPAddress", Some(quoted(&self.ip))),
            ("userAgent", Some(quoted(&self.user_agent))),
            ("errorCode", self.error.as_deref().map(quoted)),
            ("errorMessage", self.error.as_deref().map(|_| quoted("it was not allowed"))),
            ("requestParameters", shown(&self.request)),
            ("responseElements", shown(&self.response)),
            ("requestID", Some(quoted(&uuid(seed, "request")))),
            ("eventID", Some(quoted(&id))),
            ("readOnly", Some("false".into())),
            ("eventType", Some(quoted(self.kind))),
            ("managementEvent", Some((self.category == "Management").to_string())),
            ("recipientAccountId", Some(quoted(&self.account))),
            ("vpcEndpointId", self.endpoint.as_ref().map(|(id, _)| quoted(id))),
            ("vpcEndpointAccountId", self.endpoint.as_ref().filter(|(_, a)| !a.is_empty()).map(|(_, a)| quoted(a))),
            ("eventCategory", Some(quoted(self.category))),
        ])
    }
}

fn uuid(seed: u64, what: &str) -> String {
    let a = stable(&[&seed.to_le_bytes(), what.as_bytes()]);
    let b = stable(&[&a.to_le_bytes()]);
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}
