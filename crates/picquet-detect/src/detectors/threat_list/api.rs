//! API calls from listed addresses.

use super::{ByType, list_match, named};
use crate::Env;
use crate::detectors::{Meta, default_severity};
use crate::event::{ApiEvent, is_recon};
use crate::facts::signal::BucketDetail;
use crate::reduce::{ApiSignal, FactMap};
use picquet_intel::HitSet;
use picquet_intel::{Surface, finding_type};
use picquet_model::{Explanation, Source};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "threat-list-api",
    types: &[
        "Discovery:S3/MaliciousIPCaller",
        "Discovery:S3/MaliciousIPCaller.Custom",
        "Discovery:S3/TorIPCaller",
        "Exfiltration:S3/MaliciousIPCaller",
        "Impact:S3/MaliciousIPCaller",
        "Recon:IAMUser/MaliciousIPCaller",
        "Recon:IAMUser/MaliciousIPCaller.Custom",
        "Recon:IAMUser/TorIPCaller",
        "UnauthorizedAccess:IAMUser/MaliciousIPCaller",
        "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",
        "UnauthorizedAccess:IAMUser/TorIPCaller",
        "UnauthorizedAccess:S3/MaliciousIPCaller.Custom",
        "UnauthorizedAccess:S3/TorIPCaller",
    ],
    source: Source::Cloudtrail,
    detects: "API calls whose source address is on a threat list or is a Tor exit node.",
    decides: "The caller's address is looked up in all lists; trusted lists win. Management calls named List... or \
              Describe... count as reconnaissance, all others as access; S3 data events by what they do to objects. \
              Failed calls count. Calls made by AWS services do not.",
    benign: "Staff behind a VPN or proxy whose exit is listed; security scanners run on purpose. Put their addresses \
             on a trusted list.",
};

/// Looks at an event from a listed address.
pub(crate) fn inspect(event: &ApiEvent<'_>, ip: IpAddr, hits: HitSet, env: &Env, out: &mut FactMap) {
    let record = event.record;
    let s3 = event.is_s3_data();
    if s3 && (!env.tuning.detection.s3_data_events || is_anonymous(event)) {
        return;
    }
    if !s3 && record.category != picquet_logs::cloudtrail::Category::Management {
        return;
    }
    let surface = match s3 {
        true => s3_surface(&record.event_name),
        false if is_recon(&record.event_name) => Surface::ApiRead,
        false => Surface::ApiWrite,
    };
    let mut found = ByType::new();
    for hit in env.intel.hits(hits) {
        if let Some(t) = finding_type(hit.category, surface).filter(|t| env.tuning.raises(*t)) {
            found.entry(t).or_default().insert(list_match(&hit));
        }
    }
    let bucket = event.bucket();
    let principal = event.principal();
    for (finding_type, lists) in found {
        let key: &[&str] = if s3 { &[bucket.as_deref().unwrap_or_default(), principal] } else { &[principal] };
        let reason = format!("{} was called from {ip}, which is on the list {}.", record.event_name, named(&lists));
        let signal = ApiSignal {
            finding_type,
            detector: META.name,
            severity_tenths: default_severity(finding_type),
            key,
            lists,
            extra: BTreeMap::new(),
        };
        out.api_signal(
            event,
            signal,
            |d| d.buckets.extend(bucket.clone().map(|name| BucketDetail { name, public_access: None })),
            || Explanation::new(reason).observe("source address", ip).observe("API", &record.event_name),
        );
    }
}

/// Requests without credentials are not an identity's activity.
fn is_anonymous(event: &ApiEvent<'_>) -> bool {
    let id = &event.record.identity;
    id.kind.is_empty() || id.account_id == "ANONYMOUS_PRINCIPAL" || id.principal_id.is_empty() && id.arn.is_empty()
}

/// What an object-level call does.
fn s3_surface(api: &str) -> Surface {
    match api {
        "GetObject" | "CopyObject" | "SelectObjectContent" | "GetObjectTorrent" | "UploadPartCopy" => Surface::S3Read,
        _ if api.starts_with("Get") || api.starts_with("List") || api.starts_with("Head") => Surface::S3Discovery,
        _ => Surface::S3Write,
    }
}
