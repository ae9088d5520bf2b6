//! What a finding says of an instance: what logs and inventories told, and nothing else.

use picquet_intel::Category;
use picquet_model::finding::InstanceDetails;
use picquet_testkit::{
    Event, Flow, INSTANCE, INTERFACE, Identity, PRIVATE_IP, Query, SUBNET, Scenario, VPC, check_detector, json, only,
};
use serde_json::{Value, json};

const C2: &str = "203.0.113.1";
const OTHER: &str = "i-0ffffffffffffffff";

fn listed() -> Scenario {
    Scenario::new().feed(Category::C2, C2)
}

/// A connection that makes a finding.
fn beacon() -> [Flow; 2] {
    Flow::out(C2, 443).both()
}

fn details(scenario: &Scenario) -> InstanceDetails {
    only(&check_detector(scenario)).resource.instance_details.clone().unwrap()
}

/// `responseElements` of RunInstances.
fn launched() -> Value {
    json!({
        "requestId": "4f6e2a0c-1111-4222-8333-444455556666", "reservationId": "r-0a1b2c3d4e5f60718",
        "ownerId": "111122223333", "groupSet": {}, "requesterId": "",
        "instancesSet": {"items": [{
            "instanceId": INSTANCE, "imageId": "ami-0abcdef1234567890", "instanceState": {"code": 0, "name": "pending"},
            "privateDnsName": "ip-10-0-1-5.ec2.internal", "keyName": "ops", "amiLaunchIndex": 0,
            "productCodes": {"items": [{"productCode": "8l4tm57cd0wk5nq9yt8eiyiyz", "type": "marketplace"}]},
            "instanceType": "t3.micro", "launchTime": 1_714_500_000_000_i64,
            "placement": {"availabilityZone": "us-east-1a", "tenancy": "default"}, "monitoring": {"state": "disabled"},
            "subnetId": SUBNET, "vpcId": VPC, "privateIpAddress": PRIVATE_IP,
            "stateReason": {"code": "pending", "message": "pending"}, "architecture": "x86_64",
            "rootDeviceType": "ebs", "rootDeviceName": "/dev/xvda", "blockDeviceMapping": {},
            "virtualizationType": "hvm", "hypervisor": "xen",
            "tagSet": {"items": [{"key": "Name", "value": "web-1"}, {"key": "empty", "value": ""}]},
            "groupSet": {"items": [{"groupId": "sg-0a1b2c3d4e5f60718", "groupName": "web"}]}, "sourceDestCheck": true,
            "networkInterfaceSet": {"items": [{
                "networkInterfaceId": INTERFACE, "subnetId": SUBNET, "vpcId": VPC, "ownerId": "111122223333",
                "status": "in-use", "macAddress": "0e:11:22:33:44:55", "privateIpAddress": PRIVATE_IP,
                "privateDnsName": "ip-10-0-1-5.ec2.internal", "sourceDestCheck": true, "interfaceType": "interface",
                "groupSet": {"items": [{"groupId": "sg-0a1b2c3d4e5f60718", "groupName": "web"}]},
                "attachment": {"attachmentId": "eni-attach-0a1b2c3d4e5f60718", "deviceIndex": 0, "status": "attaching", "attachTime": 1_714_500_000_000_i64, "deleteOnTermination": true},
                "privateIpAddressesSet": {"item": [
                    {"privateIpAddress": PRIVATE_IP, "privateDnsName": "ip-10-0-1-5.ec2.internal", "primary": true},
                    {"privateIpAddress": "10.0.1.6", "primary": false},
                ]},
                "ipv6AddressesSet": {"items": [{"ipv6Address": "2600:1f18::5"}]}, "tagSet": {}
            }]},
            "iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/web", "id": "AIPAABCDEFGHIJKLMNOPQ"},
            "ebsOptimized": false
        }]}
    })
}

fn launch() -> Event {
    Event::new("ec2", "RunInstances").at("2024-04-30T18:00:00Z").response(launched())
}

#[test]
fn a_launch_fills_the_details() {
    insta::assert_snapshot!(json(&check_detector(&listed().event(launch()).flows(beacon()))));
}

#[test]
fn a_launch_by_a_service_counts() {
    let by = Identity::role("AWSServiceRoleForAutoScaling", "AutoScaling").invoked_by("autoscaling.amazonaws.com");
    let scenario = listed().event(launch().by(by).ip("autoscaling.amazonaws.com")).flows(beacon());
    assert_eq!(details(&scenario).instance_id.as_deref(), Some(INSTANCE));
}

