//! Route 53 Resolver query log records.

use crate::{ACCOUNT, INSTANCE, NOON, PRIVATE_IP, REGION, VPC, object, quoted, time};
use picquet_model::EventTime;

/// One query with its response.
#[derive(Clone, Debug)]
pub struct Query {
    account: String,
    region: String,
    vpc: String,
    time: EventTime,
    name: String,
    kind: String,
    rcode: String,
    answers: Vec<(String, String)>,
    src: String,
    transport: String,
    instance: Option<String>,
    firewall: Option<String>,
}

impl Query {
    /// An A query of the instance of the tests, answered with nothing, at noon.
    pub fn new(name: &str) -> Self {
        Self {
            account: ACCOUNT.into(),
            region: REGION.into(),
            vpc: VPC.into(),
            time: time(NOON),
            name: if name.ends_with('.') { name.into() } else { format!("{name}.") },
            kind: "A".into(),
            rcode: "NOERROR".into(),
            answers: Vec::new(),
            src: PRIVATE_IP.into(),
            transport: "UDP".into(),
            instance: Some(INSTANCE.into()),
            firewall: None,
        }
    }

    /// With an answer.
    pub fn answer(mut self, kind: &str, data: &str) -> Self {
        self.answers.push((kind.into(), data.into()));
        self
    }

    /// Of another type.
    pub fn kind(mut self, kind: &str) -> Self {
        self.kind = kind.into();
        self
    }

    /// With another response code.
    pub fn rcode(mut self, rcode: &str) -> Self {
        self.rcode = rcode.into();
        self
    }

    /// From another address.
    pub fn from(mut self, ip: &str) -> Self {
        self.src = ip.into();
        self
    }

    /// Of another instance (`srcids`).
    pub fn instance(mut self, id: &str) -> Self {
        self.instance = Some(id.into());
        self
    }

    /// Without `srcids`: the log does not say which instance asked.
    pub fn nameless(mut self) -> Self {
        self.instance = None;
        self
    }

    /// Of another VPC.
    pub fn vpc(mut self, id: &str) -> Self {
        self.vpc = id.into();
        self
    }

    /// In another account.
    pub fn account(mut self, id: &str) -> Self {
        self.account = id.into();
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

    /// Over another transport.
    pub fn transport(mut self, transport: &str) -> Self {
        self.transport = transport.into();
        self
    }

    /// With what a DNS Firewall rule did: `ALERT` or `BLOCK`.
    pub fn firewall(mut self, action: &str) -> Self {
        self.firewall = Some(action.into());
        self
    }

    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }

    pub(crate) fn json(&self) -> String {
        let text = |t: &str| Some(quoted(t));
        let answers: Vec<String> = self
            .answers
            .iter()
            .map(|(kind, data)| object(&[("Rdata", text(data)), ("Type", text(kind)), ("Class", text("IN"))]))
            .collect();
        let ids = object(&[("instance", self.instance.as_deref().map(quoted))]);
        let firewall = |value: &str| self.firewall.as_ref().map(|_| quoted(value));
        let time = self.time.to_string();
        let time = format!("{}Z", time.split('.').next().unwrap_or(&time));
        object(&[
            ("version", text("1.100000")),
            ("account_id", text(&self.account)),
            ("region", text(&self.region)),
            ("vpc_id", text(&self.vpc)),
            ("query_timestamp", text(&time)),
            ("query_name", text(&self.name)),
            ("query_type", text(&self.kind)),
            ("query_class", text("IN")),
            ("rcode", text(&self.rcode)),
            ("answers", Some(format!("[{}]", answers.join(",")))),
            ("srcaddr", text(&self.src)),
            ("srcport", text("40123")),
            ("transport", text(&self.transport)),
            ("srcids", Some(ids)),
            ("firewall_rule_action", self.firewall.as_deref().map(quoted)),
            ("firewall_rule_group_id", firewall("rslvr-frg-01234567890abcdef")),
            ("firewall_domain_list_id", firewall("rslvr-fdl-01234567890abcdef")),
        ])
    }
}
