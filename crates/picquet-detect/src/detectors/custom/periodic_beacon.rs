//! Connections to a rare host at regular times and of one size, as malware calls home. GuardDuty has no such type.

use crate::detectors::carry::Carry;
use crate::detectors::traffic::{Past, Report, TrafficDetector, byte_counts, callers};
use crate::detectors::{Meta, default_severity, raised};
use crate::facts::{FactKey, LearnedFacts};
use crate::hour::HourView;
use crate::judge::Context;
use crate::profile::{day, is_exchange, remote_hash};
use crate::{Signal, Str};
use picquet_model::{Explanation, Source};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "periodic-beacon",
    types: &["Custom:EC2/PeriodicBeacon"],
    source: Source::Flow,
    detects: "An instance calls a host that is new and rare, on no list, at regular times and with requests of one size.",
    decides: "Within 24 hours the intervals between connections, the sizes of requests, the hours with connections and \
              their counts are scored from 0 to 1, as RITA does; their mean must be 0.9 or more, over six hours and 24 \
              connections. The interface began to call the host after seven days of learning, no other interface of \
              the account calls it, and it is none of AWS.",
    benign: "A new agent, licence check or webhook that polls a service which nobody else uses.",
};

/// Hosts that are watched at a time, of an interface: those seen last.
const WATCHED: usize = 64;
/// The same of all interfaces of an account: more are not watched.
const WATCHED_OF_ALL: usize = 1 << 15;
/// Hours of the window.
const WINDOW: u32 = 24;
/// A beacon of which most of a day was seen.
const FULL_HOURS: f64 = 12.0;

/// Connections of an hour.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Seen {
    hour: u32,
    minutes: u64,
    connections: u32,
    bytes: u64,
    smallest: u32,
    largest: u32,
}

/// A host, the protocol and its port.
type Called = (IpAddr, u8, u16);

type Watched = BTreeMap<Called, VecDeque<Seen>>;

/// The detector.
pub struct PeriodicBeacon {
    watched: BTreeMap<(Str, Str), Watched>,
    /// How many hosts are watched.
    count: usize,
    carry: Carry<(Called, Seen)>,
}

impl Default for PeriodicBeacon {
    fn default() -> Self {
        Self { watched: BTreeMap::new(), count: 0, carry: Carry::new(META.name, 1) }
    }
}

/// A score and what it is made of.
struct Score {
    interval: f64,
    size: f64,
    duration: f64,
    histogram: f64,
    /// The median interval, in minutes.
    every: f64,
}

impl Score {
    fn mean(&self) -> f64 {
        (self.interval + self.size + self.duration + self.histogram) / 4.0
    }

    /// Of hours in their order; `None` where connections are too dense for their times to be told apart.
    fn of(seen: &VecDeque<Seen>) -> Option<Self> {
        let starts: Vec<f64> = seen
            .iter()
            .flat_map(|s| (0..60).filter(|m| s.minutes >> m & 1 == 1).map(|m| f64::from(s.hour) * 60.0 + f64::from(m)))
            .collect();
        let connections: u64 = seen.iter().map(|s| u64::from(s.connections)).sum();
        let mut intervals: Vec<f64> = starts.windows(2).map(|w| w[1] - w[0]).collect();
        intervals.sort_by(f64::total_cmp);
        let every = quantile(&intervals, 0.5);
        if every < 2.0 || connections as f64 > 1.5 * starts.len() as f64 {
            return None;
        }
        let skew = {
            let (q1, q3) = (quantile(&intervals, 0.25), quantile(&intervals, 0.75));
            if q3 > q1 { ((q1 + q3 - 2.0 * every) / (q3 - q1)).abs() } else { 0.0 }
        };
        // Times are known to the minute: a spread of one says nothing.
        let spread = (deviation(&intervals, every) - 1.0).max(0.0) / every;
        let mut sizes: Vec<f64> = seen.iter().map(|s| s.bytes as f64 / f64::from(s.connections.max(1))).collect();
        sizes.sort_by(f64::total_cmp);
        let middle = quantile(&sizes, 0.5).max(1.0);
        let (smallest, largest) = seen.iter().fold((u32::MAX, 0), |(a, b), s| (a.min(s.smallest), b.max(s.largest)));
        let range = f64::from(largest.saturating_sub(smallest)) / (f64::from(largest) + f64::from(smallest)).max(1.0);
        let hours = match (seen.front(), seen.back()) {
            (Some(a), Some(b)) => f64::from(b.hour - a.hour + 1),
            _ => 1.0,
        };
        // The first and the last hour may be cut.
        let whole: Vec<f64> =
            seen.iter().skip(1).take(seen.len().saturating_sub(2)).map(|s| f64::from(s.connections)).collect();
        let mean = whole.iter().sum::<f64>() / (hours - 2.0).max(1.0);
        let variance = whole.iter().map(|c| (c - mean).powi(2)).sum::<f64>()
            + mean.powi(2) * (hours - 2.0 - whole.len() as f64).max(0.0);
        let variation = (variance / (hours - 2.0).max(1.0)).sqrt() / mean.max(1.0);
        let score = |x: f64| x.clamp(0.0, 1.0);
        Some(Self {
            interval: (score(1.0 - skew) + score(1.0 - spread)) / 2.0,
            size: (score(1.0 - deviation(&sizes, middle) / middle) + score(1.0 - range)) / 2.0,
            duration: score(seen.len() as f64 / FULL_HOURS),
            histogram: score(1.0 - variation),
            every,
        })
    }
}