#[test]
fn a_launch_that_failed_or_was_elsewhere_tells_nothing() {
    for event in
        [launch().error("Client.InstanceLimitExceeded"), launch().region("eu-west-1"), launch().account("444455556666")]
    {
        assert_eq!(details(&listed().event(event).flows(beacon())).instance_id, None);
    }
}

#[test]
fn later_calls_change_what_is_known() {
    let id = || json!({"instanceId": INSTANCE});
    let association = |name: &str| {
        json!({"AssociateIamInstanceProfileResponse": {"xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/", "requestId": "r",
            "iamInstanceProfileAssociation": {"associationId": "iip-assoc-0a1b2c3d4e5f60718", "instanceId": INSTANCE, "state": "associating",
                "iamInstanceProfile": {"arn": format!("arn:aws:iam::111122223333:instance-profile/{name}"), "id": "AIPA2"}}}})
    };
    let stopped = json!({"instancesSet": {"items": [{"instanceId": INSTANCE, "currentState": {"code": 64, "name": "stopping"}, "previousState": {"code": 16, "name": "running"}}]}});
    let scenario = listed()
        .event(launch())
        .event(Event::new("ec2", "StopInstances").at("2024-05-01T18:00:00Z").request(id()).response(stopped))
        .event(
            Event::new("ec2", "AssociateIamInstanceProfile")
                .at("2024-05-01T09:00:00Z")
                .request(json!({"AssociateIamInstanceProfileRequest": id()}))
                .response(association("other")),
        )
        .flows(beacon());
    let d = details(&scenario);
    assert_eq!(d.instance_state.as_deref(), Some("stopping"), "the latest state");
    assert_eq!(
        d.iam_instance_profile.unwrap().arn.as_deref(),
        Some("arn:aws:iam::111122223333:instance-profile/other")
    );
    let gone = json!({"DisassociateIamInstanceProfileResponse": {"iamInstanceProfileAssociation": {"instanceId": INSTANCE, "state": "disassociating"}}});
    let scenario =
        scenario.event(Event::new("ec2", "DisassociateIamInstanceProfile").at("2024-05-01T10:00:00Z").response(gone));
    assert_eq!(details(&scenario).iam_instance_profile, None);
}

#[test]
fn a_start_takes_back_the_state_of_the_stop() {
    let answer =
        |state: &str| json!({"instancesSet": {"items": [{"instanceId": INSTANCE, "currentState": {"name": state}}]}});
    let stop = Event::new("ec2", "StopInstances").at("2024-05-01T08:00:00Z").response(answer("stopping"));
    let start = Event::new("ec2", "StartInstances").at("2024-05-01T09:00:00Z").response(answer("pending"));
    let d = details(&listed().event(launch()).event(stop.clone()).flows(beacon()));
    assert_eq!(d.instance_state.as_deref(), Some("stopping"));
    let d = details(&listed().event(launch()).event(stop).event(start).flows(beacon()));
    assert_eq!(d.instance_state, None, "whether it runs by now no log says");
}

#[test]
fn an_address_that_was_associated() {
    let associate = Event::new("ec2", "AssociateAddress")
        .at("2024-05-01T08:00:00Z")
        .request(json!({"publicIp": "198.51.100.200", "networkInterfaceId": INTERFACE}))
        .response(json!({"requestId": "r", "_return": true, "associationId": "eipassoc-0a1b2c3d4e5f60718"}));
    let d = details(&listed().event(launch()).event(associate).flows(beacon()));
    assert_eq!(d.network_interfaces[0].public_ip.as_deref(), Some("198.51.100.200"));
    // By its allocation alone the address is not known, and not made up.
    let associate = Event::new("ec2", "AssociateAddress")
        .at("2024-05-01T08:00:00Z")
        .request(json!({"allocationId": "eipalloc-0a1b2c3d4e5f60718", "networkInterfaceId": INTERFACE}));
    assert_eq!(
        details(&listed().event(launch()).event(associate).flows(beacon())).network_interfaces[0].public_ip,
        None
    );
}

fn attach(instance: &str, at: &str) -> Event {
    Event::new("ec2", "AttachNetworkInterface")
        .at(at)
        .request(json!({"networkInterfaceId": INTERFACE, "instanceId": instance, "deviceIndex": 1}))
        .response(json!({"requestId": "r", "attachmentId": "eni-attach-1"}))
}

