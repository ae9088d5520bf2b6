//! How odd a session is, given its principal, then its peers, then the account.
//!
//! The probability of each value is an interpolated Kneser-Ney back-off: what the principal itself does counts most,
//! and what it never did is as likely as its peers, or all principals of the account, make it. A value is worth as many
//! bits as it is less likely than this principal's values are at the mean, so that a broad administrator is not odd
//! for being broad.

use super::account::{Account, Shared};
use super::profile::{ApiProfile, Dim, WeakSignal};
use super::session::{Seen, Sight};
use crate::Str;
use crate::api::Tactic;
use crate::tuning::ApiAnomaly;

/// What is taken from each count that was seen, for those that were not (Kneser and Ney, 1995).
const DISCOUNT: f64 = 0.75;
/// The most that one value is worth, in bits: one in 65,536 says that it is not expected; more would be an illusion.
const MOST: f64 = 16.0;
/// APIs of a session that count, the oddest: a hundred odd calls are not a hundred times as odd.
const APIS: usize = 8;

/// So many refused calls of an API are attempts; fewer changed nothing and may be a slip (our choice).
const PROBING: u64 = 3;

/// One value of a session.
#[derive(Clone, Debug)]
pub struct Factor {
    /// What it is.
    pub dim: Dim,
    /// The value.
    pub value: Str,
    /// How odd, in bits.
    pub bits: f64,
    /// What a bit of it counts.
    pub weight: f64,
    /// Whether the principal never used it before.
    pub new: bool,
    /// Days on which the principal used it.
    pub own_days: u16,
    /// Others that use it.
    pub shared: Shared,
    /// The events, and the most so far, where their number is odd.
    pub volume: Option<(u64, u32)>,
}

impl Factor {
    /// What it adds to the score.
    pub fn worth(&self) -> f64 {
        self.bits * self.weight
    }

    /// Whether no principal of the account ever used it.
    pub fn is_new_to_all(&self) -> bool {
        self.new && self.shared.account == 0
    }
}

/// A session's score.
#[derive(Clone, Debug)]
pub struct Score {
    /// In bits.
    pub total: f64,
    /// What it is made of, beside APIs: the oddest value of each kind.
    pub factors: Vec<Factor>,
    /// APIs with the relevance as their weight, the worthiest first.
    pub apis: Vec<Factor>,
    /// What it looks like.
    pub tactic: Tactic,
    /// The call that is shown.
    pub primary: usize,
    /// Whether it is odd in ways that a finding needs, whatever the score.
    pub passes: bool,
}

/// What a session is held against.
pub struct Against<'a> {
    /// The principal, unless this is its first hour.
    pub profile: Option<&'a ApiProfile>,
    /// All principals of the account.
    pub account: &'a Account,
    /// The principal's group.
    pub group: u16,
    /// The hour.
    pub hour: u32,
}

/// What a bit of each kind counts, from the design's table (our choice, held against spliced and benign logs by
/// `cargo xtask eval --only anomaly`).
const fn weight(dim: Dim) -> f64 {
    match dim {
        // By the relevance of the API.
        Dim::Api => 0.0,
        Dim::Network | Dim::Bucket => 0.8,
        Dim::Agent => 0.6,
        Dim::Country | Dim::Caller => 0.5,
        Dim::Region => 0.4,
        Dim::System | Dim::Error => 0.3,
        Dim::Hour => 0.2,
    }
}

/// The probability of any value that nobody in the account has, in bits: by how many values there are to choose from.
/// AWS has some ten thousand APIs and 40 regions; ISO 3166 has 249 countries.
const fn prior_bits(dim: Dim) -> f64 {
    match dim {
        Dim::Api => 13.0,
        Dim::Network => 14.0,
        Dim::Bucket => 12.0,
        Dim::Country => 8.0,
        Dim::Agent => 7.0,
        Dim::Error => 6.0,
        Dim::Region => 5.0,
        Dim::Hour => 4.0,
        Dim::System | Dim::Caller => 3.0,
    }
}

