//! What other settings would find in the facts at hand.

use crate::judge::JudgeError;
use crate::kept::{Hours, Kept, OfAccount};
use crate::upkeep;
use crate::worlds::Worlds;
use picquet_detect::{Env, Tuning};
use picquet_engine::judge_within;
use picquet_model::Finding;
use picquet_store::facts;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Findings of each kind that are told of.
const MOST: usize = 100;

/// Judges facts a second time, with other settings.
pub struct DryRun {
    kept: Kept,
    worlds: Arc<Worlds>,
    /// An account may take seconds and memory: one at a time.
    busy: Mutex<()>,
}

/// What can go wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum DryRunError {
    /// Another one is going on.
    #[error("another dry run is going on")]
    Busy,
    /// The facts cannot be judged.
    #[error(transparent)]
    Judge(#[from] JudgeError),
}

/// What other settings change.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The first moment of the hours that were judged, in milliseconds since the epoch; none when nothing is kept.
    pub since: Option<i64>,
    /// Where they end. Some types are judged at once, beyond it.
    pub until: Option<i64>,
    /// How many findings of each type there are with either, of those with any.
    pub types: BTreeMap<String, Counts>,
    /// Findings that there would be; at most 100, the severest first.
    pub appear: Vec<Brief>,
    /// Findings that there would not be.
    pub disappear: Vec<Brief>,
    /// Findings that would be of another severity.
    pub change: Vec<Brief>,
    /// Settings that act on logs while they are read, and differ: of those this tells nothing.
    pub not_judged: Vec<String>,
}

/// Findings of a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// With the settings in effect.
    pub before: usize,
    /// With the others.
    pub after: usize,
}

/// A finding in short.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Brief {
    /// Its id, which is the id in the detector when it is there.
    pub id: String,
    /// Its type.
    pub r#type: String,
    /// Its severity with the other settings, or with those in effect when they do not find it.
    pub severity: f64,
    /// The severity with the settings in effect, when it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<f64>,
    /// Its title.
    pub title: String,
    /// When it was seen last.
    pub last_seen: String,
    /// How often.
    pub count: i64,
}

impl DryRun {
    /// Over these facts and worlds.
    pub fn new(kept: Kept, worlds: Arc<Worlds>) -> Self {
        Self { kept, worlds, busy: Mutex::new(()) }
    }

    /// What an account's facts of a region show with other settings, beside those in effect.
    ///
    /// # Errors
    /// When another one is going on, or the facts cannot be read.
    pub fn compare(&self, account: &str, region: &str, tuning: Tuning) -> Result<Difference, DryRunError> {
        let _alone = self.busy.try_lock().map_err(|_| DryRunError::Busy)?;
        match self.try_once(account, region, &tuning) {
            // Runs may be merged or folded while they are read: then they are other ones now.
            Err(JudgeError::Facts(_)) => Ok(self.try_once(account, region, &tuning)?),
            done => Ok(done?),
        }
    }

    fn try_once(&self, account: &str, region: &str, tuning: &Tuning) -> Result<Difference, JudgeError> {
        let read = self.kept.store.read(|sql| {
            let state = facts::accounts(sql)?.into_iter().find_map(|(a, state)| (a == account).then_some(state));
            let regions = upkeep::watched(sql)?.remove(account).unwrap_or_default();
            Ok::<_, picquet_store::StoreError>((state, facts::runs(sql, account)?, regions))
        });
        let (state, runs, regions) = read?;
        let env = self.worlds.of(account, "");
        let not_judged = env.tuning.differs_in_reading(tuning);
        let Some(state) = state else { return Ok(Difference { not_judged, ..Difference::default() }) };
        let of = OfAccount { account, runs: &runs, regions: &regions };
        let judge = |env: &Env| -> Result<(Vec<Finding>, Span), JudgeError> {
            let (hours, mut span) = (Hours::new(state.folded_hour, state.closed_hour), Span::default());
            let facts = self.kept.merged(of)?.filter(|fact| {
                let Ok((key, _)) = fact else { return true };
                let counts = hours.count(key);
                if counts {
                    span.widen(key.hour, hours);
                }
                counts
            });
            let mut found = judge_within(facts, env, &mut (), &self.kept.memory)?;
            found.retain(|finding| finding.region == region);
            Ok((found, span))
        };
        let (before, span) = judge(&env)?;
        let (after, _) = judge(&Env { tuning: Arc::new(tuning.clone()), ..env })?;
        Ok(Difference { since: span.since, until: span.until, not_judged, ..difference(&before, &after) })
    }
}

/// The hours of the facts that were judged, in milliseconds since the epoch.
#[derive(Default)]
struct Span {
    since: Option<i64>,
    until: Option<i64>,
}

impl Span {
    fn widen(&mut self, hour: u32, hours: Hours) {
        const HOUR: i64 = 3_600_000;
        // What is of no hour is what was learned before, or was given.
        if hour == 0 {
            return;
        }
        let (start, end) = (i64::from(hour) * HOUR, i64::from(hours.closed) * HOUR);
        self.since = Some(self.since.map_or(start, |since| since.min(start)));
        self.until = Some(end.max(start));
    }
}

fn difference(before: &[Finding], after: &[Finding]) -> Difference {
    let by_id = |all: &'_ [Finding]| all.iter().map(|f| (f.id.clone(), f.severity)).collect::<BTreeMap<_, _>>();
    let (old, new) = (by_id(before), by_id(after));
    let mut types: BTreeMap<String, Counts> = BTreeMap::new();
    for finding in before {
        types.entry(finding.finding_type.clone()).or_default().before += 1;
    }
    for finding in after {
        types.entry(finding.finding_type.clone()).or_default().after += 1;
    }
    let appear = after.iter().filter(|f| !old.contains_key(&f.id)).map(|f| brief(f, None));
    let disappear = before.iter().filter(|f| !new.contains_key(&f.id)).map(|f| brief(f, None));
    let change = after.iter().filter_map(|f| {
        let was = old.get(&f.id).copied().filter(|was| was.total_cmp(&f.severity).is_ne())?;
        Some(brief(f, Some(was)))
    });
    Difference {
        appear: severest(appear.collect()),
        disappear: severest(disappear.collect()),
        change: severest(change.collect()),
        types,
        ..Difference::default()
    }
}

fn severest(mut all: Vec<Brief>) -> Vec<Brief> {
    all.sort_by(|a, b| {
        b.severity.total_cmp(&a.severity).then_with(|| a.r#type.cmp(&b.r#type)).then_with(|| a.id.cmp(&b.id))
    });
    all.truncate(MOST);
    all
}

fn brief(finding: &Finding, was: Option<f64>) -> Brief {
    Brief {
        id: finding.id.clone(),
        r#type: finding.finding_type.clone(),
        severity: finding.severity,
        was,
        title: finding.title.clone(),
        last_seen: finding.service.event_last_seen.clone(),
        count: finding.service.count,
    }
}
