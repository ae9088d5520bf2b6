//! Far more bytes to one host than an instance ever sent.

use crate::Signal;
use crate::detectors::traffic::{Past, Report, TrafficDetector, byte_counts, total};
use crate::detectors::{Meta, default_severity, raised};
use crate::hour::{HourView, Link};
use crate::judge::Context;
use crate::peaks::Peak;
use crate::profile::{Profile, day, remote_hash};
use crate::tuning::TrafficVolumeUnusual as Params;
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
              its hours (three, to a host that no interface of the account called before). Earlier volume counts half \
              for every 30 days since; what a finding was raised for counts from the third day on. Seven days are \
              learned first. An interface with records on less than half of these days, or in fewer hours than days, \
              must send a gigabyte, and ten times the most that any interface of its account sent, if that has ten. To \
              hosts of AWS it must be a gigabyte, and three times the most that any interface of the account sent: ten \
              times, by an interface that copies as much to somewhere on three days already, since such copies \
              have weeks and months that a short past does not show.",
    benign: "A first backup, a migration, a new replica outside of the network.",
};

/// The detector. What it compares with is in the profile.
pub struct TrafficVolumeUnusual;

/// How many times more must be sent by an interface that is not known well, and to hosts of AWS.
const MORE_BYTES: u64 = 4;
/// How many times the most that any interface of the account sent, by one that is not known well, and the most of those
/// that are used to copying.
const MORE_TIMES: u64 = 10;
/// On so many days a copy makes an interface one that copies.
const COPY_DAYS: usize = 3;
/// The part of the deviation that is asked of what goes to a host that nobody called: two rare things at once.
const TO_NEW_HOST: f64 = 0.5;

/// A day as a person writes it.
fn date(day: u16) -> String {
    let midnight = EventTime::from_secs(i64::from(day) * 86_400).unwrap_or(EventTime::MIN);
    midnight.to_string().chars().take(10).collect()
}

/// What an interface's hour is held against.
#[derive(Clone, Copy)]
struct Usual<'a> {
    /// The interface; `None` where its account stands in.
    own: Option<&'a Profile>,
    today: u16,
    most: Peak,
    bytes: u64,
    times: u64,
}

impl<'a> Usual<'a> {
    fn of(view: &HourView<'_>, past: &'a Past<'_>, cx: &Context<'_>) -> Option<Self> {
        let params = &cx.env.tuning.traffic_volume_unusual;
        let today = day(view.hour);
        // An hour with records for each day of learning, at least: a nightly copy may fall between fewer.
        let enough = |p: &&Profile| p.hours() >= u64::from(cx.env.tuning.learning.days);
        if let Some(own) = past.mature(view.hour, cx).filter(enough) {
            let most = own.most_sent.most(today);
            return Some(Self { own: Some(own), today, most, bytes: params.bytes, times: params.times_most });
        }
        if !past.account_is_mature(view.hour, cx) {
            return None;
        }
        let own = past.profile.map(|p| p.most_sent.most(today)).unwrap_or_default();
        let account = past.account.most_sent.most(today);
        Some(Self {
            own: None,
            today,
            most: if own.today > account.today { own } else { account },
            bytes: params.bytes.saturating_mul(MORE_BYTES),
            times: params.times_most.max(MORE_TIMES),
        })
    }

    /// For a host of AWS: copies to its storage are made by one instance or another, so that what any interface of the
    /// account sends is usual, and it takes more to be an event.
    fn of_aws(mut self, past: &Past<'_>, params: &Params) -> Self {
        let account = past.account.most_sent.most(self.today);
        if account.today > self.most.today {
            self.most = account;
        }
        self.bytes = self.bytes.max(params.bytes.saturating_mul(MORE_BYTES));
        if self.own.is_some_and(|p| p.most_sent.days_of(self.bytes) >= COPY_DAYS) {
            self.times = self.times.max(MORE_TIMES);
        }
        self
    }

    /// What there is to say of the bytes sent to a host; `None` where they are not so many.
    fn explain(&self, host: IpAddr, bytes: u64, past: &Past<'_>, params: &Params) -> Option<Explanation> {
        if bytes < self.bytes || bytes < self.most.today.saturating_mul(self.times) {
            return None;
        }
        let (since, most) = (date(self.most.day), self.most.value);
        let compared = |why: Explanation| {
            why.compare("bytes sent in the hour", bytes, format!("{} or more", self.bytes)).compare(
                "most bytes in an hour before, half for every 30 days since",
                self.most.today,
                format!("{} times as many now", self.times),
            )
        };
        let Some(profile) = self.own else {
            let account = past.account;
            return Some(compared(Explanation::new(format!(
                "The instance sent {bytes} bytes to {host} within an hour. It is not known well itself; in {} days no \
                 other of the account's {} interfaces sent more than {most} to one host in an hour, on {since}.",
                account.days, account.interfaces
            ))));
        };
        let own = profile.most_sent.most(self.today);
        let (own_day, own) = (date(own.day), own.value);
        let (median, deviation) = profile.deviation(bytes);
        let hash = remote_hash(host);
        let is_new = !past.account.remotes.contains_key(&hash) && profile.remotes_lost == 0;
        let least = if is_new { params.deviation * TO_NEW_HOST } else { params.deviation };
        if deviation < least {
            return None;
        }
        let hours = profile.hours();
        let before = profile.destinations.get(&hash).map_or(0, |(bytes, _)| *bytes);
        let why = compared(Explanation::new(format!(
            "The instance sent {bytes} bytes to {host} within an hour. In {hours} hours of {} days it sent {median} to \
             one host in the middle, and {own} at most, on {own_day}; to this host {before} at most.",
            profile.days
        )));
        Some(
            why.compare("deviation", format!("{deviation:.1}"), format!("{least} or more"))
                .observe("median of hours", median)
                .observe("hours that were learned", hours)
                .observe("probability of so much in an hour, at most", format!("{:.1e}", 1.0 / (hours as f64 + 1.0))),
        )
    }
}

impl TrafficDetector for TrafficVolumeUnusual {
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let params = &cx.env.tuning.traffic_volume_unusual;
        if total(&view.links, |l| l.out.bytes) < params.bytes {
            return;
        }
        let Some(usual) = Usual::of(view, past, cx) else { return };
        let mut hosts = BTreeMap::<IpAddr, Vec<Link>>::new();
        for link in view.links.iter().filter(|l| l.public && l.out.records > 0) {
            hosts.entry(link.remote).or_default().push(*link);
        }
        for (host, links) in hosts {
            let (bytes, back) = (total(&links, |l| l.out.bytes), total(&links, |l| l.inward.packets));
            // What nobody takes is a flood, not data that goes out.
            if back == 0 {
                continue;
            }
            let usual = if cx.env.aws.contains(host) { usual.of_aws(past, params) } else { usual };
            let Some(why) = usual.explain(host, bytes, past, params) else { continue };
            let Some(finding_type) = raised(cx.env, META.types[0]) else { continue };
            let mut extra = byte_counts(&links);
            extra.insert("unusual".into(), bytes.to_string());
            let severity_tenths = default_severity(finding_type);
            let count = links.iter().map(Link::connections).sum();
            let report = Report { view, meta: &META, finding_type, severity_tenths, links, count };
            out.extend(report.signal(cx, extra, why));
        }
    }
}
