//! Domains that malware makes up to find its server.

use super::usual::Usual;
use crate::detectors::dns_client::{Report, hour_text};
use crate::detectors::window::{self, Hour, Hours, Noted, Windows};
use crate::detectors::{Meta, raised};
use crate::dga::{JUDGED, Model, Pattern, RARITY, Scored, Verdict, Window, judge};
use crate::facts::dns::{Missing, client_hash, short};
use crate::facts::sketch::EventSet;
use crate::facts::{Class, ClientFacts, Fact, FactKey, LearnedFacts};
use crate::judge::{Context, Judge};
use crate::{Signal, Tuning, tuning};
use picquet_model::{Explanation, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "generated-domains",
    types: &["Trojan:EC2/DGADomainRequest.B"],
    source: Source::Dns,
    detects: "A client that asks for many registered domains that look made up by an algorithm and do not exist.",
    decides: "Each registered domain that does not exist, that the account has not asked for before and that hardly any \
              other client asks for is worth its log-odds of being generated, within limits; a trained model tells them. \
              What a client's names are worth within an hour, or 24 hours, is summed up; names that look chosen lower \
              the sum, like lengths raise it. Names put together of words are told by the parts that they share, or by \
              being words from end to end. Few domains that are new to the account by this client may exist.",
    benign: "Software that tests for resolvers that lie by asking for random names; a crawler of dead links.",
};

/// How many names are followed for one client in an hour; a fact holds no more.
const NAMES: usize = crate::facts::dns::MISSING;
/// The judge's name for what is usual.
const USUAL: &str = "generated-domains usual";
/// Names that a finding shows.
const SHOWN: usize = 5;
/// How many clients are followed at a time.
const FOLLOWED: usize = 1 << 15;

/// What the model says of a name.
#[derive(Clone, Copy, Default, PartialEq)]
enum Look {
    /// It was not asked.
    #[default]
    Unseen,
    /// No name that somebody registers.
    Nothing,
    Logit(i32),
}

/// A name that counts.
#[derive(Clone, Serialize, Deserialize)]
struct Counted {
    missing: Missing,
    #[serde(skip)]
    look: Look,
}

impl Counted {
    /// Asks the model, once.
    fn logit(&mut self, model: &Model) -> Option<i32> {
        if self.look == Look::Unseen {
            self.look = model.score(&self.missing.domain).map_or(Look::Nothing, |score| Look::Logit(score.logit));
        }
        match self.look {
            Look::Logit(logit) => Some(logit),
            _ => None,
        }
    }
}

/// The names of an hour that count.
#[derive(Clone, Serialize, Deserialize)]
struct Names {
    names: BTreeMap<u64, Counted>,
    /// Domains that do not exist, with those of the same kind that the fact had no room for.
    missing: u64,
    /// New domains that exist.
    existing: u64,
}

/// What a window of a client comes to.
struct Found {
    name: &'static str,
    window: Window,
    verdict: Verdict,
}

/// The judge. Its baseline is the new names of the last 24 hours of each client, and how many others had.
pub struct GeneratedDomains {
    params: tuning::GeneratedDomains,
    recent: Windows<Names>,
    /// How many new domains of a client's hour did not exist.
    usual: Usual,
}

