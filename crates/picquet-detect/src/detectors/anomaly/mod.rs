//! Unusual API activity of a principal.
//!
//! `session` makes sessions of an hour's facts, `profile` and `account` know what is usual, `score` says how odd
//! a session is, `calibration` how rare such a score is in the account's own past, and `explain` why.

mod account;
pub mod api;
mod calibration;
mod explain;
mod profile;
pub mod retired;
pub mod s3;
mod score;
mod session;

pub use profile::{ApiProfile, Dim, WeakSignal};

use crate::api::principal;
use crate::cold::Cold;
use crate::detectors::raised;
use crate::facts::{Class, Fact, FactKey, LearnedFacts};
use crate::judge::{Context, Judge};
use crate::profiles::Profiles;
use crate::tuning::ApiAnomaly;
use crate::{Signal, Str};
use account::{Account, Pending};
use calibration::Scores;
use picquet_model::EventTime;
use score::{Against, Score};
use session::{Names, Sight};

/// The kinds of principals whose scores are held against each other: what is odd for a robot is a person's daily work.
fn sort(peers: &str) -> &'static str {
    match peers {
        "instance roles" => "instances",
        _ if peers.starts_with("roles") => "roles",
        _ => "people",
    }
}

/// The judge of API calls.
pub struct AnomalyJudge {
    profiles: Profiles<ApiProfile>,
    account: Account,
    /// By [`sort`].
    scores: Profiles<Scores>,
    names: Names,
    /// What the hour that is being judged brought; it counts for the account from the next hour on.
    pending: Pending,
    hour: u32,
}

impl AnomalyJudge {
    /// Nothing is known yet.
    pub fn new(cold: &Cold) -> Self {
        Self {
            // Interfaces have a judge with as much.
            profiles: Profiles::new(cold, cold.unpacked_bytes()),
            account: Account::new(),
            // Three at most.
            scores: Profiles::new(cold, usize::MAX),
            names: Names::new(),
            pending: Pending::default(),
            hour: u32::MAX,
        }
    }

    fn begin(&mut self, key: &FactKey) {
        let account = &mut self.account;
        self.scores.begin(key, |_, _| ());
        if self.profiles.begin(key, |_, profile| account.recall(profile)) {
            account.first_hour = account.first_hour.min(key.hour);
        }
        if key.hour == self.hour {
            return;
        }
        self.hour = key.hour;
        self.pending.tell(account);
    }
}

/// A session of a principal that is being judged.
struct Case<'a, 'f> {
    key: &'a FactKey,
    sight: &'a Sight<'f>,
    score: Score,
    against: Against<'a>,
    /// The chance of such a score.
    chance: f64,
    /// What it would have to be.
    limit: f64,
    recent: &'a [WeakSignal],
}

