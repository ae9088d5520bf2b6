//! Scans: many ports of one host, or one port of many hosts.

use super::not_looked_up::Evidence;
use crate::detectors::carry::Carry;
use crate::detectors::traffic::{Past, Report, TrafficDetector, byte_counts};
use crate::detectors::{Meta, default_severity, raised};
use crate::facts::{FactKey, LearnedFacts};
use crate::hour::{HourView, Link};
use crate::judge::Context;
use crate::tuning::PortScan as Params;
use crate::{Signal, Str, Tuning};
use picquet_model::{Explanation, Source};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "portscan",
    types: &["Impact:EC2/PortSweep", "Recon:EC2/Portscan"],
    source: Source::Flow,
    detects: "An instance that tries many ports of one host, or one port of many hosts, and mostly fails.",
    decides: "Of the TCP connections that the instance opened within an hour, those fail that are refused, not \
              answered, or answered with a bare reset. Thirty ports of one host, or thirty hosts on one port (ninety \
              on the web's ports), with ten more failures than successes are a scan: by the sequential test of Jung \
              and others, odds of one in a million for a benign host. Slow scans are counted over 24 hours. One \
              port of many hosts on the internet is a sweep, of many private hosts a scan. Fewer web hosts, of \
              twenty networks or more, are a scan when a third fails and the instance, whose queries to another \
              resolver than the VPC's are in sight, did not look them up.",
    benign: "Monitoring and inventory tools; a client that is locked out and tries one address of a service after \
             another; peer-to-peer software.",
};

/// Attempts that are remembered for slow scans, of an interface.
const REMEMBERED: usize = 2048;
/// The same of all interfaces of an account: about 32 MiB. Beyond, only those of the latest hour are.
const REMEMBERED_OF_ALL: usize = 1 << 19;

/// A remote address and its port.
type Peer = (IpAddr, u16);

/// Failed attempts of the last 24 hours, with the hour of the latest.
type Failed = BTreeMap<Peer, u32>;

/// The detector.
pub struct PortScan {
    params: Params,
    failed: BTreeMap<(Str, Str), Failed>,
    /// How many attempts are remembered.
    remembered: usize,
    carry: Carry<Peer>,
}

impl PortScan {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning) -> Self {
        Self {
            params: tuning.port_scan.clone(),
            failed: BTreeMap::new(),
            remembered: 0,
            carry: Carry::new(META.name, 1),
        }
    }

    /// Keeps what failed later than an hour.
    fn keep_after(&mut self, hour: Option<u32>) {
        self.failed.retain(|_, failed| {
            failed.retain(|_, seen| hour.is_none_or(|hour| *seen > hour));
            !failed.is_empty()
        });
        self.remembered = self.failed.values().map(BTreeMap::len).sum();
    }

    /// Remembers the failures of an hour.
    fn remember(&mut self, at: (Str, Str), hour: u32, attempts: &[&Link]) {
        if self.remembered >= REMEMBERED_OF_ALL {
            self.keep_after(hour.checked_sub(1));
        }
        if self.remembered >= REMEMBERED_OF_ALL {
            return;
        }
        let failed = self.failed.entry(at).or_default();
        let before = failed.len();
        failed.extend(attempts.iter().filter(|l| !l.is_answered()).map(|l| ((l.remote, l.port), hour)));
        let over = failed.len().saturating_sub(REMEMBERED);
        if over > 0 {
            let mut oldest: Vec<_> = failed.iter().map(|(key, hour)| (*hour, *key)).collect();
            oldest.sort_unstable();
            oldest.iter().take(over).for_each(|(_, key)| {
                failed.remove(key);
            });
        }
        self.remembered = (self.remembered + failed.len()).saturating_sub(before);
    }
}

/// What was tried of one host, or on one port.
#[derive(Default)]
struct Tried {
    failed: Vec<Link>,
    /// Distinct ports or hosts among them.
    distinct: BTreeSet<(IpAddr, u16)>,
    reached: u64,
}

impl Tried {
    fn add(&mut self, link: &Link) {
        if link.is_answered() {
            self.reached += 1;
        } else {
            self.distinct.insert((link.remote, link.port));
            self.failed.push(*link);
        }
    }

