//! The types that GuardDuty had before `AnomalousBehavior`: the first call of a kind by a principal.

use super::profile::Dim;
use super::score::Against;
use super::session::{Seen, Sight};
use super::{explain, moment};
use crate::Signal;
use crate::detectors::{Meta, raised};
use crate::facts::FactKey;
use crate::judge::Context;
use picquet_model::{Explanation, Source};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "first-call",
    types: &[
        "Behavior:IAMUser/InstanceLaunchUnusual",
        "Discovery:S3/BucketEnumeration.Unusual",
        "Exfiltration:S3/ObjectRead.Unusual",
        "Impact:S3/ObjectDelete.Unusual",
        "Impact:S3/PermissionsModification.Unusual",
        "Persistence:IAMUser/NetworkPermissions",
        "Persistence:IAMUser/ResourcePermissions",
        "Persistence:IAMUser/UserPermissions",
        "Recon:IAMUser/NetworkPermissions",
        "Recon:IAMUser/ResourcePermissions",
        "Recon:IAMUser/UserPermissions",
        "ResourceConsumption:IAMUser/ComputeResources",
        "Stealth:IAMUser/LoggingConfigurationModified",
        "UnauthorizedAccess:IAMUser/ConsoleLogin",
        "UnauthorizedAccess:IAMUser/UnusualASNCaller",
    ],
    source: Source::Cloudtrail,
    detects: "A principal makes a call of a kind that it never made: changes of permissions, networks or logging, \
              enumeration, launches, log-ins, or calls from another network.",
    decides: "The APIs, networks and agents of a principal are remembered for 90 days. A call of a kind of which the \
              principal made none, once it is known for three days and the account for seven, is reported. These types \
              are retired and raised only with retired_types.",
    benign: "Any new duty of a person or role: that is why GuardDuty retired these types for a model.",
};

/// The type of the first call of a kind (GuardDuty user guide, "Retired finding types").
fn kind(api: &str) -> Option<&'static str> {
    let (service, name) = api.split_once(':')?;
    let begins = |beginnings: &[&str]| beginnings.iter().any(|b| name.starts_with(b));
    let changes =
        begins(&["Create", "Put", "Attach", "Update", "Add", "Authorize", "Replace", "Modify", "Delete", "Detach"]);
    let reads = begins(&["Describe", "List", "Get"]);
    let about = |words: &[&str]| words.iter().any(|w| name.contains(w));
    Some(match service {
        "ec2" if name == "RunInstances" => "ResourceConsumption:IAMUser/ComputeResources",
        "ec2" if changes && about(&["SecurityGroup", "NetworkAcl", "Route"]) => {
            "Persistence:IAMUser/NetworkPermissions"
        }
        "ec2" if reads && about(&["SecurityGroup", "NetworkAcl", "RouteTables", "DescribeInstances"]) => {
            "Recon:IAMUser/NetworkPermissions"
        }
        "iam" if changes && about(&["User", "Group", "Policy", "Role", "AccessKey", "LoginProfile"]) => {
            "Persistence:IAMUser/UserPermissions"
        }
        "iam" if reads && about(&["User", "Group", "Role", "InstanceProfile", "Polic"]) => {
            "Recon:IAMUser/UserPermissions"
        }
        "cloudtrail" if matches!(name, "StopLogging" | "DeleteTrail" | "UpdateTrail" | "PutEventSelectors") => {
            "Stealth:IAMUser/LoggingConfigurationModified"
        }
        "s3" if matches!(name, "PutBucketPolicy" | "PutBucketAcl" | "DeleteBucketPolicy") => {
            "Persistence:IAMUser/ResourcePermissions"
        }
        "s3" if matches!(name, "GetBucketPolicy" | "GetBucketAcl") => "Recon:IAMUser/ResourcePermissions",
        "s3" if matches!(name, "ListObjects" | "ListObjectVersions") => "Discovery:S3/BucketEnumeration.Unusual",
        "s3" if matches!(name, "GetObject" | "CopyObject" | "SelectObjectContent") => {
            "Exfiltration:S3/ObjectRead.Unusual"
        }
        "s3" if matches!(name, "DeleteObject" | "DeleteObjects") => "Impact:S3/ObjectDelete.Unusual",
        "s3" if matches!(name, "PutObjectAcl" | "PutObjectVersionAcl") => "Impact:S3/PermissionsModification.Unusual",
        _ if changes && name.ends_with("ResourcePolicy") => "Persistence:IAMUser/ResourcePermissions",
        _ if reads && name.ends_with("ResourcePolicy") => "Recon:IAMUser/ResourcePermissions",
        _ => return None,
    })
}

/// Whether an address type of S3 objects stands for a bucket.
fn of_bucket(name: &str) -> bool {
    name.contains(":S3/")
}

/// Looks at an hour of a principal that is known.
pub(super) fn judge(
    key: &FactKey,
    sights: &[Sight<'_>],
    against: &Against<'_>,
    cx: &Context<'_>,
    out: &mut Vec<Signal>,
) {
    let Some(profile) = against.profile.filter(|p| p.is_mature(against.hour)) else { return };
    let known = |dim: Dim, value: &str| profile.habit(dim).get(value).is_some_and(|u| !u.is_new(against.hour));
    for sight in sights.iter().filter(|s| !s.trusted) {
        let elsewhere = !sight.place.network.is_empty() && !known(Dim::Network, &sight.place.network);
        for seen in &sight.calls {
            if let Some(name) = kind(&seen.called.call.api) {
                let of_kind = |u: &super::profile::Use| !u.is_new(against.hour) && kind(&u.name) == Some(name);
                if !profile.habit(Dim::Api).uses.iter().any(of_kind) {
                    let why = format!("{} is the first call of its kind by this principal", seen.called.call.api);
                    push(key, seen, name, why, cx, out);
                    if name == "ResourceConsumption:IAMUser/ComputeResources" {
                        let why = "this principal never launched an instance".to_owned();
                        push(key, seen, "Behavior:IAMUser/InstanceLaunchUnusual", why, cx, out);
                    }
                }
            }
            let login = seen.called.call.api == "signin:ConsoleLogin";
            let agent = sight.agents.iter().any(|a| !known(Dim::Agent, a));
            if login && (elsewhere || agent) {
                let why = "this principal never signed in so: its network or user agent is new".to_owned();
                push(key, seen, "UnauthorizedAccess:IAMUser/ConsoleLogin", why, cx, out);
            }
            if elsewhere && !seen.is_data() {
                let why = format!("this principal never called from {}", sight.place.network);
                push(key, seen, "UnauthorizedAccess:IAMUser/UnusualASNCaller", why, cx, out);
            }
        }
    }
}

fn push(key: &FactKey, seen: &Seen<'_>, name: &str, why: String, cx: &Context<'_>, out: &mut Vec<Signal>) {
    let Some(finding_type) = raised(cx.env, name) else { return };
    let time = moment(key.hour, seen.used.latest.0);
    if !cx.env.covers(time) {
        return;
    }
    let why = Explanation::new(format!("In the days that are known, {why}."))
        .observe("API", &seen.called.call.api)
        .observe("source", &seen.caller.visit.source);
    out.push(explain::plain(key, seen, &META, finding_type, of_bucket(name), why));
}
