//! What every finding must have, whoever raised it (the service model's shapes, and the catalogue's row).

use picquet_model::{EventTime, Finding, TypeId};

/// Panics where a finding is not one that GuardDuty's consumers can read, or contradicts its catalogue row.
pub fn assert_valid(f: &Finding) {
    let what = &f.finding_type;
    let row = TypeId::of(what).unwrap_or_else(|| panic!("no such type: {what}")).row();
    assert_eq!(f.schema_version, "2.0", "{what}");
    assert!(is_hex32(&f.id), "{what}: the id is {}", f.id);
    assert!(is_hex32(&f.service.detector_id), "{what}");
    assert!((1.0..=10.0).contains(&f.severity), "{what}: severity {}", f.severity);
    assert!(f.account_id.len() == 12 && f.account_id.bytes().all(|b| b.is_ascii_digit()), "{what}: {}", f.account_id);
    let arn = format!(
        "arn:{}:guardduty:{}:{}:detector/{}/finding/{}",
        f.partition, f.region, f.account_id, f.service.detector_id, f.id
    );
    assert_eq!(f.arn, arn, "{what}");
    let (first, last) = (moment(&f.service.event_first_seen), moment(&f.service.event_last_seen));
    assert!(first <= last, "{what}: it ends before it begins");
    assert_eq!((&f.created_at, &f.updated_at), (&f.service.event_first_seen, &f.service.event_last_seen), "{what}");
    assert!(f.service.count >= 1, "{what}: count {}", f.service.count);
    assert_eq!(f.service.service_name, "guardduty");
    assert!(matches!(f.service.resource_role.as_str(), "TARGET" | "ACTOR"), "{what}: {}", f.service.resource_role);
    texts(f);
    action(f, &row.action);
    resource(f, &row.resource);
    let info = f.service.additional_info.members();
    assert_eq!(f.service.additional_info.kind, "default", "{what}");
    let why = info.get("picquet").and_then(|p| p.get("why")).and_then(|w| w.as_str()).unwrap_or_default();
    assert!(!why.is_empty(), "{what}: no reason is given");
    let detector = info["picquet"]["detector"].as_str().unwrap_or_default();
    assert!(row.is_raised_by(detector), "{what}: {detector} does not raise it");
    if row.technique == "threat-list" {
        let lists = f.service.evidence.as_ref().map_or(0, |e| e.threat_intelligence_details.len());
        assert!(lists > 0, "{what}: no list is named as evidence");
        assert!(info.contains_key("threatListName"), "{what}");
    }
}

fn is_hex32(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn moment(text: &str) -> EventTime {
    assert!(text.len() == 24 && text.ends_with('Z'), "'{text}' is not a time with milliseconds");
    EventTime::parse_rfc3339(text).unwrap_or_else(|| panic!("'{text}' is no time"))
}

/// Placeholders are filled, and with something: "unknown" tells nobody anything.
fn texts(f: &Finding) {
    for text in [&f.title, &f.description] {
        assert!(!text.trim().is_empty(), "{}", f.finding_type);
        assert!(!text.contains(['{', '}']), "{}: an unfilled placeholder in '{text}'", f.finding_type);
        assert!(!text.contains("unknown"), "{}: '{text}'", f.finding_type);
        assert!(!text.contains("()") && !text.contains("  "), "{}: '{text}'", f.finding_type);
    }
    assert!(f.title.chars().count() <= 200, "{}: {}", f.finding_type, f.title);
}

fn action(f: &Finding, kind: &str) {
    let a = &f.service.action;
    assert_eq!(a.action_type, kind, "{}", f.finding_type);
    let set = [
        ("AWS_API_CALL", a.aws_api_call_action.is_some()),
        ("DNS_REQUEST", a.dns_request_action.is_some()),
        ("NETWORK_CONNECTION", a.network_connection_action.is_some()),
        ("PORT_PROBE", a.port_probe_action.is_some()),
    ];
    let named: Vec<&str> = set.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    assert_eq!(named, [kind], "{}: exactly the block that actionType names", f.finding_type);
    if let Some(call) = &a.aws_api_call_action {
        assert!(!call.api.is_empty() && call.service_name.contains('.'), "{}", f.finding_type);
        match call.caller_type.as_str() {
            "Remote IP" => assert!(call.remote_ip_details.is_some() && call.domain_details.is_none()),
            "Domain" => assert!(call.remote_ip_details.is_none() && call.domain_details.is_some()),
            other => panic!("{}: callerType {other}", f.finding_type),
        }
    }
    if let Some(probe) = &a.port_probe_action {
        assert!(!probe.port_probe_details.is_empty(), "{}", f.finding_type);
    }
    if let Some(n) = &a.network_connection_action {
        assert!(matches!(n.connection_direction.as_str(), "INBOUND" | "OUTBOUND" | "UNKNOWN"));
        let r = &n.remote_ip_details;
        assert!(r.ip_address_v4.is_some() != r.ip_address_v6.is_some(), "{}: one remote address", f.finding_type);
    }
}

fn resource(f: &Finding, kind: &str) {
    let r = &f.resource;
    assert_eq!(r.resource_type, kind, "{}", f.finding_type);
    match kind {
        "Instance" => {
            let details = r.instance_details.as_ref().unwrap_or_else(|| panic!("{}: no instance", f.finding_type));
            assert!(
                details.instance_id.is_some() || !details.network_interfaces.is_empty(),
                "{}: nothing says which instance",
                f.finding_type
            );
            assert!(r.access_key_details.is_none() && r.s3_bucket_details.is_empty(), "{}", f.finding_type);
        }
        "AccessKey" => {
            // AWS shows the instance beside the credentials that were taken from it.
            let beside = f.finding_type.contains("/InstanceCredentialExfiltration");
            assert!(r.access_key_details.is_some() && r.instance_details.is_some() == beside, "{}", f.finding_type);
        }
        "S3Bucket" => {
            assert!(r.access_key_details.is_some() && r.instance_details.is_none(), "{}", f.finding_type);
            assert!(r.s3_bucket_details.iter().any(|b| b.name.is_some()), "{}: no bucket", f.finding_type);
        }
        other => panic!("{}: resource type {other}", f.finding_type),
    }
}
