//! What a principal did in an hour from one network with one key: the unit that is scored.

use super::profile::{Dim, short_name};
use crate::api::{Purpose, agent, purpose};
use crate::facts::ApiFacts;
use crate::facts::api::{Call, Use, Visit};
use crate::judge::Context;
use crate::{Map, Str, map};
use std::net::IpAddr;
use std::sync::Arc;

/// Where calls come from.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// `asnNumber: N asnOrg: NAME`, else the block of the address; empty for a name.
    pub network: Str,
    /// Its name in English, else its code.
    pub country: Str,
    /// What kind of address it is.
    pub caller: Str,
}

/// A visit, and what it means.
#[derive(Debug)]
pub struct Caller {
    /// As it stands in the records.
    pub visit: Visit,
    /// Where from.
    pub place: Arc<Place>,
    /// Family of the user agent.
    pub agent: Str,
    /// Operating system.
    pub system: Str,
}

/// A call, and what it means.
#[derive(Debug)]
pub struct Called {
    /// As it stands in the records.
    pub call: Call,
    /// The API as profiles name it.
    pub api: Str,
    /// The error as profiles name it.
    pub error: Str,
    /// What it is for.
    pub purpose: Purpose,
}

/// What hashes of late stand for, read and understood.
pub struct Names {
    callers: Map<u64, Arc<Caller>>,
    calls: Map<u64, Arc<Called>>,
    places: Map<Str, Arc<Place>>,
}

/// Of each kind so many are held; hostile logs could make up any number.
const HELD: usize = 1 << 14;

impl Names {
    /// None yet.
    pub fn new() -> Self {
        Self { callers: map(0), calls: map(0), places: map(0) }
    }

    fn caller(&mut self, hash: u64, cx: &Context<'_>) -> Option<Arc<Caller>> {
        if let Some(known) = self.callers.get(&hash) {
            return Some(known.clone());
        }
        let visit = cx.spellings.visit(hash)?;
        let place = self.place(&visit, cx);
        let (family, system) = agent::family(&visit.user_agent);
        let caller = Arc::new(Caller { visit, place, agent: short_name(&family), system: Str::const_new(system) });
        if self.callers.len() >= HELD {
            self.callers.clear();
        }
        self.callers.insert(hash, caller.clone());
        Some(caller)
    }

    fn called(&mut self, hash: u64, cx: &Context<'_>) -> Option<Arc<Called>> {
        if let Some(known) = self.calls.get(&hash) {
            return Some(known.clone());
        }
        let call = cx.spellings.call(hash)?;
        // `Client.UnauthorizedOperation`: what is before the dot only says whose fault it is.
        let error = short_name(call.error.rsplit('.').next().unwrap_or_default());
        let called = Arc::new(Called { api: short_name(&call.api), error, purpose: purpose(&call.api), call });
        if self.calls.len() >= HELD {
            self.calls.clear();
        }
        self.calls.insert(hash, called.clone());
        Some(called)
    }

    fn place(&mut self, visit: &Visit, cx: &Context<'_>) -> Arc<Place> {
        // An endpoint says more than the address behind it, which is private and may be anybody's.
        let text = if visit.endpoint.is_empty() { &visit.source } else { &visit.endpoint };
        if let Some(known) = self.places.get(text) {
            return known.clone();
        }
        let place = Arc::new(place(text, cx));
        if self.places.len() >= HELD {
            self.places.clear();
        }
        self.places.insert(text.clone(), place.clone());
        place
    }
}

fn place(text: &str, cx: &Context<'_>) -> Place {
    let Ok(ip) = text.parse::<IpAddr>() else {
        let caller = if text.starts_with("vpce-") { "VPC endpoint" } else { "name" };
        return Place { network: short_name(text), country: Str::default(), caller: caller.into() };
    };
    let ip = ip.to_canonical();
    if !crate::net::is_public(ip) {
        return Place { network: block(ip), country: Str::default(), caller: "private address".into() };
    }
    let info = cx.env.geo.lookup(ip);
    let network = match info.asn {
        Some(asn) => short_name(&format!("asnNumber: {asn} asnOrg: {}", info.as_org.as_deref().unwrap_or("unknown"))),
        None => block(ip),
    };
    let caller = if cx.env.aws.contains(ip) { "address of AWS" } else { "public address" };
    let country = info.country_name.or(info.country_code).unwrap_or_default();
    Place { network, country: short_name(&country), caller: caller.into() }
}

/// The block of an address that stands for its network where the autonomous system is not known: providers are
/// allotted and announce blocks of about this size (our choice: /16, and the /32 that
/// registries allot to a provider, RIPE-738).
fn block(ip: IpAddr) -> Str {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            compact_str::format_compact!("{a}.{b}.0.0/16")
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            compact_str::format_compact!("{a:x}:{b:x}::/32")
        }
    }
}