impl Judge for AnomalyJudge {
    fn class(&self) -> Class {
        Class::Api
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Fact::Api(facts) = fact else { return };
        self.begin(key);
        let tuning = &cx.env.tuning.api_anomaly;
        let mut sights = session::sights(facts, key.hour, cx, &mut self.names);
        if sights.is_empty() {
            return;
        }
        let at = (Str::default(), key.entity.clone());
        let profile = self.profiles.take(&at);
        let known = profile.is_some();
        let mut profile = profile.unwrap_or_else(|| new_profile(&sights));
        let group = self.account.group(&profile.peers);
        let learned = self.hour.saturating_sub(self.account.first_hour) >= u32::from(tuning.learning_days) * 24;
        let scored = (Str::default(), Str::const_new(sort(&profile.peers)));
        let mut scores = self.scores.take(&scored).unwrap_or_default();
        let budget = f64::from(tuning.budget_per_million_hours) / 1e6 * tuning.sensitivity.factor();
        let limit = scores.limit(budget) * profile.share(key.hour);
        let (mut highest, mut weak) = (0.0_f64, Vec::new());
        for sight in &mut sights {
            let against =
                || Against { profile: known.then_some(&profile), account: &self.account, group, hour: key.hour };
            if sight.trusted || !score::is_odd(sight, &against(), tuning) {
                continue;
            }
            for data in [false, true] {
                let Some(score) = score::score(sight, data, &against(), &profile.weak, tuning) else { continue };
                let chance = scores.chance(score.total);
                let fires = learned && score.passes && score.total >= f64::from(tuning.min_score) && chance <= limit;
                if fires {
                    let case = Case { key, sight, score, against: against(), chance, limit, recent: &profile.weak };
                    raise(&case, data, cx, out);
                    sight.fired = true;
                } else {
                    // The budget is one of findings: what could not be one does not count.
                    highest = highest.max(if score.passes { score.total } else { 0.0 });
                    weak.extend(weak_signals(sight, data, &score, key.hour, tuning));
                }
            }
        }
        if cx.env.tuning.detection.retired_types && learned && known {
            let against = Against { profile: Some(&profile), account: &self.account, group, hour: key.hour };
            retired::judge(key, &sights, &against, cx, out);
        }
        // An hour that an earlier scan learned is judged again but not learned twice.
        if !known || profile.last_hour < key.hour {
            // In its first days everything that a principal does is new, which says nothing of later ones.
            let known_long = key.hour.saturating_sub(profile.first_hour) >= u32::from(tuning.learning_days) * 24;
            if sights.iter().any(|s| s.fired) {
                scores.raised(key.hour);
            } else if known && known_long {
                scores.add(highest, key.hour);
            }
            let pending = &mut self.pending;
            let memory = u32::from(tuning.memory_days) * 24;
            profile.learn(&sights, key.hour, memory, |dim, name, began| pending.note(dim, name, group, began));
            profile.keep_weak(key.hour, weak);
            if !known {
                self.pending.join(group);
            }
            self.account.called(&profile.kind, &profile.user_name, 1);
        }
        self.scores.hold(scored, scores);
        self.profiles.hold(at, profile);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        self.profiles.learned(out);
        self.scores.learned(out);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.profiles.recall(key, learned);
        self.scores.recall(key, learned);
    }
}

/// The profile of a principal that was never seen before.
fn new_profile(sights: &[Sight<'_>]) -> ApiProfile {
    let mut profile = ApiProfile::default();
    // The greatest description, so that the order of visits does not show.
    if let Some(who) = sights.iter().flat_map(|s| &s.calls).map(|seen| &seen.caller.visit).max() {
        profile.peers = principal::peers(who);
        profile.kind.clone_from(&who.kind);
        profile.user_name.clone_from(&who.user_name);
    }
    profile
}

/// Raises a session's finding, if its type is raised and the time is looked at. What is learned of the session does
/// not depend on that.
fn raise(case: &Case<'_, '_>, data: bool, cx: &Context<'_>, out: &mut Vec<Signal>) {
    let Some(seen) = case.sight.calls.get(case.score.primary) else { return };
    let (meta, name) = if data {
        (&s3::META, s3::finding_type(&seen.called.call.api))
    } else {
        (&api::META, api::finding_type(case.score.tactic))
    };
    if let Some(finding_type) = raised(cx.env, name) {
        let signal = explain::signal(case, data, meta, finding_type);
        if cx.env.covers(signal.last) {
            out.push(signal);
        }
    }
}

/// The odd APIs of a session that raised nothing.
fn weak_signals(sight: &Sight<'_>, data: bool, score: &Score, hour: u32, tuning: &ApiAnomaly) -> Vec<WeakSignal> {
    if score.total < f64::from(tuning.weak_score) {
        return Vec::new();
    }
    let odd = score.apis.iter().filter(|f| f.worth() >= 1.0);
    odd.filter_map(|f| {
        let seen = sight.calls.iter().find(|seen| seen.called.api == f.value && seen.is_data() == data)?;
        Some(WeakSignal {
            hour,
            tactic: seen.called.purpose.tactic,
            access_key_id: sight.access_key_id.clone(),
            network: sight.place.network.clone(),
            api: f.value.clone(),
            bucket: seen.called.call.bucket.clone(),
            // Bits have two digits.
            bits: f.worth() as f32,
        })
    })
    .collect()
}

/// A moment of an hour.
fn moment(hour: u32, millis: u32) -> EventTime {
    // Hours come from times, so they are times again.
    EventTime::from_millis(i64::from(hour) * 3_600_000 + i64::from(millis)).unwrap_or(EventTime::MIN)
}
