//! A port that an instance never called before.

use crate::Signal;
use crate::detectors::traffic::{Past, Report, TrafficDetector, byte_counts};
use crate::detectors::{Meta, default_severity, raised};
use crate::hour::{HourView, Link};
use crate::judge::Context;
use crate::net::{port_name, protocol_name};
use crate::profile::{Profile, day, is_exchange};
use picquet_model::{Explanation, Source};
use std::collections::BTreeMap;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "network-port-unusual",
    types: &["Behavior:EC2/NetworkPortUnusual"],
    source: Source::Flow,
    detects: "An instance has connections to a port of a public host that it never called before.",
    decides: "The probability of the port is the interface's share of new ports times how many of the account's \
              interfaces call the port (interpolated Kneser-Ney smoothing). A finding is raised at one in ten \
              thousand or less, after seven days of learning, for established connections in three or more minutes. \
              An interface with records on less than half of these days, but a hundred minutes with connections, is \
              judged by its account, if that has ten interfaces. Addresses of AWS do not count.",
    benign: "A release that brings a new dependency; a person who tries something from a host.",
};

/// The detector. What it compares with is in the profile.
pub struct NetworkPortUnusual;

/// What is taken from each count that was seen, for those that were not (Kneser and Ney, 1995).
const DISCOUNT: f64 = 0.75;
/// Minutes with connections of an interface that is judged by its account: in fewer, a port that one in thirty of its
/// connections goes to may well not have been seen yet.
const ENOUGH: u64 = 100;
/// As many minutes with connections say as much of an interface as its account does.
const FEW: f64 = 50.0;
/// Ports of a protocol.
const ALL_PORTS: f64 = 65_536.0;

/// The probability that an interface calls a port which is new to it.
fn probability(profile: &Profile, past: &Past<'_>, key: (u8, u16)) -> (f64, u32) {
    let own = profile.ports.contains_key(&key);
    let (mut kinds, mut minutes) = (0.0, 0.0);
    for (_, used) in profile.ports.iter().filter(|(k, _)| **k != key) {
        kinds += 1.0;
        minutes += f64::from(used.times);
    }
    // Of one that has few records the account says how often interfaces call a port that is new to them.
    let usual = past.account.port_uses as f64 / (past.account.minutes as f64).max(1.0);
    let novelty = (DISCOUNT * (kinds + FEW * usual.min(1.0)) / (minutes + FEW)).min(1.0);
    // Of other interfaces: this one may have tried the port once or twice already.
    let others = past.account.ports.get(&key).copied().unwrap_or(0).saturating_sub(u32::from(own));
    let uses = (past.account.port_uses as f64).max(1.0);
    let rest = DISCOUNT * past.account.ports.len() as f64 / uses;
    let usual = (f64::from(others) - DISCOUNT).max(0.0) / uses + rest.min(1.0) / ALL_PORTS;
    (novelty * usual, others)
}

impl TrafficDetector for NetworkPortUnusual {
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let tuning = &cx.env.tuning;
        let stands_in = |p: &&Profile| {
            let seen: u64 = p.ports.values().map(|u| u64::from(u.times)).sum();
            p.is_old(view.hour, tuning.learning.days) && seen >= ENOUGH && past.account_is_mature(view.hour, cx)
        };
        let Some(profile) = past.mature(view.hour, cx).or_else(|| past.profile.filter(stands_in)) else { return };
        let params = &tuning.network_port_unusual;
        let mut ports = BTreeMap::<(u8, u16), Vec<Link>>::new();
        for link in view.links.iter().filter(|l| l.public && l.port != 0 && l.is_outbound() && is_exchange(l)) {
            ports.entry((link.protocol, link.port)).or_default().push(*link);
        }
        let learned = day(profile.first_hour).saturating_add(tuning.learning.days);
        for (key, mut links) in ports {
            let known = profile.ports.get(&key);
            let before = known.map_or(0, |u| u.times);
            if before >= params.minutes || known.is_some_and(|u| u.first < learned) {
                continue;
            }
            links.retain(|l| !cx.env.aws.contains(l.remote));
            let minutes = links.iter().fold(0, |m, l| m | l.minutes).count_ones() + before;
            if minutes < params.minutes {
                continue;
            }
            let (p, others) = probability(profile, past, key);
            let Some(finding_type) = raised(cx.env, META.types[0]).filter(|_| p <= params.probability) else {
                continue;
            };
            let (protocol, port) = key;
            let high = params.high_severity_ports.contains(&port);
            let hosts: std::collections::BTreeSet<_> = links.iter().map(|l| l.remote).collect();
            let why = Explanation::new(format!(
                "The instance has connections to {} port {port} ({}) of {} host(s), which it never called in {} days; \
                 {others} of {} other interfaces of the account do. The probability is {p:.1e}.",
                protocol_name(protocol),
                port_name(port),
                hosts.len(),
                profile.days,
                past.account.interfaces.saturating_sub(1),
            ))
            .compare("minutes with connections to the port", minutes, format!("{} or more", params.minutes))
            .compare("probability", format!("{p:.1e}"), format!("{:.0e} at most", params.probability))
            .observe("ports that it called before", profile.ports.len())
            .observe("days that were learned", profile.days)
            .observe("other interfaces of the account that call the port", others);
            let mut extra = byte_counts(&links);
            extra.insert("unusual".into(), port.to_string());
            if high {
                extra.insert("context".into(), "Possible log4j callback".into());
            }
            let severity_tenths = if high { 80 } else { default_severity(finding_type) };
            let count = links.iter().map(Link::connections).sum();
            let report = Report { view, meta: &META, finding_type, severity_tenths, links, count };
            out.extend(report.signal(cx, extra, why));
        }
    }
}
