//! Domains that malware makes up to find its server.

use super::usual::Usual;
use super::{client, hour_text};
use crate::detectors::{Meta, default_severity, raised};
use crate::dns::score::milli_logit;
use crate::facts::dns::{Missing, client_hash, short};
use crate::facts::signal::{Detail, Role};
use crate::facts::sketch::EventSet;
use crate::facts::{Class, ClientFacts, Fact, FactKey};
use crate::judge::{Context, Judge};
use crate::{Signal, Str, Tuning, hash, tuning};
use picquet_model::{EventTime, Explanation, Source};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "generated-domains",
    types: &["Trojan:EC2/DGADomainRequest.B"],
    source: Source::Dns,
    detects: "A client that asks for many registered domains that look made up by an algorithm and do not exist.",
    decides: "Each registered domain that does not exist, that the account has not asked for before and that hardly any \
              other client asks for is worth its log-odds of being generated, within limits. What a client's names are \
              worth within an hour, or 24 hours, is summed up; names that look chosen lower the sum. Most domains that \
              are new to the account by this client must not exist.",
    benign: "Software that tests for resolvers that lie by asking for random names; a crawler of dead links.",
};

/// How many names are followed for one client in an hour; a fact holds no more.
const NAMES: usize = crate::facts::dns::MISSING;
/// How many clients are followed at a time.
const FOLLOWED: usize = 1 << 15;

/// A name that counts.
#[derive(Clone)]
struct Counted {
    missing: Missing,
    worth: i64,
}

struct Hour {
    hour: u32,
    names: BTreeMap<u64, Counted>,
    /// Domains that do not exist, with those of the same kind that the fact had no room for.
    missing: u64,
    /// New domains that exist.
    existing: u64,
    counted: bool,
}

/// What a window of a client comes to.
struct Sum {
    window: &'static str,
    names: u64,
    existing: u64,
    evidence: i64,
}

/// The judge. Its baseline is the new names of the last 24 hours of each client, and how many others had.
pub struct GeneratedDomains {
    params: tuning::GeneratedDomains,
    recent: BTreeMap<(Str, Str), VecDeque<Hour>>,
    /// How many new domains of a client's hour did not exist.
    usual: Usual,
    hour: u32,
}

impl GeneratedDomains {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning) -> Self {
        Self { params: tuning.generated_domains.clone(), recent: BTreeMap::new(), usual: Usual::default(), hour: 0 }
    }

    fn worth(&self, domain: &str) -> i64 {
        let (least, most) = (self.params.least, self.params.most.max(self.params.least));
        i64::from(milli_logit(domain).saturating_sub(self.params.bias).clamp(least, most))
    }

    /// The names of an hour that count, and the new domains that exist.
    fn count(&self, key: &FactKey, f: &ClientFacts, cx: &Context<'_>) -> Hour {
        let book = cx.inventory.domains();
        let young = |asked: u32| asked.saturating_add(self.params.known_after_hours) > key.hour;
        let mut names = BTreeMap::new();
        for (hash, missing) in f.missing.iter() {
            let counts = match book.domain(hash) {
                Some(known) => {
                    young(known.asked)
                        && known.existed.is_none_or(|h| h > key.hour)
                        && known.clients_by(key.hour) as u64 <= self.params.max_clients
                }
                None => book.is_complete(hash),
            };
            if counts {
                names.insert(hash, Counted { missing: missing.clone(), worth: self.worth(&missing.domain) });
            }
        }
        let existing = match &f.domains {
            _ if names.is_empty() => 0,
            EventSet::Exact(all) => {
                // The client by which the book knows a domain's first.
                let me = short(client_hash(&key.region, &key.entity));
                let new = |hash: &&u64| {
                    book.domain(**hash).is_some_and(|known| {
                        young(known.asked)
                            && known.existed.is_some_and(|h| h <= key.hour)
                            && known.clients.first().is_some_and(|(_, first)| *first == me)
                    })
                };
                all.iter().filter(new).count() as u64
            }
            many => many.len().saturating_sub(f.missing_all.len()),
        };
        let missing = match f.missing.is_full() {
            true => (names.len() as u64).saturating_mul(f.missing_all.len()) / NAMES as u64,
            false => names.len() as u64,
        };
        Hour { hour: key.hour, names, missing, existing, counted: false }
    }

    fn sum<'a>(window: &'static str, hours: impl Iterator<Item = &'a Hour>) -> Sum {
        let mut sum = Sum { window, names: 0, existing: 0, evidence: 0 };
        let mut seen = BTreeSet::new();
        for hour in hours {
            let new: Vec<i64> = hour.names.iter().filter(|(h, _)| seen.insert(**h)).map(|(_, c)| c.worth).collect();
            let worth: i64 = new.iter().sum();
            // Names that the fact had no room for are like those that it has.
            let held = hour.names.len().max(1) as i64;
            let (all, new) = (i64::try_from(hour.missing).unwrap_or(i64::MAX), new.len() as i64);
            sum.names += (new.saturating_mul(all) / held) as u64;
            sum.evidence = sum.evidence.saturating_add(worth.saturating_mul(all) / held);
            sum.existing += hour.existing;
        }
        sum
    }

    fn suffices(&self, s: &Sum) -> bool {
        let clear = s.evidence >= self.params.clear.saturating_mul(i64::try_from(s.names).unwrap_or(i64::MAX));
        let least = if clear { self.params.min_names } else { self.params.min_unclear_names };
        s.evidence >= self.params.evidence
            && s.names >= least
            && s.names.saturating_mul(100) >= (s.names + s.existing).saturating_mul(self.params.missing_percent)
    }

    fn explain(&self, who: &str, f: &ClientFacts, now: &Hour, best: &[&Counted], sum: &Sum) -> Explanation {
        let p = &self.params;
        let examples: Vec<&str> = best.iter().take(5).map(|c| c.missing.domain.as_str()).collect();
        let (like, all) = (self.usual.like(now.missing), self.usual.hours());
        let why = Explanation::new(format!(
            "{who} asked for {} domains within {} that do not exist, that nobody in the account had asked for and that look made up, such as {}.",
            sum.names,
            sum.window,
            examples.join(", ")
        ))
        .compare("evidence, a sum of log-odds", format!("{:.1}", sum.evidence as f64 / 1000.0), format!("{:.1} or more", p.evidence as f64 / 1000.0))
        .compare("new domains that do not exist", sum.names, format!("{} or more", p.min_names))
        .compare(
            "of 100 domains new to the account by this client, do not exist",
            sum.names * 100 / (sum.names + sum.existing).max(1),
            format!("{} or more", p.missing_percent),
        )
        .observe("queries in the hour", format!("{}, of them {} for names that do not exist", f.queries, f.nxdomain))
        .observe("names", examples.join(" "));
        match self.usual.since() {
            Some(since) => why.observe(
                "as many new missing domains in an hour",
                format!(
                    "{like} of {all} client-hours since {} (p = {:.4})",
                    hour_text(since),
                    (like + 1) as f64 / (all + 1) as f64
                ),
            ),
            None => why.observe("usual", "this is the account's first hour"),
        }
    }
}

