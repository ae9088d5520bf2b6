//! What CloudTrail tells of the world: instances, interfaces, addresses and trails.
//!
//! The shapes are those of `responseElements` and `requestParameters` of the EC2 calls (EC2 API reference, as
//! CloudTrail writes them: lists as `{"items": [...]}`).

use crate::detectors::stealth::password_policy_change;
use crate::event::ApiEvent;
use crate::facts::key::KeyRef;
use crate::facts::{Class, Fact, InstanceFacts, InterfaceFacts, Latest, TrailFacts, bounded};
use crate::reduce::FactMap;
use crate::{Str, hash};
use picquet_logs::json::{Members, Raw};
use picquet_model::EventTime;
use picquet_model::finding::{SecurityGroup, Tag};
use std::net::IpAddr;

/// How many instances or interfaces of one call are looked at.
const PER_CALL: usize = 1000;

/// Learns from an event, whoever made the call.
pub fn from_event(event: &ApiEvent<'_>, by_service: bool, out: &mut FactMap) {
    let r = event.record;
    if r.event_source == "iam.amazonaws.com" && r.event_name.ends_with("AccountPasswordPolicy") {
        // Attempts count as well.
        if matches!(r.event_name.as_ref(), "UpdateAccountPasswordPolicy" | "DeleteAccountPasswordPolicy") {
            password_policy_change::learn(event, out);
        }
        return;
    }
    if !event.succeeded() {
        return;
    }
    match (r.event_source.as_ref(), r.event_name.as_ref()) {
        ("ec2.amazonaws.com", name) => ec2(name, event, out),
        ("cloudtrail.amazonaws.com", "CreateTrail" | "UpdateTrail") => {
            if let Some(bucket) = event.parameter("s3BucketName").filter(|b| !b.is_empty()) {
                trail_bucket(event, &bucket, out);
            }
        }
        // CloudTrail itself asks for the ACL of the bucket that it delivers to.
        ("s3.amazonaws.com", "GetBucketAcl") if by_service && r.source_ip == "cloudtrail.amazonaws.com" => {
            if let Some(bucket) = event.bucket() {
                trail_bucket(event, &bucket, out);
            }
        }
        _ => {}
    }
}

fn trail_bucket(event: &ApiEvent<'_>, bucket: &str, out: &mut FactMap) {
    let mut fact = TrailFacts::default();
    fact.buckets.insert(bounded(bucket), event.record.time);
    let key = KeyRef { account: event.account, hour: 0, class: Class::Trails, region: "", entity: "" };
    out.merge(key, Fact::Trails(fact));
}

fn ec2(name: &str, event: &ApiEvent<'_>, out: &mut FactMap) {
    let r = event.record;
    match name {
        "RunInstances" => {
            for item in items(r.response.as_ref(), "instancesSet") {
                instance(event, item, out);
            }
        }
        "StartInstances" | "StopInstances" | "TerminateInstances" => {
            for item in items(r.response.as_ref(), "instancesSet") {
                let Some(id) = text(&item, "instanceId") else { continue };
                let state = item.member("currentState").and_then(state);
                let fact = InstanceFacts { state: at(event, state), ..InstanceFacts::default() };
                add_instance(event, &id, fact, out);
            }
        }
        "CreateNetworkInterface" => {
            if let Some(ni) = r.response.and_then(|r| r.member("networkInterface")) {
                interface(event, ni, None, out);
            }
        }
        "AttachNetworkInterface" => {
            if let (Some(eni), Some(id)) = (request(event, "networkInterfaceId"), request(event, "instanceId")) {
                attached(event, &eni, Some(id), out);
            }
        }
        "DetachNetworkInterface" | "DeleteNetworkInterface" => {
            // A detachment names the attachment only; the interface's deletion names the interface.
            if let Some(eni) = request(event, "networkInterfaceId") {
                attached(event, &eni, None, out);
            }
        }
        "AssociateAddress" => {
            let ip = request(event, "publicIp").and_then(|ip| ip.parse().ok());
            if let (Some(eni), Some(ip)) = (request(event, "networkInterfaceId"), ip) {
                public_ip(event, &eni, Some(ip), out);
            }
        }
        // An address of one's own, and an endpoint, are kept as interfaces that nothing is attached to.
        "AllocateAddress" => {
            let Some(response) = r.response else { return };
            let ip = text(&response, "publicIp").and_then(|ip| ip.parse().ok());
            if let (Some(id), Some(ip)) = (text(&response, "allocationId"), ip) {
                public_ip(event, &id, Some(ip), out);
            }
        }
        "CreateVpcEndpoint" => {
            let Some(endpoint) = find(r.response, "vpcEndpoint") else { return };
            if let Some(id) = text(&endpoint, "vpcEndpointId") {
                let vpc_id = at(event, text(&endpoint, "vpcId"));
                add_interface(event, &id, InterfaceFacts { vpc_id, ..InterfaceFacts::default() }, out);
            }
        }
        "AssociateIamInstanceProfile" | "ReplaceIamInstanceProfileAssociation" => {
            let Some(association) = find(r.response, "iamInstanceProfileAssociation") else { return };
            let Some(id) = text(&association, "instanceId") else { return };
            add_instance(event, &id, profile(event, &association), out);
        }
        "DisassociateIamInstanceProfile" => {
            let Some(association) = find(r.response, "iamInstanceProfileAssociation") else { return };
            let Some(id) = text(&association, "instanceId") else { return };
            let none = Some(Latest::new(event.record.time, event.hash(), Str::default()));
            let fact = InstanceFacts { profile_arn: none.clone(), profile_id: none, ..InstanceFacts::default() };
            add_instance(event, &id, fact, out);
        }
        _ => {}
    }
}

