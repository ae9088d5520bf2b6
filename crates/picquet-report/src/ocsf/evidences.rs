//! Resources, evidence and observables, in OCSF.

use super::OcsfVersion;
use crate::view::{View, address, present};
use picquet_model::Finding;
use picquet_model::finding::{AccessKeyDetails, LocalIpDetails, PortDetails, RemoteIpDetails};
use serde_json::{Value, json};

/// The affected resources.
pub(super) fn resources(finding: &Finding) -> Value {
    let r = &finding.resource;
    let one = |kind: &str, uid: &str, name: Option<&str>, data: Value| {
        json!({
            "type": kind,
            "uid": uid,
            "name": name,
            "region": finding.region,
            "cloud_partition": finding.partition,
            "owner": {"uid": finding.account_id, "account": {"uid": finding.account_id, "type_id": 10, "type": "AWS Account"}},
            "data": data,
        })
    };
    let mut list = Vec::new();
    if let Some(i) = &r.instance_details {
        let eni = i.network_interfaces.first().and_then(|e| present(&e.network_interface_id));
        if let Some(id) = present(&i.instance_id).or(eni) {
            let name = i.tags.iter().find(|tag| tag.key == "Name").map(|tag| tag.value.as_str());
            list.push(one("AWS::EC2::Instance", id, name, json!(i)));
        }
    }
    if let Some(k) = &r.access_key_details {
        let uid = present(&k.access_key_id).or_else(|| present(&k.principal_id)).or_else(|| present(&k.user_name));
        if let Some(uid) = uid {
            list.push(one("AWS::IAM::AccessKey", uid, present(&k.user_name), json!(k)));
        }
    }
    for b in &r.s3_bucket_details {
        if let Some(uid) = present(&b.arn).or_else(|| present(&b.name)) {
            list.push(one("AWS::S3::Bucket", uid, present(&b.name), json!(b)));
        }
    }
    if list.is_empty() {
        list.push(one("AWS::::Account", &finding.account_id, None, Value::Null));
    }
    list.into()
}

/// What was seen: an API call with its actor, a query, or connections.
pub(super) fn evidences(finding: &Finding, version: OcsfVersion) -> Value {
    let endpoint = |remote: &RemoteIpDetails, port: Option<&PortDetails>| endpoint(remote, port, version);
    let action = &finding.service.action;
    let instance = finding.resource.instance_details.as_ref().and_then(|i| present(&i.instance_id));
    if let Some(call) = &action.aws_api_call_action {
        let source = call.remote_ip_details.as_ref().map(|remote| endpoint(remote, None)).or_else(|| {
            // A service that calls has a name and no address.
            call.domain_details.as_ref().map(|d| json!({"domain": d.domain}))
        });
        return json!([{
            "api": {
                "operation": call.api,
                "service": {"name": call.service_name},
                "response": call.error_code.as_ref().map(|code| json!({"error": code})),
            },
            "actor": finding.resource.access_key_details.as_ref().map(actor),
            "src_endpoint": source,
            "data": {"user_agent": call.user_agent, "affected_resources": call.affected_resources},
        }]);
    }
    if let Some(query) = &action.dns_request_action {
        let hostname = Some(&query.domain).filter(|name| version.has_free_text() || is_hostname(name));
        return json!([{
            "query": hostname.map(|name| json!({"hostname": name})),
            "src_endpoint": {"instance_uid": instance},
            "data": {"domain": query.domain, "protocol": query.protocol, "blocked": query.blocked},
        }]);
    }
    if let Some(net) = &action.network_connection_action {
        let near = local(net.local_ip_details.as_ref(), &net.local_port_details, instance);
        let far = endpoint(&net.remote_ip_details, Some(&net.remote_port_details));
        let (direction_id, direction) = match net.connection_direction.as_str() {
            "INBOUND" => (1, "Inbound"),
            "OUTBOUND" => (2, "Outbound"),
            _ => (0, "Unknown"),
        };
        let (src, dst) = if direction_id == 1 { (far, near) } else { (near, far) };
        return json!([{
            "src_endpoint": src,
            "dst_endpoint": dst,
            "connection_info": {
                "direction_id": direction_id,
                "direction": direction,
                "protocol_name": net.protocol.to_lowercase(),
            },
            "data": {"blocked": net.blocked},
        }]);
    }
    let probes = action.port_probe_action.iter().flat_map(|probe| &probe.port_probe_details);
    probes
        .map(|d| {
            json!({
                "src_endpoint": endpoint(&d.remote_ip_details, None),
                "dst_endpoint": local(d.local_ip_details.as_ref(), &d.local_port_details, instance),
                "connection_info": {"direction_id": 1, "direction": "Inbound"},
            })
        })
        .collect()
}

