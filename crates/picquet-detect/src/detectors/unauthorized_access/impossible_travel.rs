//! Sign-ins to the console from places that are too far apart.

use crate::cold::Cold;
use crate::detectors::{Meta, default_severity, raised};
use crate::event::ApiEvent;
use crate::facts::key::KeyRef;
use crate::facts::logins::Login;
use crate::facts::signal::{Detail, Role};
use crate::facts::{Class, Fact, FactKey, LearnedFacts, LoginFacts, bounded};
use crate::judge::{Context, Judge};
use crate::ledger::{Entry, Ledger};
use crate::reduce::FactMap;
use crate::tuning::ImpossibleTravel as Settings;
use crate::{Env, Signal, Str, Tuning, net};
use picquet_intel::{IpInfo, places};
use picquet_model::{EventTime, Explanation, Source};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "impossible-travel",
    types: &["UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B"],
    source: Source::Cloudtrail,
    detects: "Two successful sign-ins to the console of one user from places too far apart to travel between them.",
    decides: "Each sign-in of an IAM user, of root or of a user of IAM Identity Center is held against the one before: \
              with coordinates from an address database by their distance, with countries alone by how far the two \
              are apart at least. Sign-ins from AWS, hosting networks, VPC endpoints and trusted addresses are left \
              out, and so are two places that are both usual for the user. Failed sign-ins shortly before are shown.",
    benign: "A user who switches a VPN on; an address whose country the database has wrong.",
};

const HOUR_OF_DAY: u32 = 24;
const NAME: &str = "places";
const VERSION: u16 = 1;

/// Takes a sign-in. Calls of other names are none.
pub(crate) fn reduce(event: &ApiEvent<'_>, out: &mut FactMap) {
    let r = event.record;
    let id = &r.identity;
    let user = match id.kind.as_ref() {
        "Root" => "",
        "IAMUser" => id.user_name.as_ref(),
        // Sessions of other roles may be shared by many.
        "AssumedRole" if id.issuer.user_name.starts_with("AWSReservedSSO_") => id.principal_id.as_ref(),
        _ => return,
    };
    // AWS hides what was typed when there is no such user.
    if user == "HIDDEN_DUE_TO_SECURITY_REASONS" || (user.is_empty() && id.kind != "Root") {
        return;
    }
    let hash = event.hash();
    let fact = match r.response.and_then(|r| r.member_text("ConsoleLogin")).as_deref() {
        Some("Success") => {
            let endpoint = bounded(&r.vpc_endpoint_id);
            LoginFacts::success(r.time, hash, Login { region: event.region.into(), endpoint, call: event.detail() })
        }
        Some("Failure") => LoginFacts::failure(r.time, hash),
        _ => return,
    };
    let entity = format!("{} {user}", id.kind);
    let key = KeyRef { account: event.account, hour: r.time.hour(), class: Class::Logins, region: "", entity: &entity };
    out.merge(key, Fact::Logins(Box::new(fact)));
}

/// Where a sign-in came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    ip: IpAddr,
    country: Str,
    /// As a person calls it.
    shown: String,
    lat: f64,
    lon: f64,
    /// How far from there it may have been, in kilometres: of a country its radius.
    within: f64,
}

impl Place {
    /// `None` where it is not known, or where it says nothing of a person's place.
    fn of(login: &Login, env: &Env) -> Option<Self> {
        let ip: IpAddr = login.call.source.parse().ok()?;
        if !login.endpoint.is_empty() || !net::is_public(ip) || env.aws.contains(ip) || env.intel.is_trusted_ip(ip) {
            return None;
        }
        let info = env.geo.lookup(ip);
        if is_hosting(&info) {
            return None;
        }
        let country: Str = info.country_code.as_deref().unwrap_or_default().into();
        let (lat, lon, within) = match (info.lat.zip(info.lon), places::centre(&country)) {
            (Some((lat, lon)), _) => (lat, lon, 0.0),
            (None, Some(c)) => (c.lat, c.lon, c.radius),
            (None, None) => return None,
        };
        let named: Vec<String> = [info.city, info.country_name.or(info.country_code)].into_iter().flatten().collect();
        let shown = if named.is_empty() { ip.to_string() } else { format!("{ip} ({})", named.join(", ")) };
        Some(Self { ip, country, shown, lat, lon, within })
    }

