//! A session's finding: what is shown of it, and why, in numbers that can be counted again from the logs.

use super::profile::{ApiProfile, Dim, Use};
use super::score::Factor;
use super::session::Seen;
use super::{Case, moment};
use crate::detectors::{Meta, default_severity};
use crate::facts::FactKey;
use crate::facts::signal::{ApiDetail, BucketDetail, Detail, Role};
use crate::{Signal, Str, spellings};
use picquet_model::finding::{Anomaly, AnomalyObject, AnomalyUnusual, Observations};
use picquet_model::{EventTime, Explanation, TypeId};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Values of one frequency that are named, as GuardDuty does.
const NAMED: usize = 20;
/// Values that the reason names.
const IN_SENTENCE: usize = 3;

/// The signal of a session.
pub(super) fn signal(case: &Case<'_, '_>, data: bool, meta: &'static Meta, finding_type: TypeId) -> Signal {
    let calls: Vec<&Seen<'_>> = case.sight.calls.iter().filter(|seen| seen.is_data() == data).collect();
    let seen = &case.sight.calls[case.score.primary];
    let mut apis: BTreeMap<Str, u64> = BTreeMap::new();
    for call in &calls {
        let name = call.called.call.api.split_once(':').map_or(call.called.call.api.as_str(), |(_, name)| name);
        *apis.entry(name.into()).or_default() += call.used.events.count();
    }
    let time = |millis| moment(case.key.hour, millis);
    let first = calls.iter().map(|c| c.used.first).min().unwrap_or(0);
    let last = calls.iter().map(|c| c.used.latest.0).max().unwrap_or(0);
    let principal = case.key.parts().next().map(Str::from).unwrap_or_default();
    let mut detail = detail(seen, &principal);
    detail.anomaly = Some(Box::new(anomaly(case, data)));
    let key = if data { vec![seen.called.call.bucket.clone(), principal] } else { vec![principal] };
    Signal {
        finding_type,
        detector: meta.name.into(),
        role: Role::Target,
        severity_tenths: default_severity(finding_type),
        account: case.key.account.clone(),
        region: seen.called.call.region.clone(),
        global: seen.called.call.global,
        key,
        count: apis.values().sum(),
        first: time(first),
        last: time(last),
        hash: seen.used.latest.1,
        detail: Detail::Api(detail),
        lists: BTreeSet::new(),
        apis,
        extra: extra(case, data, seen),
        explanation: explanation(case, seen),
    }
}

/// A signal of one call.
pub(super) fn plain(
    key: &FactKey,
    seen: &Seen<'_>,
    meta: &'static Meta,
    finding_type: TypeId,
    of_bucket: bool,
    explanation: Explanation,
) -> Signal {
    let principal = key.parts().next().map(Str::from).unwrap_or_default();
    let name = seen.called.call.api.split_once(':').map_or(seen.called.call.api.as_str(), |(_, name)| name);
    Signal {
        finding_type,
        detector: meta.name.into(),
        role: Role::Target,
        severity_tenths: default_severity(finding_type),
        account: key.account.clone(),
        region: seen.called.call.region.clone(),
        global: seen.called.call.global,
        key: if of_bucket { vec![seen.called.call.bucket.clone(), principal.clone()] } else { vec![principal.clone()] },
        count: seen.used.events.count(),
        first: moment(key.hour, seen.used.first),
        last: moment(key.hour, seen.used.latest.0),
        hash: seen.used.latest.1,
        detail: Detail::Api(detail(seen, &principal)),
        lists: BTreeSet::new(),
        apis: BTreeMap::from([(name.into(), seen.used.events.count())]),
        extra: BTreeMap::new(),
        explanation,
    }
}

fn detail(seen: &Seen<'_>, principal: &Str) -> ApiDetail {
    let call = &seen.called.call;
    let mut detail = spellings::detail(&seen.caller.visit, call, seen.used.latest.2, principal.clone());
    if seen.is_data() {
        detail.buckets = vec![BucketDetail { name: call.bucket.clone(), public_access: None }];
    }
    detail
}

