//! A bucket's server access logging is switched off.

use crate::Env;
use crate::detectors::{ApiRule, Meta, raise};
use crate::event::ApiEvent;
use crate::facts::signal::BucketDetail;
use crate::reduce::FactMap;
use picquet_model::{Explanation, Source};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "s3-access-logging-disabled",
    types: &["Stealth:IAMUser/S3ServerAccessLoggingDisabled", "Stealth:S3/ServerAccessLoggingDisabled"],
    source: Source::Cloudtrail,
    detects: "Server access logging of a bucket is switched off.",
    decides: "PutBucketLogging with a status that names no target. The call must have succeeded.",
    benign: "Infrastructure code that writes an empty status to buckets that never logged.",
};

/// The rule.
pub struct Rule;

impl ApiRule for Rule {
    fn apis(&self) -> &'static [(&'static str, &'static str)] {
        &[("s3.amazonaws.com", "PutBucketLogging")]
    }

    fn inspect(&self, event: &ApiEvent<'_>, env: &Env, out: &mut FactMap) {
        let status = event.record.request.and_then(|r| r.member("BucketLoggingStatus"));
        let on = status.is_some_and(|s| s.member("LoggingEnabled").is_some_and(|l| l.member("TargetBucket").is_some()));
        let Some(bucket) = event.bucket().filter(|_| event.succeeded() && !on) else { return };
        for name in META.types {
            raise(
                (event, env, out),
                &META,
                name,
                &[event.principal(), "PutBucketLogging", &bucket],
                |d| d.buckets.push(BucketDetail { name: bucket.clone(), public_access: None }),
                || Explanation::new(format!("Server access logging of the bucket {bucket} was switched off.")),
            );
        }
    }
}
