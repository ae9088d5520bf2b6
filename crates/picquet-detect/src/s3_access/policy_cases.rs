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
        ("no address: not understood", json!({"IpAddress": {"aws:SourceIp": "everywhere"}}), Restricted),
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
        ("a source bucket", json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::inventory-*"}}), AnyUser),
        ("any source ARN", json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}), AnyUser),
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
        ("no AWS service", json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}), AnyUser),
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
        ("an empty list", json!({"StringEquals": {"aws:SourceVpce": []}}), Restricted),
        ("an unknown operator", json!({"Sometimes": {"aws:SourceVpce": "vpce-1"}}), Restricted),
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

/// What a shorter reasoning gets wrong. `!` is for anything but this.
#[test]
fn subtleties() {
    let w = when;
    let one = |c: Value| json!({"Statement": allow(c)});
    let d = |change: Value| {
        let mut s = deny(json!({}));
        for (key, value) in change.as_object().unwrap() {
            match value {
                Value::Null => drop(s.as_object_mut().unwrap().remove(key)),
                value => s[key] = value.clone(),
            }
        }
        with_deny(s)
    };
    let cases: Vec<(&str, &str, Value)> = vec![
        // Deny forms
        (
            "deny: data perimeter (StringNotEqualsIfExists OrgID + BoolIfExists PrincipalIsAWSService false)",
            "none",
            d(
                json!({"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abc123"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}),
            ),
        ),
        (
            "deny: network perimeter (NotIpAddressIfExists + VPC IfExists + IsAWSService + ViaAWSService IfExists), anonymous shut out",
            "!anon",
            d(
                json!({"Condition":{"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringNotEqualsIfExists":{"aws:SourceVpc":"vpc-1a2b3c4d"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false","aws:ViaAWSService":"false"}}}),
            ),
        ),
        (
            "deny: NotPrincipal account",
            "none",
            d(json!({"Principal":null,"NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}})),
        ),
        ("deny: NotAction other", "none", d(json!({"Action":null,"NotAction":"s3:DeleteObject"}))),
        ("deny: Action casing S3:GetObject", "none", d(json!({"Action":"S3:GETOBJECT"}))),
        ("deny: NotResource other bucket", "none", d(json!({"Resource":null,"NotResource":"arn:aws:s3:::other/*"}))),
        ("deny: resource arn:aws:s3:::*", "none", d(json!({"Resource":"arn:aws:s3:::*"}))),
        (
            "deny: Null PrincipalArn true -> users remain",
            "user",
            d(json!({"Condition":{"Null":{"aws:PrincipalArn":"true"}}})),
        ),
        (
            "deny: Null PrincipalOrgID true -> users remain",
            "user",
            d(json!({"Condition":{"Null":{"aws:PrincipalOrgID":"true"}}})),
        ),
        (
            "deny: Null SourceVpce true -> any VPC endpoint passes",
            "anon",
            d(json!({"Condition":{"Null":{"aws:SourceVpce":"true"}}})),
        ),
        (
            "deny: StringNotLike PrincipalArn arn:aws:iam::* -> users remain",
            "user",
            d(json!({"Condition":{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::*"}}})),
        ),
        (
            "deny: StringNotLike userId list",
            "none",
            d(json!({"Condition":{"StringNotLike":{"aws:userId":["AROAEXAMPLEID12345678:*","111122223333"]}}})),
        ),
        ("deny: StringNotLike userId *", "anon", d(json!({"Condition":{"StringNotLike":{"aws:userId":"*"}}}))),
        (
            "deny: ForAnyValue:StringNotEquals OrgPaths (absent key: false)",
            "anon",
            d(json!({"Condition":{"ForAnyValue:StringNotLike":{"aws:PrincipalOrgPaths":"o-abc123/*"}}})),
        ),
        (
            "deny: ForAllValues:StringNotLike OrgPaths (absent: true)",
            "none",
            d(json!({"Condition":{"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-abc123/*"}}})),
        ),
        (
            "deny: VPCe AND TLS off",
            "anon",
            d(
                json!({"Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"},"Bool":{"aws:SecureTransport":"false"}}}),
            ),
        ),
        (
            "deny: two partial Denies cover two actions",
            "none",
            json!({"Statement":[allow(json!({"Action":["s3:GetObject","s3:PutObject"]})),{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"}]}),
        ),
        (
            "deny: Allow * on *, Deny s3:* on bucket + objects",
            "none",
            json!({"Statement":[allow(json!({"Action":"*","Resource":"*"})),{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}]}),
        ),
        (
            "deny: Allow Get*, Deny GetObject only -> other reads remain",
            "anon",
            json!({"Statement":[allow(json!({"Action":"s3:Get*"})),{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}),
        ),
        (
            "deny: PrincipalAccount",
            "none",
            d(json!({"Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}})),
        ),
        (
            "deny: unknown operator -> undecidable",
            "none",
            d(json!({"Condition":{"StringNotResembles":{"aws:SourceVpce":"vpce-1"}}})),
        ),
        ("deny: lower-case effect member casing", "none", d(json!({"Effect":null,"effect":"Deny"}))),
        // Allow conditions
        (
            "allow: PrincipalTag only -> any user can tag",
            "user",
            w(json!({"StringEquals":{"aws:PrincipalTag/team":"x"}})),
        ),
        (
            "allow: username -> any account may have that name",
            "user",
            w(json!({"StringEquals":{"aws:username":"alice"}})),
        ),
        (
            "allow: ArnLike any account one role name",
            "user",
            w(json!({"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Reader"}})),
        ),
        (
            "allow: PrincipalArn wildcard account list w/ fixed",
            "user",
            w(json!({"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/x","arn:aws:iam::*:role/y"]}})),
        ),
        (
            "allow: PrincipalArn fixed account, colon star",
            "none",
            w(json!({"StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:*"}})),
        ),
        (
            "allow: PrincipalArn IfExists (anonymous passes)",
            "anon",
            w(json!({"StringLikeIfExists":{"aws:PrincipalArn":"arn:aws:iam::111122223333:*"}})),
        ),
        (
            "allow: Null false + ForAllValues OrgID",
            "none",
            w(
                json!({"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-abc123"},"Null":{"aws:PrincipalOrgID":"false"}}),
            ),
        ),
        (
            "allow: ForAllValues:StringLike OrgPaths + Null false",
            "none",
            w(
                json!({"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-abc123/*"},"Null":{"aws:PrincipalOrgPaths":"false"}}),
            ),
        ),
        (
            "allow: StringEqualsIfExists VPCe + Null false",
            "none",
            w(json!({"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1a2b3c4d"},"Null":{"aws:SourceVpce":"false"}})),
        ),
        (
            "allow: VPCe negated ForAnyValue -> present but other: anon",
            "anon",
            w(json!({"ForAnyValue:StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}})),
        ),
        ("allow: MFA present", "user", w(json!({"Bool":{"aws:MultiFactorAuthPresent":"true"}}))),
        ("allow: TokenIssueTime", "user", w(json!({"DateGreaterThan":{"aws:TokenIssueTime":"2020-01-01T00:00:00Z"}}))),
        (
            "allow: FederatedProvider fixed account",
            "none",
            w(json!({"StringEquals":{"aws:FederatedProvider":"arn:aws:iam::111122223333:saml-provider/x"}})),
        ),
        (
            "allow: PrincipalServiceName",
            "none",
            w(json!({"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}})),
        ),
        (
            "allow: PrincipalServiceNamesList",
            "none",
            w(json!({"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":"cloudtrail.amazonaws.com"}})),
        ),
        (
            "allow: KMS key id fixed (S3 'meaning of public')",
            "none",
            json!({"Statement":[allow(json!({"Action":"s3:PutObject","Condition":{"StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:us-east-1:111122223333:key/1"}}}))]}),
        ),
        ("allow: VpceOrgID", "none", w(json!({"StringEquals":{"aws:VpceOrgID":"o-abc123"}}))),
        ("allow: VpceAccount", "none", w(json!({"StringEquals":{"aws:VpceAccount":"111122223333"}}))),
        (
            "allow: VpcSourceIp alone (private range any VPC has)",
            "anon",
            w(json!({"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/16"}})),
        ),
        (
            "allow: AccessPointNetworkOrigin Internet",
            "anon",
            w(json!({"StringEquals":{"s3:AccessPointNetworkOrigin":"Internet"}})),
        ),
        ("allow: ViaAWSService true -> users only", "user", w(json!({"Bool":{"aws:ViaAWSService":"true"}}))),
        ("allow: SourceVpce wildcard partial vpce-0*", "anon", w(json!({"StringLike":{"aws:SourceVpce":"vpce-0*"}}))),
        (
            "allow: policy variable in SourceAccount",
            "!none",
            w(json!({"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}})),
        ),
        ("allow: AccountId wildcard 1*", "user", w(json!({"StringLike":{"aws:PrincipalAccount":"1*"}}))),
        (
            "allow: PrincipalAccount not anonymous",
            "user",
            w(json!({"StringNotEquals":{"aws:PrincipalAccount":"anonymous"}})),
        ),
        ("allow: PrincipalType not Anonymous", "user", w(json!({"StringNotEquals":{"aws:PrincipalType":"Anonymous"}}))),
        ("allow: Null principalArn true (only anonymous)", "anon", w(json!({"Null":{"aws:PrincipalArn":"true"}}))),
        ("allow: Null SourceVpce false", "anon", w(json!({"Null":{"aws:SourceVpce":"false"}}))),
        ("allow: Null SourceAccount/SourceArn false (services)", "!anon", w(json!({"Null":{"aws:SourceArn":"false"}}))),
        ("allow: SourceIp /7", "anon", w(json!({"IpAddress":{"aws:SourceIp":"16.0.0.0/7"}}))),
        ("allow: SourceIp /8", "none", w(json!({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}))),
        ("allow: SourceIp v6 /16", "anon", w(json!({"IpAddress":{"aws:SourceIp":"2000::/16"}}))),
        ("allow: SourceIp garbage prefix v4 /99", "none", w(json!({"IpAddress":{"aws:SourceIp":"1.2.3.4/99"}}))),
        ("allow: SourceIp garbage text: undecidable", "none", w(json!({"IpAddress":{"aws:SourceIp":"everywhere"}}))),
        ("allow: StringLike SourceIp 203.0.113.*", "none", w(json!({"StringLike":{"aws:SourceIp":"203.0.113.*"}}))),
        ("allow: unknown operator: undecidable", "none", w(json!({"Sometimes":{"aws:SourceVpce":"vpce-1"}}))),
        ("allow: empty values never match", "none", w(json!({"StringEquals":{"aws:SourceVpce":[]}}))),
        ("allow: condition is not an object: undecidable", "none", w(json!("x"))),
        ("allow: StringEquals * is literal", "none", w(json!({"StringEquals":{"aws:SourceVpce":"*"}}))),
        ("allow: SourceOwner", "none", w(json!({"StringEquals":{"aws:SourceOwner":"111122223333"}}))),
        (
            "allow: DataAccessPointArn w/ fixed account",
            "none",
            w(json!({"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:111122223333:accesspoint/*"}})),
        ),
        (
            "allow: DataAccessPointAccount",
            "none",
            w(json!({"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}})),
        ),
        (
            "allow: IdP key cognito aud",
            "!anon",
            w(json!({"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:1"}})),
        ),
        // principals, actions, resources
        ("federated facebook (doc: public)", "user", one(json!({"Principal":{"Federated":"graph.facebook.com"}}))),
        ("NotPrincipal star", "none", one(json!({"Principal":null,"NotPrincipal":"*"}))),
        ("aws lower-case principal key", "anon", one(json!({"Principal":{"aws":"*"}}))),
        ("single-element list principal", "anon", one(json!({"Principal":{"AWS":["*"]}}))),
        ("uncommon action: GetObjectRetention", "anon", one(json!({"Action":"s3:GetObjectRetention"}))),
        ("uncommon action: GetObjectVersionTagging", "anon", one(json!({"Action":"s3:GetObjectVersionTagging"}))),
        (
            "uncommon action: GetBucketVersioning",
            "anon",
            one(json!({"Action":"s3:GetBucketVersioning","Resource":"arn:aws:s3:::b"})),
        ),
        (
            "uncommon action: PutBucketWebsite",
            "anon",
            one(json!({"Action":"s3:PutBucketWebsite","Resource":"arn:aws:s3:::b"})),
        ),
        (
            "uncommon action: PutBucketOwnershipControls",
            "anon",
            one(json!({"Action":"s3:PutBucketOwnershipControls","Resource":"arn:aws:s3:::b"})),
        ),
        (
            "uncommon action: PutBucketPublicAccessBlock",
            "anon",
            one(json!({"Action":"s3:PutBucketPublicAccessBlock","Resource":"arn:aws:s3:::b"})),
        ),
        ("uncommon action: PutObjectRetention", "anon", one(json!({"Action":"s3:PutObjectRetention"}))),
        ("uncommon action: ListMultipartUploadParts", "anon", one(json!({"Action":"s3:ListMultipartUploadParts"}))),
        ("object action on bucket ARN only", "none", one(json!({"Resource":"arn:aws:s3:::b"}))),
        ("bucket action on objects only", "none", one(json!({"Action":"s3:ListBucket"}))),
        ("resource single file", "anon", one(json!({"Resource":"arn:aws:s3:::b/index.html"}))),
        ("resource ends in .jpg", "anon", one(json!({"Resource":"arn:aws:s3:::b/*.jpg"}))),
        ("resource question mark path", "anon", one(json!({"Resource":"arn:aws:s3:::b/a?c/x"}))),
        ("resource b*/x (prefix wildcard)", "anon", one(json!({"Resource":"arn:aws:s3:::b*/x"}))),
        ("resource *", "anon", one(json!({"Resource":"*"}))),
        ("resource arn:aws:s3:::*/*", "anon", one(json!({"Resource":"arn:aws:s3:::*/*"}))),
        ("resource other service", "none", one(json!({"Resource":"arn:aws:sqs:::b/*"}))),
        ("resource bucket2 prefix", "none", one(json!({"Resource":"arn:aws:s3:::b2/*"}))),
        ("resource key containing colon", "anon", one(json!({"Resource":"arn:aws:s3:::b/a:c/*"}))),
        (
            "NotResource objects but bucket action",
            "none",
            one(json!({"Resource":null,"NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]})),
        ),
        ("NotResource one folder", "anon", one(json!({"Resource":null,"NotResource":"arn:aws:s3:::b/private/*"}))),
        (
            "variable in resource: anonymous has none",
            "user",
            json!({"Version":"2012-10-17","Statement":allow(json!({"Resource":"arn:aws:s3:::b/${aws:username}/*"}))}),
        ),
        ("both casings twice: ambiguous", "none", one(json!({"effect":"Deny"}))),
    ];
    for (name, want, policy) in cases {
        let got = match reach(&policy) {
            Some(Audience::Everybody) => "anon",
            Some(Audience::AnyUser) => "user",
            _ => "none",
        };
        match want.strip_prefix('!') {
            Some(not) => assert_ne!(got, not, "{name}"),
            None => assert_eq!(got, want, "{name}"),
        }
    }
}

/// A policy far larger than S3 takes ends in no answer, and soon.
#[test]
fn work_is_bounded() {
    let granted: Vec<String> = (0..400).map(|i| format!("arn:aws:s3:::b/{}{i}", "a".repeat(200))).collect();
    // Each takes long to fail, but for the last.
    let mut denied = vec![format!("arn:aws:s3:::b/{}b", "*a".repeat(100)); 400];
    denied.push("arn:aws:s3:::b/a*".to_owned());
    let denials = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": denied});
    assert_eq!(reach(&json!({"Statement": [allow(json!({"Resource": granted})), denials]})), None);
}

#[test]
fn a_reason_names_the_statement_and_why_its_conditions_do_not_help() {
    let statement = allow(json!({"Sid": "Open", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*"}}}));
    assert_eq!(
        grants(&json!({"Statement": statement}), "b").unwrap().reasons,
        ["statement 'Open' allows Principal * Action s3:GetObject Resource arn:aws:s3:::b/* although \
          aws:principalarn (StringLike arn:aws:iam::*): any AWS account can meet it"]
    );
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