/// How often a value is used, by the share of days (the words are GuardDuty's: rare is less than once a month,
/// infrequent a few times a month, frequent daily to weekly; the design's shares).
fn frequency(days: u16, of: u16) -> &'static str {
    let share = f64::from(days) / f64::from(of.max(1));
    match days {
        0 => "UNSEEN",
        1 | 2 if of > 20 => "RARE",
        _ if share < 0.01 => "RARE",
        _ if share < 0.1 => "INFREQUENT",
        _ => "FREQUENT",
    }
}

const FREQUENCIES: [(&str, &str); 3] = [("FREQUENT", "frequent"), ("INFREQUENT", "infrequent"), ("RARE", "rare")];

/// The features that GuardDuty profiles an identity by: kind, its name in `profiledBehavior`, and in `anomaly`.
const FEATURES: [(Dim, &str, &str); 4] = [
    (Dim::Api, "APIs", "api"),
    (Dim::Network, "ASNs", "asn"),
    (Dim::Agent, "UserAgents", "userAgent"),
    (Dim::Bucket, "Buckets", "bucket"),
];

/// The values of a kind that an identity uses so often, the most used first.
fn of_frequency(profile: &ApiProfile, dim: Dim, frequency_word: &str, hour: u32) -> Vec<String> {
    let known = |u: &&Use| !u.is_new(hour) && frequency(u.days, profile.days) == frequency_word;
    let mut uses: Vec<&Use> = profile.habit(dim).uses.iter().filter(known).collect();
    uses.sort_by(|a, b| b.days.cmp(&a.days).then_with(|| a.name.cmp(&b.name)));
    uses.into_iter().take(NAMED).map(|u| u.name.to_string()).collect()
}

/// The values of a kind that so many of the account's principals use.
fn in_account(case: &Case<'_, '_>, dim: Dim, frequency_word: &str) -> Vec<String> {
    case.against.account.by_users(dim, NAMED, |users, of| {
        // Of principals, not of days: the account's own days are not counted by value.
        frequency(u16::try_from(users).unwrap_or(u16::MAX), u16::try_from(of).unwrap_or(u16::MAX)) == frequency_word
    })
}

/// The members that GuardDuty's API anomalies have in `additionalInfo`, as JSON texts.
fn extra(case: &Case<'_, '_>, data: bool, seen: &Seen<'_>) -> BTreeMap<String, String> {
    let mut profiled = Map::new();
    for (dim, feature, _) in FEATURES {
        for (word, prefix) in FREQUENCIES {
            let name = |scope: &str| format!("{prefix}Profiled{feature}{scope}Profiling");
            let own = case.against.profile.map(|p| of_frequency(p, dim, word, case.key.hour)).unwrap_or_default();
            profiled.insert(name("UserIdentity"), json!(own.join(" , ")));
            profiled.insert(name("Account"), json!(in_account(case, dim, word).join(" , ")));
        }
    }
    let account = case.against.account;
    for (of, feature) in [(account.kinds(), "UserTypes"), (account.names(), "UserNames")] {
        for (word, prefix) in FREQUENCIES {
            let values = of.so_often(NAMED, |hours, all| {
                let share = f64::from(hours) / f64::from(all.max(1));
                word == if share < 0.01 {
                    "RARE"
                } else if share < 0.1 {
                    "INFREQUENT"
                } else {
                    "FREQUENT"
                }
            });
            profiled.insert(format!("{prefix}Profiled{feature}AccountProfiling"), json!(values.join(" , ")));
        }
    }
    let mut unusual = Map::new();
    for (dim, feature, _) in FEATURES {
        let values = |to_all: bool| {
            let odd =
                odd(case, dim).filter(|f| f.new && (!to_all || f.shared.account == 0)).map(|f| f.value.to_string());
            odd.collect::<Vec<_>>().join(" , ")
        };
        unusual.insert(format!("unusual{feature}UserIdentityProfiling"), json!(values(false)));
        unusual.insert(format!("unusual{feature}AccountProfiling"), json!(values(true)));
    }
    let who = &seen.caller.visit;
    let new = case.against.profile.is_none();
    unusual.insert("unusualUserNamesAccountProfiling".into(), json!(if new { who.user_name.as_str() } else { "" }));
    unusual.insert("isUnusualUserIdentity".into(), json!(new.to_string()));
    if data {
        volumes(case, seen, &mut profiled, &mut unusual);
    }
    let agent = json!({
        "fullUserAgent": seen.caller.visit.user_agent.as_str(),
        "userAgentCategory": case.sight.agents.first().map_or("OTHER", |a| a.as_str()),
    });
    BTreeMap::from([
        ("anomalies".to_owned(), json!({"anomalousAPIs": anomalous_apis(case, data, seen)}).to_string()),
        ("profiledBehavior".to_owned(), Value::Object(profiled).to_string()),
        ("unusualBehavior".to_owned(), Value::Object(unusual).to_string()),
        ("userAgent".to_owned(), agent.to_string()),
    ])
}