fn actor(k: &AccessKeyDetails) -> Value {
    let (type_id, kind) = match k.user_type.as_deref() {
        Some("Root") => (2, "Admin"),
        Some("AWSService") => (3, "System"),
        Some("IAMUser" | "AssumedRole" | "FederatedUser" | "SAMLUser" | "IdentityCenterUser") => (1, "User"),
        Some(other) => (99, other),
        None => (0, "Unknown"),
    };
    json!({"user": {
        "name": k.user_name,
        "uid": k.principal_id,
        "credential_uid": k.access_key_id,
        "type_id": type_id,
        "type": kind,
    }})
}

/// Labels of letters, digits and inner hyphens: what versions before 1.4 take as a host name.
fn is_hostname(name: &str) -> bool {
    name.split('.').all(|label| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    })
}

fn endpoint(r: &RemoteIpDetails, port: Option<&PortDetails>, version: OcsfVersion) -> Value {
    let organization = r.organization.as_ref();
    let coordinates = r.geo_location.filter(|_| version.has_networks());
    json!({
        "ip": address(r),
        "port": port.map(|p| p.port),
        "svc_name": port.map(|p| p.port_name.as_str()).filter(|name| *name != "Unknown"),
        "location": {
            "country": r.country.as_ref().and_then(|c| c.country_code.as_ref()),
            "city": r.city.as_ref().and_then(|c| c.city_name.as_ref()),
            "lat": coordinates.map(|g| g.lat),
            "long": coordinates.map(|g| g.lon),
            "isp": organization.and_then(|o| o.isp.as_ref()),
        },
        "autonomous_system": organization.filter(|_| version.has_networks()).map(|o| json!({
            "number": o.asn.as_deref().and_then(|asn| asn.parse::<u32>().ok()),
            "name": o.asn_org,
        })),
    })
}

fn local(l: Option<&LocalIpDetails>, port: &PortDetails, instance: Option<&str>) -> Value {
    json!({
        "ip": l.and_then(|l| present(&l.ip_address_v4).or_else(|| present(&l.ip_address_v6))),
        "port": port.port,
        "instance_uid": instance,
    })
}

/// What to pivot on. The names are the paths of the members in the event.
pub(super) fn observables(v: View<'_>, version: OcsfVersion) -> Value {
    let mut list = Vec::new();
    let mut add = |name: &str, type_id: u8, kind: &str, value: &str| {
        let observable = json!({"name": name, "type_id": type_id, "type": kind, "value": value});
        if !value.is_empty() && !list.contains(&observable) {
            list.push(observable);
        }
    };
    let outbound = v.action().network_connection_action.as_ref().is_some_and(|n| n.connection_direction != "INBOUND");
    let side = if outbound { "evidences[].dst_endpoint.ip" } else { "evidences[].src_endpoint.ip" };
    for remote in v.remotes() {
        add(side, 2, "IP Address", address(remote).unwrap_or_default());
    }
    if let Some(query) = &v.action().dns_request_action {
        add("evidences[].query.hostname", 1, "Hostname", &query.domain);
    }
    if let Some(k) = &v.finding.resource.access_key_details {
        let user = k.user_name.as_deref().unwrap_or_default();
        if v.action().aws_api_call_action.is_some() {
            add("evidences[].actor.user.name", 4, "User Name", user);
        } else if version.has_resource_names() {
            add("resources[].name", 38, "Resource Details Object: name", user);
        } else {
            add("resources[].name", 4, "User Name", user);
        }
    }
    add("resources[].uid", 10, "Resource UID", resources(v.finding)[0]["uid"].as_str().unwrap_or_default());
    list.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_observable_is_of_the_type_of_what_it_points_to() {
        let all = samples::findings();
        let mut finding = all.into_iter().find(|f| f.resource.access_key_details.is_some()).unwrap();
        finding.resource.access_key_details.as_mut().unwrap().user_name = Some("ann".into());
        let of_user = |finding: &Finding, version: &str| {
            let list = observables(View::new(finding), version.parse().unwrap());
            let found = list.as_array().unwrap().iter().find(|o| o["value"] == "ann").cloned().unwrap();
            (found["name"].as_str().unwrap().to_owned(), found["type_id"].as_i64().unwrap())
        };
        finding.service.action.aws_api_call_action = None;
        assert_eq!(of_user(&finding, "1.5"), ("resources[].name".into(), 38));
        assert_eq!(of_user(&finding, "1.3"), ("resources[].name".into(), 4));
        finding.service.action.aws_api_call_action = Some(Default::default());
        assert_eq!(of_user(&finding, "1.5"), ("evidences[].actor.user.name".into(), 4));
    }
}
