//! Access control lists: grants to S3's global groups (S3 user guide, "Access control list (ACL) overview").

use super::condition::texts;
use super::{Access, Audience, Grants};
use serde_json::Value;

/// The grants that are read of one ACL; S3 takes 100.
const MAX_GRANTS: usize = 200;

/// What a request's ACL grants beyond named accounts: the list, a canned ACL, or grant headers.
pub fn grants(request: &Value) -> Grants {
    let mut grants = Grants::default();
    let list = &request["AccessControlPolicy"]["AccessControlList"]["Grant"];
    let all: Vec<&Value> = match list {
        Value::Array(all) => all.iter().take(MAX_GRANTS).collect(),
        one @ Value::Object(_) => vec![one],
        _ => Vec::new(),
    };
    for grant in all {
        let uri = grant["Grantee"]["URI"].as_str().unwrap_or_default();
        add(&mut grants, uri, grant["Permission"].as_str().unwrap_or_default());
    }
    for canned in texts(&request["x-amz-acl"]) {
        let (audience, access) = match canned.as_str() {
            "public-read" => (Audience::Everybody, Access { read: true, write: false }),
            "public-read-write" => (Audience::Everybody, Access { read: true, write: true }),
            "authenticated-read" => (Audience::AnyUser, Access { read: true, write: false }),
            _ => continue,
        };
        grants.add(audience, access, format!("the canned ACL {canned}"));
    }
    for (header, permission) in [
        ("x-amz-grant-read", "READ"),
        ("x-amz-grant-write", "WRITE"),
        ("x-amz-grant-read-acp", "READ_ACP"),
        ("x-amz-grant-write-acp", "WRITE_ACP"),
        ("x-amz-grant-full-control", "FULL_CONTROL"),
    ] {
        for grantees in texts(&request[header]) {
            for grantee in grantees.split(',') {
                if let Some(uri) = grantee.trim().strip_prefix("uri=") {
                    add(&mut grants, uri.trim_matches('"'), permission);
                }
            }
        }
    }
    grants
}

fn add(grants: &mut Grants, uri: &str, permission: &str) {
    let audience = match uri.rsplit_once("/groups/global/") {
        Some((_, "AllUsers")) => Audience::Everybody,
        Some((_, "AuthenticatedUsers")) => Audience::AnyUser,
        _ => return,
    };
    let access = match permission {
        "READ" | "READ_ACP" => Access { read: true, write: false },
        "WRITE" | "WRITE_ACP" => Access { read: false, write: true },
        "FULL_CONTROL" => Access { read: true, write: true },
        _ => return,
    };
    let group = if audience == Audience::Everybody { "AllUsers" } else { "AuthenticatedUsers" };
    grants.add(audience, access, format!("the ACL grants {permission} to {group}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_canned_acls_and_headers() {
        let grant = |uri: &str, permission: &str| json!({"AccessControlPolicy": {"AccessControlList": {"Grant": [{"Grantee": {"xsi:type": "CanonicalUser", "ID": "x"}, "Permission": "FULL_CONTROL"}, {"Grantee": {"URI": uri}, "Permission": permission}]}}});
        const ALL: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
        const SIGNED_IN: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
        const LOGS: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
        for (name, request, everybody, any_user) in [
            ("read for all", grant(ALL, "READ"), (true, false), (false, false)),
            ("write for all", grant(ALL, "WRITE"), (false, true), (false, false)),
            ("ACL can be changed by all", grant(ALL, "WRITE_ACP"), (false, true), (false, false)),
            ("everything for signed-in", grant(SIGNED_IN, "FULL_CONTROL"), (false, false), (true, true)),
            ("log delivery", grant(LOGS, "WRITE"), (false, false), (false, false)),
            ("unknown permission", grant(ALL, "EXECUTE"), (false, false), (false, false)),
            (
                "single grant",
                json!({"AccessControlPolicy": {"AccessControlList": {"Grant": {"Grantee": {"URI": ALL}, "Permission": "READ"}}}}),
                (true, false),
                (false, false),
            ),
            ("canned", json!({"x-amz-acl": "public-read"}), (true, false), (false, false)),
            ("canned in a list", json!({"x-amz-acl": ["public-read-write"]}), (true, true), (false, false)),
            ("canned signed-in", json!({"x-amz-acl": "authenticated-read"}), (false, false), (true, false)),
            ("canned private", json!({"x-amz-acl": ["private"]}), (false, false), (false, false)),
            (
                "header",
                json!({"x-amz-grant-read": [format!("id=\"x\", uri=\"{ALL}\"")]}),
                (true, false),
                (false, false),
            ),
            (
                "header full control",
                json!({"x-amz-grant-full-control": format!("uri={SIGNED_IN}")}),
                (false, false),
                (true, true),
            ),
            ("nothing", json!({}), (false, false), (false, false)),
            ("no object", json!("public-read"), (false, false), (false, false)),
        ] {
            let g = grants(&request);
            assert_eq!((g.everybody.read, g.everybody.write), everybody, "{name}");
            assert_eq!((g.any_user.read, g.any_user.write), any_user, "{name}");
        }
    }
}