/// A quantile of sorted values.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = (sorted.len().saturating_sub(1) as f64 * q).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

/// The median of the deviations from a value.
fn deviation(values: &[f64], from: f64) -> f64 {
    let mut all: Vec<f64> = values.iter().map(|v| (v - from).abs()).collect();
    all.sort_by(f64::total_cmp);
    quantile(&all, 0.5)
}

impl TrafficDetector for PeriodicBeacon {
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Some(profile) = past.mature(view.hour, cx) else { return };
        let params = &cx.env.tuning.periodic_beacon;
        let learned = day(profile.first_hour).saturating_add(cx.env.tuning.learning.days);
        if profile.remotes_lost > 0 {
            return;
        }
        for link in view.links.iter().filter(|l| l.public && l.is_outbound() && is_exchange(l)) {
            let known = profile.remotes.get(&remote_hash(link.remote));
            let is_new = known.is_none_or(|u| u.first >= learned);
            let rare = callers(past, link) <= params.hosts;
            if !is_new || !rare || cx.env.aws.contains(link.remote) || cx.env.intel.ip(link.remote).is_some() {
                continue;
            }
            let watched = self.watched.entry((view.region.clone(), view.interface.clone())).or_default();
            let at = (link.remote, link.protocol, link.port);
            if !watched.contains_key(&at) && watched.len() >= WATCHED {
                let oldest = watched.iter().min_by_key(|(k, s)| (s.back().map(|s| s.hour), **k)).map(|(k, _)| *k);
                if oldest.is_some_and(|k| watched.remove(&k).is_some()) {
                    self.count -= 1;
                }
            }
            if !watched.contains_key(&at) {
                if self.count >= WATCHED_OF_ALL {
                    continue;
                }
                self.count += 1;
            }
            let seen = watched.entry(at).or_default();
            seen.retain(|s| s.hour + WINDOW > view.hour);
            seen.push_back(Seen {
                hour: view.hour,
                minutes: link.minutes,
                connections: link.out.records,
                bytes: link.out.bytes,
                smallest: link.out.bytes_min,
                largest: link.out.bytes_max,
            });
            let connections: u32 = seen.iter().map(|s| s.connections).sum();
            if (seen.len() as u32) < params.hours || connections < params.connections {
                continue;
            }
            let Some(score) = Score::of(seen).filter(|s| s.mean() >= params.score) else { continue };
            let Some(finding_type) = raised(cx.env, META.types[0]) else { continue };
            let others = callers(past, link).saturating_sub(u32::from(known.is_some()));
            let why = Explanation::new(format!(
                "The instance called port {} of {} about every {:.0} minutes, {connections} times in {} of the last 24 \
                 hours, with requests of nearly one size; {others} other interfaces of the account call that host. \
                 The score is {:.2}.",
                link.port,
                link.remote,
                score.every,
                seen.len(),
                score.mean()
            ))
            .compare("score", format!("{:.2}", score.mean()), format!("{} or more", params.score))
            .observe("regularity of intervals", format!("{:.2}", score.interval))
            .observe("regularity of sizes", format!("{:.2}", score.size))
            .observe("hours with connections, against 12", format!("{:.2}", score.duration))
            .observe("evenness of hours", format!("{:.2}", score.histogram))
            .observe("days that were learned", profile.days);
            let severity_tenths = default_severity(finding_type);
            let links = vec![*link];
            let (extra, count) = (byte_counts(&links), link.connections());
            let report = Report { view, meta: &META, finding_type, severity_tenths, links, count };
            out.extend(report.signal(cx, extra, why));
        }
    }

    fn begin(&mut self, account: &str, hour: u32) {
        for (at, hours) in self.carry.begin(account, hour) {
            let watched = self.watched.entry(at).or_default();
            hours.into_iter().for_each(|(_, (called, seen))| watched.entry(called).or_default().push_back(seen));
        }
        self.watched.retain(|_, watched| {
            watched.retain(|_, seen| seen.back().is_some_and(|s| s.hour.saturating_add(WINDOW) > hour));
            !watched.is_empty()
        });
        self.count = self.watched.values().map(BTreeMap::len).sum();
    }

    fn learned(&self, hour: u32, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let hours = |watched: &Watched| {
            let of = |(called, seen): (&Called, &VecDeque<Seen>)| -> Vec<_> {
                seen.iter().map(|s| (s.hour, Cow::Owned((*called, *s)))).collect()
            };
            watched.iter().flat_map(of).collect()
        };
        self.carry.learned(hour, self.watched.iter().map(|(at, watched)| (at, hours(watched))), out);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.carry.recall(key, learned);
    }
}
