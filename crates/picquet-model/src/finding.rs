//! The finding, in the JSON that GuardDuty's API, events and exports carry.
//!
//! Member names and types are those of the GuardDuty service model, API version 2017-11-28; a member that
//! is not known is left out and never made up. Only what the three foundational data sources can fill is
//! here.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Always "2.0".
    pub schema_version: String,
    /// The account that the finding is about.
    pub account_id: String,
    /// The region whose detector raised it.
    pub region: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: String,
    /// 32 hexadecimal digits, from the aggregation key.
    pub id: String,
    /// The finding's ARN.
    pub arn: String,
    /// A type of the catalogue.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// What is affected.
    pub resource: Resource,
    /// What was seen.
    pub service: Service,
    /// 1.0 to 10.0.
    #[serde(serialize_with = "plain_number")]
    pub severity: f64,
    /// ISO 8601, UTC, milliseconds. A scan sets it to the first activity.
    pub created_at: String,
    /// ISO 8601, UTC, milliseconds. A scan sets it to the last activity.
    pub updated_at: String,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub description: String,
}

/// A whole number without a fraction, as GuardDuty writes it: event patterns tell `8` from `8.0`.
fn plain_number<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 && value.abs() < 1e9 {
        // Whole and small: the conversion is exact.
        serializer.serialize_i64(*value as i64)
    } else {
        serializer.serialize_f64(*value)
    }
}

/// The affected resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Resource {
    /// `Instance`, `AccessKey` or `S3Bucket`.
    pub resource_type: String,
    /// Whose credentials were used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_details: Option<AccessKeyDetails>,
    /// The EC2 instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_details: Option<InstanceDetails>,
    /// The buckets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub s3_bucket_details: Vec<S3BucketDetail>,
}

/// The credentials of an API call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct AccessKeyDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
}

/// What is known of an EC2 instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct InstanceDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam_instance_profile: Option<IamInstanceProfile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outpost_arn: Option<String>,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_time: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network_interfaces: Vec<NetworkInterface>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product_codes: Vec<ProductCode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// An instance profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct IamInstanceProfile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// An elastic network interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct NetworkInterface {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ipv6_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub private_ip_addresses: Vec<PrivateIpAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_dns_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<SecurityGroup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
}

/// One private address of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct PrivateIpAddress {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<String>,
}

/// A security group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct SecurityGroup {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
}

/// A product code of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ProductCode {
    #[serde(rename = "productCodeId", skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(rename = "productCodeType", skip_serializing_if = "Option::is_none")]
    pub product_type: Option<String>,
}

/// A resource tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Tag {
    pub key: String,
    pub value: String,
}

/// A bucket that a finding is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct S3BucketDetail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Source` or `Destination`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_access: Option<PublicAccess>,
}

/// Whether a bucket is public, as far as the logs tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PublicAccess {
    /// `PUBLIC`, `NOT_PUBLIC` or `UNKNOWN`.
    pub effective_permission: String,
    /// What each level says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission_configuration: Option<PermissionConfiguration>,
}

/// Public access by level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct PermissionConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_level_permissions: Option<BucketLevelPermissions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_level_permissions: Option<AccountLevelPermissions>,
}

/// Public access that the bucket itself grants or blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct BucketLevelPermissions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_control_list: Option<PublicReadWrite>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_policy: Option<PublicReadWrite>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_public_access: Option<BlockPublicAccess>,
}

/// Public access that the account blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct AccountLevelPermissions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_public_access: Option<BlockPublicAccess>,
}

/// What an ACL or a policy grants to the public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct PublicReadWrite {
    pub allows_public_read_access: bool,
    pub allows_public_write_access: bool,
}

/// The four switches of S3 Block Public Access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct BlockPublicAccess {
    pub ignore_public_acls: bool,
    pub restrict_public_buckets: bool,
    pub block_public_acls: bool,
    pub block_public_policy: bool,
}

/// What was seen, how often and when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    /// Always "guardduty", which consumers match on.
    pub service_name: String,
    /// The detector of the account and region.
    pub detector_id: String,
    /// The latest occurrence.
    pub action: Action,
    /// Why a threat list matched; absent where no list was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// `ACTOR` or `TARGET`.
    pub resource_role: String,
    /// The explanation, as JSON in a string (the API's shape).
    pub additional_info: AdditionalInfo,
    /// ISO 8601.
    pub event_first_seen: String,
    /// ISO 8601.
    pub event_last_seen: String,
    /// Whether it is archived. A scan never archives.
    pub archived: bool,
    /// How often it was seen.
    pub count: i64,
    /// The optional protection plan that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_name: Option<String>,
    /// What is usual and what was not, of types that compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detection: Option<Detection>,
}

/// What a finding that rests on comparing was compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Detection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anomaly: Option<Anomaly>,
}

