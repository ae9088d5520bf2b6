//! What a statement's conditions leave of its audience.

use super::Audience;
use serde_json::Value;
use std::net::IpAddr;

/// Keys that tell networks, accounts or organizations apart, with a value that only their owner has.
const TRUSTED: [&str; 13] = [
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:vpcsourceip",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:accesspointnetworkorigin",
    "aws:viaawsservice",
    "aws:principalisawsservice",
];

/// Keys that only signed-in callers have.
const PRINCIPAL: [&str; 7] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "aws:username",
    "aws:principaltag",
];

/// The audience that remains of everybody. All conditions must hold, so the narrowest one decides.
pub(super) fn audience(conditions: &Value) -> Audience {
    each(conditions).map(|(operator, key, values)| one(&operator, &key, &values)).min().unwrap_or(Audience::Everybody)
}

/// Whether a Deny with these conditions spares nobody but trusted callers: every one of them says "not from
/// there".
pub(super) fn spares_only_trusted(conditions: &Value) -> bool {
    let mut all = each(conditions).peekable();
    all.peek().is_some()
        && all.all(|(operator, key, values)| {
            // A negated operator holds as well when the key is absent, and so does the Deny.
            let base = operator.trim_end_matches("ifexists");
            match positive(base) {
                Some(positive) => one(positive, &key, &values) == Audience::Restricted,
                None => false,
            }
        })
}

/// Whether a Deny with these conditions hits everybody who is not signed in.
pub(super) fn hits_the_anonymous(conditions: &Value) -> bool {
    let all: Vec<_> = each(conditions).collect();
    matches!(all.as_slice(), [(operator, key, values)]
        if key == "aws:principaltype" && positive(operator).is_none() && values.iter().any(|v| v.eq_ignore_ascii_case("anonymous")))
}

/// Every operator, key and its values, in lower case but for the values.
fn each(conditions: &Value) -> impl Iterator<Item = (String, String, Vec<String>)> {
    conditions.as_object().into_iter().flatten().flat_map(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        keys.as_object()
            .into_iter()
            .flatten()
            .map(move |(key, values)| (operator.clone(), key.to_ascii_lowercase(), texts(values)))
    })
}

/// A string, number or Boolean, or a list of them, as texts.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::String(s) => vec![s.clone()],
        Value::Bool(b) => vec![b.to_string()],
        Value::Number(n) => vec![n.to_string()],
        _ => Vec::new(),
    }
}

/// The operator that a negated one negates.
fn positive(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "stringnotequals" | "stringnotequalsignorecase" => "stringequals",
        "stringnotlike" => "stringlike",
        "arnnotequals" | "arnnotlike" => "arnlike",
        "notipaddress" => "ipaddress",
        _ => return None,
    })
}

/// What one condition leaves of everybody.
fn one(operator: &str, key: &str, values: &[String]) -> Audience {
    // "For all values" holds when there are none, so that who leaves the key out passes.
    if operator.starts_with("forallvalues:") || values.is_empty() {
        return Audience::Everybody;
    }
    let operator = operator.trim_start_matches("foranyvalue:");
    let optional = operator.ends_with("ifexists");
    let base = operator.trim_end_matches("ifexists");
    let principal = PRINCIPAL.iter().any(|p| key == *p || key.starts_with(&format!("{p}/")));
    if base == "null" {
        // "It must be there" leaves signed-in callers; "it must not" leaves everybody else.
        let must_exist = values.iter().all(|v| v.eq_ignore_ascii_case("false"));
        return if principal && must_exist { Audience::AnyUser } else { Audience::Everybody };
    }
    match base {
        "ipaddress" if key == "aws:sourceip" || key == "aws:vpcsourceip" => {
            // A request from the internet always has an address, so "if exists" changes nothing.
            if values.iter().all(|v| is_narrow(v)) { Audience::Restricted } else { Audience::Everybody }
        }
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" | "bool" => {
            let wildcards = matches!(base, "stringlike" | "arnequals" | "arnlike");
            if optional {
                Audience::Everybody
            } else if key == "aws:principaltype" {
                let anonymous = values.iter().any(|v| v.eq_ignore_ascii_case("anonymous") || v.contains('*'));
                if anonymous { Audience::Everybody } else { Audience::AnyUser }
            } else if principal {
                let named = values.iter().all(|v| names_an_owner(key, v, wildcards));
                if named { Audience::Restricted } else { Audience::AnyUser }
            } else if TRUSTED.contains(&key) {
                let open = |v: &String| v.is_empty() || v.eq_ignore_ascii_case("false") || wildcards && is_open(v);
                let fixed = !values.iter().any(open);
                if fixed { Audience::Restricted } else { Audience::Everybody }
            } else {
                // Referer, user agent, TLS, dates, prefixes, tags of objects: anybody can meet them.
                Audience::Everybody
            }
        }
        _ => Audience::Everybody,
    }
}

/// Whether a value of a principal's key means somebody in particular.
fn names_an_owner(key: &str, value: &str, wildcards: bool) -> bool {
    if !wildcards {
        return !value.is_empty() && value != "*";
    }
    if key == "aws:principalarn" {
        // arn:partition:service:region:ACCOUNT:resource
        return value.split(':').nth(4).is_some_and(|account| !account.is_empty() && !account.contains(['*', '?']));
    }
    !is_open(value)
}

/// Whether a pattern leaves open what matters: nothing but wildcards, or a wildcard right behind a known prefix.
fn is_open(pattern: &str) -> bool {
    let fixed = pattern.split(['*', '?']).next().unwrap_or_default();
    if fixed.len() == pattern.len() {
        return false;
    }
    match fixed.strip_prefix("arn:") {
        // An ARN is closed when its account is spelled out, or its bucket where S3 has no account.
        Some(_) => {
            let mut parts = pattern.split(':');
            let service = parts.nth(2).unwrap_or_default();
            let account = parts.nth(1).unwrap_or_default();
            let resource = parts.next().unwrap_or_default();
            let spelled = |t: &str| !t.is_empty() && !t.starts_with(['*', '?']);
            !(spelled(account) && !account.contains(['*', '?'])
                || service == "s3" && account.is_empty() && spelled(resource))
        }
        None => matches!(fixed, "" | "vpce-" | "vpc-" | "o-" | "AROA" | "AIDA"),
    }
}

/// Whether an address or block is so narrow that it names a network: S3 calls blocks wider than /8 public (S3
/// user guide, "The meaning of public"); of IPv6, those wider than /32, which is what one network is allotted.
fn is_narrow(block: &str) -> bool {
    let (address, prefix) = match block.split_once('/') {
        Some((address, prefix)) => (address, prefix.parse::<u8>().ok()),
        None => (block, Some(128)),
    };
    match (address.parse::<IpAddr>(), prefix) {
        (Ok(IpAddr::V4(_)), Some(n)) => n >= 8,
        (Ok(IpAddr::V6(_)), Some(n)) => n >= 32,
        _ => false,
    }
}
