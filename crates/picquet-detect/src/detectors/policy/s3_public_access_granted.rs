//! A bucket is opened to everybody, or to any AWS user.

use crate::Env;
use crate::detectors::{ApiRule, Meta, raise};
use crate::event::ApiEvent;
use crate::facts::signal::BucketDetail;
use crate::reduce::FactMap;
use crate::s3_access::{Grants, acl, policy};
use picquet_model::finding::{BucketLevelPermissions, PermissionConfiguration, PublicAccess};
use picquet_model::{Explanation, Source};
use serde_json::Value;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "s3-public-access-granted",
    types: &["Policy:S3/BucketAnonymousAccessGranted", "Policy:S3/BucketPublicAccessGranted"],
    source: Source::Cloudtrail,
    detects: "A bucket's policy or ACL is set so that everybody, or any AWS user, can read or write.",
    decides: "The policy or ACL of the call is reasoned about as IAM would: principals, actions, resources, conditions \
              and denials. Conditions that anybody can meet (TLS, referer, 0.0.0.0/0) restrict nothing; networks, \
              endpoints, accounts and organizations do. The call must have succeeded. Block Public Access is not \
              known from the call and does not count.",
    benign: "A bucket that is meant to serve a public website, or one that Block Public Access still shields.",
};

/// The rule.
pub struct Rule;

const S3: &str = "s3.amazonaws.com";

impl ApiRule for Rule {
    fn apis(&self) -> &'static [(&'static str, &'static str)] {
        &[(S3, "PutBucketPolicy"), (S3, "PutBucketAcl"), (S3, "CreateBucket")]
    }

    fn inspect(&self, event: &ApiEvent<'_>, env: &Env, out: &mut FactMap) {
        let Some(bucket) = event.bucket().filter(|_| event.succeeded()) else { return };
        let Some(request) = event.record.request.and_then(|r| r.to_value()) else { return };
        let by_policy = event.record.event_name == "PutBucketPolicy";
        let grants = if by_policy {
            policy_of(&request).and_then(|p| policy::grants(&p, &bucket))
        } else {
            Some(acl::grants(&request))
        };
        let Some(grants) = grants.filter(|g| g.public().any()) else { return };
        let (name, who) = match grants.everybody.any() {
            true => (META.types[0], "everybody"),
            false => (META.types[1], "anybody with an AWS account"),
        };
        let api = event.record.event_name.as_ref();
        raise(
            (event, env, out),
            &META,
            name,
            &[event.principal(), api, &bucket],
            |d| {
                d.buckets
                    .push(BucketDetail { name: bucket.clone(), public_access: Some(public_access(&grants, by_policy)) })
            },
            || {
                let access = grants.public();
                let what = match (access.read, access.write) {
                    (true, true) => "read and write",
                    (true, false) => "read",
                    _ => "write",
                };
                Explanation::new(format!("{api} lets {who} {what} in the bucket {bucket}."))
                    .observe("granted by", grants.reasons.join("; "))
            },
        );
    }
}

/// The policy of the request, which CloudTrail writes as an object and some tools as text.
fn policy_of(request: &Value) -> Option<Value> {
    let policy = request.get("bucketPolicy").or_else(|| request.get("policy"))?;
    match policy {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => Some(other.clone()),
    }
}

/// What the call tells of public access. The effective permission is unknown: Block Public Access may stand
/// against it.
fn public_access(grants: &Grants, by_policy: bool) -> PublicAccess {
    let granted = Some(grants.public().into());
    let level = match by_policy {
        true => BucketLevelPermissions { bucket_policy: granted, ..BucketLevelPermissions::default() },
        false => BucketLevelPermissions { access_control_list: granted, ..BucketLevelPermissions::default() },
    };
    PublicAccess {
        effective_permission: "UNKNOWN".into(),
        permission_configuration: Some(PermissionConfiguration {
            bucket_level_permissions: Some(level),
            account_level_permissions: None,
        }),
    }
}
