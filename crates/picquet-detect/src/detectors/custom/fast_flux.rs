//! A domain whose addresses change over many networks, as those of botnets do. GuardDuty has no such type.

use crate::detectors::dns_client::{Report, hour_text};
use crate::detectors::impact::suspicious_domain::is_mature;
use crate::detectors::window::{self, Hour, Windows};
use crate::detectors::{Meta, raised};
use crate::dns::name::domain_hash;
use crate::facts::bottom::BottomK;
use crate::facts::rare::{ADDRESSES, Answered};
use crate::facts::{Class, Fact, FactKey, LearnedFacts};
use crate::judge::{Context, Judge};
use crate::tuning::FastFlux as Params;
use crate::{Env, Signal};
use picquet_model::{EventTime, Explanation, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "fast-flux",
    types: &["Custom:EC2/FastFluxDomain"],
    source: Source::Dns,
    detects: "A client that asks for a domain, new to the account, whose addresses are spread over many networks.",
    decides: "Addresses that a domain was answered with within 24 hours are scored by the linear function of Holz and \
              others: 1.32 for each address and 18.54 for each autonomous system (the first 16 bits of the address where \
              that is not known) must come to more than 142.38, in four countries or more, and be twice as many as \
              one answer has: others come with time. Only answers with addresses \
              in three networks or more are looked at, so a domain that gives one address at a time is not seen; \
              addresses of AWS do not count. The account must have begun to ask for the domain after seven days of \
              logs, and at most five clients ask for it.",
    benign: "Pools of volunteers' servers; peer-to-peer software that finds its first peers by DNS; a content network \
             that few clients use.",
};

/// How many pairs of client and domain are followed at a time.
const FOLLOWED: usize = 1 << 15;
/// Addresses that a finding shows.
const SHOWN: usize = 8;

/// Answers of an hour.
#[derive(Clone, Serialize, Deserialize)]
struct Answers {
    addresses: BottomK<Answered, ADDRESSES>,
    /// The most of them in one answer.
    largest: u16,
    queries: u64,
    first: EventTime,
}

/// The judge. Its baseline is the addresses of the last 24 hours of each client and domain.
pub struct FastFlux {
    recent: Windows<Answers>,
}

impl Default for FastFlux {
    fn default() -> Self {
        Self { recent: Windows::new(META.name, 1) }
    }
}

/// What addresses come to.
struct Spread {
    addresses: BottomK<Answered, ADDRESSES>,
    /// The most of them in one answer.
    largest: u16,
    /// Autonomous systems, or networks of 16 bits.
    networks: BTreeSet<(bool, u32)>,
    countries: BTreeSet<String>,
}

impl Spread {
    fn of(addresses: BottomK<Answered, ADDRESSES>, largest: u16, env: &Env) -> Self {
        let mut spread = Self { addresses, largest, networks: BTreeSet::new(), countries: BTreeSet::new() };
        for (_, Answered(address)) in spread.addresses.iter() {
            let info = env.geo.lookup((*address).into());
            spread.networks.insert(info.asn.map_or((false, address.to_bits() >> 16), |asn| (true, asn)));
            spread.countries.extend(info.country_code);
        }
        spread
    }

    fn score(&self, params: &Params) -> f64 {
        params.per_address * self.addresses.len() as f64 + params.per_network * self.networks.len() as f64
    }

    fn is_flux(&self, params: &Params) -> bool {
        let change = self.addresses.len() as u64 >= u64::from(self.largest).saturating_mul(params.answers);
        change && self.score(params) > params.score && self.countries.len() as u64 >= params.countries
    }

    fn explain(&self, who: &str, domain: &str, params: &Params) -> Explanation {
        let at_least = if self.addresses.is_full() { "at least " } else { "" };
        let countries: Vec<&str> = self.countries.iter().map(String::as_str).collect();
        let shown: Vec<String> = self.addresses.iter().take(SHOWN).map(|(_, a)| a.0.to_string()).collect();
        Explanation::new(format!(
            "{who} asked for {domain}, which is new to the account and was answered within 24 hours with {at_least}{} \
             addresses in {} networks and {} countries, as domains of botnets are.",
            self.addresses.len(),
            self.networks.len(),
            countries.len()
        ))
        .compare("score", format!("{:.1}", self.score(params)), format!("more than {}", params.score))
        .compare("countries", countries.join(" "), format!("{} or more", params.countries))
        .compare(
            "addresses, against the most in one answer",
            format!("{at_least}{}", self.addresses.len()),
            format!("{} times {} or more", params.answers, self.largest),
        )
        .observe("networks", self.networks.len())
        .observe("addresses", shown.join(" "))
    }
}

/// Whether a domain is new enough, and asked for by few.
fn is_news(key: &FactKey, domain: &str, cx: &Context<'_>) -> Option<u32> {
    let book = cx.inventory.domains();
    let known = book.domain(domain_hash(domain))?;
    let few = known.clients_by(key.hour) as u64 <= cx.env.tuning.fast_flux.max_clients;
    let listed = cx.env.intel.is_trusted_domain(domain) || cx.env.intel.domain(domain).is_some();
    (few && !listed && is_mature(book, known.asked, cx)).then_some(known.asked)
}

impl Judge for FastFlux {
    fn class(&self) -> Class {
        Class::Rare
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let (Fact::Rare(f), Some(finding_type)) = (fact, raised(cx.env, META.types[0])) else { return };
        self.recent.begin(key);
        if f.addresses.is_empty() {
            return;
        }
        let mut parts = key.parts();
        let (Some(who), Some(domain)) = (parts.next(), parts.next()) else { return };
        let Some(asked) = is_news(key, domain, cx) else { return };
        let at = (key.region.clone(), key.entity.clone());
        let Some(mut seen) = self.recent.follow(&at, FOLLOWED) else { return };
        let mut now = Hour::new(
            key.hour,
            Answers { addresses: f.addresses.clone(), largest: f.largest, queries: f.queries, first: f.first },
        );
        let mut all = f.addresses.clone();
        seen.iter().for_each(|hour| all.merge(hour.seen().addresses.clone()));
        let largest = seen.iter().map(|hour| hour.seen().largest).fold(f.largest, u16::max);
        let spread = Spread::of(all, largest, cx.env);
        let params = &cx.env.tuning.fast_flux;
        if spread.is_flux(params) {
            let (count, first) = window::count(&mut seen, (f.queries, f.first), |a| (a.queries, a.first));
            now.noted.counted = true;
            let explanation = spread
                .explain(who, domain, params)
                .observe("first asked for in the account", hour_text(asked))
                .observe("names", f.shown.iter().map(|(_, s)| s.0.as_str()).collect::<Vec<_>>().join(" "));
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
        seen.push_back(now);
        self.recent.put(at, seen);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        self.recent.learned(out);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.recent.recall(key, learned);
    }
}