impl GeneratedDomains {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning) -> Self {
        Self { params: tuning.generated_domains.clone(), recent: Windows::new(META.name, 1), usual: Usual::new(USUAL) }
    }

    /// The names of an hour that count, and the new domains that exist.
    fn count(&self, key: &FactKey, f: &ClientFacts, cx: &Context<'_>) -> Names {
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
            if counts && !cx.env.intel.is_trusted_domain(&missing.domain) {
                names.insert(hash, Counted { missing: missing.clone(), look: Look::Unseen });
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
        Names { names, missing, existing }
    }

    /// Judges some hours together.
    fn judge(&self, name: &'static str, hours: &mut [&mut Names]) -> Option<Found> {
        let mut window = Window::default();
        let mut distinct: BTreeMap<u64, &mut Counted> = BTreeMap::new();
        for hour in hours {
            let (held, before) = (hour.names.len().max(1) as u64, distinct.len());
            for (&hash, counted) in &mut hour.names {
                distinct.entry(hash).or_insert(counted);
            }
            // Names that the fact had no room for are like those that it has.
            window.missing += ((distinct.len() - before) as u64).saturating_mul(hour.missing) / held;
            window.existing += hour.existing;
        }
        if (distinct.len() as u64) < self.params.min_names || window.percent() < self.params.missing_percent {
            return None;
        }
        let model = Model::embedded()?;
        // Hashes do not depend on what a name looks like, so the smallest are a fair sample.
        let names: Vec<Scored<'_>> = distinct
            .into_values()
            .take(JUDGED)
            .filter_map(|c| c.logit(model).map(|logit| Scored { name: &c.missing.domain, logit }))
            .collect();
        let verdict = judge(model, &names, window, &self.params)?;
        Some(Found { name, window, verdict })
    }

    fn explain(&self, who: &str, f: &ClientFacts, now: &Names, found: &Found) -> Explanation {
        let (p, v, names) = (&self.params, &found.verdict, found.window.missing);
        let examples: Vec<&str> = v.sample.iter().take(SHOWN).map(|(name, _)| name.as_str()).collect();
        let (looks, evidence, bar, least) = match v.pattern {
            Pattern::Random => ("whose letters look drawn at random", v.evidence.random, p.evidence, p.min_names),
            Pattern::Words => {
                ("that look put together of words or parts", v.evidence.words, p.words_evidence, p.words_min_names)
            }
        };
        let logits = |(name, logit): &(String, f64)| format!("{name} {logit:+.1}");
        let parts = |(part, n): &(String, u64)| format!("{part} in {n}");
        let (like, all) = (self.usual.like(now.missing), self.usual.hours());
        let why = Explanation::new(format!(
            "{who} asked for {names} domains within {} that do not exist, that nobody in the account had asked for and {looks}, such as {}. That an algorithm made them is {} likely.",
            found.name,
            examples.join(", "),
            percent(v.probability),
        ))
        .compare("evidence, a sum of log-odds", format!("{evidence:.1}"), format!("{:.1} or more", bar as f64 / 1000.0))
        .observe(
            "probability of an algorithm",
            format!(
                "{}, where one client-day in {RARITY} has one; of {} benign ones one comes to such evidence",
                percent(v.probability),
                about(v.rarity)
            ),
        )
        .compare("new domains that do not exist", names, format!("{least} or more"))
        .compare(
            "of 100 domains new to the account by this client, do not exist",
            found.window.percent(),
            format!("{} or more", p.missing_percent),
        )
        .observe("likelier generated than chosen", format!("{} of {} names that were judged", v.likely, v.judged))
        .observe("names with their log-odds", v.sample.iter().take(SHOWN).map(logits).collect::<Vec<_>>().join(", "))
        .observe("shape", format!("labels of {} to {} characters below {} suffixes", v.lengths.0, v.lengths.1, v.suffixes))
        .observe("queries in the hour", format!("{}, of them {} for names that do not exist", f.queries, f.nxdomain));
        let parts = v.parts.iter().map(parts).collect::<Vec<_>>().join(", ");
        let why = match v.pattern {
            Pattern::Random => {
                why.observe("sequences that are rare in chosen names", format!("{parts} of the first names"))
            }
            Pattern::Words => why
                .observe("words from end to end", format!("{} of {} names", v.evidence.of_words, v.judged))
                .observe("that share a rare part", format!("{} of {} names: {parts}", v.evidence.related, v.judged)),
        };
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
        self.recent.begin(key);
        self.usual.begin(key);
        let mut now = self.count(key, f, cx);
        let at = (key.region.clone(), key.entity.clone());
        let followed = self.recent.contains(&at);
        let quiet = now.names.is_empty() || (!followed && self.recent.len() >= FOLLOWED);
        let mut seen = if quiet { Hours::new() } else { self.recent.take(&at) };
        let hour = if quiet { None } else { self.judge("an hour", &mut [&mut now]) };
        let day = if quiet || seen.is_empty() {
            None
        } else {
            let earlier = seen.iter_mut().map(|h| &mut h.noted.seen);
            let mut hours: Vec<&mut Names> = earlier.chain(std::iter::once(&mut now)).collect();
            self.judge("24 hours", &mut hours)
        };
        // The day where it says more than the hour.
        let found = [day, hour].into_iter().flatten().max_by_key(|s| (s.window.missing, s.name == "an hour"));
        let counted = found.is_some();
        if let Some(found) = found {
            let explanation = self.explain(&key.entity, f, &now, &found);
            let example = found.verdict.sample.first().map(|(name, _)| name.as_str().into()).unwrap_or_default();
            // Of names that the fact had no room for, as many queries as of the others.
            let queries = |h: &Names| {
                let held: u64 = h.names.values().map(|c| c.missing.queries).sum();
                held.saturating_mul(h.missing) / h.names.len().max(1) as u64
            };
            let first = |h: &Names| h.names.values().map(|c| c.missing.first).min().unwrap_or(f.first);
            let last = now.names.values().map(|c| c.missing.last).max().unwrap_or(f.last);
            let amount = |h: &Names| (queries(h), first(h));
            let (count, first) = window::count(&mut seen, amount(&now), amount);
            let report = Report {
                key,
                who: &key.entity,
                client: f.client.as_ref(),
                meta: &META,
                finding_type,
                domain: example,
                by_domain: false,
                count,
                first,
                last,
            };
            out.push(report.signal(cx, explanation));
        } else {
            self.usual.add(key.hour, now.missing);
        }
        if !quiet {
            seen.push_back(Hour { hour: key.hour, noted: Noted { counted, seen: now } });
            self.recent.put(at, seen);
        }
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

/// A share in hundredths, as it may be said: nothing that is measured is sure.
fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p > 99.9 => "more than 99.9%".into(),
        p => format!("{p:.1}%"),
    }
}

/// A number with one digit that counts, up to a million: beyond, the simulation does not reach.
fn about(number: f64) -> String {
    if number > 1e6 {
        return "more than 1,000,000".into();
    }
    let unit = 10f64.powi(number.log10().floor() as i32);
    format!("about {:.0}", (number / unit).round() * unit)
}