    /// Whether failures outnumber successes as they do for a scanner.
    fn is_scan(&self, view: &HourView<'_>, distinct: u64, excess: u64) -> bool {
        let failed = view.scaled(self.distinct.len());
        failed + self.reached >= distinct && failed >= self.reached.saturating_add(excess)
    }

    fn failed_percent(&self) -> u64 {
        let failed = self.distinct.len() as u64;
        100 * failed / (failed + self.reached).max(1)
    }
}

impl TrafficDetector for PortScan {
    fn hour(&mut self, view: &HourView<'_>, _: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let attempts: Vec<&Link> = view.links.iter().filter(|l| l.protocol == 6 && l.is_outbound()).collect();
        let failing = attempts.iter().filter(|l| !l.is_answered()).count();
        if failing == 0 {
            return;
        }
        let at = (view.region.clone(), view.interface.clone());
        let known = self.failed.get(&at).map_or(0, BTreeMap::len);
        let p = &self.params;
        // Neither so many failures in the hour nor in the day: most hours of most interfaces.
        if view.scaled(failing) < p.excess_failures.max(1) && ((known + failing) as u64) < p.slow_distinct {
            self.remember(at, view.hour, &attempts);
            return;
        }
        let (mut hosts, mut ports) = (BTreeMap::<IpAddr, Tried>::new(), BTreeMap::<(bool, u16), Tried>::new());
        for link in &attempts {
            hosts.entry(link.remote).or_default().add(link);
            ports.entry((link.public, link.port)).or_default().add(link);
        }
        let before = self.failed.get(&at);
        // How many failed before, by host and by port.
        let (mut of_host, mut of_port) = (BTreeMap::<IpAddr, u64>::new(), BTreeMap::<(bool, u16), u64>::new());
        for (remote, port) in before.into_iter().flat_map(BTreeMap::keys) {
            *of_host.entry(*remote).or_default() += 1;
            *of_port.entry((crate::net::is_public(*remote), *port)).or_default() += 1;
        }
        let mut scanned: BTreeSet<IpAddr> = BTreeSet::new();
        for (host, tried) in &hosts {
            let p = &self.params;
            let fast = tried.is_scan(view, p.ports, p.excess_failures);
            let day = of_host.get(host).copied().unwrap_or(0) + new_in_day(before, &tried.distinct);
            let slow = day >= p.slow_distinct && tried.failed_percent() >= p.slow_failed_percent;
            if fast || slow {
                scanned.insert(*host);
                out.extend(scan_of_host(view, cx, *host, tried, day, &self.params));
            }
        }
        for (&(public, port), tried) in &ports {
            let p = &self.params;
            let limit = if matches!(port, 80 | 443) { p.web_hosts.max(p.hosts) } else { p.hosts };
            let fast = tried.is_scan(view, limit, p.excess_failures);
            let day = of_port.get(&(public, port)).copied().unwrap_or(0) + new_in_day(before, &tried.distinct);
            let slow = day >= p.slow_distinct.max(limit) && tried.failed_percent() >= p.slow_failed_percent;
            // Hosts whose many ports are scanned have this port among them: that is told already.
            let more = tried.failed.iter().filter(|l| !scanned.contains(&l.remote)).count() as u64;
            if (fast || slow) && more >= limit.min(self.params.hosts) {
                out.extend(sweep(view, cx, (public, port), tried, day, limit));
            } else if public && matches!(port, 80 | 443) && more >= p.excess_failures {
                let of_port = attempts.iter().copied().filter(|l| l.public && l.port == port);
                let evidence = Evidence::of(view, of_port).filter(|e| e.is_scan(p.web_networks, p.excess_failures));
                out.extend(evidence.and_then(|e| not_looked_up(view, cx, port, tried, e, p)));
            }
        }
        self.remember(at, view.hour, &attempts);
    }

    fn begin(&mut self, account: &str, hour: u32) {
        for (at, hours) in self.carry.begin(account, hour) {
            self.failed.insert(at, hours.into_iter().map(|(hour, peer)| (peer, hour)).collect());
        }
        self.keep_after(hour.checked_sub(24));
    }

    fn learned(&self, hour: u32, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let hours = |failed: &Failed| failed.iter().map(|(peer, hour)| (*hour, Cow::Owned(*peer))).collect();
        let now = self.failed.iter().map(|(at, failed)| (at, hours(failed)));
        self.carry.learned(hour, now, out);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.carry.recall(key, learned);
    }
}

