//! Route 53 Resolver query logs (AWS, "Values that appear in VPC Resolver query logs").
//!
//! The object is the same in S3, in CloudWatch Logs and in Firehose. Some values are numbers in one place and
//! strings in another; none of those is read here.

use crate::flow;
use crate::json::{Cursor, Elements, Problem, Raw, Stop, Text};
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
        match key.raw() {
            b"Type" => kind = cursor.string_or_skip().ok()?,
            b"Rdata" => data = cursor.string_or_skip().ok()?,
            _ => cursor.skip_value().ok()?,
        }
    }
    Some(Answer { kind: kind?.decode(), data: data?.decode() })
}

/// Reads the query at the cursor. `Problem::Member` leaves the cursor behind the object, so that reading goes on
/// with the next one.
pub fn parse<'a>(cursor: &mut Cursor<'a>) -> Result<DnsRecord<'a>, Problem> {
    let mut r = DnsRecord {
        account_id: Cow::Borrowed(""),
        region: Cow::Borrowed(""),
        vpc_id: Cow::Borrowed(""),
        time: EventTime::MIN,
        name: Cow::Borrowed(""),
        query_type: Cow::Borrowed(""),
        rcode: Cow::Borrowed(""),
        answers: None,
        src: None,
        transport: Cow::Borrowed(""),
        instance_id: None,
        resolver_endpoint: None,
        resolver_network_interface: None,
        firewall_action: None,
        firewall_rule_group_id: None,
        firewall_domain_list_id: None,
    };
    let mut time: Option<Text<'a>> = None;
    let mut src: Option<Text<'a>> = None;
    cursor.enter_object()?;
    in_order(cursor, &mut r, &mut time, &mut src)?;
    while let Some(key) = cursor.next_key()? {
        match key.raw() {
            b"account_id" => r.account_id = text(cursor)?,
            b"region" => r.region = text(cursor)?,
            b"vpc_id" => r.vpc_id = text(cursor)?,
            b"query_timestamp" => time = cursor.string_or_skip()?,
            b"query_name" => r.name = text(cursor)?,
            b"query_type" => r.query_type = text(cursor)?,
            b"rcode" => r.rcode = text(cursor)?,
            b"answers" => r.answers = cursor.raw_or_null()?,
            b"srcaddr" => src = cursor.string_or_skip()?,
            b"transport" => r.transport = text(cursor)?,
            b"srcids" => sources(cursor, &mut r)?,
            b"firewall_rule_action" => r.firewall_action = some(cursor)?,
            b"firewall_rule_group_id" => r.firewall_rule_group_id = some(cursor)?,
            b"firewall_domain_list_id" => r.firewall_domain_list_id = some(cursor)?,
            _ => cursor.skip_value()?,
        }
    }
    r.time = time
        .and_then(|t| EventTime::parse_rfc3339(&t.decode()))
        .ok_or(Problem::Member("query_timestamp is missing or no time"))?;
    if r.name.is_empty() {
        return Err(Problem::Member("query_name is missing"));
    }
    r.src = src.and_then(|s| flow::digits::address(&s.decode()));
    Ok(r)
}

/// AWS writes the members in one order and without white space. As many as stand so are taken without looking
/// at their names byte by byte; whatever comes next is for the general loop.
fn in_order<'a>(
    cursor: &mut Cursor<'a>,
    r: &mut DnsRecord<'a>,
    time: &mut Option<Text<'a>>,
    src: &mut Option<Text<'a>>,
) -> Result<(), Stop> {
    if !cursor.literal(b"\"version\":\"") {
        return Ok(());
    }
    cursor.string_rest()?;
    let fields: [(&[u8], &mut Cow<'a, str>); 3] = [
        (b",\"account_id\":\"", &mut r.account_id),
        (b",\"region\":\"", &mut r.region),
        (b",\"vpc_id\":\"", &mut r.vpc_id),
    ];
    for (name, field) in fields {
        if !cursor.literal(name) {
            return Ok(());
        }
        *field = cursor.string_rest()?.decode();
    }
    if !cursor.literal(b",\"query_timestamp\":\"") {
        return Ok(());
    }
    *time = Some(cursor.string_rest()?);
    let fields: [(&[u8], &mut Cow<'a, str>); 2] =
        [(b",\"query_name\":\"", &mut r.name), (b",\"query_type\":\"", &mut r.query_type)];
    for (name, field) in fields {
        if !cursor.literal(name) {
            return Ok(());
        }
        *field = cursor.string_rest()?.decode();
    }
    if !cursor.literal(b",\"query_class\":\"IN\",\"rcode\":\"") {
        return Ok(());
    }
    r.rcode = cursor.string_rest()?.decode();
    if !cursor.literal(b",\"answers\":") {
        return Ok(());
    }
    r.answers = cursor.raw_or_null()?;
    if !cursor.literal(b",\"srcaddr\":\"") {
        return Ok(());
    }
    *src = Some(cursor.string_rest()?);
    if !cursor.literal(b",\"srcport\":\"") {
        return Ok(());
    }
    cursor.string_rest()?;
    if cursor.literal(b",\"transport\":\"") {
        r.transport = cursor.string_rest()?.decode();
    }
    Ok(())
}

fn sources<'a>(cursor: &mut Cursor<'a>, r: &mut DnsRecord<'a>) -> Result<(), Stop> {
    if cursor.peek()? != b'{' {
        return cursor.skip_value();
    }
    cursor.enter_object()?;
    while let Some(key) = cursor.next_key()? {
        match key.raw() {
            b"instance" => r.instance_id = some(cursor)?,
            b"resolver_endpoint" => r.resolver_endpoint = some(cursor)?,
            b"resolver_network_interface" => r.resolver_network_interface = some(cursor)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

#[inline]
fn text<'a>(cursor: &mut Cursor<'a>) -> Result<Cow<'a, str>, Stop> {
    Ok(cursor.string_or_skip()?.map_or(Cow::Borrowed(""), Text::decode))
}

/// A text that is `None` where it is absent, `null` or empty.
#[inline]
fn some<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Cow<'a, str>>, Stop> {
    Ok(cursor.string_or_skip()?.filter(|t| !t.raw().is_empty()).map(Text::decode))
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
        parse(&mut Cursor::new(json.as_bytes()))
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
            let Err(Problem::Member(got)) = parse(&mut cursor) else { panic!("{json}") };
            assert!(got.contains(cause), "{json}: {got}");
            assert_eq!(cursor.pos(), json.len());
        }
    }
}