/// What is usual, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Anomaly {
    /// By scope (`userIdentity`, `account`) and feature (`api`, `asn`, ...).
    pub profiles: BTreeMap<String, BTreeMap<String, Vec<AnomalyObject>>>,
    /// What was not usual.
    pub unusual: AnomalyUnusual,
}

/// What was not usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AnomalyUnusual {
    /// By scope and feature.
    pub behavior: BTreeMap<String, BTreeMap<String, AnomalyObject>>,
}

/// Values of one frequency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AnomalyObject {
    /// `FREQUENCY`.
    pub profile_type: String,
    /// `FREQUENT`, `INFREQUENT`, `RARE` or `UNSEEN`.
    pub profile_subtype: String,
    /// The values.
    pub observations: Observations,
}

/// Values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Observations {
    pub text: Vec<String>,
}

/// The activity, by kind. Exactly one block is set, the one that `action_type` names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Action {
    pub action_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_api_call_action: Option<AwsApiCallAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_request_action: Option<DnsRequestAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_connection_action: Option<NetworkConnectionAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_probe_action: Option<PortProbeAction>,
}

/// An API call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AwsApiCallAction {
    /// The API's name.
    pub api: String,
    /// The service's host name, `s3.amazonaws.com`.
    pub service_name: String,
    /// `Remote IP` or `Domain`.
    pub caller_type: String,
    /// The caller, where it is an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ip_details: Option<RemoteIpDetails>,
    /// The caller, where it is an AWS service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_details: Option<DomainDetails>,
    /// As the caller sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Set when the call failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The account that called, when it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_account_details: Option<RemoteAccountDetails>,
    /// Resource type to name.
    pub affected_resources: BTreeMap<String, String>,
}

/// The domain name of a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DomainDetails {
    pub domain: String,
}

/// The account that called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct RemoteAccountDetails {
    pub account_id: String,
    pub affiliated: bool,
}

/// A DNS query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct DnsRequestAction {
    pub domain: String,
    /// Public suffix plus one label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_with_suffix: Option<String>,
    pub protocol: String,
    pub blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_owner_account_id: Option<String>,
}

/// A connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct NetworkConnectionAction {
    pub blocked: bool,
    /// `INBOUND`, `OUTBOUND` or `UNKNOWN`.
    pub connection_direction: String,
    pub local_port_details: PortDetails,
    /// `TCP`, `UDP`, `ICMP` or the protocol's number.
    pub protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_ip_details: Option<LocalIpDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_network_interface: Option<String>,
    pub remote_ip_details: RemoteIpDetails,
    pub remote_port_details: PortDetails,
}

/// A port and the service that is usually there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct PortDetails {
    pub port: i32,
    pub port_name: String,
}

/// The local address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LocalIpDetails {
    #[serde(rename = "ipAddressV4", skip_serializing_if = "Option::is_none")]
    pub ip_address_v4: Option<String>,
    #[serde(rename = "ipAddressV6", skip_serializing_if = "Option::is_none")]
    pub ip_address_v6: Option<String>,
}

/// A probe of open ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct PortProbeAction {
    pub blocked: bool,
    pub port_probe_details: Vec<PortProbeDetail>,
}

/// One probed port.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct PortProbeDetail {
    pub local_port_details: PortDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_ip_details: Option<LocalIpDetails>,
    pub remote_ip_details: RemoteIpDetails,
}

/// A remote address and where it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct RemoteIpDetails {
    #[serde(rename = "ipAddressV4", skip_serializing_if = "Option::is_none")]
    pub ip_address_v4: Option<String>,
    #[serde(rename = "ipAddressV6", skip_serializing_if = "Option::is_none")]
    pub ip_address_v6: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<City>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geo_location: Option<GeoLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
}

/// A country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_name: Option<String>,
}

/// A city.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct City {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city_name: Option<String>,
}

/// A place, in degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct GeoLocation {
    pub lat: f64,
    pub lon: f64,
}

/// Who runs the network of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Organization {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn_org: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
}

/// Threat intelligence behind a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Evidence {
    pub threat_intelligence_details: Vec<ThreatIntelligenceDetail>,
}

/// One list that matched.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct ThreatIntelligenceDetail {
    pub threat_list_name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub threat_names: Vec<String>,
}

/// The free-form part of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdditionalInfo {
    /// JSON in a string.
    pub value: String,
    /// Always "default".
    #[serde(rename = "type")]
    pub kind: String,
}

impl AdditionalInfo {
    /// From the members that are to travel; their order is alphabetical, so that it is the same every time.
    pub fn from_members(members: &Map<String, Value>) -> Self {
        let sorted: BTreeMap<_, _> = members.iter().collect();
        Self { value: serde_json::to_string(&sorted).unwrap_or_else(|_| "{}".into()), kind: "default".into() }
    }

    /// The members, or an empty map where the value is no JSON object.
    pub fn members(&self) -> Map<String, Value> {
        serde_json::from_str(&self.value).unwrap_or_default()
    }
}
