//! Route 53 Resolver query logs (AWS, "Values that appear in VPC Resolver query logs").
//!
//! The object is the same in S3, in CloudWatch Logs and in Firehose. Some values are numbers in one place and
//! strings in another; none of those is read here.

use crate::flow;
use crate::json::{Cursor, Elements, Problem, Raw, Stop};
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
#[derive(Clone, Debug, Default)]
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
    /// The answers, unread: see [`Self::answers`].
    pub answers: Option<Raw<'a>>,
    /// Who asked.
    pub src: Option<std::net::IpAddr>,
    /// `UDP`, `TCP`, ...
    pub transport: Cow<'a, str>,
    /// `i-...`, from `srcids`.
    pub instance_id: Option<Cow<'a, str>>,
    /// `rslvr-in-...`, from `srcids`.
    pub resolver_endpoint: Option<Cow<'a, str>>,
    /// `rni-...`, from `srcids`.
    pub resolver_network_interface: Option<Cow<'a, str>>,
    /// `ALERT` or `BLOCK`, where a DNS Firewall rule matched.
    pub firewall_action: Option<Cow<'a, str>>,
    /// `rslvr-frg-...`: the group of the rule that matched.
    pub firewall_rule_group_id: Option<Cow<'a, str>>,
    /// `rslvr-fdl-...`: the list that the rule matched.
    pub firewall_domain_list_id: Option<Cow<'a, str>>,
}

impl<'a> DnsRecord<'a> {
    /// The answers, read as they are asked for. What is no answer is left out; none where the member is absent
    /// or `null`.
    pub fn answers(&self) -> Answers<'a> {
        Answers { elements: self.answers.map(Raw::elements) }
    }
}

/// Iterates over the answers of a response.
pub struct Answers<'a> {
    elements: Option<Elements<'a>>,
}

impl<'a> Iterator for Answers<'a> {
    type Item = Answer<'a>;

    fn next(&mut self) -> Option<Answer<'a>> {
        self.elements.as_mut()?.find_map(answer)
    }
}

fn answer(raw: Raw<'_>) -> Option<Answer<'_>> {
    let mut cursor = raw.cursor();
    let (mut kind, mut data) = (None, None);
    cursor.enter_object().ok()?;
    while let Some(key) = cursor.next_key().ok()? {
        match key {
            b"Type" => kind = cursor.string_or_skip().ok()?,
            b"Rdata" => data = cursor.string_or_skip().ok()?,
            _ => cursor.skip_value().ok()?,
        }
    }
    Some(Answer { kind: kind?, data: data? })
}

/// Reads the query at the cursor into an empty record, so that it is made where it is read from. `Problem::Member`
/// leaves the cursor behind the object, so that reading goes on with the next one.
pub fn parse<'a>(cursor: &mut Cursor<'a>, r: &mut DnsRecord<'a>) -> Result<(), Problem> {
    let (mut time, mut src) = (Cow::Borrowed(""), Cow::Borrowed(""));
    cursor.enter_object()?;
    in_order(cursor, r, &mut time, &mut src)?;
    while let Some(key) = cursor.next_key()? {
        match key {
            b"account_id" => cursor.text(&mut r.account_id)?,
            b"region" => cursor.text(&mut r.region)?,
            b"vpc_id" => cursor.text(&mut r.vpc_id)?,
            b"query_timestamp" => cursor.text(&mut time)?,
            b"query_name" => cursor.text(&mut r.name)?,
            b"query_type" => cursor.text(&mut r.query_type)?,
            b"rcode" => cursor.text(&mut r.rcode)?,
            b"answers" => r.answers = cursor.raw_or_null()?,
            b"srcaddr" => cursor.text(&mut src)?,
            b"transport" => cursor.text(&mut r.transport)?,
            b"srcids" => match cursor.peek()? {
                b'{' => {
                    cursor.enter_object()?;
                    sources(cursor, r)?;
                }
                _ => cursor.skip_value()?,
            },
            b"firewall_rule_action" => cursor.some_text(&mut r.firewall_action)?,
            b"firewall_rule_group_id" => cursor.some_text(&mut r.firewall_rule_group_id)?,
            b"firewall_domain_list_id" => cursor.some_text(&mut r.firewall_domain_list_id)?,
            _ => cursor.skip_value()?,
        }
    }
    r.time = EventTime::parse_rfc3339(&time).ok_or(Problem::Member("query_timestamp is missing or no time"))?;
    if r.name.is_empty() {
        return Err(Problem::Member("query_name is missing"));
    }
    r.src = flow::digits::address(&src);
    Ok(())
}

/// AWS writes the members in one order and without white space. As many as stand so are taken without looking
/// at their names byte by byte; whatever comes next is for the general loop.
#[inline]
fn in_order<'a>(
    cursor: &mut Cursor<'a>,
    r: &mut DnsRecord<'a>,
    time: &mut Cow<'a, str>,
    src: &mut Cow<'a, str>,
) -> Result<(), Stop> {
    if question(cursor, r, time).is_none() || !cursor.literal(b",\"answers\":") {
        return Ok(());
    }
    r.answers = cursor.raw_or_null()?;
    if asker(cursor, r, src).is_some() && cursor.literal(b",\"srcids\":{") {
        if let Some(instance) = cursor.plain(b"\"instance\":\"") {
            r.instance_id = Some(instance).filter(|id| !id.is_empty());
        }
        sources(cursor, r)?;
    }
    Ok(())
}

