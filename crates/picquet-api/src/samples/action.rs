//! What happened in a sample.

use super::Kind;
use crate::call::Call;
use serde_json::{Map, Value, json};

fn remote() -> Value {
    json!({
        "ipAddressV4": "198.51.100.0",
        "country": { "countryName": "GeneratedFindingCountryName" },
        "city": { "cityName": "GeneratedFindingCityName" },
        "geoLocation": { "lat": 0.0, "lon": 0.0 },
        "organization": {
            "asn": "-1",
            "asnOrg": "GeneratedFindingASNOrg",
            "isp": "GeneratedFindingISP",
            "org": "GeneratedFindingORG",
        },
    })
}

/// The action, of types that have one.
pub fn of(kind: &Kind) -> Option<Value> {
    let details = match kind.action {
        "AWS_API_CALL" => json!({
            "actionType": "AWS_API_CALL",
            "awsApiCallAction": {
                "api": "GeneratedFindingAPIName",
                "serviceName": "GeneratedFindingAPIServiceName",
                "callerType": "Remote IP",
                "remoteIpDetails": remote(),
                "affectedResources": {},
            },
        }),
        "DNS_REQUEST" => json!({
            "actionType": "DNS_REQUEST",
            "dnsRequestAction": { "domain": "GeneratedFindingDomainName", "protocol": "UDP", "blocked": false },
        }),
        "NETWORK_CONNECTION" => json!({
            "actionType": "NETWORK_CONNECTION",
            "networkConnectionAction": {
                "connectionDirection": "OUTBOUND",
                "protocol": "TCP",
                "blocked": false,
                "localPortDetails": { "port": 39677, "portName": "Unknown" },
                "remotePortDetails": { "port": 80, "portName": "HTTP" },
                "localIpDetails": { "ipAddressV4": "10.0.0.23" },
                "remoteIpDetails": remote(),
            },
        }),
        "PORT_PROBE" => json!({
            "actionType": "PORT_PROBE",
            "portProbeAction": {
                "blocked": false,
                "portProbeDetails": [{
                    "localPortDetails": { "port": 80, "portName": "HTTP" },
                    "localIpDetails": { "ipAddressV4": "10.0.0.23" },
                    "remoteIpDetails": remote(),
                }],
            },
        }),
        "KUBERNETES_API_CALL" => json!({
            "actionType": "KUBERNETES_API_CALL",
            "kubernetesApiCallAction": {
                "requestUri": "GeneratedFindingRequestURI",
                "verb": "create",
                "sourceIPs": ["198.51.100.0"],
                "userAgent": "GeneratedFindingUserAgent",
                "remoteIpDetails": remote(),
                "statusCode": 200,
            },
        }),
        "RDS_LOGIN_ATTEMPT" => json!({
            "actionType": "RDS_LOGIN_ATTEMPT",
            "rdsLoginAttemptAction": {
                "remoteIpDetails": remote(),
                "LoginAttributes": [{
                    "user": "GeneratedFindingUserName",
                    "application": "GeneratedFindingApplicationName",
                    "failedLoginAttempts": 10,
                    "successfulLoginAttempts": 1,
                }],
            },
        }),
        _ => return None,
    };
    Some(details)
}

/// What types without an action have in its place: the process, the scan, the sequence.
pub fn instead(kind: &Kind, call: &Call<'_>) -> Map<String, Value> {
    let seconds = call.seconds();
    let mut members = Map::new();
    let (_, of_what) = kind.name.split_once(':').unwrap_or_default();
    if of_what.starts_with("Runtime/") {
        let process = json!({
            "name": "GeneratedFindingProcessName",
            "executablePath": "/GeneratedFindingExecutablePath",
            "pid": 12345,
            "startTime": seconds,
            "user": "GeneratedFindingUserName",
        });
        members.insert("runtimeDetails".into(), json!({ "process": process, "context": {} }));
        members.insert("featureName".into(), "RuntimeMonitoring".into());
    } else if kind.name.starts_with("AttackSequence:") {
        let sequence = json!({
            "uid": "GeneratedFindingSequenceUid",
            "description": "A sample of an attack sequence.",
            "signals": [{
                "uid": "GeneratedFindingSignalUid",
                "type": "FINDING",
                "name": "GeneratedFindingSignalName",
                "createdAt": seconds,
                "updatedAt": seconds,
                "firstSeenAt": seconds,
                "lastSeenAt": seconds,
                "count": 1,
            }],
        });
        members.insert("detection".into(), json!({ "sequence": sequence }));
    } else if of_what.ends_with("/MaliciousFile") {
        let threat =
            json!({ "name": "GeneratedFindingThreatName", "source": "GeneratedFindingThreatSource", "itemPaths": [] });
        members.insert(
            "malwareScanDetails".into(),
            json!({ "threats": [threat], "uniqueThreatCount": 1, "scanId": "GeneratedFindingScanId" }),
        );
    }
    members
}