/// A call of an hour.
pub struct Seen<'f> {
    /// What was called.
    pub called: Arc<Called>,
    /// Who called.
    pub caller: Arc<Caller>,
    /// When and how often.
    pub used: &'f Use,
}

impl Seen<'_> {
    /// Whether it is about objects.
    pub fn is_data(&self) -> bool {
        !self.called.call.bucket.is_empty()
    }
}

/// What a principal did in an hour from one network with one key.
pub struct Sight<'f> {
    /// The access key.
    pub access_key_id: Str,
    /// Where from.
    pub place: Arc<Place>,
    /// Families of the user agents.
    pub agents: Vec<Str>,
    /// Operating systems.
    pub systems: Vec<Str>,
    /// The time of the week.
    pub time: Str,
    /// Whether it may be reported.
    pub trusted: bool,
    /// Whether a finding was raised of it.
    pub fired: bool,
    /// The calls.
    pub calls: Vec<Seen<'f>>,
}

impl Sight<'_> {
    /// All that is profiled of it: kind, value and events.
    pub fn values(&self) -> impl Iterator<Item = (Dim, &Str, u64)> {
        let whole = [
            (Dim::Network, &self.place.network),
            (Dim::Country, &self.place.country),
            (Dim::Hour, &self.time),
            (Dim::Caller, &self.place.caller),
        ];
        let agents = self.agents.iter().map(|agent| (Dim::Agent, agent));
        let systems = self.systems.iter().map(|system| (Dim::System, system));
        let whole = whole.into_iter().chain(agents).chain(systems).map(|(dim, value)| (dim, value, 0));
        let calls = self.calls.iter().flat_map(|seen| {
            let (called, events) = (&seen.called, seen.used.events.count());
            let of = [
                (Dim::Api, &called.api, events),
                (Dim::Region, &called.call.region, 0),
                (Dim::Error, &called.error, 0),
                (Dim::Bucket, &called.call.bucket, events),
            ];
            of.into_iter()
        });
        whole.chain(calls).filter(|(_, value, _)| !value.is_empty())
    }
}

/// The sights of an hour.
pub fn sights<'f>(facts: &'f ApiFacts, hour: u32, cx: &Context<'_>, names: &mut Names) -> Vec<Sight<'f>> {
    let time = time_of_week(hour);
    let mut all: Vec<Sight<'f>> = Vec::new();
    let mut caller: Option<(u64, Arc<Caller>, usize)> = None;
    for ((visit, call), used) in facts.iter() {
        if caller.as_ref().is_none_or(|(of, ..)| *of != visit) {
            // A visit that nothing spells out was damaged on the way; so was its call.
            caller = names.caller(visit, cx).map(|found| {
                let at = sight_of(&mut all, &found, &time);
                (visit, found, at)
            });
        }
        if let (Some((_, caller, at)), Some(called)) = (&caller, names.called(call, cx)) {
            all[*at].calls.push(Seen { called, caller: caller.clone(), used });
        }
    }
    all
}

/// Where the sight of a caller is.
fn sight_of(all: &mut Vec<Sight<'_>>, caller: &Caller, time: &Str) -> usize {
    let visit = &caller.visit;
    let same =
        |s: &Sight<'_>| s.access_key_id == visit.access_key_id && s.trusted == visit.trusted && s.place == caller.place;
    let at = all.iter().position(same).unwrap_or_else(|| {
        all.push(Sight {
            access_key_id: visit.access_key_id.clone(),
            place: caller.place.clone(),
            agents: Vec::new(),
            systems: Vec::new(),
            time: time.clone(),
            trusted: visit.trusted,
            fired: false,
            calls: Vec::new(),
        });
        all.len() - 1
    });
    let sight = &mut all[at];
    for (known, text) in [(&mut sight.agents, &caller.agent), (&mut sight.systems, &caller.system)] {
        if let Err(to) = known.binary_search(text) {
            known.insert(to, text.clone());
        }
    }
    at
}

/// Day off or not, and three hours of the day, in UTC.
fn time_of_week(hour: u32) -> Str {
    // The epoch was a Thursday.
    let weekend = matches!((hour / 24 + 4) % 7, 0 | 6);
    let from = hour % 24 / 3 * 3;
    compact_str::format_compact!("{} {from:02}-{:02} UTC", if weekend { "weekend" } else { "weekday" }, from + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks() {
        // 2024-06-12 was a Wednesday, the 15th a Saturday.
        assert_eq!(time_of_week(477_276), "weekday 12-15 UTC");
        assert_eq!(time_of_week(477_276 + 72 + 11), "weekend 21-24 UTC");
    }

    #[test]
    fn blocks() {
        assert_eq!(block("203.0.113.9".parse().unwrap()), "203.0.0.0/16");
        assert_eq!(block("2001:db8:1::9".parse().unwrap()), "2001:db8::/32");
    }
}