impl Against<'_> {
    /// The principal, where it is known well enough to be held against itself.
    fn own(&self) -> Option<&ApiProfile> {
        self.profile.filter(|p| p.is_mature(self.hour))
    }

    /// How odd a value is.
    fn factor(&self, dim: Dim, value: &Str, weight: f64) -> Factor {
        let known = self.profile.and_then(|p| p.habit(dim).get(value));
        let new = known.is_none_or(|u| u.is_new(self.hour));
        let shared = self.account.others(dim, value, self.group, known.is_some());
        let (of_group, of_all) = self.account.sums(dim, self.group);
        let level = |n: f64, uses: f64, values: f64, parent: f64| {
            if uses <= 0.0 {
                parent
            } else {
                (n - DISCOUNT).max(0.0) / uses + (DISCOUNT * values / uses).min(1.0) * parent
            }
        };
        let prior = (-prior_bits(dim)).exp2();
        let all = level(shared.account.into(), of_all.uses.into(), of_all.values.into(), prior);
        let group = level(shared.group.into(), of_group.uses.into(), of_group.values.into(), all);
        let (p, mean) = match self.own() {
            Some(profile) => {
                let habit = profile.habit(dim);
                let count = known
                    .filter(|_| !new)
                    .map_or(0.0, |u| f64::from(super::profile::decayed(u.weight, self.hour.saturating_sub(u.last))));
                let p = level(count, habit.total(self.hour).into(), habit.uses.len() as f64, group);
                (p, habit.entropy(self.hour))
            }
            // Of peers only the number of values is at hand: they are not used alike, so the entropy is less.
            None => (group, 0.7 * f64::from(1 + of_group.values).log2()),
        };
        let bits = (-p.max(1e-30).log2() - mean).clamp(0.0, MOST);
        Factor {
            dim,
            value: value.clone(),
            bits,
            weight,
            new,
            own_days: known.map_or(0, |u| u.days),
            shared,
            volume: None,
        }
    }

    /// More events of something than ever before.
    fn volume(&self, factor: &mut Factor, events: u64, tuning: &ApiAnomaly) {
        let Some(known) = self.own().and_then(|p| p.habit(factor.dim).get(&factor.value)) else { return };
        if known.is_new(self.hour) {
            return;
        }
        let same_day = factor.dim == Dim::Bucket && known.last / 24 == self.hour / 24;
        let events = events + if same_day { u64::from(known.today) } else { 0 };
        let least = if factor.dim == Dim::Bucket { tuning.min_daily_objects } else { tuning.min_hourly_events };
        if events >= least && events > u64::from(known.most) * tuning.volume_times {
            // Two bits for each time that it doubles (our choice).
            factor.bits = factor.bits.max((2.0 * (events as f64 / f64::from(known.most.max(1))).log2()).min(MOST));
            factor.volume = Some((events, known.most));
        }
    }
}

/// Whether a call belongs to the data events of S3, which have types of their own.
fn of_kind(seen: &Seen<'_>, data: bool) -> bool {
    seen.is_data() == data
}

/// Whether anything of a session is new or odd enough to be scored: most hours are not, and cost no more than this.
pub fn is_odd(sight: &Sight<'_>, against: &Against<'_>, tuning: &ApiAnomaly) -> bool {
    let Some(profile) = against.profile else { return true };
    sight.values().any(|(dim, value, events)| match profile.habit(dim).get(value) {
        None => true,
        Some(u) => {
            u.is_new(against.hour)
                || (dim == Dim::Api && events >= tuning.min_hourly_events && events > u64::from(u.most))
                || (dim == Dim::Bucket && u64::from(u.today) + events >= tuning.min_daily_objects)
        }
    })
}

/// Scores the management calls of a session, or its calls on objects. `recent` are weak signals of the hour before:
/// a session that goes on over the hour is one.
pub fn score(
    sight: &Sight<'_>,
    data: bool,
    against: &Against<'_>,
    recent: &[WeakSignal],
    tuning: &ApiAnomaly,
) -> Option<Score> {
    let calls = || sight.calls.iter().enumerate().filter(|(_, seen)| of_kind(seen, data));
    calls().next()?;
    let mut factors: Vec<Factor> = Vec::new();
    let mut oddest = |factor: Factor| match factors.iter_mut().find(|f| f.dim == factor.dim) {
        Some(mine) if mine.bits >= factor.bits => {}
        Some(mine) => *mine = factor,
        None => factors.push(factor),
    };
    let place = &sight.place;
    let whole = [
        (Dim::Network, &place.network),
        (Dim::Country, &place.country),
        (Dim::Caller, &place.caller),
        (Dim::Hour, &sight.time),
    ];
    let agents = sight.agents.iter().map(|a| (Dim::Agent, a)).chain(sight.systems.iter().map(|s| (Dim::System, s)));
    for (dim, value) in whole.into_iter().chain(agents).filter(|(_, value)| !value.is_empty()) {
        oddest(against.factor(dim, value, weight(dim)));
    }
    let (mut apis, mut buckets): (Vec<Factor>, Vec<(&Str, u64)>) = (Vec::new(), Vec::new());
    for (_, seen) in calls() {
        oddest(against.factor(Dim::Region, &seen.called.call.region, weight(Dim::Region)));
        if !seen.called.error.is_empty() {
            oddest(against.factor(Dim::Error, &seen.called.error, weight(Dim::Error)));
        }
        let events = seen.used.events.count();
        if data {
            match buckets.iter_mut().find(|(bucket, _)| **bucket == seen.called.call.bucket) {
                Some((_, n)) => *n += events,
                None => buckets.push((&seen.called.call.bucket, events)),
            }
        }
        match apis.iter_mut().find(|f| f.value == seen.called.api) {
            Some(known) => known.volume = known.volume.map(|(n, most)| (n + events, most)),
            None => {
                let mut factor = against.factor(Dim::Api, &seen.called.api, seen.called.purpose.relevance);
                factor.volume = Some((events, 0));
                apis.push(factor);
            }
        }
    }
    for factor in &mut apis {
        let events = factor.volume.take().map_or(0, |(n, _)| n);
        against.volume(factor, events, tuning);
        let refused = calls().filter(|(_, s)| s.called.api == factor.value).all(|(_, s)| !s.called.error.is_empty());
        if refused && events < PROBING {
            factor.weight /= 2.0;
        }
    }
    for (bucket, events) in buckets {
        let mut factor = against.factor(Dim::Bucket, bucket, weight(Dim::Bucket));
        against.volume(&mut factor, events, tuning);
        oddest(factor);
    }
    apis.sort_by(|a, b| b.worth().total_cmp(&a.worth()).then_with(|| a.value.cmp(&b.value)));
    factors.sort_by(|a, b| b.worth().total_cmp(&a.worth()).then_with(|| a.dim.cmp(&b.dim)));
    let mut worths: Vec<f64> = apis.iter().map(Factor::worth).collect();
    let same = |w: &&WeakSignal| {
        w.hour + 1 == against.hour
            && w.bucket.is_empty() != data
            && (w.access_key_id == sight.access_key_id || w.network == place.network)
            && apis.iter().all(|f| f.value != w.api)
    };
    worths.extend(recent.iter().filter(same).map(|w| f64::from(w.bits)));
    worths.sort_by(|a, b| b.total_cmp(a));
    let total = worths.iter().take(APIS).sum::<f64>() + factors.iter().map(Factor::worth).sum::<f64>();
    let (tactic, primary) = primary(sight, data, &apis)?;
    let passes = passes(&apis, &factors, against);
    Some(Score { total, factors, apis, tactic, primary, passes })
}

