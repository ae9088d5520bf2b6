//! Route 53 Resolver query logs (AWS, "Values that appear in VPC Resolver query logs").

use picquet_model::EventTime;
use std::borrow::Cow;

/// One answer of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// `A`, `AAAA`, `CNAME`, ...
    pub kind: Cow<'a, str>,
    /// What was answered, as text.
    pub data: Cow<'a, str>,
}

/// One query and its response.
#[derive(Clone, Debug)]
pub struct DnsRecord<'a> {
    /// Owner of the VPC.
    pub account_id: Cow<'a, str>,
    /// Region of the VPC.
    pub region: Cow<'a, str>,
    /// `vpc-...`; empty where the log does not say.
    pub vpc_id: Cow<'a, str>,
    /// When the query was made.
    pub time: EventTime,
    /// The name asked for, in its own case, usually with a trailing dot.
    pub name: Cow<'a, str>,
    /// `A`, `TXT`, ...
    pub query_type: Cow<'a, str>,
    /// `NOERROR`, `NXDOMAIN`, ...
    pub rcode: Cow<'a, str>,
    /// The answers.
    pub answers: Vec<Answer<'a>>,
    /// Who asked.
    pub src: Option<std::net::IpAddr>,
    /// `UDP`, `TCP`, ...
    pub transport: Cow<'a, str>,
    /// `i-...`, from `srcids`.
    pub instance_id: Option<Cow<'a, str>>,
    /// `rslvr-in-...`, from `srcids`.
    pub resolver_endpoint: Option<Cow<'a, str>>,
    /// `ALERT` or `BLOCK`, where a DNS Firewall rule matched.
    pub firewall_action: Option<Cow<'a, str>>,
}

/// Reads the query at the cursor.
pub fn parse<'a>(cursor: &mut crate::json::Cursor<'a>) -> Result<DnsRecord<'a>, crate::json::Problem> {
    cursor.skip_value()?;
    Err(crate::json::Problem::Member("not built yet"))
}