#[test]
fn an_interface_that_moves_is_resolved_by_time() {
    let moved =
        || listed().event(attach(INSTANCE, "2024-05-01T00:00:00Z")).event(attach(OTHER, "2024-05-01T12:00:00Z"));
    let at = |time: &str| details(&moved().flows(beacon().map(|f| f.at(time)))).instance_id;
    assert_eq!(at("2024-05-01T11:59:59Z").as_deref(), Some(INSTANCE));
    assert_eq!(at("2024-05-01T12:00:00Z").as_deref(), Some(OTHER));
    assert_eq!(at("2024-04-01T00:00:00Z").as_deref(), Some(INSTANCE), "before the first attachment, the first");
    let both = moved()
        .flows(beacon().map(|f| f.at("2024-05-01T01:00:00Z")))
        .flows(beacon().map(|f| f.at("2024-05-01T13:00:00Z")));
    assert_eq!(check_detector(&both).len(), 2, "one finding for each instance");
}

#[test]
fn a_long_history_of_flows_does_not_hide_a_move() {
    // Every five minutes a record, for days, and then another instance for as long.
    let line = |n: i64, instance: &str| {
        Flow::new((PRIVATE_IP, 40_000), ("192.0.2.9", 443))
            .at("2024-05-01T00:00:00Z")
            .after(n * 300)
            .v5(VPC, SUBNET, instance)
    };
    let scenario = (0..150).fold(listed(), |s, n| s.flow(line(n, if n < 75 { INSTANCE } else { OTHER })));
    let early = scenario.clone().flows(beacon().map(|f| f.at("2024-05-01T00:10:00Z")));
    assert_eq!(details(&early).instance_id.as_deref(), Some(INSTANCE));
    let late = scenario.flows(beacon().map(|f| f.at("2024-05-01T12:20:00Z")));
    assert_eq!(details(&late).instance_id.as_deref(), Some(OTHER));
}

#[test]
fn a_detached_interface_belongs_to_nobody() {
    let delete = Event::new("ec2", "DeleteNetworkInterface")
        .at("2024-05-01T06:00:00Z")
        .request(json!({"networkInterfaceId": INTERFACE}));
    let scenario = listed().event(attach(INSTANCE, "2024-05-01T00:00:00Z")).event(delete).flows(beacon());
    assert_eq!(details(&scenario).instance_id, None);
}

#[test]
fn a_created_interface_is_described() {
    let created = Event::new("ec2", "CreateNetworkInterface").at("2024-05-01T00:00:00Z").response(json!({
        "requestId": "r", "networkInterface": {"networkInterfaceId": INTERFACE, "subnetId": SUBNET, "vpcId": VPC, "status": "pending",
            "privateIpAddress": PRIVATE_IP, "interfaceType": "interface", "groupSet": {"items": [{"groupId": "sg-1", "groupName": "default"}]},
            "privateIpAddressesSet": {"item": [{"privateIpAddress": PRIVATE_IP, "primary": true}]}, "ipv6AddressesSet": {}}
    }));
    let d = details(&listed().event(created).flows(beacon()));
    assert_eq!(d.instance_id, None);
    assert_eq!(
        (d.network_interfaces[0].vpc_id.as_deref(), d.network_interfaces[0].security_groups.len()),
        (Some(VPC), 1)
    );
}

#[test]
fn fields_of_version_five_are_enough() {
    let d = details(&listed().flows(beacon().map(Flow::here)));
    assert_eq!(d.instance_id.as_deref(), Some(INSTANCE));
    let n = &d.network_interfaces[0];
    assert_eq!(
        (n.vpc_id.as_deref(), n.subnet_id.as_deref(), n.private_ip_address.as_deref()),
        (Some(VPC), Some(SUBNET), Some(PRIVATE_IP))
    );
    assert_eq!((d.instance_type, d.image_id, d.instance_state), (None, None, None));
}

#[test]
fn version_two_alone_tells_the_interface() {
    let d = details(&listed().flows(beacon()));
    assert_eq!(d.instance_id, None);
    assert_eq!(d.network_interfaces[0].network_interface_id.as_deref(), Some(INTERFACE));
    assert_eq!(
        d.network_interfaces[0].private_ip_address.as_deref(),
        Some(PRIVATE_IP),
        "what faces a public peer is its own"
    );
    assert_eq!(d.network_interfaces[0].vpc_id, None);
}