/// The tactic that the session's odd calls are for, and the call of it that matters most.
fn primary(sight: &Sight<'_>, data: bool, apis: &[Factor]) -> Option<(Tactic, usize)> {
    // A usual call says little of why the session is odd, but where all are usual it has to.
    let worth = |seen: &Seen<'_>| {
        let bits = apis.iter().find(|f| f.value == seen.called.api).map_or(0.0, |f| f.bits);
        seen.called.purpose.relevance * (bits + 0.5)
    };
    let mut tactics: Vec<(Tactic, f64)> = Vec::new();
    let mut counted: Vec<&Str> = Vec::new();
    let calls = || sight.calls.iter().enumerate().filter(|(_, seen)| of_kind(seen, data));
    for (_, seen) in calls() {
        if counted.contains(&&seen.called.api) {
            continue;
        }
        counted.push(&seen.called.api);
        match tactics.iter_mut().find(|(t, _)| *t == seen.called.purpose.tactic) {
            Some((_, sum)) => *sum += worth(seen),
            None => tactics.push((seen.called.purpose.tactic, worth(seen))),
        }
    }
    let (tactic, _) = tactics.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)))?;
    let (call, _) = calls()
        .filter(|(_, seen)| seen.called.purpose.tactic == tactic)
        .max_by(|a, b| worth(a.1).total_cmp(&worth(b.1)).then_with(|| a.1.used.latest.cmp(&b.1.used.latest)))?;
    Some((tactic, call))
}

/// An API of this relevance changes who may do what, or what is seen: one step from harm.
const GRAVE: f64 = 1.0;

/// A principal that takes up more than one new API, or one new network, in ten hours with calls is exploring, or roaming as
/// hosted build runners do: one more says nothing by itself (our choice).
const EXPLORING: f64 = 0.1;

/// Whether a session is odd in ways that together are more than a new habit.
fn passes(apis: &[Factor], factors: &[Factor], against: &Against<'_>) -> bool {
    let known = |dim: Dim| against.account.knows_all(dim);
    let grave_to_all = apis.iter().any(|f| f.is_new_to_all() && known(Dim::Api) && f.weight >= GRAVE);
    let settled = |dim: Dim| against.profile.is_none_or(|p| p.novelty(dim, against.hour) <= EXPLORING);
    let elsewhere = factors.iter().any(|f| f.dim == Dim::Network && f.is_new_to_all())
        && known(Dim::Network)
        && settled(Dim::Network);
    if against.own().is_none() {
        // Of a principal that is new itself everything is: only what nobody in the account does, from where nobody
        // calls, counts.
        return grave_to_all && elsewhere;
    }
    let new_api = apis.iter().any(|f| f.new && f.weight > 0.0);
    let grave_api = apis.iter().any(|f| f.new && f.weight >= GRAVE);
    let mut places = u32::from(elsewhere);
    for f in factors.iter().filter(|f| f.volume.is_some() || (f.new && settled(f.dim))) {
        places += match f.dim {
            Dim::Region => 1 + u32::from(f.is_new_to_all()),
            Dim::Agent | Dim::Country | Dim::Caller => 1,
            Dim::Bucket => 1 + u32::from(f.volume.is_some()),
            // A network from which others call as well is the company's, and a time or an error alone is nothing.
            Dim::Network | Dim::Api | Dim::System | Dim::Error | Dim::Hour => 0,
        };
    }
    if apis.iter().any(|f| f.volume.is_some() && f.weight >= GRAVE) {
        places += 2;
    }
    let alone = (grave_to_all || grave_api) && settled(Dim::Api);
    (new_api && places >= 1) || alone || places >= 3
}