/// A member of the response, which some calls wrap in `<Call>Response`.
fn find<'a>(response: Option<Raw<'a>>, name: &str) -> Option<Raw<'a>> {
    let response = response?;
    response.member(name).or_else(|| {
        let mut cursor = response.cursor();
        cursor.enter_object().ok()?;
        while let Ok(Some(key)) = cursor.next_key() {
            let value = cursor.raw_value().ok()?;
            if key.ends_with(b"Response")
                && let Some(found) = value.member(name)
            {
                return Some(found);
            }
        }
        None
    })
}

/// What has members: an object that is looked at once, or one that was read for looking up many.
trait Holder<'a> {
    fn member(&self, name: &str) -> Option<Raw<'a>>;
}

impl<'a> Holder<'a> for Raw<'a> {
    fn member(&self, name: &str) -> Option<Raw<'a>> {
        (*self).member(name)
    }
}

impl<'a> Holder<'a> for Members<'a> {
    fn member(&self, name: &str) -> Option<Raw<'a>> {
        self.member(name)
    }
}

fn items<'a, H: Holder<'a>>(holder: Option<&H>, name: &str) -> impl Iterator<Item = Raw<'a>> + use<'a, H> {
    holder
        .and_then(|h| h.member(name))
        .and_then(|set| set.member("items"))
        .into_iter()
        .flat_map(Raw::elements)
        .take(PER_CALL)
}

fn text<'a>(holder: &impl Holder<'a>, name: &str) -> Option<Str> {
    holder.member(name).and_then(Raw::text).filter(|t| !t.is_empty()).map(|t| bounded(&t))
}

fn request(event: &ApiEvent<'_>, name: &str) -> Option<Str> {
    event.parameter(name).filter(|t| !t.is_empty()).map(|t| bounded(&t)).or_else(|| {
        // Some calls are written as `<Call>Request`.
        find(event.record.request, name).and_then(Raw::text).map(|t| bounded(&t))
    })
}

fn at<T>(event: &ApiEvent<'_>, value: Option<T>) -> Option<Latest<T>> {
    value.map(|v| Latest::new(event.record.time, event.hash(), v))
}

fn add_instance(event: &ApiEvent<'_>, id: &str, fact: InstanceFacts, out: &mut FactMap) {
    let key = KeyRef { account: event.account, hour: 0, class: Class::Instance, region: event.region, entity: id };
    out.merge(key, Fact::Instance(Box::new(fact)));
}

fn add_interface(event: &ApiEvent<'_>, id: &str, fact: InterfaceFacts, out: &mut FactMap) {
    let key = KeyRef { account: event.account, hour: 0, class: Class::Interface, region: event.region, entity: id };
    out.merge(key, Fact::Interface(Box::new(fact)));
}

fn attached(event: &ApiEvent<'_>, eni: &str, instance: Option<Str>, out: &mut FactMap) {
    let mut fact = InterfaceFacts::default();
    fact.instance.add(event.record.time, event.hash(), instance);
    add_interface(event, eni, fact, out);
}

