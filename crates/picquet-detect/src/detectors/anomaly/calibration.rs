//! How rare a score is in an account's own past.
//!
//! Scores of hours that raised nothing are counted in a histogram. Their tail is taken for exponential (the generalized Pareto distribution with shape 0; Pickands, "Statistical inference using extreme order
//! statistics", 1975; peaks over threshold), so that the chance of a score beyond all that were seen can be told.

use super::profile::decayed;
use crate::profiles;
use serde::{Deserialize, Serialize};

/// Steps of a bit.
const STEPS: f64 = 2.0;
/// Steps that are told apart: 96 bits, more than a session can reach.
const BINS: usize = 192;
/// The tail begins here, in bits: a value that one in sixteen uses of the principal's has is nothing odd.
const TAIL: f64 = 4.0;
/// The mean by which scores of the tail exceed its beginning, before any were seen, in bits (our choice), and how many
/// seen ones it counts as much as.
const PRIOR_EXCESS: f64 = 3.0;
const PRIOR_COUNT: f64 = 4.0;
/// So much rarer than anything that was seen a score can be said to be (our choice): a tail is not known further.
const BEYOND: f64 = 1e-3;
/// Findings of late that any account may have before its budget is held against it: an attack raises several.
const ALLOWED: f64 = 5.0;

/// The scores of the hours of principals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Hours by score, as they count at `at`.
    bins: Vec<f32>,
    /// Hours without anything odd.
    none: f32,
    /// Findings.
    findings: f32,
    at: u32,
    last: u32,
}

impl profiles::Profile for Scores {
    const NAME: &'static str = "api scores";
    const BEFORE: &'static str = "api scores before";
    const VERSION: u16 = 1;

    fn weight(&self) -> usize {
        1024
    }

    fn last_hour(&self) -> u32 {
        self.last
    }
}

impl Default for Scores {
    fn default() -> Self {
        Self { bins: vec![0.0; BINS], none: 0.0, findings: 0.0, at: 0, last: 0 }
    }
}

impl Scores {
    /// Counts an hour; 0 where nothing was odd.
    pub fn add(&mut self, score: f64, hour: u32) {
        self.age(hour);
        if score <= 0.0 {
            self.none += 1.0;
        } else if let Some(bin) = self.bins.get_mut(((score * STEPS) as usize).min(BINS - 1)) {
            *bin += 1.0;
        }
    }

    /// Hours that were counted.
    pub fn hours(&self) -> f64 {
        f64::from(self.none) + self.bins.iter().map(|b| f64::from(*b)).sum::<f64>()
    }

    /// A finding was raised of an hour.
    pub fn raised(&mut self, hour: u32) {
        self.age(hour);
        self.findings += 1.0;
    }

    /// The chance that makes a finding, when so much is allowed by the budget: less while there were more findings of
    /// late than that. What is ten times as rare is never held back.
    pub fn limit(&self, budget: f64) -> f64 {
        let allowed = ALLOWED + budget * self.hours();
        budget * (allowed / f64::from(self.findings).max(allowed)).max(0.1)
    }

    /// The chance that an hour of a principal has such a score or a higher one.
    pub fn chance(&self, score: f64) -> f64 {
        let middle = |i: usize| (i as f64 + 0.5) / STEPS;
        let above = |least: f64| self.bins.iter().enumerate().filter(move |(i, _)| middle(*i) > least);
        let count = |least: f64| above(least).map(|(_, hours)| f64::from(*hours)).sum::<f64>();
        let all = count(TAIL);
        // Of an exponential the second third is as wide as its mean times ln 2. Thirds, since an attack that was taken
        // for nothing must not hide the next one.
        let third = |n: f64| {
            let mut below = 0.0;
            let mut bins = above(TAIL).skip_while(|(_, hours)| {
                below += f64::from(**hours);
                below < all * n / 3.0
            });
            bins.next().map_or(TAIL, |(i, _)| middle(i))
        };
        let (from, to) = if all > 0.0 { (third(1.0), third(2.0)) } else { (TAIL, TAIL) };
        // By the model's own probabilities one bit more is half as likely, so no tail ends faster than that.
        let mean = ((to - from) / std::f64::consts::LN_2).max(1.0 / std::f64::consts::LN_2);
        let mean = (mean * all + PRIOR_EXCESS * PRIOR_COUNT) / (all + PRIOR_COUNT);
        let hours = self.hours() + 1.0;
        // With the step in which the second third begins.
        let of_tail = (count(from - 0.5 / STEPS) + 1.0) / hours;
        let extrapolated = of_tail * (-(score - from).max(0.0) / mean).exp();
        // What was seen as often is no rarer than that, whatever the shape of the tail; one may be a missed attack.
        extrapolated.max((count(score) - 1.0) / hours).max(BEYOND / hours).min(1.0)
    }

    /// Counts halve every 30 days. By the day: that is close enough.
    fn age(&mut self, hour: u32) {
        self.last = self.last.max(hour);
        if hour / 24 > self.at / 24 {
            let hours = if self.at == 0 { 0 } else { hour - self.at };
            self.none = decayed(self.none, hours);
            self.findings = decayed(self.findings, hours);
            self.bins.iter_mut().for_each(|bin| *bin = decayed(*bin, hours));
            self.at = hour;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_beyond_all_is_rarer_the_more_was_seen() {
        let of = |hours: u32, score: f64| {
            let mut scores = Scores::default();
            for h in 0..hours {
                scores.add(if h % 100 == 7 { 6.0 } else { 0.0 }, 400_000 + h / 50);
            }
            scores.chance(score)
        };
        assert!(of(100, 24.0) > of(10_000, 24.0));
        assert!(of(10_000, 24.0) < 1e-5);
        // Seen once in a hundred hours.
        let usual = of(10_000, 5.9);
        assert!((0.002..0.02).contains(&usual), "{usual}");
    }

    #[test]
    fn an_attack_that_was_missed_does_not_hide_the_next_one() {
        let mut scores = Scores::default();
        (0..5000).for_each(|h| scores.add(if h % 100 == 7 { 6.0 } else { 0.0 }, 400_000 + h / 50));
        let before = scores.chance(31.0);
        scores.add(30.0, 400_100);
        assert!(scores.chance(29.0) < 1e-4 && before < 1e-4);
        // What comes again is nothing rare.
        (0..2).for_each(|_| scores.add(30.0, 400_100));
        assert!(scores.chance(29.0) > 1e-4);
    }

    #[test]
    fn findings_use_up_the_budget() {
        let mut scores = Scores::default();
        (0..5000).for_each(|h| scores.add(0.0, 400_000 + h / 50));
        let limit = scores.limit(1e-5);
        (0..4).for_each(|_| scores.raised(400_100));
        assert_eq!(scores.limit(1e-5), limit);
        (0..40).for_each(|_| scores.raised(400_100));
        assert!((limit / 11.0..limit / 5.0).contains(&scores.limit(1e-5)));
    }

    #[test]
    fn an_account_that_is_often_odd_is_held_to_more() {
        let of = |every: u32| {
            let mut scores = Scores::default();
            (0..5000).for_each(|h| scores.add(if h % every == 0 { 14.0 } else { 0.0 }, 400_000 + h / 50));
            scores.chance(20.0)
        };
        assert!(of(20) > 10.0 * of(2000));
    }
}
