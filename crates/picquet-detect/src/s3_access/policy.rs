//! Bucket policies.

use super::condition::{audience, hits_the_anonymous, spares_only_trusted, texts};
use super::{Access, Audience, Grants};
use serde_json::Value;
use wildmatch::WildMatch;

/// A bucket policy has at most 20 KB (S3 user guide, "Bucket policy size"); more statements than fit in that are
/// not read.
const MAX_STATEMENTS: usize = 400;

/// Calls that read, in lower case without `s3:`.
const READS: [&str; 16] = [
    "getobject",
    "getobjectversion",
    "getobjectacl",
    "getobjecttagging",
    "getobjecttorrent",
    "getobjectattributes",
    "getobjectversionacl",
    "listbucket",
    "listbucketversions",
    "listbucketmultipartuploads",
    "getbucketacl",
    "getbucketpolicy",
    "getbucketlocation",
    "getbuckettagging",
    "getbucketlogging",
    "getbucketwebsite",
];

/// Calls that change something.
const WRITES: [&str; 20] = [
    "putobject",
    "putobjectacl",
    "putobjecttagging",
    "putobjectversionacl",
    "deleteobject",
    "deleteobjectversion",
    "deleteobjecttagging",
    "restoreobject",
    "abortmultipartupload",
    "replicateobject",
    "replicatedelete",
    "objectowneroverridetobucketowner",
    "bypassgovernanceretention",
    "putbucketpolicy",
    "deletebucketpolicy",
    "putbucketacl",
    "deletebucket",
    "putlifecycleconfiguration",
    "putencryptionconfiguration",
    "putbucketlogging",
];

/// What a policy grants beyond named principals. `None` where it is no policy.
pub fn grants(policy: &Value, bucket: &str) -> Option<Grants> {
    let statements: Vec<&Value> = match member(policy, "Statement")? {
        Value::Array(all) => all.iter().take(MAX_STATEMENTS).collect(),
        one @ Value::Object(_) => vec![one],
        _ => return None,
    };
    let mut grants = Grants::default();
    for (i, statement) in statements.iter().enumerate() {
        if !is(statement, "Effect", "Allow") || !reaches_everybody(statement) || !covers(statement, bucket) {
            continue;
        }
        let access = access(statement);
        let mut reach = audience(member(statement, "Condition").unwrap_or(&Value::Null));
        for deny in statements.iter().filter(|s| is(s, "Effect", "Deny") && denies(s, statement)) {
            let conditions = member(deny, "Condition").unwrap_or(&Value::Null);
            let without = conditions.as_object().is_none_or(serde_json::Map::is_empty);
            if without || spares_only_trusted(conditions) {
                reach = Audience::Restricted;
            } else if hits_the_anonymous(conditions) {
                reach = reach.min(Audience::AnyUser);
            }
        }
        if access.any() {
            let sid = member(statement, "Sid").and_then(Value::as_str).filter(|s| !s.is_empty());
            let which = sid.map_or_else(
                || format!("statement {}", i + 1),
                |sid| format!("statement '{}'", crate::facts::bounded(sid)),
            );
            let actions = actions(statement, "Action").or_else(|| actions(statement, "NotAction")).unwrap_or_default();
            grants.add(reach, access, format!("{which} allows {}", crate::facts::bounded(&actions.join(", "))));
        }
    }
    Some(grants)
}

/// A member by its name in any case: CloudTrail has it as it was sent.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

fn is(statement: &Value, name: &str, value: &str) -> bool {
    member(statement, name).and_then(Value::as_str) == Some(value)
}

/// Whether the statement's principal takes in callers who are not named. Everybody but some, which is what
/// `NotPrincipal` with Allow means, is everybody.
fn reaches_everybody(statement: &Value) -> bool {
    if let Some(principal) = member(statement, "Principal") {
        return star(principal);
    }
    member(statement, "NotPrincipal").is_some_and(|p| !star(p))
}

/// `"*"`, `{"AWS": "*"}`, `{"AWS": [..., "*"]}`: in a resource's policy these all mean everybody.
fn star(principal: &Value) -> bool {
    match principal {
        Value::String(s) => s == "*",
        Value::Object(kinds) => {
            kinds.iter().any(|(kind, who)| matches!(kind.as_str(), "AWS" | "*") && texts(who).iter().any(|w| w == "*"))
        }
        _ => false,
    }
}

/// Whether the statement's resources take in the bucket or any of its objects.
fn covers(statement: &Value, bucket: &str) -> bool {
    // One spelling of the bucket and of an object in each partition stands for all.
    let within = |pattern: &str| {
        let path = pattern.splitn(6, ':').nth(5).unwrap_or(if pattern == "*" { "*" } else { "" });
        let name = path.split('/').next().unwrap_or_default();
        WildMatch::new(name).matches(bucket) || WildMatch::new(path).matches(&format!("{bucket}/object"))
    };
    match (member(statement, "Resource"), member(statement, "NotResource")) {
        (Some(resources), _) => texts(resources).iter().any(|r| within(r)),
        // All but some: nothing is left only when what is left out is the whole bucket and all its objects.
        (None, Some(resources)) => {
            let all = texts(resources);
            !all.iter().any(|r| r == "*" || r.ends_with(":::*") || r.ends_with(&format!(":::{bucket}*")))
        }
        (None, None) => false,
    }
}

fn actions(statement: &Value, name: &str) -> Option<Vec<String>> {
    member(statement, name).map(|a| texts(a).into_iter().map(|t| t.to_ascii_lowercase()).collect())
}

/// Whether a pattern of actions takes in a call of S3.
fn takes_in(pattern: &str, call: &str) -> bool {
    match pattern.split_once(':') {
        Some((service, name)) => WildMatch::new(service).matches("s3") && WildMatch::new(name).matches(call),
        None => pattern == "*",
    }
}

/// What the statement's actions do.
fn access(statement: &Value) -> Access {
    let any = |calls: &[&str]| match (actions(statement, "Action"), actions(statement, "NotAction")) {
        (Some(patterns), _) => calls.iter().any(|c| patterns.iter().any(|p| takes_in(p, c))),
        (None, Some(patterns)) => calls.iter().any(|c| !patterns.iter().any(|p| takes_in(p, c))),
        (None, None) => false,
    };
    Access { read: any(&READS), write: any(&WRITES) }
}

/// Whether a Deny for everybody takes in all that an Allow grants.
fn denies(deny: &Value, allow: &Value) -> bool {
    let principals = member(deny, "Principal").is_some_and(star);
    let of = |statement: &Value, name: &str| member(statement, name).map(texts).unwrap_or_default();
    let (denied, allowed) = (actions(deny, "Action").unwrap_or_default(), actions(allow, "Action").unwrap_or_default());
    let all_actions = denied.iter().any(|d| d == "*" || d == "s3:*")
        || !allowed.is_empty() && allowed.iter().all(|a| denied.iter().any(|d| WildMatch::new(d).matches(a)));
    let (out, granted) = (of(deny, "Resource"), of(allow, "Resource"));
    let all_resources = out.iter().any(|r| r == "*")
        || !granted.is_empty() && granted.iter().all(|g| out.iter().any(|r| WildMatch::new(r).matches(g)));
    principals && all_actions && all_resources
}

#[cfg(test)]
#[path = "policy_cases.rs"]
mod cases;
