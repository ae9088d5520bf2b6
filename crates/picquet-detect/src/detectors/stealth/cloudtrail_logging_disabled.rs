//! A trail is stopped, deleted or weakened, or its bucket is deleted.

use crate::detectors::{ApiRule, Meta, default_severity, raise, raised};
use crate::event::ApiEvent;
use crate::facts::key::KeyRef;
use crate::facts::signal::{BucketDetail, Detail, Role};
use crate::facts::{Class, Fact, FactKey, TrailFacts};
use crate::judge::{Context, Judge};
use crate::reduce::FactMap;
use crate::{Env, Signal, Str};
use picquet_logs::json::Raw;
use picquet_model::{Explanation, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "cloudtrail-logging-disabled",
    types: &["Stealth:IAMUser/CloudTrailLoggingDisabled"],
    source: Source::Cloudtrail,
    detects: "CloudTrail logging is stopped, deleted or weakened, or the bucket that receives a trail is deleted.",
    decides: "StopLogging; DeleteTrail; UpdateTrail that makes a trail regional or leaves global services out; \
              PutEventSelectors that leave all management events out; DeleteBucket of a bucket that a trail was seen \
              to use. The call must have succeeded.",
    benign: "Trails that are replaced by an organization trail.",
};

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const S3: &str = "s3.amazonaws.com";

/// The rule.
pub struct Rule;

impl ApiRule for Rule {
    fn apis(&self) -> &'static [(&'static str, &'static str)] {
        &[
            (CLOUDTRAIL, "StopLogging"),
            (CLOUDTRAIL, "DeleteTrail"),
            (CLOUDTRAIL, "UpdateTrail"),
            (CLOUDTRAIL, "PutEventSelectors"),
            (S3, "DeleteBucket"),
        ]
    }

    fn inspect(&self, event: &ApiEvent<'_>, env: &Env, out: &mut FactMap) {
        if !event.succeeded() {
            return;
        }
        let api = event.record.event_name.as_ref();
        let reason = match api {
            "StopLogging" => "stopped",
            "DeleteTrail" => "deleted",
            "UpdateTrail" if switched_off(event, "isMultiRegionTrail") => "limited to one region",
            "UpdateTrail" if switched_off(event, "includeGlobalServiceEvents") => "cut off from global services",
            "PutEventSelectors" if no_management_events(event) => "cut off from management events",
            "DeleteBucket" => return remember(event, out),
            _ => return,
        };
        let trail = event.parameter("name").or_else(|| event.parameter("trailName")).map(|n| crate::facts::bounded(&n));
        let trail = trail.unwrap_or_default();
        raise(
            (event, env, out),
            &META,
            META.types[0],
            &[event.principal(), api, &trail],
            |d| {
                d.affected.insert("AWS::CloudTrail::Trail".into(), trail.clone());
            },
            || Explanation::new(format!("The trail {trail} was {reason}.")).observe("trail", &trail),
        );
    }
}

fn switched_off(event: &ApiEvent<'_>, name: &str) -> bool {
    event.record.request.and_then(|r| r.member(name)).and_then(Raw::boolean) == Some(false)
}

/// Whether every event selector of the request leaves management events out.
fn no_management_events(event: &ApiEvent<'_>) -> bool {
    let Some(request) = event.record.request else { return false };
    let mut selectors = request.member("eventSelectors").into_iter().flat_map(Raw::elements).peekable();
    if selectors.peek().is_some() {
        return selectors.all(|s| s.member("includeManagementEvents").and_then(Raw::boolean) == Some(false));
    }
    let mut advanced = request.member("advancedEventSelectors").into_iter().flat_map(Raw::elements).peekable();
    advanced.peek().is_some() && advanced.all(|s| !selects_management(s))
}

/// Whether an advanced selector's `eventCategory` is `Management`.
fn selects_management(selector: Raw<'_>) -> bool {
    selector.member("fieldSelectors").into_iter().flat_map(Raw::elements).any(|field| {
        field.member_text("field").as_deref() == Some("eventCategory")
            && field
                .member("equals")
                .into_iter()
                .flat_map(Raw::elements)
                .any(|v| v.text().as_deref() == Some("Management"))
    })
}

/// Whether the deleted bucket received a trail is known only when everything has been read.
fn remember(event: &ApiEvent<'_>, out: &mut FactMap) {
    let Some(bucket) = event.bucket() else { return };
    let mut fact = TrailFacts::default();
    fact.deleted.insert((event.record.time, event.hash()), (bucket, event.region.into(), event.detail()));
    let key = KeyRef { account: event.account, hour: 0, class: Class::Trails, region: "", entity: "" };
    out.merge(key, Fact::Trails(fact));
}

/// Judges deletions of buckets against the buckets that trails use.
pub struct LogBucket;

impl Judge for LogBucket {
    fn class(&self) -> Class {
        Class::Trails
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let (Fact::Trails(trails), Some(finding_type)) = (fact, raised(cx.env, META.types[0])) else { return };
        for (&(time, hash), (bucket, region, call)) in &trails.deleted {
            if trails.buckets.get(bucket).is_none_or(|&seen| seen > time) {
                continue;
            }
            let mut detail = call.clone();
            detail.buckets.push(BucketDetail { name: bucket.clone(), public_access: None });
            out.push(Signal {
                finding_type,
                detector: META.name.into(),
                role: Role::Target,
                severity_tenths: default_severity(finding_type),
                account: key.account.clone(),
                region: region.clone(),
                global: false,
                key: vec![call.principal.clone(), "DeleteBucket".into(), bucket.clone()],
                count: 1,
                first: time,
                last: time,
                hash,
                detail: Detail::Api(detail),
                lists: BTreeSet::new(),
                apis: BTreeMap::from([(Str::from("DeleteBucket"), 1)]),
                extra: BTreeMap::new(),
                explanation: Explanation::new(format!("The bucket {bucket}, which receives a trail, was deleted.")),
            });
        }
    }
}