    /// The kilometres that lie between two places at least.
    fn distance(&self, other: &Self) -> f64 {
        let countries = self.within > 0.0 || other.within > 0.0;
        if countries && self.country == other.country {
            return 0.0;
        }
        let middle = places::distance((self.lat, self.lon), (other.lat, other.lon));
        (middle - self.within - other.within).max(0.0)
    }

    /// What is remembered of it: the country, or about a hundred kilometres around.
    fn area(&self) -> Str {
        match self.within > 0.0 {
            true => self.country.clone(),
            false => format!("{} {:.0} {:.0}", self.country, self.lat, self.lon).into(),
        }
    }
}

/// Whether a network is one that servers stand in, by its name. Words that providers of such networks have in theirs.
fn is_hosting(info: &IpInfo) -> bool {
    const WORDS: [&str; 9] =
        ["hosting", "cloud", "datacenter", "data center", "server", "vps", "vpn", "colocation", "proxy"];
    let names = [&info.as_org, &info.isp, &info.org];
    names.into_iter().flatten().any(|name| {
        let name = name.to_ascii_lowercase();
        WORDS.iter().any(|word| name.contains(word))
    })
}

/// What is known of a user's sign-ins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct User {
    hours: (u32, u32),
    last: Option<(EventTime, Place)>,
    /// Whether the last one was part of a finding.
    reported: bool,
    /// Areas, each with its last day and on how many days.
    areas: BTreeMap<Str, (u32, u16)>,
    /// Failed sign-ins of the last hour with any, by minute since the epoch.
    failed: Vec<(i64, u64)>,
}

impl Entry for User {
    fn span(&self) -> (u32, u32) {
        self.hours
    }
}

impl User {
    /// How many areas are remembered, those that were seen last.
    const AREAS: usize = 16;

    fn is_usual(&self, place: &Place, days: u16) -> bool {
        self.areas.get(&place.area()).is_some_and(|(_, n)| *n >= days)
    }

    fn note(&mut self, place: &Place, day: u32) {
        let (last, days) = self.areas.entry(place.area()).or_insert((day, 1));
        *days += u16::from(day > *last);
        *last = day.max(*last);
        if self.areas.len() > Self::AREAS {
            let oldest = self.areas.iter().min_by_key(|(area, (last, _))| (*last, *area)).map(|(area, _)| area.clone());
            oldest.map(|area| self.areas.remove(&area));
        }
    }
}

/// The judge.
pub struct ImpossibleTravel {
    settings: Settings,
    memory_hours: u32,
    known: Ledger,
}

