//! Data sent out in the names of DNS queries.

use super::usual::Usual;
use crate::detectors::dns_client::{Report, hour_text};
use crate::detectors::window::{self, Hour, Hours, Windows};
use crate::detectors::{Meta, raised};
use crate::dns::name::domain_hash;
use crate::facts::dns::{CLIENTS, Kinds};
use crate::facts::{Class, Fact, FactKey, LearnedFacts, TunnelFacts};
use crate::judge::{Context, Judge};
use crate::{Signal, Tuning, tuning};
use picquet_model::{Explanation, Source};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "dns-exfiltration",
    types: &["Trojan:EC2/DNSDataExfiltration"],
    source: Source::Dns,
    detects: "A client that asks for many long names below one registered domain, as data packed into names makes them.",
    decides: "The octets of distinct subdomains are summed up, weighed by their entropy, so that words, counters and \
              names that are asked for again hardly count; names of the length of ids and hashes count half. A finding is raised when the sum of an hour (in a burst) or \
              of 24 hours reaches the settings, or when answers that carry data do. Zones that a tenth of all clients \
              have asked for a week, and zones of known look-up services, do not count.",
    benign: "A look-up service that puts a hash or an id into each name and that few clients use: antivirus, mail \
             reputation, telemetry. Raise its thresholds, or switch the type off.",
};

/// Of hours that weigh less, a day's sum could not reach its threshold: with 24 of them it stays below a tenth.
const MINOR: u64 = 256;
const DAY: &str = "the sum of 24 hours";
const ANSWERS: &str = "answers that carry data";
/// The judge's name for what is usual.
const USUAL: &str = "dns-exfiltration usual";
/// How many pairs of client and domain are followed at a time. Each has weighed more than [`MINOR`] in an hour.
const FOLLOWED: usize = 1 << 15;

/// The judge. Its baseline is what weighed something in the last 24 hours, by client and domain, and the usual weight.
pub struct DnsExfiltration {
    params: tuning::DnsExfiltration,
    recent: Windows<TunnelFacts>,
    /// What clients' hours below one domain weigh.
    usual: Usual,
}

/// What the records of a window come to.
struct Verdict {
    rule: &'static str,
    window: TunnelFacts,
}

impl DnsExfiltration {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning) -> Self {
        Self { params: tuning.dns_exfiltration.clone(), recent: Windows::new(META.name, 1), usual: Usual::new(USUAL) }
    }

    fn varied(&self, f: &TunnelFacts) -> bool {
        f.distinct.len().saturating_mul(100) >= f.queries.saturating_mul(self.params.distinct_percent)
    }

    /// The information, less where the names are so short that they could be ids.
    fn clear(&self, f: &TunnelFacts) -> u64 {
        match f.mean_bytes() < self.params.short_mean_octets {
            true => f.information() / self.params.short_factor.max(1),
            false => f.information(),
        }
    }

    /// A burst, of a window of at most two adjacent hours.
    fn is_burst(&self, f: &TunnelFacts, minutes: u32) -> bool {
        let information = self.clear(f);
        information >= self.params.information_per_hour
            && information >= self.params.information_per_minute.saturating_mul(u64::from(minutes))
            && f.distinct.len() >= self.params.distinct_per_hour
            && f.mean_bytes() >= self.params.mean_octets_per_hour
            && self.varied(f)
    }

    fn judge(&self, seen: &Hours<TunnelFacts>, now: &Hour<TunnelFacts>) -> Option<Verdict> {
        let f = now.seen();
        if self.is_burst(f, f.minutes.count_ones()) {
            return Some(Verdict { rule: "a burst within an hour", window: f.clone() });
        }
        if carried(&f.answers)
            >= self.params.answers_per_hour.max(f.queries.saturating_mul(self.params.mean_answer_octets))
            && f.distinct.len() >= self.params.distinct_per_hour
            && self.varied(f)
        {
            return Some(Verdict { rule: ANSWERS, window: f.clone() });
        }
        if let Some(before) = seen.back().filter(|h| h.hour + 1 == now.hour) {
            let mut both = before.seen().clone();
            both.merge(f.clone());
            if self.is_burst(&both, before.seen().minutes.count_ones() + f.minutes.count_ones()) {
                return Some(Verdict { rule: "a burst over the turn of an hour", window: both });
            }
        }
        // The sum of the parts is no less than the whole, and cheaper.
        let most: u64 = seen.iter().map(|h| h.seen().information()).sum::<u64>() + f.information();
        if most < self.params.information_per_day {
            return None;
        }
        let mut day = f.clone();
        seen.iter().for_each(|h| day.merge(h.seen().clone()));
        let slow = self.clear(&day) >= self.params.information_per_day
            && day.distinct.len() >= self.params.distinct_per_day
            && self.varied(&day);
        slow.then_some(Verdict { rule: DAY, window: day })
    }

    /// Whether the account has the habit of asking for the domain: enough clients have for long enough.
    fn is_habit(&self, domain: u64, hour: u32, cx: &Context<'_>) -> bool {
        let book = cx.inventory.domains();
        let Some(by) = hour.checked_sub(self.params.habit_days.saturating_mul(24)) else { return false };
        let clients = book.domain(domain).map_or(0, |known| known.clients_by(by));
        let all = book.clients_by(hour) as u64;
        clients as u64 >= self.params.habit_min_clients
            && (clients >= CLIENTS || clients as u64 * 100 >= all.saturating_mul(self.params.habit_clients_percent))
    }

    fn explain(
        &self,
        who: &str,
        domain: &str,
        now: &Hour<TunnelFacts>,
        verdict: &Verdict,
        cx: &Context<'_>,
    ) -> Explanation {
        let w = &verdict.window;
        let (information, distinct, mean) = (w.information(), w.distinct.len(), w.mean_bytes());
        let seconds = ((w.last.as_millis() - w.first.as_millis()) / 1000).max(1);
        let factor = if mean < self.params.short_mean_octets { self.params.short_factor.max(1) } else { 1 };
        let threshold = factor.saturating_mul(match verdict.rule {
            DAY => self.params.information_per_day,
            _ => self.params.information_per_hour,
        });
        let hash = domain_hash(domain);
        let book = cx.inventory.domains();
        let known = book.domain(hash);
        let clients = known.map_or(1, |k| k.clients_by(now.hour));
        let at_least = if clients >= CLIENTS { "at least " } else { "" };
        let mut why = Explanation::new(format!(
            "{who} asked for {distinct} different names below {domain} in {}, {mean} octets long in the mean, which can carry {information} octets of data ({}).",
            duration(seconds),
            verdict.rule
        ))
        .compare("distinct names", distinct, format!("{} or more", self.params.distinct_per_hour))
        .observe("queries", format!("{} ({})", w.queries, w.kinds.describe()))
        .observe("octets in names", w.bytes)
        .observe("octets in answers", w.answers.describe())
        .observe("octets of names per second", format!("{:.1}", w.bytes as f64 / seconds as f64))
        .observe(
            "names",
            w.shown.iter().map(|(_, s)| shortened(&s.0)).collect::<Vec<_>>().join(" "),
        )
        .observe(
            "clients that asked for the domain so far",
            format!("{at_least}{clients} of {}", book.clients_by(now.hour)),
        );
        why = match verdict.rule == ANSWERS {
            true => why.compare(
                "octets of answers that can carry data",
                carried(&w.answers),
                format!("{} or more", self.params.answers_per_hour),
            ),
            false => why.compare("octets of information in the window", information, format!("{threshold} or more")),
        };
        if let Some(known) = known {
            why = why.observe("first asked for in the account", hour_text(known.asked));
        }
        // The conformal p-value: how often so much occurs by the account's own measure.
        let like = self.usual.like(information);
        why = match self.usual.since() {
            Some(since) => why
                .compare(
                    "octets of information of a client and domain within an hour",
                    now.seen().information(),
                    format!(
                        "usually below {} in {} such hours since {}",
                        self.usual.median(),
                        self.usual.hours(),
                        hour_text(since)
                    ),
                )
                .observe(
                    "as much was seen before",
                    format!("{like} times (p = {:.4})", (like + 1) as f64 / (self.usual.hours() + 1) as f64),
                ),
            None => why.observe("usual", "nothing of the kind was seen in the account before"),
        };
        why
    }
}

