//! What of a finding an investigation keeps. Findings change and go; a report stays what it was.

use picquet_api_model::InvestigationResourceType;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A finding, shortened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The finding's id.
    pub id: String,
    /// Its type.
    pub finding_type: String,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// 1.0 to 10.0.
    pub severity: f64,
    /// One line.
    pub title: String,
    /// `Instance`, `AccessKey`, ...
    pub resource_type: String,
    /// What the resource is called; empty when the finding does not say.
    pub resource: String,
    /// The same in the words of investigations.
    pub resource_kind: Option<InvestigationResourceType>,
    /// Whether it is archived.
    pub archived: bool,
    /// Whether it is a sample.
    pub sample: bool,
    /// Milliseconds since the epoch.
    pub first_seen: i64,
    /// Milliseconds since the epoch.
    pub last_seen: i64,
    /// How often it was seen.
    pub count: i64,
    /// Why it was raised.
    pub why: Option<String>,
    /// What was observed.
    pub observations: Vec<String>,
    /// What other findings may have in common with it.
    pub handles: Vec<Handle>,
}

/// A value that ties findings together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Handle {
    /// Where it stands in a finding.
    pub path: String,
    /// The value.
    pub value: String,
    /// Whether it names a resource or an identity, rather than something that was done.
    pub resource: bool,
}

/// Members that name a resource or an identity.
const RESOURCES: [&str; 9] = [
    "resource.instanceDetails.instanceId",
    "resource.accessKeyDetails.accessKeyId",
    "resource.accessKeyDetails.principalId",
    "resource.accessKeyDetails.userName",
    "resource.s3BucketDetails.name",
    "resource.eksClusterDetails.name",
    "resource.ecsClusterDetails.name",
    "resource.rdsDbInstanceDetails.dbInstanceIdentifier",
    "resource.lambdaDetails.functionName",
];
/// Members with the other side's address, which is looked for in all of them.
pub const ADDRESSES: [&str; 3] = [
    "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4",
    "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4",
    "service.action.portProbeAction.portProbeDetails.remoteIpDetails.ipAddressV4",
];
/// The member with a domain that was asked for.
pub const DOMAIN: &str = "service.action.dnsRequestAction.domain";
/// Values of one member that are looked for.
const MOST_VALUES: usize = 5;
/// Observations that are kept.
const MOST_OBSERVATIONS: usize = 10;
/// The longest text that is kept, in characters: that of a record's title (service model, `RecordTitle`).
const LONGEST: usize = 1024;

/// A text that is not longer than so many characters.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The texts at a path, lists looked through.
fn texts<'f>(finding: &'f Value, path: &str) -> Vec<&'f str> {
    let mut open = vec![finding];
    for name in path.split('.') {
        open = open
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(items) => items.iter().filter_map(|item| item.get(name)).collect::<Vec<_>>(),
                value => value.get(name).into_iter().collect(),
            })
            .collect();
    }
    open.into_iter().filter_map(Value::as_str).filter(|text| !text.is_empty()).collect()
}

fn millis(finding: &Value, pointer: &str) -> Option<i64> {
    let time: jiff::Timestamp = finding.pointer(pointer)?.as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}

impl Fact {
    /// Of a finding's JSON.
    pub fn of(finding: &Value) -> Self {
        let text = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let created = millis(finding, "/createdAt").unwrap_or(0);
        // The explanation is JSON within the JSON.
        let info: Value = serde_json::from_str(text("/service/additionalInfo/value")).unwrap_or_default();
        let observation = |o: &Value| {
            let text = |name: &str| o.get(name).and_then(Value::as_str);
            let (name, observed) = (text("name")?, text("observed")?);
            Some(match text("against") {
                Some(against) => shortened(&format!("{name}: {observed} (against {against})"), LONGEST),
                None => shortened(&format!("{name}: {observed}"), LONGEST),
            })
        };
        let observations = info.pointer("/picquet/observations").and_then(Value::as_array);
        let (resource, resource_kind) = resource(finding);
        let handle = |path: &&str, resource| {
            let path = (*path).to_owned();
            let values = texts(finding, &path).into_iter().take(MOST_VALUES);
            values.map(|v| Handle { path: path.clone(), value: v.to_owned(), resource }).collect::<Vec<_>>()
        };
        let mut handles: Vec<Handle> = RESOURCES.iter().flat_map(|path| handle(path, true)).collect();
        handles.extend(ADDRESSES.iter().chain([&DOMAIN]).flat_map(|path| handle(path, false)));
        Self {
            id: text("/id").to_owned(),
            finding_type: text("/type").to_owned(),
            account: text("/accountId").to_owned(),
            region: text("/region").to_owned(),
            severity: finding.get("severity").and_then(Value::as_f64).unwrap_or(0.0),
            title: shortened(text("/title"), LONGEST),
            resource_type: text("/resource/resourceType").to_owned(),
            resource,
            resource_kind,
            archived: finding.pointer("/service/archived").and_then(Value::as_bool).unwrap_or(false),
            sample: info.get("sample").and_then(Value::as_bool).unwrap_or(false),
            first_seen: millis(finding, "/service/eventFirstSeen").unwrap_or(created),
            last_seen: millis(finding, "/service/eventLastSeen").unwrap_or(created),
            count: finding.pointer("/service/count").and_then(Value::as_i64).unwrap_or(1),
            why: info.pointer("/picquet/why").and_then(Value::as_str).map(|why| shortened(why, LONGEST)),
            observations: observations.into_iter().flatten().filter_map(observation).take(MOST_OBSERVATIONS).collect(),
            handles,
        }
    }

    /// The addresses and domains of the other side.
    pub fn other_side(&self) -> impl Iterator<Item = &Handle> {
        self.handles.iter().filter(|handle| !handle.resource)
    }

    /// The first value of a member that ties findings together.
    pub fn value(&self, path: &str) -> Option<&str> {
        self.handles.iter().find(|handle| handle.path == path).map(|handle| handle.value.as_str())
    }
}

/// What a finding's resource is called, and what it is.
fn resource(finding: &Value) -> (String, Option<InvestigationResourceType>) {
    use InvestigationResourceType as Kind;
    let first = |path: &str| texts(finding, path).first().map(|text| (*text).to_owned()).unwrap_or_default();
    let kind = first("resource.resourceType");
    match kind.as_str() {
        "Instance" => (first("resource.instanceDetails.instanceId"), Some(Kind::Ec2Instance)),
        "S3Bucket" => (first("resource.s3BucketDetails.name"), Some(Kind::S3Bucket)),
        "EKSCluster" => (first("resource.eksClusterDetails.name"), Some(Kind::EksCluster)),
        "ECSCluster" => (first("resource.ecsClusterDetails.name"), Some(Kind::EcsCluster)),
        "RDSDBInstance" => (first("resource.rdsDbInstanceDetails.dbInstanceIdentifier"), Some(Kind::RdsInstance)),
        "Lambda" => (first("resource.lambdaDetails.functionName"), Some(Kind::LambdaFunction)),
        "AccessKey" => {
            let user = first("resource.accessKeyDetails.userName");
            let kind = match first("resource.accessKeyDetails.userType").as_str() {
                "IAMUser" => Kind::IamUser,
                "AssumedRole" | "Role" => Kind::IamRole,
                _ => Kind::IamAccessKey,
            };
            let id = if user.is_empty() { first("resource.accessKeyDetails.accessKeyId") } else { user };
            (id, Some(kind))
        }
        _ => (String::new(), None),
    }
}