impl ImpossibleTravel {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning, cold: &Cold) -> Self {
        Self {
            settings: tuning.impossible_travel.clone(),
            memory_hours: HOUR_OF_DAY * u32::from(tuning.learning.memory_days),
            known: Ledger::new(NAME, VERSION, cold),
        }
    }

    /// Holds a sign-in against the one before.
    fn compare(&self, user: &User, (time, hash): (EventTime, u64), login: &Login, place: &Place) -> Option<Compared> {
        let s = &self.settings;
        let (before, from) = user.last.as_ref()?;
        let km = from.distance(place);
        let secs = time.as_secs().saturating_sub(before.as_secs()).max(1);
        let kmh = km * 3600.0 / secs as f64;
        if km < f64::from(s.min_km) || kmh < f64::from(s.min_km_per_hour) {
            return None;
        }
        if user.is_usual(from, s.usual_days) && user.is_usual(place, s.usual_days) {
            return None;
        }
        let minute = time.as_secs().div_euclid(60);
        let recent = minute - i64::from(s.failure_minutes)..=minute;
        let failed: u64 = user.failed.iter().filter(|(m, _)| recent.contains(m)).map(|(_, n)| n).sum();
        let near = if place.within > 0.0 || from.within > 0.0 { "at least " } else { "" };
        // Whole tens: the last digits of such sums are nobody's knowledge.
        let tens = |n: f64| format!("{:.0}", (n / 10.0).floor() * 10.0);
        let mut why = Explanation::new(format!(
            "{} signed in from {} and {} later from {}, {near}{} km away: that is travel at {} km/h.",
            login.call.user_name,
            from.shown,
            minutes(secs),
            place.shown,
            tens(km),
            tens(kmh)
        ))
        .compare("kilometres between", tens(km), format!("{} or more", s.min_km))
        .compare("kilometres per hour", tens(kmh), format!("{} or more", s.min_km_per_hour))
        .compare("place", &place.shown, &from.shown)
        .observe("places of this user so far", areas(user));
        if failed >= u64::from(s.failures) {
            let name = format!("failed sign-ins in the {} minutes before", s.failure_minutes);
            why = why.compare(name, failed, format!("{} or more are noted", s.failures));
        }
        Some(Compared { first: *before, last: time, hash, why })
    }
}

/// Two sign-ins that cannot be of one person.
struct Compared {
    first: EventTime,
    last: EventTime,
    hash: u64,
    why: Explanation,
}

fn minutes(secs: i64) -> String {
    if secs < 7200 { format!("{} minutes", (secs + 59) / 60) } else { format!("{} hours", secs / 3600) }
}

fn areas(user: &User) -> String {
    let all: Vec<String> = user.areas.iter().map(|(area, (_, days))| format!("{area} on {days} days")).collect();
    if all.is_empty() { "none".into() } else { all.join(", ") }
}

impl Judge for ImpossibleTravel {
    fn class(&self) -> Class {
        Class::Logins
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Fact::Logins(facts) = fact else { return };
        self.known.begin(&key.account, key.hour);
        let mut user: User =
            self.known.get(&key.entity).unwrap_or_else(|| User { hours: (key.hour, key.hour), ..User::default() });
        // An hour that an earlier scan learned is known.
        let start = i64::from(key.hour) * 60;
        user.failed.retain(|(minute, _)| *minute >= start - 60 && *minute < start);
        user.failed.extend(facts.failed.iter().map(|(minute, n)| (start + i64::from(*minute), n.len())));
        for (&(time, hash), login) in &facts.succeeded {
            let Some(place) = Place::of(login, cx.env) else { continue };
            if user.last.as_ref().is_some_and(|(last, _)| *last > time) {
                continue;
            }
            let found = self.compare(&user, (time, hash), login, &place);
            let is_found = found.is_some();
            if let Some(found) = found
                && let Some(finding_type) = raised(cx.env, META.types[0])
            {
                out.push(Signal {
                    finding_type,
                    detector: META.name.into(),
                    role: Role::Target,
                    severity_tenths: default_severity(finding_type),
                    account: key.account.clone(),
                    region: login.region.clone(),
                    global: false,
                    key: vec![key.entity.clone()],
                    // A sign-in between two others is counted once.
                    count: 2 - u64::from(user.reported),
                    first: found.first,
                    last: found.last,
                    hash: found.hash,
                    detail: Detail::Api(login.call.clone()),
                    lists: BTreeSet::new(),
                    apis: BTreeMap::new(),
                    extra: BTreeMap::new(),
                    explanation: found.why,
                });
            }
            user.reported = is_found;
            user.note(&place, key.hour / HOUR_OF_DAY);
            user.last = Some((time, place));
        }
        user.hours.1 = user.hours.1.max(key.hour);
        self.known.put(&key.entity, &user);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.known.recall(key, learned);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        self.known.learned(self.memory_hours, out);
    }
}
