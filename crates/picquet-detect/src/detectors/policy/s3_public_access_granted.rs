//! A bucket is opened to anybody, or to any AWS user.

use crate::Env;
use crate::detectors::{ApiRule, Meta};
use crate::event::ApiEvent;
use crate::reduce::FactMap;
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "s3-public-access-granted",
    types: &["Policy:S3/BucketAnonymousAccessGranted", "Policy:S3/BucketPublicAccessGranted"],
    source: Source::Cloudtrail,
    detects: "",
    decides: "",
    benign: "",
};

/// The rule.
pub struct Rule;

impl ApiRule for Rule {
    fn apis(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn inspect(&self, event: &ApiEvent<'_>, env: &Env, out: &mut FactMap) {
        let _ = (event, env, out);
    }
}
