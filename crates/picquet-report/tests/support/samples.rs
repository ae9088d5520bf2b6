//! Findings and a summary to render: about forty varied ones, and a few with hostile text.
//!
//! Used by the unit tests and by `examples/sample.rs`. The addresses and names are those that RFC 5737,
//! RFC 3849, RFC 2606 and AWS's documentation keep for examples.

#![allow(dead_code)]

use picquet_model::finding::*;
use picquet_model::{EventTime, Explanation, Finding, ids};
use picquet_report::{Defect, ListUsed, MissingData, Summary};
use serde_json::{Map, Value, json};

const DAY_MS: i64 = 86_400_000;
const START_MS: i64 = 1_714_521_600_000; // 2024-05-01T00:00:00Z

fn time(ms: i64) -> EventTime {
    EventTime::from_millis(START_MS + ms).unwrap_or(EventTime::MIN)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A remote address with its place.
pub fn remote(ip: &str, code: &str, country: &str, asn: &str, org: &str) -> RemoteIpDetails {
    let (v4, v6) = if ip.contains(':') { (None, some(ip)) } else { (some(ip), None) };
    RemoteIpDetails {
        ip_address_v4: v4,
        ip_address_v6: v6,
        country: Some(Country { country_code: some(code), country_name: some(country) }),
        organization: Some(Organization { asn: some(asn), asn_org: some(org), isp: None, org: None }),
        geo_location: Some(GeoLocation { lat: 52.5, lon: 13.4 }),
        ..RemoteIpDetails::default()
    }
}

const REMOTES: [(&str, &str, &str, &str, &str); 5] = [
    ("203.0.113.77", "RO", "Romania", "64496", "Example Hosting SRL"),
    ("198.51.100.23", "NL", "Netherlands", "64500", "Example Exit Networks"),
    ("192.0.2.146", "US", "United States", "64501", "Example Cloud Inc"),
    ("2001:db8:85a3::8a2e:370:7334", "BR", "Brazil", "64502", "Exemplo Telecom"),
    ("203.0.113.9", "VN", "Vietnam", "64503", "Example Broadband"),
];

fn at(index: usize) -> RemoteIpDetails {
    let (ip, code, country, asn, org) = REMOTES[index % REMOTES.len()];
    remote(ip, code, country, asn, org)
}

/// The parts of a finding that its kind decides.
pub struct Part {
    kind: &'static str,
    severity: f64,
    title: &'static str,
    description: &'static str,
    action: Action,
    resource: Resource,
    why: Explanation,
    extra: Value,
}

/// Puts a finding together.
pub fn finding(part: Part, account: &str, region: &str, first: EventTime, last: EventTime, count: i64) -> Finding {
    let detector = ids::detector_id(account, region);
    let id = ids::finding_id(&detector, part.kind, &[&first.to_string(), &part.resource.resource_type]);
    let mut members = Map::new();
    members.insert("picquet".into(), part.why.to_json(&part.kind.to_lowercase().replace([':', '/', '.', '!'], "-")));
    members.extend(part.extra.as_object().cloned().unwrap_or_default());
    let evidence = part.extra.get("threatListName").map(|list| Evidence {
        threat_intelligence_details: vec![ThreatIntelligenceDetail {
            threat_list_name: list.as_str().unwrap_or_default().into(),
            threat_names: part.extra.get("threatName").and_then(Value::as_str).map(str::to_owned).into_iter().collect(),
        }],
    });
    Finding {
        schema_version: "2.0".into(),
        account_id: account.into(),
        region: region.into(),
        partition: "aws".into(),
        arn: ids::finding_arn(account, region, &detector, &id),
        id,
        finding_type: part.kind.into(),
        resource: part.resource,
        service: Service {
            service_name: "guardduty".into(),
            detector_id: detector,
            action: part.action,
            evidence,
            resource_role: if part.kind.starts_with("Behavior:") { "ACTOR" } else { "TARGET" }.into(),
            additional_info: AdditionalInfo::from_members(&members),
            event_first_seen: first.to_string(),
            event_last_seen: last.to_string(),
            archived: false,
            count,
            feature_name: None,
            detection: None,
        },
        severity: part.severity,
        created_at: first.to_string(),
        updated_at: last.to_string(),
        title: part.title.into(),
        description: part.description.into(),
    }
}

/// An instance with one interface.
pub fn instance(id: &str) -> Resource {
    Resource {
        resource_type: "Instance".into(),
        instance_details: Some(InstanceDetails {
            instance_id: some(id),
            instance_type: some("m5.large"),
            availability_zone: some("us-east-1a"),
            image_id: some("ami-0abcdef1234567890"),
            instance_state: some("running"),
            iam_instance_profile: Some(IamInstanceProfile {
                arn: some("arn:aws:iam::111122223333:instance-profile/web"),
                id: some("AIPAEXAMPLE"),
            }),
            network_interfaces: vec![NetworkInterface {
                network_interface_id: some("eni-0a1b2c3d4e5f60718"),
                private_ip_address: some("10.0.1.24"),
                public_ip: some("198.51.100.200"),
                subnet_id: some("subnet-0123456789abcdef0"),
                vpc_id: some("vpc-0123456789abcdef0"),
                security_groups: vec![SecurityGroup {
                    group_id: some("sg-0123456789abcdef0"),
                    group_name: some("web"),
                }],
                ..NetworkInterface::default()
            }],
            tags: vec![Tag { key: "Name".into(), value: "web-1".into() }],
            ..InstanceDetails::default()
        }),
        ..Resource::default()
    }
}

/// Credentials of a user or role.
pub fn key(user: &str, kind: &str) -> Resource {
    Resource {
        resource_type: "AccessKey".into(),
        access_key_details: Some(AccessKeyDetails {
            access_key_id: some("AKIAIOSFODNN7EXAMPLE"),
            principal_id: some("AIDACKCEVSQ6C2EXAMPLE"),
            user_name: some(user),
            user_type: some(kind),
        }),
        ..Resource::default()
    }
}

fn bucket(name: &str, user: &str) -> Resource {
    let mut resource = key(user, "IAMUser");
    resource.resource_type = "S3Bucket".into();
    resource.s3_bucket_details = vec![S3BucketDetail {
        arn: Some(format!("arn:aws:s3:::{name}")),
        name: some(name),
        kind: some("Destination"),
        public_access: Some(PublicAccess { effective_permission: "PUBLIC".into(), permission_configuration: None }),
    }];
    resource
}

fn connection(direction: &str, local: (i32, &str), far: (i32, &str), remote: RemoteIpDetails) -> Action {
    Action {
        action_type: "NETWORK_CONNECTION".into(),
        network_connection_action: Some(NetworkConnectionAction {
            connection_direction: direction.into(),
            protocol: "TCP".into(),
            local_port_details: PortDetails { port: local.0, port_name: local.1.into() },
            remote_port_details: PortDetails { port: far.0, port_name: far.1.into() },
            local_ip_details: Some(LocalIpDetails { ip_address_v4: some("10.0.1.24"), ip_address_v6: None }),
            remote_ip_details: remote,
            ..NetworkConnectionAction::default()
        }),
        ..Action::default()
    }
}

fn call(service: &str, api: &str, remote: RemoteIpDetails, agent: &str, error: Option<&str>) -> Action {
    Action {
        action_type: "AWS_API_CALL".into(),
        aws_api_call_action: Some(AwsApiCallAction {
            api: api.into(),
            service_name: format!("{service}.amazonaws.com"),
            caller_type: "Remote IP".into(),
            remote_ip_details: Some(remote),
            user_agent: some(agent),
            error_code: error.map(str::to_owned),
            ..AwsApiCallAction::default()
        }),
        ..Action::default()
    }
}

fn query(domain: &str) -> Action {
    Action {
        action_type: "DNS_REQUEST".into(),
        dns_request_action: Some(DnsRequestAction {
            domain: domain.into(),
            domain_with_suffix: some(domain),
            protocol: "UDP".into(),
            blocked: false,
            vpc_owner_account_id: None,
        }),
        ..Action::default()
    }
}

fn probe() -> Action {
    let detail = |port: i32, name: &str, index: usize| PortProbeDetail {
        local_port_details: PortDetails { port, port_name: name.into() },
        local_ip_details: Some(LocalIpDetails { ip_address_v4: some("10.0.1.24"), ip_address_v6: None }),
        remote_ip_details: at(index),
    };
    Action {
        action_type: "PORT_PROBE".into(),
        port_probe_action: Some(PortProbeAction {
            blocked: false,
            port_probe_details: vec![detail(22, "SSH", 0), detail(3306, "MySQL", 4), detail(6379, "Unknown", 2)],
        }),
        ..Action::default()
    }
}

const INSTANCES: [&str; 4] =
    ["i-0c1f2e3d4b5a69788", "i-0fedcba9876543210", "i-0123456789abcdef0", "i-0a0b0c0d0e0f01020"];

/// One of nine kinds, varied by the round.
fn part(kind: usize, round: usize) -> Part {
    let host = instance(INSTANCES[(kind + round) % INSTANCES.len()]);
    match kind {
        0 => Part {
            kind: "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
            severity: if round == 0 { 9.0 } else { 8.0 },
            title: "Credentials of instance i-0c1f2e3d4b5a69788 were used from 203.0.113.77 outside of AWS",
            description: "Credentials that were made for the EC2 instance i-0c1f2e3d4b5a69788 were used to call ListBuckets from the external address 203.0.113.77.",
            action: call("s3", "ListBuckets", at(0), "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0", None),
            resource: key("web-role:i-0c1f2e3d4b5a69788", "AssumedRole"),
            why: Explanation::new("A session of an instance profile made calls from an address that belongs to no AWS range, while the instance itself was calling from inside the VPC.")
                .compare("caller's address", "203.0.113.77, AS64496 Example Hosting SRL", "10.0.1.24 through vpce-0123")
                .observe("calls from outside", 14)
                .observe("distinct APIs from outside", 6),
            extra: json!({"apiCalls": [{"name": "ListBuckets", "count": 5}, {"name": "GetCallerIdentity", "count": 9}]}),
        },
        1 => Part {
            kind: "CryptoCurrency:EC2/BitcoinTool.B!DNS",
            severity: 8.0,
            title: "EC2 instance queries a domain that belongs to a mining pool",
            description: "The EC2 instance is querying pool.miner.example, which is associated with Bitcoin mining.",
            action: query("pool.miner.example"),
            resource: host,
            why: Explanation::new("The name is on the list of mining pools.")
                .observe("matched entry", "miner.example")
                .observe("queries", 2113),
            extra: json!({"threatListName": "mining-pools", "threatName": "Mining pool", "domain": "pool.miner.example"}),
        },
        2 => Part {
            kind: "UnauthorizedAccess:EC2/SSHBruteForce",
            severity: if round == 1 { 8.0 } else { 2.0 },
            title: "SSH brute force against an EC2 instance",
            description: "203.0.113.9 is trying to guess SSH passwords of the EC2 instance.",
            action: connection("INBOUND", (22, "SSH"), (51_344, "Unknown"), at(4)),
            resource: host,
            why: Explanation::new("One address opened many short SSH connections that carried too few bytes for a session.")
                .compare("connections in 10 minutes", 412, "30")
                .compare("median bytes of a connection", 2_310, "above 4,000 for a session"),
            extra: json!({}),
        },
        3 => Part {
            kind: "Recon:EC2/PortProbeUnprotectedPort",
            severity: 2.0,
            title: "Unprotected ports of an EC2 instance are being probed",
            description: "Ports 22, 3306 and 6379 of the EC2 instance are being probed from known scanners.",
            action: probe(),
            resource: host,
            why: Explanation::new("Known scanners reached ports that answer.").observe("open ports probed", "22, 3306, 6379"),
            extra: json!({"threatListName": "scanners", "threatName": "Scanner"}),
        },
        4 => Part {
            kind: "Stealth:IAMUser/CloudTrailLoggingDisabled",
            severity: 5.0,
            title: "CloudTrail trail org-trail was stopped by alice",
            description: "alice called StopLogging on the trail org-trail from 198.51.100.23.",
            action: call("cloudtrail", "StopLogging", at(1), "console.amazonaws.com", None),
            resource: key("alice", "IAMUser"),
            why: Explanation::new("A trail that was writing was stopped.").observe("trail", "org-trail"),
            extra: json!({}),
        },
        5 => Part {
            kind: "Discovery:S3/TorIPCaller",
            severity: 5.0,
            title: "An S3 API was called from a Tor exit node",
            description: "GetBucketAcl was called on customer-exports-prod from the Tor exit node 198.51.100.23.",
            action: call("s3", "GetBucketAcl", at(1), "Boto3/1.34.0", Some("AccessDenied")),
            resource: bucket("customer-exports-prod", "ci-deploy"),
            why: Explanation::new("The caller's address was a Tor exit at that time.").observe("list", "tor-exits, 2024-05-03"),
            extra: json!({"threatListName": "tor-exits"}),
        },
        6 => Part {
            kind: "Behavior:EC2/TrafficVolumeUnusual",
            severity: 5.0,
            title: "An EC2 instance sends unusually much to 192.0.2.146",
            description: "The EC2 instance sent 48 GB to 192.0.2.146, with which it had exchanged little before.",
            action: connection("OUTBOUND", (44_120, "Unknown"), (443, "HTTPS"), at(2)),
            resource: host,
            why: Explanation::new("The bytes sent to one remote address in an hour are far above what this instance has ever sent to any.")
                .compare("bytes sent in 1 hour", "48.2 GB", "1.3 GB, the most in 30 days"),
            extra: json!({"outBytes": 48_211_034_112_u64, "inBytes": 10_220_018}),
        },
        7 => Part {
            kind: "Policy:IAMUser/RootCredentialUsage",
            severity: 2.0,
            title: "The root user called DescribeInstances",
            description: "The root user of the account called DescribeInstances from 2001:db8:85a3::8a2e:370:7334.",
            action: call("ec2", "DescribeInstances", at(3), "Mozilla/5.0 (X11; Linux x86_64)", None),
            resource: key("Root", "Root"),
            why: Explanation::new("Root credentials were used."),
            extra: json!({}),
        },
        _ => Part {
            kind: "Policy:S3/BucketPublicAccessGranted",
            severity: 8.0,
            title: "customer-exports-prod was opened to the public",
            description: "ci-deploy attached a policy to customer-exports-prod that lets anyone read it.",
            action: call("s3", "PutBucketPolicy", at(2), "Terraform/1.8.2 (+https://www.terraform.io)", None),
            resource: bucket("customer-exports-prod", "ci-deploy"),
            why: Explanation::new("The new policy allows s3:GetObject to everyone, and no public access block is on.")
                .compare("principal", "*", "arn:aws:iam::111122223333:root before"),
            extra: json!({}),
        },
    }
}

/// Forty-one findings of nine kinds, in the order (time, id).
pub fn findings() -> Vec<Finding> {
    let mut list = Vec::new();
    for i in 0..41usize {
        let (kind, round) = (i % 9, i / 9);
        let account = if i % 4 == 3 { "444455556666" } else { "111122223333" };
        let region = if i % 5 == 4 { "eu-central-1" } else { "us-east-1" };
        let n = i as i64;
        let first = time((n * 7 % 23) * DAY_MS + n * 2_700_000);
        let length = if n % 3 == 0 { DAY_MS * (1 + n % 6) } else { n * 400_000 };
        let last = EventTime::from_millis(first.as_millis() + length).unwrap_or(first);
        list.push(finding(part(kind, round), account, region, first, last, 1 + (n * n * 13) % 700));
    }
    sorted(list)
}

/// Findings whose every text that a log can carry is an attack on whoever shows it.
pub fn hostile() -> Vec<Finding> {
    HOSTILE
        .iter()
        .enumerate()
        .map(|(i, text)| hostile_with(text, i))
        .chain([hostile_with(&"A".repeat(65_536), 9)])
        .collect()
}

/// Texts that break naive renderers.
pub const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'onmouseover='alert(1)",
    "</style></script><!-- --><svg/onload=alert(1)>",
    "\u{202e}gpj.exe\u{2066}\u{200b}\u{feff}",
    "\x1b]0;owned\x07\x1b[2J\u{9b}31m\r\nSeverity: none\t\0",
    "=HYPERLINK(\"https://attacker.example\",\"open\")",
    "`$(reboot)`;&&|'{{7*7}}",
];

