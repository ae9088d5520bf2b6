//! How rare a score is in an account's own past.
//!
//! Scores of hours that raised nothing are counted in a histogram. Above a threshold their tail is taken for
//! exponential (the generalized Pareto distribution with shape 0; Pickands, "Statistical inference using extreme order
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

/// The scores of the hours of principals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Hours by score, as they count at `at`.
    bins: Vec<f32>,
    /// Hours without anything odd.
    none: f32,
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
        Self { bins: vec![0.0; BINS], none: 0.0, at: 0, last: 0 }
    }
}

impl Scores {
    /// Counts an hour; 0 where nothing was odd.
    pub fn add(&mut self, score: f64, hour: u32) {
        self.last = self.last.max(hour);
        // By the day: that is close enough for a half-life of a month.
        if hour / 24 > self.at / 24 {
            let hours = if self.at == 0 { 0 } else { hour - self.at };
            self.none = decayed(self.none, hours);
            self.bins.iter_mut().for_each(|bin| *bin = decayed(*bin, hours));
            self.at = hour;
        }
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

    /// The chance that an hour of a principal has such a score or a higher one.
    pub fn chance(&self, score: f64) -> f64 {
        let (mut tail, mut excess) = (0.0, 0.0);
        for (i, hours) in self.bins.iter().enumerate() {
            let middle = (i as f64 + 0.5) / STEPS;
            if middle > TAIL {
                tail += f64::from(*hours);
                excess += f64::from(*hours) * (middle - TAIL);
            }
        }
        let mean = (excess + PRIOR_EXCESS * PRIOR_COUNT) / (tail + PRIOR_COUNT);
        let of_tail = (tail + 1.0) / (self.hours() + 1.0);
        (of_tail * (-(score - TAIL).max(0.0) / mean).exp()).min(1.0)
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
        let usual = of(10_000, 6.0);
        assert!((0.002..0.02).contains(&usual), "{usual}");
    }

    #[test]
    fn an_account_that_is_often_odd_is_held_to_more() {
        let of = |every: u32| {
            let mut scores = Scores::default();
            (0..5000).for_each(|h| scores.add(if h % every == 0 { 14.0 } else { 0.0 }, 400_000 + h / 50));
            scores.chance(20.0)
        };
        assert!(of(20) > 100.0 * of(2000));
    }
}
