//! The most of something that is usual on a day, such that one day alone does not set the bar for ever.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days that are kept, those with most.
const KEPT: usize = 16;
/// Days after which a peak counts half.
const HALF: u64 = 30;
/// On so many days even what was found at first is a habit; `sender_days` of spam says the same of mail.
const HABIT: usize = 3;

/// Peaks by day: the greatest value of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peaks {
    /// Of hours in which nothing was found.
    plain: BTreeMap<u16, u64>,
    /// Of hours in which a finding was raised for it.
    found: BTreeMap<u16, u64>,
}

/// What is usual at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peak {
    /// What counts today: half of the value for every thirty days since.
    pub today: u64,
    /// The value as it was.
    pub value: u64,
    /// Its day since the epoch.
    pub day: u16,
}

impl Peaks {
    /// Notes a value; `found` says whether a finding was raised for it.
    pub fn note(&mut self, day: u16, value: u64, found: bool) {
        if value == 0 {
            return;
        }
        let days = if found { &mut self.found } else { &mut self.plain };
        let known = days.entry(day).or_default();
        *known = value.max(*known);
        if days.len() > KEPT {
            let least = days.iter().min_by_key(|(day, value)| (**value, **day)).map(|(day, _)| *day);
            least.map(|day| days.remove(&day));
        }
    }

    /// Takes the days of another.
    pub fn merge(&mut self, other: &Self) {
        other.plain.iter().for_each(|(day, value)| self.note(*day, *value, false));
        other.found.iter().for_each(|(day, value)| self.note(*day, *value, true));
    }

    /// Forgets what is older.
    pub fn forget(&mut self, before: u16) {
        self.plain.retain(|day, _| *day >= before);
        self.found.retain(|day, _| *day >= before);
    }

    /// What is usual at most on a day: the greatest of all plain days, and of days with findings the third greatest.
    pub fn most(&self, today: u16) -> Peak {
        let faded = |(&day, &value): (&u16, &u64)| Peak { today: fade(value, today.saturating_sub(day)), value, day };
        let rank = |p: &Peak| (p.today, p.value, p.day);
        let mut found: Vec<Peak> = self.found.iter().map(faded).collect();
        found.sort_unstable_by_key(|p| std::cmp::Reverse(rank(p)));
        let habit = found.get(HABIT - 1).copied();
        self.plain.iter().map(faded).chain(habit).max_by_key(rank).unwrap_or_default()
    }

    /// On how many days it was as much, of those that are kept; days with findings do not count.
    pub fn days_of(&self, value: u64) -> usize {
        self.plain.values().filter(|v| **v >= value).count()
    }

    /// How many days are kept.
    pub fn len(&self) -> usize {
        self.plain.len() + self.found.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A value some days later: half of it for each thirty, evenly in between, in whole numbers, so that it is the same
/// everywhere.
fn fade(value: u64, days: u16) -> u64 {
    let (halves, days) = (u64::from(days) / HALF, u64::from(days) % HALF);
    let value = value.checked_shr(u32::try_from(halves).unwrap_or(u32::MAX)).unwrap_or(0);
    value - (value / 2 / HALF) * days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_counts_half_after_thirty_days() {
        let mut peaks = Peaks::default();
        peaks.note(100, 6_000_000, false);
        peaks.note(100, 9, false);
        assert_eq!(peaks.most(100), Peak { today: 6_000_000, value: 6_000_000, day: 100 });
        assert_eq!(peaks.most(130).today, 3_000_000);
        assert_eq!(peaks.most(145).today, 2_250_000);
        assert_eq!(peaks.most(160).today, 1_500_000);
        assert_eq!(peaks.most(u16::MAX).today, 0);
        let faded: Vec<u64> = (100..400).map(|day| peaks.most(day).today).collect();
        assert!(faded.is_sorted_by(|a, b| a >= b), "{faded:?}");
    }

    #[test]
    fn what_was_found_is_usual_from_the_third_day_on() {
        let mut peaks = Peaks::default();
        peaks.note(90, 10, false);
        for (day, usual) in [(100, 10), (101, 10), (102, 5000)] {
            peaks.note(day, 5000, true);
            assert_eq!(peaks.most(102).value, usual, "day {day}");
        }
    }

    #[test]
    fn days_with_as_much_are_counted() {
        let mut peaks = Peaks::default();
        for (day, value, found) in [(1, 5, false), (2, 7, false), (2, 9, false), (3, 4, false), (4, 9, true)] {
            peaks.note(day, value, found);
        }
        assert_eq!((peaks.days_of(5), peaks.days_of(9), peaks.days_of(10)), (2, 1, 0));
    }

    #[test]
    fn merging_takes_the_greater_of_a_day() {
        let mut peaks = [Peaks::default(), Peaks::default()];
        peaks[0].note(10, 5, false);
        peaks[1].note(10, 7, false);
        peaks[1].note(11, 3, true);
        let [a, b] = &peaks;
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(b);
        ba.merge(a);
        assert_eq!(ab, ba);
        assert_eq!((ab.most(11).value, ab.len()), (7, 2));
    }

    #[test]
    fn the_days_with_most_are_kept_and_old_ones_go() {
        let mut peaks = Peaks::default();
        for day in 1..=40 {
            peaks.note(day, u64::from(1000 - day * 7 % 40), false);
        }
        assert_eq!(peaks.len(), KEPT);
        assert_eq!(peaks.plain.values().max(), Some(&1000));
        peaks.forget(41);
        assert!(peaks.is_empty());
        assert_eq!(peaks.most(41), Peak::default());
    }
}