fn public_ip(event: &ApiEvent<'_>, eni: &str, ip: Option<IpAddr>, out: &mut FactMap) {
    let mut fact = InterfaceFacts::default();
    fact.public_ip.add(event.record.time, event.hash(), ip);
    add_interface(event, eni, fact, out);
}

fn profile<'a>(event: &ApiEvent<'_>, holder: &impl Holder<'a>) -> InstanceFacts {
    let p = holder.member("iamInstanceProfile");
    InstanceFacts {
        profile_arn: at(event, p.and_then(|p| text(&p, "arn"))),
        profile_id: at(event, p.and_then(|p| text(&p, "id"))),
        ..InstanceFacts::default()
    }
}

fn instance(event: &ApiEvent<'_>, item: Raw<'_>, out: &mut FactMap) {
    let item = &item.members();
    let Some(id) = text(item, "instanceId") else { return };
    let tags: Vec<Tag> = items(Some(item), "tagSet")
        .filter_map(|t| Some(Tag { key: text(&t, "key")?.into(), value: t.member_text("value")?.into_owned() }))
        .take(50)
        .collect();
    let codes: Vec<(Str, Str)> =
        items(Some(item), "productCodes").filter_map(|c| Some((text(&c, "productCode")?, text(&c, "type")?))).collect();
    let mut fact = profile(event, item);
    fact.instance_type = at(event, text(item, "instanceType"));
    fact.image_id = at(event, text(item, "imageId"));
    fact.availability_zone = at(event, item.member("placement").and_then(|p| text(&p, "availabilityZone")));
    fact.platform = at(event, text(item, "platform"));
    fact.state = at(event, item.member("instanceState").and_then(state));
    fact.launch_time = at(event, launch_time(item));
    fact.tags = at(event, (!tags.is_empty()).then_some(tags));
    fact.product_codes = at(event, (!codes.is_empty()).then_some(codes));
    fact.outpost_arn = at(event, text(item, "outpostArn"));
    fact.vpc_id = at(event, text(item, "vpcId"));
    fact.subnet_id = at(event, text(item, "subnetId"));
    fact.private_ip = at(event, text(item, "privateIpAddress").and_then(|ip| ip.parse().ok()));
    add_instance(event, &id, fact, out);
    for ni in items(Some(item), "networkInterfaceSet") {
        interface(event, ni, Some(id.clone()), out);
    }
}

/// The state that a call answers with. `pending` lasts for seconds and its end is in no log: it says nothing about
/// an instance that is active, and takes back what an earlier call said.
fn state(state: Raw<'_>) -> Option<Str> {
    text(&state, "name").map(|name| if name == "pending" { Str::default() } else { name })
}

/// CloudTrail writes the launch as milliseconds since the epoch.
fn launch_time(item: &Members<'_>) -> Option<Str> {
    let raw = item.member("launchTime")?;
    let ms: i64 = std::str::from_utf8(raw.bytes()).ok()?.parse().ok()?;
    EventTime::from_millis(ms).map(|t| Str::from(t.to_string()))
}

fn interface(event: &ApiEvent<'_>, ni: Raw<'_>, instance: Option<Str>, out: &mut FactMap) {
    let ni = &ni.members();
    let Some(id) = text(ni, "networkInterfaceId") else { return };
    let (time, hash) = (event.record.time, event.hash());
    fn ip<'a>(holder: &impl Holder<'a>, name: &str) -> Option<IpAddr> {
        text(holder, name).and_then(|t| t.parse().ok())
    }
    let groups: Vec<SecurityGroup> = items(Some(ni), "groupSet")
        .map(|g| SecurityGroup {
            group_id: text(&g, "groupId").map(Into::into),
            group_name: text(&g, "groupName").map(Into::into),
        })
        .collect();
    let mut fact = InterfaceFacts {
        vpc_id: at(event, text(ni, "vpcId")),
        subnet_id: at(event, text(ni, "subnetId")),
        private_ip: at(event, ip(ni, "privateIpAddress")),
        private_dns: at(event, text(ni, "privateDnsName")),
        groups: at(event, (!groups.is_empty()).then_some(groups)),
        kind: at(event, text(ni, "interfaceType")),
        ..InterfaceFacts::default()
    };
    fact.addresses.extend(ip(ni, "privateIpAddress"));
    // Here alone the list's member is `item`.
    let more = ni.member("privateIpAddressesSet").and_then(|s| s.member("item").or_else(|| s.member("items")));
    fact.addresses.extend(more.into_iter().flat_map(Raw::elements).filter_map(|a| ip(&a, "privateIpAddress")));
    fact.addresses.extend(items(Some(ni), "ipv6AddressesSet").filter_map(|a| ip(&a, "ipv6Address")));
    if let Some(association) = ni.member("association") {
        fact.public_ip.add(time, hash, ip(&association, "publicIp"));
        fact.public_dns = at(event, text(&association, "publicDnsName"));
    }
    if let Some(instance) = instance {
        fact.instance.add(time, hash, Some(instance));
    }
    add_interface(event, &id, fact, out);
}

