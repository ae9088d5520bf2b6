//! S3 Block Public Access is switched off, for a bucket or for the account.

use crate::Env;
use crate::detectors::{ApiRule, Meta, raise};
use crate::event::ApiEvent;
use crate::facts::signal::BucketDetail;
use crate::reduce::FactMap;
use picquet_model::finding::{BlockPublicAccess, BucketLevelPermissions, PermissionConfiguration, PublicAccess};
use picquet_model::{Explanation, Source};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "s3-block-public-access-disabled",
    types: &[
        "Policy:IAMUser/S3BlockPublicAccessDisabled",
        "Policy:S3/AccountBlockPublicAccessDisabled",
        "Policy:S3/BucketBlockPublicAccessDisabled",
    ],
    source: Source::Cloudtrail,
    detects: "S3 Block Public Access is switched off, wholly or in part.",
    decides: "The configuration is deleted, or put with any of its four switches off. The call must have succeeded.",
    benign: "A bucket that is meant to serve a public website.",
};

/// The rule.
pub struct Rule;

const S3: &str = "s3.amazonaws.com";

impl ApiRule for Rule {
    fn apis(&self) -> &'static [(&'static str, &'static str)] {
        &[
            (S3, "PutBucketPublicAccessBlock"),
            (S3, "DeleteBucketPublicAccessBlock"),
            (S3, "PutAccountPublicAccessBlock"),
            (S3, "DeleteAccountPublicAccessBlock"),
            (S3, "PutPublicAccessBlock"),
            (S3, "DeletePublicAccessBlock"),
        ]
    }

    fn inspect(&self, event: &ApiEvent<'_>, env: &Env, out: &mut FactMap) {
        if !event.succeeded() {
            return;
        }
        let api = event.record.event_name.as_ref();
        let switches = if api.starts_with("Delete") { BlockPublicAccess::default() } else { switches(event) };
        let off: Vec<&str> = [
            ("BlockPublicAcls", switches.block_public_acls),
            ("IgnorePublicAcls", switches.ignore_public_acls),
            ("BlockPublicPolicy", switches.block_public_policy),
            ("RestrictPublicBuckets", switches.restrict_public_buckets),
        ]
        .into_iter()
        .filter_map(|(name, on)| (!on).then_some(name))
        .collect();
        if off.is_empty() {
            return;
        }
        let bucket = if api.contains("Account") { None } else { event.bucket() };
        let what = bucket.as_ref().map_or_else(|| "the account".to_owned(), |b| format!("the bucket {b}"));
        let names: &[&str] = match bucket {
            Some(_) => &["Policy:S3/BucketBlockPublicAccessDisabled", "Policy:IAMUser/S3BlockPublicAccessDisabled"],
            None => &["Policy:S3/AccountBlockPublicAccessDisabled"],
        };
        for name in names {
            raise(
                (event, env, out),
                &META,
                name,
                &[event.principal(), bucket.as_deref().unwrap_or_default()],
                |d| {
                    d.buckets.extend(
                        bucket.clone().map(|name| BucketDetail { name, public_access: Some(unknown(switches)) }),
                    )
                },
                || {
                    Explanation::new(format!("{api} switched Block Public Access of {what} off."))
                        .observe("switches off", off.join(", "))
                },
            );
        }
    }
}

/// The switches that the request sets; one that it leaves out is off (S3 API reference,
/// PublicAccessBlockConfiguration).
fn switches(event: &ApiEvent<'_>) -> BlockPublicAccess {
    let config = event.record.request.and_then(|r| r.member("PublicAccessBlockConfiguration"));
    let on = |name: &str| config.and_then(|c| c.member(name)).and_then(|m| m.boolean()).unwrap_or(false);
    BlockPublicAccess {
        ignore_public_acls: on("IgnorePublicAcls"),
        restrict_public_buckets: on("RestrictPublicBuckets"),
        block_public_acls: on("BlockPublicAcls"),
        block_public_policy: on("BlockPublicPolicy"),
    }
}

/// What the call alone tells: the switches, but not whether anything grants public access.
fn unknown(switches: BlockPublicAccess) -> PublicAccess {
    PublicAccess {
        effective_permission: "UNKNOWN".into(),
        permission_configuration: Some(PermissionConfiguration {
            bucket_level_permissions: Some(BucketLevelPermissions {
                block_public_access: Some(switches),
                ..BucketLevelPermissions::default()
            }),
            account_level_permissions: None,
        }),
    }
}