/// Failures of this hour that did not fail within the day before.
fn new_in_day(before: Option<&Failed>, now: &BTreeSet<(IpAddr, u16)>) -> u64 {
    now.iter().filter(|at| before.is_none_or(|b| !b.contains_key(*at))).count() as u64
}

fn scan_of_host(
    view: &HourView<'_>,
    cx: &Context<'_>,
    host: IpAddr,
    tried: &Tried,
    day: u64,
    params: &Params,
) -> Option<Signal> {
    let finding_type = raised(cx.env, META.types[1])?;
    let failed = view.scaled(tried.distinct.len());
    let all = failed + tried.reached;
    let why = Explanation::new(format!(
        "The instance tried {all} ports of {host} within an hour, of which {failed} refused or did not answer; {day} \
         such ports within 24 hours."
    ))
    .compare("ports tried in the hour", all, format!("{} or more", params.ports))
    .compare(
        "failures beyond successes",
        failed.saturating_sub(tried.reached),
        format!("{} or more", params.excess_failures),
    )
    .compare("ports that failed in 24 hours", day, format!("{} or more in a slow scan", params.slow_distinct))
    .observe("share of attempts that failed, per cent", tried.failed_percent());
    let ports: BTreeSet<u16> = tried.failed.iter().map(|l| l.port).collect();
    report(view, cx, finding_type, tried, &ports, all, why)
}

fn sweep(
    view: &HourView<'_>,
    cx: &Context<'_>,
    (public, port): (bool, u16),
    tried: &Tried,
    day: u64,
    limit: u64,
) -> Option<Signal> {
    let finding_type = raised(cx.env, if public { META.types[0] } else { META.types[1] })?;
    let failed = view.scaled(tried.distinct.len());
    let all = failed + tried.reached;
    let whose = if public { "public" } else { "private" };
    let why = Explanation::new(format!(
        "The instance tried port {port} of {all} {whose} hosts within an hour, of which {failed} refused or did not \
         answer; {day} such hosts within 24 hours."
    ))
    .compare("hosts tried in the hour", all, format!("{limit} or more"))
    .observe("hosts that failed in 24 hours", day)
    .observe("share of attempts that failed, per cent", tried.failed_percent());
    report(view, cx, finding_type, tried, &BTreeSet::from([port]), all, why)
}

/// Too few hosts for a sweep, but called without asking for them.
fn not_looked_up(
    view: &HourView<'_>,
    cx: &Context<'_>,
    port: u16,
    tried: &Tried,
    evidence: Evidence,
    params: &Params,
) -> Option<Signal> {
    let finding_type = raised(cx.env, META.types[1])?;
    let failed = view.scaled(tried.distinct.len());
    let all = failed + tried.reached;
    let why = Explanation::new(format!(
        "The instance tried port {port} of {all} public hosts within an hour, of which {failed} refused or did not \
         answer. They are in {} networks, and it looked up {} names at most: clients look up what they call.",
        evidence.called(),
        evidence.lookups
    ))
    .compare("networks called in the hour", evidence.called(), format!("{} or more", params.web_networks))
    .compare(
        "failures and calls without a lookup, beyond successes and lookups",
        evidence.excess(),
        format!("{} or more", params.excess_failures),
    )
    .observe("networks of which no host answered", evidence.failed)
    .observe("networks that no lookup was for", evidence.not_looked_up());
    report(view, cx, finding_type, tried, &BTreeSet::from([port]), all, why)
}

fn report(
    view: &HourView<'_>,
    cx: &Context<'_>,
    finding_type: picquet_model::TypeId,
    tried: &Tried,
    ports: &BTreeSet<u16>,
    count: u64,
    why: Explanation,
) -> Option<Signal> {
    let mut extra = byte_counts(&tried.failed);
    let sample: Vec<String> = ports.iter().take(20).map(u16::to_string).collect();
    extra.insert("portsScannedSample".into(), format!("[{}]", sample.join(",")));
    let report = Report {
        view,
        meta: &META,
        finding_type,
        severity_tenths: default_severity(finding_type),
        links: tried.failed.clone(),
        count,
    };
    report.signal(cx, extra, why)
}
