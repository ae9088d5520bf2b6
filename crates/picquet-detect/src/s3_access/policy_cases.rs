//! The table of cases: a statement or policy and who it lets in.

use super::grants;
use crate::s3_access::Audience;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The widest audience of a policy on the bucket `b`.
fn reach(policy: &Value) -> Option<Audience> {
    let g = grants(policy, "b")?;
    Some(match (g.everybody.any(), g.any_user.any()) {
        (true, _) => Audience::Everybody,
        (false, true) => Audience::AnyUser,
        (false, false) => Audience::Restricted,
    })
}

/// An Allow for everybody to get objects of `b`, with members of its own.
fn allow(change: Value) -> Value {
    let mut s = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    for (key, value) in change.as_object().unwrap() {
        if value.is_null() {
            s.as_object_mut().unwrap().remove(key);
        } else {
            s[key] = value.clone();
        }
    }
    s
}

fn when(condition: Value) -> Value {
    json!({"Statement": [allow(json!({"Condition": condition}))]})
}

fn with_deny(deny: Value) -> Value {
    json!({"Statement": [allow(json!({})), deny]})
}

fn deny(condition: Value) -> Value {
    json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": condition})
}

#[test]
fn principals_actions_and_resources() {
    use Audience::*;
    let one = |change: Value| json!({"Statement": allow(change)});
    for (name, policy, want) in [
        ("everybody", one(json!({})), Everybody),
        ("AWS star", one(json!({"Principal": {"AWS": "*"}})), Everybody),
        ("AWS star in a list", one(json!({"Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}})), Everybody),
        ("an account", one(json!({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}})), Restricted),
        ("a service", one(json!({"Principal": {"Service": "cloudfront.amazonaws.com"}})), Restricted),
        ("a canonical user", one(json!({"Principal": {"CanonicalUser": "79a59d"}})), Restricted),
        (
            "everybody but one",
            one(json!({"Principal": null, "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/a"}})),
            Everybody,
        ),
        ("no principal", one(json!({"Principal": null})), Restricted),
        ("deny", one(json!({"Effect": "Deny"})), Restricted),
        ("a list of statements", json!({"Statement": [allow(json!({}))]}), Everybody),
        (
            "lower-case members",
            json!({"statement": [{"effect": "Allow", "principal": "*", "action": "s3:getobject", "resource": "arn:aws:s3:::b/*"}]}),
            Everybody,
        ),
        ("all actions", one(json!({"Action": "s3:*"})), Everybody),
        ("all of everything", one(json!({"Action": "*", "Resource": "*"})), Everybody),
        ("wildcard action", one(json!({"Action": "s3:Get*"})), Everybody),
        ("several actions", one(json!({"Action": ["s3:PutObject", "s3:ListBucket"]})), Everybody),
        ("another service", one(json!({"Action": "sqs:SendMessage"})), Restricted),
        ("all but deleting", one(json!({"Action": null, "NotAction": "s3:Delete*"})), Everybody),
        ("all but everything", one(json!({"Action": null, "NotAction": "s3:*"})), Restricted),
        ("another bucket", one(json!({"Resource": "arn:aws:s3:::other/*"})), Restricted),
        ("the bucket itself", one(json!({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"})), Everybody),
        ("a folder", one(json!({"Resource": "arn:aws:s3:::b/public/*"})), Everybody),
        ("another partition", one(json!({"Resource": "arn:aws-cn:s3:::b/*"})), Everybody),
        ("wildcard bucket", one(json!({"Resource": "arn:aws:s3:::*"})), Everybody),
        ("all resources but another", one(json!({"Resource": null, "NotResource": "arn:aws:s3:::other/*"})), Everybody),
        ("all resources but all", one(json!({"Resource": null, "NotResource": "*"})), Restricted),
        ("no resource", one(json!({"Resource": null})), Restricted),
    ] {
        assert_eq!(reach(&policy), Some(want), "{name}");
    }
    assert_eq!(reach(&json!({"Version": "2012-10-17"})), None);
    assert_eq!(reach(&json!("text")), None);
}

#[test]
fn conditions() {
    use Audience::*;
    for (name, condition, want) in [
        ("none", json!({}), Everybody),
        ("an address", json!({"IpAddress": {"aws:SourceIp": "203.0.113.7"}}), Restricted),
        ("a block", json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}), Restricted),
        ("all addresses", json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), Everybody),
        ("half of all addresses", json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}), Everybody),
        ("a block and all", json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}}), Everybody),
        ("all but a block", json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), Everybody),
        ("no address", json!({"IpAddress": {"aws:SourceIp": "everywhere"}}), Everybody),
        ("an endpoint", json!({"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}), Restricted),
        ("any endpoint", json!({"StringLike": {"aws:sourceVpce": "vpce-*"}}), Everybody),
        ("an endpoint, if any", json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}}), Everybody),
        ("a VPC", json!({"StringEquals": {"aws:SourceVpc": "vpc-111bbb22"}}), Restricted),
        ("not a VPC", json!({"StringNotEquals": {"aws:SourceVpc": "vpc-111bbb22"}}), Everybody),
        ("an organization", json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}), Restricted),
        ("any organization", json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), AnyUser),
        ("an account", json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}), Restricted),
        ("a source account", json!({"StringEquals": {"aws:SourceAccount": ["111122223333"]}}), Restricted),
        (
            "a source ARN",
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/*"}}),
            Restricted,
        ),
        ("a source bucket", json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::inventory-*"}}), Restricted),
        ("any source ARN", json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}), Everybody),
        ("the tester's case", json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*"}}), AnyUser),
        ("any principal", json!({"StringLike": {"aws:PrincipalArn": "*"}}), AnyUser),
        (
            "principals of an account",
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
            Restricted,
        ),
        ("a principal must be named", json!({"Null": {"aws:PrincipalArn": "false"}}), AnyUser),
        ("no principal may be named", json!({"Null": {"aws:PrincipalArn": true}}), Everybody),
        ("a user id", json!({"StringLike": {"aws:userId": "AROAEXAMPLEID:*"}}), Restricted),
        ("signed-in kinds", json!({"StringEquals": {"aws:PrincipalType": ["AssumedRole", "User"]}}), AnyUser),
        ("the anonymous kind", json!({"StringEquals": {"aws:PrincipalType": "Anonymous"}}), Everybody),
        ("an AWS service", json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}), Restricted),
        ("no AWS service", json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}), Everybody),
        ("TLS", json!({"Bool": {"aws:SecureTransport": "true"}}), Everybody),
        ("a referer", json!({"StringLike": {"aws:Referer": "https://www.example.com/*"}}), Everybody),
        ("a user agent", json!({"StringEquals": {"aws:UserAgent": "secret"}}), Everybody),
        ("a date", json!({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}), Everybody),
        ("a prefix", json!({"StringLike": {"s3:prefix": "public/*"}}), Everybody),
        ("an ACL", json!({"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}), Everybody),
        (
            "TLS and an organization",
            json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}),
            Restricted,
        ),
        (
            "two keys of one operator",
            json!({"StringEquals": {"aws:Referer": "x", "aws:SourceVpce": "vpce-1a2b3c4d"}}),
            Restricted,
        ),
        (
            "for any value",
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc123/r-ab12/*"}}),
            Restricted,
        ),
        ("for all values", json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}), Everybody),
        ("an empty list", json!({"StringEquals": {"aws:SourceVpce": []}}), Everybody),
        ("an unknown operator", json!({"Sometimes": {"aws:SourceVpce": "vpce-1"}}), Everybody),
    ] {
        assert_eq!(reach(&when(condition)), Some(want), "{name}");
    }
}

#[test]
fn denials() {
    use Audience::*;
    for (name, policy, want) in [
        ("of everything", with_deny(deny(json!({}))), Restricted),
        ("without TLS", with_deny(deny(json!({"Bool": {"aws:SecureTransport": "false"}}))), Everybody),
        (
            "but from an endpoint",
            with_deny(deny(json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}))),
            Restricted,
        ),
        (
            "but from a network",
            with_deny(deny(json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))),
            Restricted,
        ),
        ("but from all networks", with_deny(deny(json!({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))), Everybody),
        (
            "but of an organization",
            with_deny(deny(json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abc123"}}))),
            Restricted,
        ),
        (
            "but from a network or endpoint",
            with_deny(deny(
                json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
            )),
            Restricted,
        ),
        ("from one network", with_deny(deny(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))), Everybody),
        ("of the anonymous", with_deny(deny(json!({"StringEquals": {"aws:PrincipalType": "Anonymous"}}))), AnyUser),
        (
            "of other actions",
            with_deny(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "*"})),
            Everybody,
        ),
        (
            "of the same action",
            with_deny(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "*"})),
            Restricted,
        ),
        (
            "of a folder",
            with_deny(
                json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/private/*"}),
            ),
            Everybody,
        ),
        (
            "of one principal",
            with_deny(
                json!({"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:*", "Resource": "*"}),
            ),
            Everybody,
        ),
    ] {
        assert_eq!(reach(&policy), Some(want), "{name}");
    }
}

#[test]
fn reading_and_writing_are_told_apart() {
    for (action, want) in [
        ("s3:GetObject", (true, false)),
        ("s3:PutObject", (false, true)),
        ("s3:*", (true, true)),
        ("s3:*Acl", (true, true)),
        ("s3:DeleteBucketPolicy", (false, true)),
    ] {
        let g = grants(
            &json!({"Statement": allow(json!({"Action": action, "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}))}),
            "b",
        )
        .unwrap();
        assert_eq!((g.everybody.read, g.everybody.write), want, "{action}");
    }
}

fn arbitrary() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("Statement"),
        Just("Effect"),
        Just("Allow"),
        Just("Deny"),
        Just("Principal"),
        Just("*"),
        Just("AWS"),
        Just("Action"),
        Just("s3:Get*"),
        Just("Resource"),
        Just("arn:aws:s3:::b/*"),
        Just("Condition"),
        Just("StringLike"),
        Just("aws:SourceIp"),
        Just("/8"),
    ]
    .prop_map(str::to_owned);
    let text = prop_oneof![word, ".*"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text.clone().prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(text.clone(), inner, 0..5).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(policy in arbitrary()) {
        let _ = grants(&json!({"Statement": policy.clone()}), "b");
        let _ = grants(&policy, "b");
        let _ = crate::s3_access::acl::grants(&policy);
    }
}