#[test]
fn queries_tell_whose_address_it_is() {
    // The flow log names the interface only; the query log names the instance behind the address.
    let d = details(&listed().query(Query::new("example.com")).flows(beacon()).flow(Flow::out("192.0.2.9", 443)));
    assert_eq!(d.instance_id.as_deref(), Some(INSTANCE));
}

fn described() -> String {
    json!({"Reservations": [{"OwnerId": "111122223333", "Instances": [{
        "InstanceId": INSTANCE, "InstanceType": "m5.large", "ImageId": "ami-0123", "LaunchTime": "2024-01-01T00:00:00+00:00",
        "Placement": {"AvailabilityZone": "us-east-1b"}, "State": {"Code": 16, "Name": "running"}, "Platform": "windows",
        "PrivateIpAddress": PRIVATE_IP, "VpcId": VPC, "SubnetId": SUBNET, "Tags": [{"Key": "Name", "Value": "db"}],
        "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/db", "Id": "AIPA1"},
        "NetworkInterfaces": [{"NetworkInterfaceId": INTERFACE, "OwnerId": "111122223333", "PrivateIpAddress": PRIVATE_IP, "VpcId": VPC, "SubnetId": SUBNET,
            "Association": {"PublicIp": "198.51.100.9", "PublicDnsName": "ec2-198-51-100-9.compute-1.amazonaws.com"},
            "Groups": [{"GroupId": "sg-1", "GroupName": "db"}], "PrivateIpAddresses": [{"PrivateIpAddress": PRIVATE_IP, "Primary": true}],
            "Ipv6Addresses": [{"Ipv6Address": "2600:1f18::5"}], "Attachment": {"AttachmentId": "a", "DeviceIndex": 0}}]
    }]}]})
    .to_string()
}

#[test]
fn an_inventory_fills_the_details_and_logs_win_over_it() {
    insta::assert_snapshot!(json(&check_detector(&listed().inventory(&described()).flows(beacon()))));
    let d = details(&listed().inventory(&described()).event(launch()).flows(beacon()));
    assert_eq!(d.instance_type.as_deref(), Some("t3.micro"), "the log is later");
    assert_eq!(d.platform.as_deref(), Some("windows"), "what the log does not say stays");
}

#[test]
fn two_inventories_in_either_order() {
    let other = described().replace("m5.large", "m5.xlarge");
    let a = listed().inventory(&described()).inventory(&other).flows(beacon()).findings();
    let b = listed().inventory(&other).inventory(&described()).flows(beacon()).findings();
    assert_eq!(json(&a), json(&b));
}

#[test]
fn interfaces_alone_are_an_inventory() {
    let file = json!({"NetworkInterfaces": [{"NetworkInterfaceId": INTERFACE, "OwnerId": "111122223333", "AvailabilityZone": "us-east-1a",
        "PrivateIpAddress": PRIVATE_IP, "VpcId": VPC, "InterfaceType": "interface", "Attachment": {"InstanceId": INSTANCE}}]});
    assert_eq!(details(&listed().inventory(&file.to_string()).flows(beacon())).instance_id.as_deref(), Some(INSTANCE));
}

#[test]
fn a_format_without_interfaces_has_at_least_addresses() {
    let header = "srcaddr dstaddr srcport dstport protocol packets bytes start end action";
    let scenario =
        listed().raw_flow(header, &format!("{PRIVATE_IP} {C2} 40001 443 6 10 900 1714564800 1714564810 ACCEPT"));
    let findings = check_detector(&scenario);
    assert_eq!(only(&findings).title, "Host 10.0.1.5 contacted command-and-control address 203.0.113.1");
    let interface = &details(&scenario).network_interfaces[0];
    assert_eq!(
        (interface.network_interface_id.as_deref(), interface.private_ip_address.as_deref()),
        (None, Some(PRIVATE_IP))
    );
}

#[test]
fn addresses_of_a_nat_gateway_are_not_an_instances() {
    // The packet's own addresses count, not those of the interface that it passes.
    let header = "account-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol packets bytes start end action";
    let line =
        format!("111122223333 eni-nat 10.0.0.4 {C2} 10.0.9.9 {C2} 40001 443 6 10 900 1714564800 1714564810 ACCEPT");
    let findings = check_detector(&listed().raw_flow(header, &line));
    let n = only(&findings).service.action.network_connection_action.clone().unwrap();
    assert_eq!(n.local_ip_details.unwrap().ip_address_v4.as_deref(), Some("10.0.9.9"));
    assert_eq!(n.local_network_interface.as_deref(), Some("eni-nat"));
}