/// A finding with one text in all places.
pub fn hostile_with(text: &str, index: usize) -> Finding {
    let mut far = remote("203.0.113.66", text, text, text, text);
    far.country = Some(Country { country_code: some(text), country_name: some(text) });
    let mut resource = key(text, text);
    let mut host = instance(text);
    resource.instance_details = host.instance_details.take();
    if let Some(details) = &mut resource.instance_details {
        details.tags = vec![Tag { key: text.into(), value: text.into() }];
    }
    resource.s3_bucket_details =
        vec![S3BucketDetail { arn: some(text), name: some(text), kind: some(text), public_access: None }];
    resource.resource_type = ["Instance", "AccessKey", "S3Bucket"][index % 3].into();
    let mut action = match index % 4 {
        0 => call(text, text, far, text, Some(text)),
        1 => query(text),
        2 => connection(text, (22, text), (99, text), far),
        _ => probe(),
    };
    if let Some(call) = &mut action.aws_api_call_action {
        call.affected_resources.insert(text.into(), text.into());
    }
    let part = Part {
        kind: "UnauthorizedAccess:EC2/SSHBruteForce",
        severity: [2.0, 5.0, 8.0][index % 3],
        title: "",
        description: "",
        action,
        resource,
        why: Explanation::new(text).compare(text, text, text).observe(text, text),
        extra: json!({"threatListName": text, "list": [text, {text: text}], text: text}),
    };
    let first = time(index as i64 * DAY_MS);
    let mut made = finding(part, "111122223333", "us-east-1", first, first, 1);
    made.title = text.into();
    made.description = text.into();
    made
}

