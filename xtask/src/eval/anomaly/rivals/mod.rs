//! Three simple models on the same cases. Each judges a principal's hour, learns hour by hour, and raises an alarm
//! above the threshold at which the benign history has as many alarms as the model's budget allows.

mod forest;
mod memory;

use super::BUDGET;
use super::cast::Case;
use super::geo::Countries;
use super::history::{LAST, START};
use super::log::{Event, Log};
use super::recording::Recording;
use anyhow::Result;
use forest::Forest;
use memory::{FEATURES, Hour, Memory};
use std::collections::BTreeMap;

/// What they are called, in the order of [`Verdict`].
pub const NAMES: [&str; 3] = ["first-seen", "forest", "frequency"];
/// Days of the history on which nobody is judged yet: everything is new then.
const LEARNING: i64 = 7;
/// Where the forest's random numbers begin.
const SEED: u64 = 7;

/// Which rivals found a case.
pub type Verdict = [bool; 3];

/// What the rivals say.
pub struct Verdicts {
    /// For each case.
    pub cases: Vec<Verdict>,
    /// Thresholds, and how many hours of the benign days after learning were above.
    pub thresholds: [(f64, usize); 3],
    /// Benign hours in which a principal called anything for the first time: what the plain rule would raise.
    pub plain: usize,
    /// Hours that the thresholds were set on, and the records of those days.
    pub hours: (usize, u64),
}

/// Judges all cases. The log holds the benign days and the benign part of the day of the attacks.
pub fn judge(log: &mut Log, cases: &[Case], recordings: &[Recording], countries: &Countries) -> Result<Verdicts> {
    let mut played = Vec::new();
    for case in cases {
        let records = case.records(recordings, log)?;
        let events: Vec<Event> = records.iter().filter_map(|r| log.event(r)).map(|(event, _)| event).collect();
        played.push(events);
    }
    let (mut memory, benign) = (Memory::new(log, countries), &log.events);
    let (mut usual, mut points) = (Vec::<Hour>::new(), Vec::<[f64; FEATURES]>::new());
    let mut judged = 0;
    for hour in benign.chunk_by(|a, b| a.time.div_euclid(3600) == b.time.div_euclid(3600)) {
        let Some(time) = hour.first().map(|e| e.time).filter(|t| *t < LAST) else { break };
        let by_principal = by_principal(hour);
        let hours: Vec<Hour> = by_principal.values().map(|calls| memory.look(calls)).collect();
        // The forest is grown from the learning days too: without them it would see nothing that is new.
        points.extend(hours.iter().map(|hour| hour.features));
        if time >= START + LEARNING * 86_400 {
            usual.extend(hours);
            judged += hour.len();
        }
        by_principal.values().for_each(|calls| memory.learn(calls));
    }
    let forest = Forest::grow(&points, SEED);
    let scores = |hour: &Hour| [hour.first, forest.score(&hour.features), hour.surprise];
    let benign_scores: Vec<[f64; 3]> = usual.iter().map(scores).collect();
    // Calls of AWS itself are judged by nobody, and are records of the history all the same.
    let records = (judged as f64 * log.records as f64 / benign.len().max(1) as f64) as u64;
    let allowed = (records as f64 * BUDGET / 1e6) as usize;
    let thresholds = [0, 1, 2].map(|n| {
        let limit = threshold(benign_scores.iter().map(|s| s[n]).collect(), allowed);
        (limit, benign_scores.iter().filter(|s| s[n] > limit).count())
    });
    let mut verdicts = Vec::new();
    for (case, attack) in cases.iter().zip(played) {
        let hour = case.at.div_euclid(3600);
        let first = benign.partition_point(|e| e.time < hour * 3600);
        let beside = benign[first..].iter().take_while(|e| e.time.div_euclid(3600) == hour);
        let mut calls: Vec<Event> = beside.filter(|e| e.principal == case.victim).copied().collect();
        calls.extend(attack);
        let scores = scores(&memory.look(&calls));
        verdicts.push([0, 1, 2].map(|n| scores[n] > thresholds[n].0));
    }
    let plain = usual.iter().filter(|hour| hour.first > 0.0).count();
    Ok(Verdicts { cases: verdicts, thresholds, plain, hours: (usual.len(), records) })
}

fn by_principal(hour: &[Event]) -> BTreeMap<u32, Vec<Event>> {
    let mut all = BTreeMap::<u32, Vec<Event>>::new();
    for event in hour {
        all.entry(event.principal).or_default().push(*event);
    }
    all
}

/// The least score that no more than so many are above.
fn threshold(mut scores: Vec<f64>, allowed: usize) -> f64 {
    scores.sort_by(|a, b| b.total_cmp(a));
    scores.get(allowed).copied().unwrap_or(f64::NEG_INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_keeps_to_the_budget() {
        let scores = vec![1.0, 5.0, 5.0, 2.0, 9.0];
        let above = |limit: f64| scores.iter().filter(|s| **s > limit).count();
        assert_eq!(above(threshold(scores.clone(), 1)), 1);
        assert_eq!(above(threshold(scores.clone(), 2)), 1, "equal scores are alarms together or not at all");
        assert_eq!(above(threshold(scores.clone(), 0)), 0);
    }
}
