//! A known scanner finds an open port.

use crate::detectors::threat_list::flow::Peer;
use crate::detectors::threat_list::{list_match, named};
use crate::detectors::{Meta, raised};
use crate::facts::signal::{Detail, Direction, ProbeDetail, Role};
use crate::facts::{Class, Fact, FactKey};
use crate::judge::{Context, Judge};
use crate::net::port_name;
use crate::{Signal, Str};
use picquet_intel::Category;
use picquet_model::{Explanation, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "port-probe",
    types: &["Recon:EC2/PortProbeEMRUnprotectedPort", "Recon:EC2/PortProbeUnprotectedPort"],
    source: Source::Flow,
    detects: "A known scanner or malicious host connects to a port of an instance, and the port is open.",
    decides: "A TCP connection from an address of a scanner or malicious-ip list was let through and answered with more \
              than a reset. Ports 80 and 443 do not count. One finding an instance, with the latest probes.",
    benign: "Services that are meant for everybody on other ports, such as mail.",
};

/// The judge.
pub struct PortProbe;

impl Judge for PortProbe {
    fn class(&self) -> Class {
        Class::Peer
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Some(peer) = Peer::of(key, fact, cx) else { return };
        let params = &cx.env.tuning.port_probe;
        let port = peer.service_port;
        let tcp = peer.protocol == 6;
        let probed = tcp && peer.direction == Direction::Inbound && peer.exchanged() && peer.facts.answered;
        if !probed || port == 0 || params.ignored_ports.contains(&port) {
            return;
        }
        let Some(hits) = cx.env.intel.ip(peer.remote) else { return };
        let lists: BTreeSet<_> = cx
            .env
            .intel
            .hits(hits)
            .filter(|h| matches!(h.category, Category::Scanner | Category::MaliciousIp))
            .map(|h| list_match(&h))
            .collect();
        if lists.is_empty() {
            return;
        }
        let f = peer.facts;
        let instance = cx.inventory.instance_of(&key.region, peer.interface, f.latest.0);
        let emr = params.emr_ports.contains(&port) && is_emr(key, &peer, instance.as_ref(), cx);
        let name = if emr { META.types[0] } else { META.types[1] };
        let Some(finding_type) = raised(cx.env, name) else { return };
        let high = emr || params.high_severity_ports.contains(&port);
        let explanation = Explanation::new(format!(
            "{} reached the open port {port} ({}) of the instance; it is on the list {}.",
            peer.remote,
            port_name(port),
            named(&lists)
        ))
        .observe("records from the scanner in the hour", f.inward.records)
        .observe("records of answers in the hour", f.out.records);
        out.push(Signal {
            finding_type,
            detector: META.name.into(),
            role: Role::Target,
            severity_tenths: if high { 80 } else { 20 },
            account: key.account.clone(),
            region: key.region.clone(),
            global: false,
            key: vec![instance.unwrap_or_else(|| Str::from(peer.interface))],
            count: f.inward.records,
            first: f.first,
            last: f.last,
            hash: f.latest.1,
            detail: Detail::Probe {
                interface_id: peer.interface.into(),
                probes: vec![ProbeDetail {
                    last: f.last,
                    local_port: port,
                    remote_ip: peer.remote,
                    local_ip: peer.local,
                }],
            },
            lists,
            apis: BTreeMap::new(),
            extra: BTreeMap::new(),
            explanation,
        });
    }
}

/// Whether the instance is a node of an EMR cluster, by EMR's own tags or managed security groups (EMR
/// management guide, "Tag Amazon EMR cluster resources", "Amazon EMR-managed security groups").
fn is_emr(key: &FactKey, peer: &Peer<'_>, instance: Option<&Str>, cx: &Context<'_>) -> bool {
    let tagged = instance
        .and_then(|id| cx.inventory.instance(&key.region, id))
        .and_then(|i| i.tags)
        .is_some_and(|tags| tags.value.iter().any(|t| t.key.starts_with("aws:elasticmapreduce:")));
    let grouped = cx.inventory.interface(&key.region, peer.interface).and_then(|i| i.groups).is_some_and(|g| {
        g.value.iter().any(|g| g.group_name.as_deref().is_some_and(|n| n.starts_with("ElasticMapReduce-")))
    });
    tagged || grouped
}