/// A summary with something in every part.
pub fn summary() -> Summary {
    let counts = |pairs: &[(&str, u64)]| pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
    Summary {
        version: "0.1.0".into(),
        objects: 12_840,
        objects_skipped: counts(&[("CloudTrail digest", 96), ("outside of the time range", 310)]),
        skipped_examples: vec![("AWSLogs/111122223333/photo.jpg".into(), "not a log".into())],
        objects_unreadable: 1,
        bytes: 48_211_034_112,
        bytes_read: 3_902_118_034,
        records: counts(&[
            ("CloudTrail management events", 1_204_331),
            ("CloudTrail S3 data events", 8_000_412),
            ("VPC flow records", 98_430_551),
            ("Route 53 Resolver queries", 12_004_117),
        ]),
        defects: counts(&[("truncated gzip stream", 1), ("flow record has too few fields", 17)]),
        defect_examples: vec![Defect {
            object: "AWSLogs/111122223333/vpcflowlogs/us-east-1/2024/05/09/x.log.gz".into(),
            line: Some(812),
            offset: Some(91_823),
            cause: "flow record has too few fields".into(),
        }],
        first_event: Some(time(0)),
        last_event: Some(time(30 * DAY_MS - 1)),
        elapsed_secs: 74.2,
        accounts: ["111122223333", "444455556666"].map(str::to_owned).into(),
        regions: ["us-east-1", "eu-central-1"].map(str::to_owned).into(),
        lists: vec![
            ListUsed { name: "tor-exits".into(), category: "tor".into(), entries: 1_214 },
            ListUsed { name: "mining-pools".into(), category: "threat".into(), entries: 8_230 },
            ListUsed { name: "office".into(), category: "trusted".into(), entries: 3 },
        ],
        detectors_without_data: vec![MissingData {
            detector: "metadata-dns-rebind".into(),
            needs: "answers in the resolver query logs".into(),
        }],
        findings_hidden: 4,
        notes: vec!["The period has no VPC flow records of 444455556666.".into()],
    }
}

/// In the order (time, id).
pub fn sorted(mut list: Vec<Finding>) -> Vec<Finding> {
    list.sort_by(|a, b| (&a.created_at, &a.id).cmp(&(&b.created_at, &b.id)));
    list
}
