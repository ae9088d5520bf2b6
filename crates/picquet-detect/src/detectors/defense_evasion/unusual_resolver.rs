//! A resolver of names that an instance does not usually ask.

use crate::Signal;
use crate::detectors::traffic::{Past, Report, TrafficDetector, byte_counts, callers, total};
use crate::detectors::{Meta, default_severity, raised};
use crate::hour::{HourView, Link};
use crate::judge::Context;
use crate::resolvers;
use picquet_model::{Explanation, Source};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "unusual-resolver",
    types: &[
        "DefenseEvasion:EC2/UnusualDNSResolver",
        "DefenseEvasion:EC2/UnusualDoHActivity",
        "DefenseEvasion:EC2/UnusualDoTActivity",
    ],
    source: Source::Flow,
    detects: "An instance asks a public resolver that is new for it, over DNS, DNS over TLS or DNS over HTTPS.",
    decides: "Ten or more packets each way within an hour with port 53 or 853 of a public host, or with port 443 of a \
              known DNS-over-HTTPS server. The interface did not ask it in 90 days, fewer than three interfaces of \
              the account talk to it, and seven days were learned.",
    benign: "A container, browser or agent that was set to a public resolver on purpose.",
};

/// So many interfaces of an account make a resolver a usual one.
const SHARED: u32 = 3;

/// The detector. What it compares with is in the profile.
pub struct UnusualResolver;

fn type_of(link: &Link) -> Option<&'static str> {
    match (link.protocol, link.port) {
        (6 | 17, 53) => Some(META.types[0]),
        (6 | 17, 443) if resolvers::doh(link.remote).is_some() => Some(META.types[1]),
        (6 | 17, 853) => Some(META.types[2]),
        _ => None,
    }
}

impl TrafficDetector for UnusualResolver {
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Some(profile) = past.mature(view.hour, cx) else { return };
        let params = &cx.env.tuning.unusual_resolver;
        let mut asked = BTreeMap::<(&'static str, IpAddr, u16), Vec<Link>>::new();
        for link in view.links.iter().filter(|l| l.public && l.is_outbound() && l.is_answered()) {
            if let Some(name) = type_of(link) {
                asked.entry((name, link.remote, link.port)).or_default().push(*link);
            }
        }
        for ((name, resolver, port), links) in asked {
            let exchanges = total(&links, |l| l.out.packets).min(total(&links, |l| l.inward.packets));
            let others = links.first().map_or(0, |l| callers(past, l));
            if exchanges < params.exchanges || profile.resolvers.contains_key(&(resolver, port)) || others >= SHARED {
                continue;
            }
            let Some(finding_type) = raised(cx.env, name) else { continue };
            let operator = resolvers::operator(resolver);
            let who = operator.map_or_else(String::new, |name| format!(" ({name})"));
            let memory = cx.env.tuning.learning.memory_days.min(profile.days);
            let why = Explanation::new(format!(
                "The instance exchanged {exchanges} packets with port {port} of {resolver}{who}, which it did not ask in \
                 {memory} days; it asked {} other resolvers.",
                profile.resolvers.len()
            ))
            .compare("exchanges in the hour", exchanges, format!("{} or more", params.exchanges))
            .compare("interfaces of the account that talk to it", others, format!("less than {SHARED}"))
            .observe("days that were learned", profile.days);
            let mut extra = byte_counts(&links);
            extra.insert("unusual".into(), operator.map_or_else(|| resolver.to_string(), str::to_owned));
            let severity_tenths = default_severity(finding_type);
            let count = links.iter().map(Link::connections).sum();
            let report = Report { view, meta: &META, finding_type, severity_tenths, links, count };
            out.extend(report.signal(cx, extra, why));
        }
    }
}
