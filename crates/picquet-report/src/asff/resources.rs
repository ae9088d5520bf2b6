//! The resources of a finding, in ASFF.

use super::ID;
use crate::view::present;
use picquet_model::Finding;
use picquet_model::finding::{AccessKeyDetails, InstanceDetails, S3BucketDetail};
use serde_json::{Map, Value, json};

/// A finding may name 32 resources.
const MOST: usize = 32;

/// The affected resource first, then the others; the account where nothing else is known.
pub(super) fn resources(finding: &Finding) -> Value {
    let resource = &finding.resource;
    let instance = resource.instance_details.as_ref().and_then(|i| instance(finding, i));
    let key = resource.access_key_details.as_ref().and_then(|k| access_key(finding, k));
    let buckets = resource.s3_bucket_details.iter().filter_map(|b| bucket(finding, b));
    let mut list: Vec<Value> = match resource.resource_type.as_str() {
        "S3Bucket" => buckets.chain(key).chain(instance).collect(),
        "AccessKey" => key.into_iter().chain(instance).chain(buckets).collect(),
        _ => instance.into_iter().chain(key).chain(buckets).collect(),
    };
    list.truncate(MOST);
    if list.is_empty() {
        list.push(one(finding, "AwsAccount", &format!("AWS::::Account:{}", finding.account_id), Value::Null));
    }
    if let Some(first) = list.first_mut() {
        first["ResourceRole"] = json!(if finding.service.resource_role == "ACTOR" { "Actor" } else { "Target" });
    }
    list.into()
}

fn one(finding: &Finding, kind: &str, id: &str, details: Value) -> Value {
    // The three that ASFF knows.
    let partition = Some(finding.partition.as_str()).filter(|p| matches!(*p, "aws" | "aws-cn" | "aws-us-gov"));
    let details = if details.is_null() { Value::Null } else { json!({ kind: details }) };
    json!({
        "Type": kind,
        "Id": super::clip(id, ID),
        "Partition": partition,
        "Region": finding.region,
        "Details": details,
    })
}

fn instance(finding: &Finding, i: &InstanceDetails) -> Option<Value> {
    let eni = i.network_interfaces.first();
    let (partition, region, account) = (&finding.partition, &finding.region, &finding.account_id);
    let arn = |kind: &str, id: &str| format!("arn:{partition}:ec2:{region}:{account}:{kind}/{id}");
    let Some(id) = present(&i.instance_id) else {
        // What is not known to be an instance is an interface at least.
        let id = eni.and_then(|e| present(&e.network_interface_id))?;
        let details = json!({"NetworkInterfaceId": id});
        return Some(one(finding, "AwsEc2NetworkInterface", &arn("network-interface", id), details));
    };
    let v4: Vec<_> = i
        .network_interfaces
        .iter()
        .flat_map(|e| [present(&e.public_ip), present(&e.private_ip_address)])
        .flatten()
        .collect();
    let v6: Vec<_> = i.network_interfaces.iter().flat_map(|e| &e.ipv6_addresses).collect();
    let enis: Vec<_> =
        i.network_interfaces.iter().map(|e| json!({"NetworkInterfaceId": e.network_interface_id})).collect();
    let details = json!({
        "Type": i.instance_type,
        "ImageId": i.image_id,
        "IpV4Addresses": v4,
        "IpV6Addresses": v6,
        "IamInstanceProfileArn": i.iam_instance_profile.as_ref().and_then(|p| p.arn.as_ref()),
        "VpcId": eni.and_then(|e| e.vpc_id.as_ref()),
        "SubnetId": eni.and_then(|e| e.subnet_id.as_ref()),
        "LaunchedAt": i.launch_time,
        "NetworkInterfaces": enis,
    });
    let mut resource = one(finding, "AwsEc2Instance", &arn("instance", id), details);
    // 50 tags at most, with keys of 128 and values of 256 characters.
    let tags: Map<String, Value> = i
        .tags
        .iter()
        .take(50)
        .map(|tag| (super::clip(&tag.key, 128), Value::from(super::clip(&tag.value, 256))))
        .collect();
    resource["Tags"] = tags.into();
    Some(resource)
}

fn access_key(finding: &Finding, k: &AccessKeyDetails) -> Option<Value> {
    let name = present(&k.access_key_id).or_else(|| present(&k.principal_id)).or_else(|| present(&k.user_name))?;
    let details = json!({
        "AccessKeyId": k.access_key_id,
        "PrincipalId": k.principal_id,
        "PrincipalType": k.user_type,
        "PrincipalName": k.user_name,
        "AccountId": finding.account_id,
    });
    Some(one(finding, "AwsIamAccessKey", &format!("AWS::IAM::AccessKey:{name}"), details))
}

fn bucket(finding: &Finding, b: &S3BucketDetail) -> Option<Value> {
    let name = present(&b.name);
    let arn = present(&b.arn)
        .map(str::to_owned)
        .or_else(|| name.map(|name| format!("arn:{}:s3:::{name}", finding.partition)))?;
    Some(one(finding, "AwsS3Bucket", &arn, json!({"Name": name, "OwnerAccountId": finding.account_id})))
}
