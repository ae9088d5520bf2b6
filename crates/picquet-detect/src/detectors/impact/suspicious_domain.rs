//! A domain that is new to the account and whose very name speaks against it.

use crate::detectors::carry::DAY;
use crate::detectors::dns_client::{Report, hour_text};
use crate::detectors::{Meta, raised};
use crate::dga::Model;
use crate::dns::name::domain_hash;
use crate::dns::{DomainBook, Odd};
use crate::facts::dns::{client_hash, short};
use crate::facts::{Class, Fact, FactKey, RareFacts};
use crate::judge::{Context, Judge};
use crate::tuning::SuspiciousDomain as Params;
use crate::{Signal, dga};
use picquet_model::{Explanation, Source};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "suspicious-domain",
    types: &["Impact:EC2/SuspiciousDomainRequest.Reputation"],
    source: Source::Dns,
    detects: "A client that asks for a domain that exists, that is new to the account and whose name alone is odd: its \
              letters look drawn at random, or it is a letter away from a well-known name.",
    decides: "How rare such a name is was measured on benign domains: by the trained model's log-odds of an algorithm, \
              or one in 5,000 for a well-known name with a letter changed. A client that asks for many new domains a \
              day comes upon odd ones by chance, so their number divides that. A finding is raised when one benign \
              client-day in a thousand has such a name. Nothing is raised in the account's first seven days, nor for \
              domains that more than two clients ask for or that a list has.",
    benign: "A service that names its domains at random, such as a content network's or an advertiser's; a brand whose \
             name happens to be near another one.",
};

/// The judge.
pub struct SuspiciousDomain;

/// A domain that is odd and new.
struct Found<'a> {
    odd: Odd,
    domain: &'a str,
    /// When the account first asked for it.
    asked: u32,
    clients: usize,
    /// Domains that were new to the account by this client within a day.
    new: usize,
    /// Of so many benign client-days one has such a name.
    client_days: f64,
}

impl<'a> Found<'a> {
    fn of(key: &FactKey, who: &str, domain: &'a str, cx: &Context<'_>) -> Option<Self> {
        let (params, intel) = (&cx.env.tuning.suspicious_domain, &cx.env.intel);
        let odd = Odd::of(domain)?;
        let book = cx.inventory.domains();
        let known = book.domain(domain_hash(domain))?;
        let clients = known.clients_by(key.hour);
        let is_new = known.asked.saturating_add(params.new_hours) > key.hour && is_mature(book, known.asked, cx);
        if !is_new || clients as u64 > params.max_clients {
            return None;
        }
        if intel.is_trusted_domain(domain) || intel.domain(domain).is_some() {
            return None;
        }
        let me = short(client_hash(&key.region, who));
        let new = book.news_of(me, key.hour.saturating_sub(DAY - 1)..=key.hour).max(1);
        let client_days = odd.rarity() / new as f64;
        (client_days >= params.client_days as f64).then_some(Self {
            odd,
            domain,
            asked: known.asked,
            clients,
            new,
            client_days,
        })
    }

    fn explain(&self, who: &str, f: &RareFacts, book: &DomainBook, params: &Params) -> Explanation {
        let looks = match self.odd {
            Odd::Generated(_) => "whose letters look drawn at random".to_owned(),
            Odd::Alike(known) => format!("whose name is a letter away from {known}"),
        };
        let others = match self.new {
            1 => "no other was new to the account by the client within a day".to_owned(),
            n => format!("it is one of {n} that were new to the account by the client within a day"),
        };
        let why = Explanation::new(format!(
            "{who} asked for {}, which exists, which nobody in the account had asked for before and {looks}. One benign \
             domain in {:.0} looks like that, and {others} (p = {:.4}).",
            self.domain,
            self.odd.rarity(),
            1.0 / self.client_days
        ))
        .compare(
            "benign client-days of which one has such a name",
            format!("{:.0}", self.client_days),
            format!("{} or more", params.client_days),
        )
        .compare("clients that asked for the domain", self.clients, format!("{} or fewer", params.max_clients))
        .observe("domains new to the account by the client within a day", self.new)
        .observe("first asked for in the account", hour_text(self.asked))
        .observe("queries of the account are known since", book.since().map(hour_text).unwrap_or_default())
        .observe("names", f.shown.iter().map(|(_, s)| s.0.as_str()).collect::<Vec<_>>().join(" "))
        .observe("queries in the hour", f.queries);
        match self.odd {
            Odd::Generated(logit) => {
                let label = self.domain.split('.').next().unwrap_or_default();
                let parts = Model::embedded().map(|model| model.reasons(label).grams).unwrap_or_default();
                let parts: Vec<String> = parts.into_iter().map(|(part, _)| part).collect();
                why.observe("log-odds of an algorithm", format!("{:.1}", logit as f32 / dga::LOGIT_UNIT))
                    .observe("sequences that are rare in chosen names", parts.join(", "))
            }
            Odd::Alike(known) => why.observe("to be taken for", known),
        }
    }
}

/// Whether enough of the account's queries were known by an hour to call a domain new.
pub fn is_mature(book: &DomainBook, hour: u32, cx: &Context<'_>) -> bool {
    let learning = u32::from(cx.env.tuning.learning.days) * DAY;
    book.since().is_some_and(|since| since.saturating_add(learning) <= hour)
}

impl Judge for SuspiciousDomain {
    fn class(&self) -> Class {
        Class::Rare
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let (Fact::Rare(f), Some(finding_type)) = (fact, raised(cx.env, META.types[0])) else { return };
        let mut parts = key.parts();
        let (Some(who), Some(domain)) = (parts.next(), parts.next()) else { return };
        let Some(found) = Found::of(key, who, domain, cx) else { return };
        let params = &cx.env.tuning.suspicious_domain;
        let explanation = found.explain(who, f, cx.inventory.domains(), params);
        let report = Report {
            key,
            who,
            client: f.client.as_ref(),
            meta: &META,
            finding_type,
            domain: domain.into(),
            by_domain: true,
            count: f.queries,
            first: f.first,
            last: f.last,
        };
        out.push(report.signal(cx, explanation));
    }
}