/// Reads the JSON of `aws ec2 describe-instances` and `describe-network-interfaces`, alone or as the members
/// of one object, into facts. What the logs say later than the epoch wins over it.
///
/// # Errors
/// One line that says what is wrong with the file.
pub fn from_describe(
    json: &[u8],
    region_of: impl Fn(&str) -> Option<String>,
    out: &mut FactMap,
) -> Result<usize, String> {
    let value: serde_json::Value = serde_json::from_slice(json).map_err(|e| format!("no JSON: {e}"))?;
    let mut found = 0;
    describe(&value, 0, &region_of, out, &mut found);
    if found == 0 {
        return Err("neither Reservations nor NetworkInterfaces of the EC2 describe calls".into());
    }
    Ok(found)
}

fn describe(
    value: &serde_json::Value,
    depth: usize,
    region_of: &impl Fn(&str) -> Option<String>,
    out: &mut FactMap,
    found: &mut usize,
) {
    let Some(object) = value.as_object() else {
        for element in value.as_array().into_iter().flatten() {
            describe(element, depth + 1, region_of, out, found);
        }
        return;
    };
    if let Some(reservations) = object.get("Reservations").and_then(|r| r.as_array()) {
        for reservation in reservations {
            let owner = string(reservation, "OwnerId").unwrap_or_default();
            for instance in array(reservation, "Instances") {
                *found += usize::from(described_instance(instance, &owner, region_of, out).is_some());
            }
        }
    }
    if let Some(interfaces) = object.get("NetworkInterfaces").and_then(|r| r.as_array()) {
        for ni in interfaces {
            *found += usize::from(described_interface(ni, None, region_of, out).is_some());
        }
    }
    // `{"instances": {...}, "networkInterfaces": {...}}` and the like.
    if depth < 2 && !object.contains_key("Reservations") && !object.contains_key("NetworkInterfaces") {
        for member in object.values() {
            describe(member, depth + 1, region_of, out, found);
        }
    }
}

fn string(value: &serde_json::Value, name: &str) -> Option<Str> {
    value.get(name)?.as_str().filter(|s| !s.is_empty()).map(bounded)
}

fn array<'v>(value: &'v serde_json::Value, name: &str) -> &'v [serde_json::Value] {
    value.get(name).and_then(|v| v.as_array()).map_or(&[], Vec::as_slice)
}

/// An inventory has no time: whatever a log says is later. Of two inventories the hash decides, not their order.
fn given<T: std::fmt::Debug>(value: Option<T>) -> Option<Latest<T>> {
    value.map(|v| Latest::new(EventTime::MIN, hash::stable(&[format!("{v:?}").as_bytes()]), v))
}

/// The region of an availability zone: `us-east-1a` without its letter.
fn region_of_zone(zone: &str) -> Option<String> {
    let region = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
    (region.len() < zone.len() && region.contains('-')).then(|| region.to_owned())
}