/// Whether a trusted list has the domain, or the names below it.
fn is_trusted(domain: &str, cx: &Context<'_>) -> bool {
    let intel = &cx.env.intel;
    intel.is_trusted_domain(domain) || intel.is_trusted_domain(&format!("any.{domain}"))
}

/// The octets of answers of kinds that tunnels use for their way back.
fn carried(answers: &Kinds) -> u64 {
    ["TXT", "NULL", "CNAME", "MX", "KEY"]
        .iter()
        .filter_map(|k| answers.0.get(Kinds::place(k)))
        .map(|n| u64::from(*n))
        .sum()
}

fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} seconds"),
        120..7200 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3600),
    }
}

/// A name, cut in the middle of a line.
fn shortened(name: &str) -> String {
    const SHOWN: usize = 72;
    match name.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}...", name.get(..at).unwrap_or_default()),
        None => name.to_owned(),
    }
}

impl Judge for DnsExfiltration {
    fn class(&self) -> Class {
        Class::DnsTunnel
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let (Fact::DnsTunnel(f), Some(finding_type)) = (fact, raised(cx.env, META.types[0])) else { return };
        self.recent.begin(key);
        self.usual.begin(key);
        let information = f.information();
        if information < MINOR && carried(&f.answers) < self.params.answers_per_hour {
            self.usual.add(key.hour, information);
            return;
        }
        let mut parts = key.parts();
        let (Some(who), Some(domain)) = (parts.next(), parts.next()) else { return };
        if is_trusted(domain, cx) {
            return;
        }
        let at = (key.region.clone(), key.entity.clone());
        let Some(mut seen) = self.recent.follow(&at, FOLLOWED) else { return };
        let mut now = Hour::new(key.hour, (**f).clone());
        let verdict = self.judge(&seen, &now).filter(|_| !self.is_habit(domain_hash(domain), key.hour, cx));
        match verdict {
            None => self.usual.add(key.hour, information),
            Some(verdict) => {
                let explanation = self.explain(who, domain, &now, &verdict, cx);
                let (count, first) = window::count(&mut seen, (f.queries, f.first), |h| (h.queries, h.first));
                now.noted.counted = true;
                let report = Report {
                    key,
                    who,
                    client: f.client.as_ref(),
                    meta: &META,
                    finding_type,
                    domain: domain.into(),
                    by_domain: true,
                    count,
                    first,
                    last: f.last,
                };
                out.push(report.signal(cx, explanation));
            }
        }
        seen.push_back(now);
        self.recent.put(at, seen);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        self.recent.learned(out);
        self.usual.learned(out);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.recent.recall(key, learned);
        self.usual.recall(key, learned);
    }
}