/// How many calls on the objects of a bucket are usual, and how many there were on this day.
fn volumes(case: &Case<'_, '_>, seen: &Seen<'_>, profiled: &mut Map<String, Value>, unusual: &mut Map<String, Value>) {
    let bucket = &seen.called.call.bucket;
    let known = case.against.profile.and_then(|p| p.habit(Dim::Bucket).get(bucket));
    let of_hour: u64 =
        case.sight.calls.iter().filter(|c| c.called.call.bucket == *bucket).map(|c| c.used.events.count()).sum();
    let before = known.filter(|u| u.last / 24 == case.key.hour / 24).map_or(0, |u| u64::from(u.today));
    let average = known.map_or(0, |u| u.sum / u32::from(u.days.max(1)));
    let most = known.map_or(0, |u| u.most);
    profiled.insert("numberOfHistoricalDailyAvgAPIsBucketUserIdentityProfiling".into(), json!(average.to_string()));
    profiled.insert("numberOfHistoricalDailyMaxAPIsBucketUserIdentityProfiling".into(), json!(most.to_string()));
    let day = (of_hour + before).to_string();
    unusual.insert("numberOfPast24HoursAPIsBucketUserIdentityProfiling".into(), json!(day));
}

/// `service:[Api:success , Api:error] , service2:[...]`, the primary one first.
fn anomalous_apis(case: &Case<'_, '_>, data: bool, primary: &Seen<'_>) -> String {
    let mut services: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |seen: &Seen<'_>| {
        let (service, api) = seen.called.call.api.split_once(':').unwrap_or(("", &seen.called.call.api));
        let outcome = if seen.called.call.error.is_empty() { "success" } else { &seen.called.call.error };
        let text = format!("{api}:{outcome}");
        match services.iter_mut().find(|(s, _)| s == service) {
            Some((_, all)) if all.contains(&text) || all.len() >= NAMED => {}
            Some((_, all)) => all.push(text),
            None => services.push((service.into(), vec![text])),
        }
    };
    add(primary);
    case.sight.calls.iter().filter(|seen| seen.is_data() == data).for_each(&mut add);
    let texts: Vec<String> = services.iter().map(|(s, all)| format!("{s}:[{}]", all.join(" , "))).collect();
    texts.join(" , ")
}

/// The values of a kind that made the session odd.
fn odd<'c>(case: &'c Case<'_, '_>, dim: Dim) -> impl Iterator<Item = &'c Factor> {
    let all = case.score.apis.iter().chain(&case.score.factors);
    all.filter(move |f| f.dim == dim && (f.new || f.volume.is_some()))
}

