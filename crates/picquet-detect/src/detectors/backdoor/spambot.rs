//! An instance that sends mail to very many servers and is no mail server.

use crate::Signal;
use crate::detectors::traffic::{Past, Report, TrafficDetector, byte_counts};
use crate::detectors::{Meta, default_severity, raised};
use crate::hour::{HourView, Link};
use crate::judge::Context;
use crate::profile::day;
use picquet_model::{Explanation, Source};
use std::collections::BTreeSet;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "spambot",
    types: &["Backdoor:EC2/Spambot"],
    source: Source::Flow,
    detects: "An instance without a history of sending mail calls many mail servers.",
    decides: "Within an hour it opened TCP connections to ports 25, 465 or 587 of 20 or more public hosts. An \
              interface that did so on three days before, or that took mail itself, is a mail server.",
    benign: "A new mail server, until it is known; an application that begins to send mail by itself.",
};

/// The detector. What it compares with is in the profile.
pub struct Spambot;

/// Days for which having taken mail makes a mail server.
const TAKES_MAIL_DAYS: u16 = 30;

impl TrafficDetector for Spambot {
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let params = &cx.env.tuning.spambot;
        let is_mail = |l: &&Link| l.protocol == 6 && params.ports.contains(&l.port);
        let links: Vec<Link> =
            view.links.iter().filter(is_mail).filter(|l| l.public && l.is_outbound()).copied().collect();
        let hosts = links.iter().map(|l| l.remote).collect::<BTreeSet<_>>().len();
        if view.scaled(hosts) < params.hosts {
            return;
        }
        let today = day(view.hour);
        let took = |p: &&crate::profile::Profile| {
            p.mail_server_day > 0 && p.mail_server_day.saturating_add(TAKES_MAIL_DAYS) >= today
        };
        let takes = past.profile.as_ref().is_some_and(took)
            || view.links.iter().filter(is_mail).any(|l| l.is_inbound() && l.is_answered());
        let days = past.profile.map_or(0, |p| p.mail_days);
        let Some(finding_type) = raised(cx.env, META.types[0]).filter(|_| !takes && days < params.sender_days) else {
            return;
        };
        let known = past.profile.map_or(0, |p| p.days);
        let answered = links.iter().filter(|l| l.is_answered()).count();
        let why = Explanation::new(format!(
            "The instance called {hosts} mail servers within an hour, {answered} of which answered. It did so on {days} \
             of the {known} days before, and takes no mail itself."
        ))
        .compare("mail servers in the hour", view.scaled(hosts), format!("{} or more", params.hosts))
        .compare("days on which it did so before", days, format!("{} or more are a mail sender", params.sender_days));
        let count = links.iter().map(Link::connections).sum();
        let severity_tenths = default_severity(finding_type);
        let extra = byte_counts(&links);
        let report = Report { view, meta: &META, finding_type, severity_tenths, links, count };
        out.extend(report.signal(cx, extra, why));
    }
}