impl Judge for GeneratedDomains {
    fn class(&self) -> Class {
        Class::DnsClient
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let (Fact::DnsClient(f), Some(finding_type)) = (fact, raised(cx.env, META.types[0])) else { return };
        if key.hour != self.hour {
            self.hour = key.hour;
            self.recent.retain(|_, seen| seen.back().is_some_and(|h| h.hour + 24 > key.hour));
        }
        let mut now = self.count(key, f, cx);
        let at = (key.region.clone(), key.entity.clone());
        let followed = self.recent.contains_key(&at);
        let quiet = now.names.is_empty() || (!followed && self.recent.len() >= FOLLOWED);
        let mut seen = if quiet { VecDeque::new() } else { self.recent.remove(&at).unwrap_or_default() };
        while seen.front().is_some_and(|h| h.hour + 24 <= key.hour) {
            seen.pop_front();
        }
        let windows = [
            Self::sum("an hour", std::iter::once(&now)),
            Self::sum("24 hours", seen.iter().chain(std::iter::once(&now))),
        ];
        // The day where it says more than the hour.
        let found =
            windows.into_iter().filter(|s| !quiet && self.suffices(s)).max_by_key(|s| (s.names, s.window == "an hour"));
        if let Some(sum) = found {
            let mut best: Vec<&Counted> = now.names.values().collect();
            best.sort_by(|a, b| b.worth.cmp(&a.worth).then_with(|| a.missing.domain.cmp(&b.missing.domain)));
            let explanation = self.explain(&key.entity, f, &now, &best, &sum);
            let example = best.first().map(|c| c.missing.domain.clone()).unwrap_or_default();
            // Of names that the fact had no room for, as many queries as of the others.
            let queries = |h: &Hour| {
                let held: u64 = h.names.values().map(|c| c.missing.queries).sum();
                held.saturating_mul(h.missing) / h.names.len().max(1) as u64
            };
            let first = |h: &Hour| h.names.values().map(|c| c.missing.first).min().unwrap_or(f.first);
            let last = now.names.values().map(|c| c.missing.last).max().unwrap_or(f.last);
            // Earlier hours that did not suffice by themselves belong to it, once.
            let earlier = || seen.iter().filter(|h| !h.counted);
            let count = queries(&now) + earlier().map(queries).sum::<u64>();
            let first = earlier().map(first).fold(first(&now), EventTime::min);
            seen.iter_mut().for_each(|h| h.counted = true);
            now.counted = true;
            let (subject, detail) = client(key, &key.entity, f.client.as_ref(), example, cx);
            out.push(Signal {
                finding_type,
                detector: META.name.into(),
                role: Role::Actor,
                severity_tenths: default_severity(finding_type),
                account: key.account.clone(),
                region: key.region.clone(),
                global: false,
                key: vec![subject],
                count,
                first,
                last,
                hash: hash::stable(&[detail.domain.as_bytes()]),
                detail: Detail::Dns(detail),
                lists: BTreeSet::new(),
                apis: BTreeMap::new(),
                extra: BTreeMap::new(),
                explanation,
            });
        } else {
            self.usual.add(key.hour, now.missing);
        }
        if !quiet {
            seen.push_back(now);
            self.recent.insert(at, seen);
        }
    }
}