fn described_instance(
    v: &serde_json::Value,
    owner: &str,
    region_of: &impl Fn(&str) -> Option<String>,
    out: &mut FactMap,
) -> Option<()> {
    let id = string(v, "InstanceId")?;
    let zone = v.get("Placement").and_then(|p| string(p, "AvailabilityZone"));
    let region = zone.as_deref().and_then(region_of_zone).or_else(|| region_of(&id))?;
    let tags: Vec<Tag> = array(v, "Tags")
        .iter()
        .filter_map(|t| Some(Tag { key: string(t, "Key")?.into(), value: t.get("Value")?.as_str()?.to_owned() }))
        .take(50)
        .collect();
    let codes: Vec<(Str, Str)> = array(v, "ProductCodes")
        .iter()
        .filter_map(|c| Some((string(c, "ProductCodeId")?, string(c, "ProductCodeType")?)))
        .collect();
    let fact = InstanceFacts {
        instance_type: given(string(v, "InstanceType")),
        image_id: given(string(v, "ImageId")),
        availability_zone: given(zone),
        platform: given(string(v, "Platform")),
        state: given(v.get("State").and_then(|s| string(s, "Name"))),
        launch_time: given(
            string(v, "LaunchTime")
                .map(|t| EventTime::parse_rfc3339(&t).map_or_else(|| t.clone(), |t| Str::from(t.to_string()))),
        ),
        profile_arn: given(v.get("IamInstanceProfile").and_then(|p| string(p, "Arn"))),
        profile_id: given(v.get("IamInstanceProfile").and_then(|p| string(p, "Id"))),
        tags: given((!tags.is_empty()).then_some(tags)),
        product_codes: given((!codes.is_empty()).then_some(codes)),
        outpost_arn: given(string(v, "OutpostArn")),
        vpc_id: given(string(v, "VpcId")),
        subnet_id: given(string(v, "SubnetId")),
        private_ip: given(string(v, "PrivateIpAddress").and_then(|ip| ip.parse().ok())),
    };
    out.merge(
        KeyRef { account: owner, hour: 0, class: Class::Instance, region: &region, entity: &id },
        Fact::Instance(Box::new(fact)),
    );
    for ni in array(v, "NetworkInterfaces") {
        described_interface(ni, Some((&id, owner, &region)), region_of, out);
    }
    Some(())
}

fn described_interface(
    v: &serde_json::Value,
    within: Option<(&str, &str, &str)>,
    region_of: &impl Fn(&str) -> Option<String>,
    out: &mut FactMap,
) -> Option<()> {
    let id = string(v, "NetworkInterfaceId")?;
    let owner = string(v, "OwnerId").or_else(|| within.map(|(_, owner, _)| owner.into()))?;
    let region = string(v, "AvailabilityZone")
        .and_then(|z| region_of_zone(&z))
        .or_else(|| within.map(|(_, _, region)| region.to_owned()))
        .or_else(|| region_of(&id))?;
    let ip = |v: &serde_json::Value, name: &str| string(v, name).and_then(|t| t.parse::<IpAddr>().ok());
    let groups: Vec<SecurityGroup> = array(v, "Groups")
        .iter()
        .map(|g| SecurityGroup {
            group_id: string(g, "GroupId").map(Into::into),
            group_name: string(g, "GroupName").map(Into::into),
        })
        .collect();
    let association = v.get("Association");
    let mut fact = InterfaceFacts {
        vpc_id: given(string(v, "VpcId")),
        subnet_id: given(string(v, "SubnetId")),
        private_ip: given(ip(v, "PrivateIpAddress")),
        private_dns: given(string(v, "PrivateDnsName")),
        public_dns: given(association.and_then(|a| string(a, "PublicDnsName"))),
        groups: given((!groups.is_empty()).then_some(groups)),
        kind: given(string(v, "InterfaceType")),
        ..InterfaceFacts::default()
    };
    fact.addresses.extend(ip(v, "PrivateIpAddress"));
    fact.addresses.extend(array(v, "PrivateIpAddresses").iter().filter_map(|a| ip(a, "PrivateIpAddress")));
    fact.addresses.extend(array(v, "Ipv6Addresses").iter().filter_map(|a| ip(a, "Ipv6Address")));
    if let Some(public) = association.and_then(|a| ip(a, "PublicIp")) {
        fact.public_ip.add(EventTime::MIN, hash::stable(&[id.as_bytes()]), Some(public));
    }
    let instance =
        v.get("Attachment").and_then(|a| string(a, "InstanceId")).or_else(|| within.map(|(i, _, _)| i.into()));
    if let Some(instance) = instance {
        fact.instance.add(EventTime::MIN, hash::stable(&[instance.as_bytes()]), Some(instance));
    }
    out.merge(
        KeyRef { account: &owner, hour: 0, class: Class::Interface, region: &region, entity: &id },
        Fact::Interface(Box::new(fact)),
    );
    Some(())
}