/// What stands before the answers.
#[inline(always)]
fn question<'a>(cursor: &mut Cursor<'a>, r: &mut DnsRecord<'a>, time: &mut Cow<'a, str>) -> Option<()> {
    cursor.plain(b"\"version\":\"")?;
    r.account_id = cursor.plain(b",\"account_id\":\"")?;
    r.region = cursor.plain(b",\"region\":\"")?;
    r.vpc_id = cursor.plain(b",\"vpc_id\":\"")?;
    *time = cursor.plain(b",\"query_timestamp\":\"")?;
    r.name = cursor.plain(b",\"query_name\":\"")?;
    r.query_type = cursor.plain(b",\"query_type\":\"")?;
    r.rcode = cursor.plain(b",\"query_class\":\"IN\",\"rcode\":\"")?;
    Some(())
}

/// What stands behind them.
#[inline(always)]
fn asker<'a>(cursor: &mut Cursor<'a>, r: &mut DnsRecord<'a>, src: &mut Cow<'a, str>) -> Option<()> {
    *src = cursor.plain(b",\"srcaddr\":\"")?;
    cursor.plain(b",\"srcport\":\"")?;
    r.transport = cursor.plain(b",\"transport\":\"")?;
    Some(())
}

/// The members of `srcids`, behind its brace.
fn sources<'a>(cursor: &mut Cursor<'a>, r: &mut DnsRecord<'a>) -> Result<(), Stop> {
    while let Some(key) = cursor.next_key()? {
        match key {
            b"instance" => cursor.some_text(&mut r.instance_id)?,
            b"resolver_endpoint" => cursor.some_text(&mut r.resolver_endpoint)?,
            b"resolver_network_interface" => cursor.some_text(&mut r.resolver_network_interface)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"{"version":"1.1","account_id":"111122223333","region":"us-east-1","vpc_id":"vpc-0a",
        "query_timestamp":"2024-05-01T10:00:00Z","query_name":"a.Example.com.","query_type":"A","query_class":"IN",
        "rcode":"NOERROR","answers":[{"Rdata":"x.example.net.","Type":"CNAME","Class":"IN"},7,{"Type":"A"},
        {"Class":"IN","Rdata":"192.0.2.1","Type":"A"}],"srcaddr":"10.0.0.9","srcport":"53452","transport":"UDP",
        "srcids":{"instance":"i-0a","resolver_endpoint":"rslvr-in-1","resolver_network_interface":"rni-1"},
        "firewall_rule_action":"BLOCK","firewall_rule_group_id":"rslvr-frg-1","firewall_domain_list_id":"rslvr-fdl-1"}"#;

    fn read(json: &str) -> Result<DnsRecord<'_>, Problem> {
        let mut r = DnsRecord::default();
        parse(&mut Cursor::new(json.as_bytes()), &mut r).map(|()| r)
    }

    #[test]
    fn reads_all_that_is_profiled() {
        let r = read(FULL).unwrap();
        assert_eq!((&*r.account_id, &*r.region, &*r.vpc_id), ("111122223333", "us-east-1", "vpc-0a"));
        assert_eq!(r.time.to_string(), "2024-05-01T10:00:00.000Z");
        assert_eq!((&*r.name, &*r.query_type, &*r.rcode, &*r.transport), ("a.Example.com.", "A", "NOERROR", "UDP"));
        assert_eq!(r.src, Some("10.0.0.9".parse().unwrap()));
        assert_eq!(r.instance_id.as_deref(), Some("i-0a"));
        assert_eq!(r.resolver_endpoint.as_deref(), Some("rslvr-in-1"));
        assert_eq!(r.resolver_network_interface.as_deref(), Some("rni-1"));
        assert_eq!(r.firewall_action.as_deref(), Some("BLOCK"));
        assert_eq!(r.firewall_rule_group_id.as_deref(), Some("rslvr-frg-1"));
        assert_eq!(r.firewall_domain_list_id.as_deref(), Some("rslvr-fdl-1"));
        let answers: Vec<_> = r.answers().map(|a| (a.kind.into_owned(), a.data.into_owned())).collect();
        let want = [("CNAME", "x.example.net."), ("A", "192.0.2.1")];
        assert_eq!(answers, want.map(|(k, d)| (k.to_owned(), d.to_owned())));
    }

    #[test]
    fn a_query_may_have_no_answers() {
        for answers in ["", r#","answers":null"#, r#","answers":[]"#, r#","answers":"x""#, r#","answers":{}"#] {
            let json = format!(r#"{{"query_timestamp":"2024-05-01T10:00:00Z","query_name":".","srcids":7{answers}}}"#);
            assert_eq!(read(&json).unwrap().answers().count(), 0, "{json}");
        }
    }

    #[test]
    fn a_query_needs_a_time_and_a_name() {
        for (json, cause) in [
            (r#"{"query_name":"a."}"#, "query_timestamp"),
            (r#"{"query_name":"a.","query_timestamp":"NaN"}"#, "query_timestamp"),
            (r#"{"query_timestamp":"2024-05-01T10:00:00Z"}"#, "query_name"),
            (r#"{"query_timestamp":"2024-05-01T10:00:00Z","query_name":null}"#, "query_name"),
        ] {
            let mut cursor = Cursor::new(json.as_bytes());
            let Err(Problem::Member(got)) = parse(&mut cursor, &mut DnsRecord::default()) else { panic!("{json}") };
            assert!(got.contains(cause), "{json}: {got}");
            assert_eq!(cursor.pos(), json.len());
        }
    }
}
