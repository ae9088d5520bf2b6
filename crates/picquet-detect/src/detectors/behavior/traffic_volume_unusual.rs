//! Far more bytes to one host than an instance ever sent.

use crate::Signal;
use crate::detectors::traffic::{Past, Report, TrafficDetector, byte_counts};
use crate::detectors::{Meta, default_severity, raised};
use crate::hour::{HourView, Link};
use crate::judge::Context;
use crate::profile::{day, remote_hash};
use picquet_model::{EventTime, Explanation, Source};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "traffic-volume-unusual",
    types: &["Behavior:EC2/TrafficVolumeUnusual"],
    source: Source::Flow,
    detects: "An instance sends far more to one public host than it ever sent to any.",
    decides: "The bytes sent to a host within an hour are 250 MB or more, three times the most that the interface ever \
              sent to one host in an hour, and six robust standard deviations of the logarithm above the median of \
              its hours. Earlier volume counts half for every 30 days since; what a finding was raised for counts \
              from the third day on. Seven days are learned first.",
    benign: "A first backup, a migration, a new replica outside of the network.",
};

/// The detector. What it compares with is in the profile.
pub struct TrafficVolumeUnusual;

impl TrafficDetector for TrafficVolumeUnusual {
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Some(profile) = past.mature(view.hour, cx) else { return };
        let params = &cx.env.tuning.traffic_volume_unusual;
        if view.links.iter().fold(0u64, |n, l| n.saturating_add(l.out.bytes)) < params.bytes {
            return;
        }
        let mut hosts = BTreeMap::<IpAddr, Vec<Link>>::new();
        for link in view.links.iter().filter(|l| l.public && l.out.records > 0) {
            hosts.entry(link.remote).or_default().push(*link);
        }
        let most = profile.most_sent.most(day(view.hour));
        for (host, links) in hosts {
            let sum = |of: fn(&Link) -> u64| links.iter().map(of).fold(0u64, u64::saturating_add);
            let (bytes, back) = (sum(|l| l.out.bytes), sum(|l| l.inward.packets));
            // What nobody takes is a flood, not data that goes out.
            if back == 0 || bytes < params.bytes || bytes < most.today.saturating_mul(params.times_most) {
                continue;
            }
            let (median, deviation) = profile.deviation(bytes);
            if deviation < params.deviation {
                continue;
            }
            let Some(finding_type) = raised(cx.env, META.types[0]) else { continue };
            let hours: u64 = profile.sent.values().map(|n| u64::from(*n)).sum();
            let before = profile.destinations.get(&remote_hash(host)).map_or(0, |(bytes, _)| *bytes);
            let since = EventTime::from_secs(i64::from(most.day) * 86_400).unwrap_or(EventTime::MIN);
            let since = since.to_string().chars().take(10).collect::<String>();
            let why = Explanation::new(format!(
                "The instance sent {bytes} bytes to {host} within an hour. In {hours} hours of {} days it sent {median} \
                 to one host in the middle, and {} at most, on {since}; to this host {before} at most.",
                profile.days, most.value
            ))
            .compare("bytes sent in the hour", bytes, format!("{} or more", params.bytes))
            .compare(
                "most bytes in an hour before, half for every 30 days since",
                most.today,
                format!("{} times as many now", params.times_most),
            )
            .compare("deviation", format!("{deviation:.1}"), format!("{} or more", params.deviation))
            .observe("median of hours", median)
            .observe("hours that were learned", hours)
            .observe("probability of so much in an hour, at most", format!("{:.1e}", 1.0 / (hours as f64 + 1.0)));
            let mut extra = byte_counts(&links);
            extra.insert("unusual".into(), bytes.to_string());
            let severity_tenths = default_severity(finding_type);
            let count = links.iter().map(Link::connections).sum();
            let report = Report { view, meta: &META, finding_type, severity_tenths, links, count };
            out.extend(report.signal(cx, extra, why));
        }
    }
}