/// `service.detection.anomaly`.
fn anomaly(case: &Case<'_, '_>, data: bool) -> Anomaly {
    let object = |word: &str, text: Vec<String>| AnomalyObject {
        profile_type: "FREQUENCY".into(),
        profile_subtype: word.into(),
        observations: Observations { text },
    };
    let (mut identity, mut account) = (BTreeMap::new(), BTreeMap::new());
    let (mut odd_identity, mut odd_account) = (BTreeMap::new(), BTreeMap::new());
    for (dim, _, feature) in FEATURES {
        if dim == Dim::Bucket && !data {
            continue;
        }
        let (mut own, mut shared) = (Vec::new(), Vec::new());
        for (word, _) in FREQUENCIES {
            let values = case.against.profile.map(|p| of_frequency(p, dim, word, case.key.hour)).unwrap_or_default();
            if !values.is_empty() {
                own.push(object(word, values));
            }
            let values = in_account(case, dim, word);
            if !values.is_empty() {
                shared.push(object(word, values));
            }
        }
        identity.insert(feature.to_owned(), own);
        account.insert(feature.to_owned(), shared);
        let new: Vec<String> = odd(case, dim).filter(|f| f.new).map(|f| f.value.to_string()).collect();
        if !new.is_empty() {
            odd_identity.insert(feature.to_owned(), object("UNSEEN", new));
        }
        let new: Vec<String> = odd(case, dim).filter(|f| f.is_new_to_all()).map(|f| f.value.to_string()).collect();
        if !new.is_empty() {
            odd_account.insert(feature.to_owned(), object("UNSEEN", new));
        }
    }
    let scopes =
        |identity, account| BTreeMap::from([("userIdentity".to_owned(), identity), ("account".into(), account)]);
    Anomaly {
        profiles: scopes(identity, account),
        unusual: AnomalyUnusual {
            behavior: BTreeMap::from([("userIdentity".to_owned(), odd_identity), ("account".into(), odd_account)]),
        },
    }
}

/// Why, in words and numbers.
fn explanation(case: &Case<'_, '_>, seen: &Seen<'_>) -> Explanation {
    let score = &case.score;
    let who = &seen.caller.visit;
    let name = if who.user_name.is_empty() { "The identity" } else { who.user_name.as_str() };
    let mut odd: Vec<&Factor> =
        score.apis.iter().chain(&score.factors).filter(|f| f.new || f.volume.is_some()).collect();
    odd.sort_by(|a, b| b.worth().total_cmp(&a.worth()).then_with(|| (a.dim, &a.value).cmp(&(b.dim, &b.value))));
    let said: Vec<String> = odd.iter().take(IN_SENTENCE).map(|f| in_words(f)).collect();
    let reason = match case.against.profile {
        Some(p) => format!("In {} days with calls {name} never did so: {}.", p.days, said.join(", ")),
        None => format!("{name} is new, and: {}.", said.join(", ")),
    };
    let all = case.against.account.principals(case.against.group);
    let mut why = Explanation::new(reason).compare(
        "score, in bits",
        format!("{:.1}", score.total),
        format!(
            "chance of as much in an hour of a principal, by the account's past: {:.1e}, limit {:.1e}",
            case.chance, case.limit
        ),
    );
    if let Some(p) = case.against.profile {
        let since = moment(p.first_hour, 0);
        why = why.observe(
            "known of this principal",
            format!("{} days and {} hours with calls since {}", p.days, p.hours, shown(since)),
        );
    }
    let peers = case.against.profile.map_or("peers", |p| p.peers.as_str());
    for f in score.apis.iter().take(8).chain(&score.factors).filter(|f| f.worth() > 0.05) {
        let mut observed = format!(
            "{:.1} bits x {:.1}; on {} days of this principal; by {} other {peers} and {} other principals",
            f.bits, f.weight, f.own_days, f.shared.group, f.shared.account
        );
        if let Some((events, most)) = f.volume {
            observed += &format!("; {events} events, at most {most} before");
        }
        why = why.compare(
            format!("{} {}", f.dim.name(), f.value),
            observed,
            format!("{} {peers}, {} principals", all.group, all.account),
        );
    }
    for w in case.recent.iter().take(4) {
        why = why.observe(
            "weaker sign in the 24 hours before",
            format!("{} ({}), {:.1} bits, {}", w.api, w.tactic.name(), w.bits, shown(moment(w.hour, 0))),
        );
    }
    why
}

/// To the second.
fn shown(time: EventTime) -> String {
    let text = time.to_string();
    format!("{}Z", text.split('.').next().unwrap_or(&text))
}

fn in_words(f: &Factor) -> String {
    let others = match f.shared.account {
        0 => "no other principal of the account does",
        _ if f.shared.group == 0 => "none of its peers does",
        _ => "some of its peers do",
    };
    match (f.dim, f.volume) {
        (_, Some((events, most))) => format!("{} {} {events} times ({most} at most before)", f.dim.name(), f.value),
        (Dim::Api, _) => format!("calling {} ({others})", f.value),
        (dim, _) => format!("{} {} ({others})", dim.name(), f.value),
    }
}
