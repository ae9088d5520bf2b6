//! Access control lists: grants to S3's global groups (S3 user guide, "Access control list (ACL) overview").

use super::{Access, Audience, Grants};
use serde_json::Value;

/// The grants that are read of one ACL; S3 takes 100.
const MAX_GRANTS: usize = 200;

/// What a request's ACL grants beyond named accounts: the list, a canned ACL, or grant headers, which CloudTrail
/// writes beside the other parameters or under `accessControlList`.
pub fn grants(request: &Value) -> Grants {
    let mut grants = Grants::default();
    let list = path(request, &["AccessControlPolicy", "AccessControlList", "Grant"]);
    for grant in each(list).take(MAX_GRANTS) {
        let text = |names: &[&str]| path(grant, names).and_then(Value::as_str).unwrap_or_default();
        add(&mut grants, text(&["Grantee", "URI"]), text(&["Permission"]));
    }
    for headers in [Some(request), path(request, &["accessControlList"])].into_iter().flatten() {
        for canned in each(path(headers, &["x-amz-acl"])).filter_map(Value::as_str) {
            let (audience, access) = match canned {
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
            let grantees = each(path(headers, &[header])).filter_map(Value::as_str).flat_map(|g| g.split(','));
            for (kind, who) in grantees.take(MAX_GRANTS).filter_map(|g| g.split_once('=')) {
                if kind.trim().eq_ignore_ascii_case("uri") {
                    add(&mut grants, who.trim().trim_matches('"'), permission);
                }
            }
        }
    }
    grants
}

/// A value by the names on the way to it, in any case.
fn path<'v>(value: &'v Value, names: &[&str]) -> Option<&'v Value> {
    names.iter().try_fold(value, |value, name| {
        value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    })
}

/// The elements of a list, or the one value that stands for a list of one.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let all = match value {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    all.iter()
}

fn add(grants: &mut Grants, uri: &str, permission: &str) {
    let group = uri.split_once("://acs.amazonaws.com/groups/global/").map(|(_, group)| group);
    let audience = match group {
        Some("AllUsers") => Audience::Everybody,
        Some("AuthenticatedUsers") => Audience::AnyUser,
        _ => return,
    };
    let access = match permission {
        "READ" | "READ_ACP" => Access { read: true, write: false },
        "WRITE" | "WRITE_ACP" => Access { read: false, write: true },
        "FULL_CONTROL" => Access { read: true, write: true },
        _ => return,
    };
    let group = group.unwrap_or_default();
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
            (
                "header under accessControlList",
                json!({"accessControlList": {"x-amz-grant-read": format!("URI = \"{ALL}\"")}}),
                (true, false),
                (false, false),
            ),
            (
                "a group of somebody else",
                json!({"x-amz-grant-read": "uri=\"http://example.com/groups/global/AllUsers\""}),
                (false, false),
                (false, false),
            ),
            ("any case", json!({"X-Amz-Acl": "public-read"}), (true, false), (false, false)),
            ("nothing", json!({}), (false, false), (false, false)),
            ("no object", json!("public-read"), (false, false), (false, false)),
        ] {
            let g = grants(&request);
            assert_eq!((g.everybody.read, g.everybody.write), everybody, "{name}");
            assert_eq!((g.any_user.read, g.any_user.write), any_user, "{name}");
        }
    }
}
