//! Floods: very many packets to one host that does not answer.

use crate::Signal;
use crate::detectors::traffic::{Past, Report, TrafficDetector, byte_counts};
use crate::detectors::{Meta, default_severity, raised};
use crate::hour::{HourView, Link};
use crate::judge::Context;
use crate::net::protocol_name;
use crate::profile::day;
use crate::tuning::DenialOfService as Params;
use picquet_model::{Explanation, Source};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "denial-of-service",
    types: &[
        "Backdoor:EC2/DenialOfService.Dns",
        "Backdoor:EC2/DenialOfService.Tcp",
        "Backdoor:EC2/DenialOfService.Udp",
        "Backdoor:EC2/DenialOfService.UdpOnTcpPorts",
        "Backdoor:EC2/DenialOfService.UnusualProtocol",
    ],
    source: Source::Flow,
    detects: "A flood from an instance to one public address.",
    decides: "All packets of a protocol to one address within an hour are summed up, whatever their ports. 200,000 or \
              more, 333 or more a second over the minutes in which they were sent, with hardly any coming back (or, \
              over TCP, none with content either way), and five times as many as before are a flood. Earlier floods \
              count half for every 30 days since, and those that were found from the third day on.",
    benign: "One-way streams of media or measurements to the internet when they are first seen; load tests.",
};

/// The detector. What it compares with is in the profile.
pub struct DenialOfService;

/// Protocols that instances use: ICMP, TCP, UDP, GRE, ESP, ICMPv6.
const USUAL: [u8; 6] = [1, 6, 17, 47, 50, 58];
/// TCP segments without content are no longer than this, with all options.
const BARE: u64 = 60;

/// Packets a second from which on a single record tells a flood that is shorter than a minute.
const BURST: u64 = 3000;

#[derive(Default)]
struct Flood {
    links: Vec<Link>,
    out: [u64; 2],
    back: [u64; 2],
    minutes: u64,
    peak: u32,
}

impl Flood {
    fn add(&mut self, link: &Link) {
        for (sum, way) in [(&mut self.out, &link.out), (&mut self.back, &link.inward)] {
            sum[0] = sum[0].saturating_add(link.of_all(way.packets));
            sum[1] = sum[1].saturating_add(link.of_all(way.bytes));
        }
        self.minutes |= link.minutes;
        self.peak = self.peak.max(link.out.peak);
        self.links.push(*link);
    }

    /// Packets a second: over the minutes with packets, or in the fastest record.
    fn rate(&self) -> u64 {
        let over = 60 * u64::from(self.minutes.count_ones().max(1));
        let peak = u64::from(self.peak);
        (self.out[0] / over).max(if peak >= BURST { peak } else { 0 })
    }

    fn is_one_way(&self, protocol: u8, percent: u64) -> bool {
        let unanswered = self.back[0].saturating_mul(100) <= self.out[0].saturating_mul(percent);
        if protocol != 6 {
            return unanswered;
        }
        // Acknowledgements of an upload may be few; a flood's segments are bare or are not acknowledged at all.
        let bare = |sum: [u64; 2]| sum[1] <= sum[0].saturating_mul(BARE);
        (unanswered && (bare(self.out) || self.back[0] == 0)) || (bare(self.out) && bare(self.back))
    }

    /// The remote port that most packets went to, and the share of all.
    fn port(&self) -> (u16, u64) {
        let mut ports = BTreeMap::<u16, u64>::new();
        for link in &self.links {
            *ports.entry(link.ports().1).or_default() += link.of_all(link.out.packets);
        }
        ports.into_iter().max_by_key(|(port, packets)| (*packets, *port)).unwrap_or_default()
    }
}

fn type_of(protocol: u8, port: u16, params: &Params) -> Option<&'static str> {
    Some(match (protocol, port) {
        (6, _) => META.types[1],
        (17, 53) => META.types[0],
        (17, port) if params.tcp_ports.contains(&port) => META.types[3],
        (17, _) => META.types[2],
        (other, _) if !USUAL.contains(&other) => META.types[4],
        _ => return None,
    })
}

impl TrafficDetector for DenialOfService {
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let params = &cx.env.tuning.denial_of_service;
        let all: u64 = view.links.iter().filter(|l| l.public).fold(0, |n, l| n.saturating_add(l.of_all(l.out.packets)));
        if all < params.packets {
            return;
        }
        let mut floods = BTreeMap::<(IpAddr, u8), Flood>::new();
        for link in view.links.iter().filter(|l| l.public && l.out.records > 0) {
            floods.entry((link.remote, link.protocol)).or_default().add(link);
        }
        let usual = past.profile.map_or(0, |p| p.most_unanswered.most(day(view.hour)).today);
        for ((remote, protocol), flood) in floods {
            let packets = flood.out[0];
            let enough = packets >= params.packets && flood.rate() >= params.packets_per_second;
            let unusual = packets >= usual.saturating_mul(params.times_usual);
            if !(enough && unusual && flood.is_one_way(protocol, params.reply_percent)) {
                continue;
            }
            let (port, to_port) = flood.port();
            // Of a flood of many ports none is the one that it is about.
            let about = if to_port * 2 >= packets { port } else { 0 };
            let Some(finding_type) = type_of(protocol, about, params).and_then(|name| raised(cx.env, name)) else {
                continue;
            };
            let name = protocol_name(protocol);
            let why = Explanation::new(format!(
                "The instance sent {packets} packets of {name} to {remote} within an hour, {} a second, and {} came \
                 back; the most that any host left unanswered in an hour before were {usual}.",
                flood.rate(),
                flood.back[0]
            ))
            .compare("packets in the hour", packets, format!("{} or more", params.packets))
            .compare("packets a second", flood.rate(), format!("{} or more", params.packets_per_second))
            .compare("packets that came back", flood.back[0], format!("{} % at most", params.reply_percent))
            .compare(
                "most unanswered packets of an earlier hour",
                usual,
                format!("{} times as many", params.times_usual),
            );
            let mut extra = byte_counts(&flood.links);
            if finding_type.name().ends_with(".UnusualProtocol") {
                extra.insert("unusualProtocol".into(), name);
            }
            let count = flood.links.iter().map(|l| u64::from(l.out.records)).sum();
            let severity_tenths = default_severity(finding_type);
            let report = Report { view, meta: &META, finding_type, severity_tenths, links: flood.links, count };
            out.extend(report.signal(cx, extra, why));
        }
    }
}
