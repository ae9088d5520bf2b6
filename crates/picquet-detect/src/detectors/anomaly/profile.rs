//! What is usual for a principal.
//!
//! Uses are counted by the hour and not by the event: a robot that calls an API a thousand times an hour uses it no
//! more than a person who does once, and an event that two trails deliver counts once. Counts halve every 30 days.

use super::session::Sight;
use crate::api::Tactic;
use crate::hash::stable;
use crate::{Str, profiles};
use serde::{Deserialize, Serialize};

/// What of a call is profiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dim {
    /// The API.
    Api,
    /// The autonomous system of the caller, else the block of its address.
    Network,
    /// The caller's country.
    Country,
    /// The family of the user agent.
    Agent,
    /// The operating system that the user agent names.
    System,
    /// The region.
    Region,
    /// The time of the week: day off or not, and three hours of the day.
    Hour,
    /// The error, if any.
    Error,
    /// What kind of address calls: public, private, of AWS, through a VPC endpoint.
    Caller,
    /// The bucket of a call on objects.
    Bucket,
}

impl Dim {
    /// All, in the order in which profiles keep them.
    pub const ALL: [Self; 10] = [
        Self::Api,
        Self::Network,
        Self::Country,
        Self::Agent,
        Self::System,
        Self::Region,
        Self::Hour,
        Self::Error,
        Self::Caller,
        Self::Bucket,
    ];

    /// As explanations call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Network => "network",
            Self::Country => "country",
            Self::Agent => "user agent",
            Self::System => "operating system",
            Self::Region => "region",
            Self::Hour => "time of the week",
            Self::Error => "error",
            Self::Caller => "kind of address",
            Self::Bucket => "bucket",
        }
    }

    /// Values that a principal is remembered to use. With [`LONGEST`] a profile keeps below 64 KiB.
    const fn kept(self) -> usize {
        match self {
            Self::Api => 288,
            Self::Network | Self::Bucket => 96,
            Self::Agent | Self::Country => 48,
            Self::Region => 40,
            Self::Hour | Self::Error => 16,
            Self::System | Self::Caller => 8,
        }
    }
}

/// The longest name of a value, in octets; of longer ones a part and a hash stay.
const LONGEST: usize = 56;

/// A value's name as profiles keep it.
pub fn short_name(name: &str) -> Str {
    if name.len() <= LONGEST {
        return name.into();
    }
    let mut end = LONGEST - 17;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    compact_str::format_compact!("{}~{:016x}", &name[..end], stable(&[name.as_bytes()]))
}

/// Counts halve in so many hours (our choice: GuardDuty keeps 90 days, of which a month says most).
const HALF_LIFE: f32 = 30.0 * 24.0;

/// What is left of a count after some hours.
pub fn decayed(weight: f32, hours: u32) -> f32 {
    if hours == 0 { weight } else { weight * (-(hours as f32) / HALF_LIFE).exp2() }
}

/// Use of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Use {
    /// The value.
    pub name: Str,
    /// The first hour with it.
    pub first: u32,
    /// The latest hour with it.
    pub last: u32,
    /// Days with it.
    pub days: u16,
    /// Hours with it, as they count at `last`.
    pub weight: f32,
    /// The most events in an hour, of a bucket in a day.
    pub most: u32,
    /// Events of a bucket on the day of `last`.
    pub today: u32,
    /// Events of a bucket on all days.
    pub sum: u32,
    /// First seen beside a finding: not usual before it was there on three days.
    pub guarded: bool,
}

/// Days on which a value must be seen that first came with a finding, before it is usual (our choice).
const TRUSTED_AFTER: u16 = 3;
/// What such a value counts until then (our choice).
const GUARDED_WEIGHT: f32 = 0.1;

impl Use {
    /// Whether the value is new to the principal in this hour: a session does not become usual by going on into the
    /// next hour.
    pub fn is_new(&self, hour: u32) -> bool {
        self.first.saturating_add(1) >= hour || (self.guarded && self.days < TRUSTED_AFTER)
    }
}

/// The values of one kind, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Habit {
    /// Sorted by name.
    pub uses: Vec<Use>,
    /// The sum of their weights at `at`.
    total: f32,
    at: u32,
}

impl Habit {
    /// The use of a value.
    pub fn get(&self, name: &str) -> Option<&Use> {
        self.uses.binary_search_by(|u| u.name.as_str().cmp(name)).ok().map(|i| &self.uses[i])
    }

    /// The sum of all weights.
    pub fn total(&self, hour: u32) -> f32 {
        decayed(self.total, hour.saturating_sub(self.at))
    }

    /// The entropy of the values, in bits: how much a value of this principal tells at the mean.
    pub fn entropy(&self, hour: u32) -> f64 {
        let total = f64::from(self.total(hour)).max(1e-9);
        let mut sum = 0.0;
        for u in &self.uses {
            let p = f64::from(decayed(u.weight, hour.saturating_sub(u.last))) / total;
            if p > 0.0 {
                sum -= p * p.log2();
            }
        }
        sum.max(0.0)
    }

    /// Notes a value of an hour; true if it is new.
    fn note(&mut self, name: &Str, events: u64, daily: bool, hour: u32, guard: bool) -> bool {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        let weight = if guard { GUARDED_WEIGHT } else { 1.0 };
        match self.uses.binary_search_by(|u| u.name.cmp(name)) {
            Ok(i) => {
                let u = &mut self.uses[i];
                if u.last < hour {
                    let same_day = u.last / 24 == hour / 24;
                    let step = if u.guarded && u.days < TRUSTED_AFTER { GUARDED_WEIGHT } else { 1.0 };
                    self.total = decayed(self.total, hour.saturating_sub(self.at)) + step;
                    self.at = self.at.max(hour);
                    u.weight = decayed(u.weight, hour - u.last) + step;
                    u.days = u.days.saturating_add(u16::from(!same_day));
                    u.today = if same_day { u.today.saturating_add(events) } else { events };
                    u.last = hour;
                } else {
                    u.today = u.today.saturating_add(events);
                }
                u.sum = u.sum.saturating_add(events);
                u.most = u.most.max(if daily { u.today } else { events });
                false
            }
            Err(i) => {
                self.total = decayed(self.total, hour.saturating_sub(self.at)) + weight;
                self.at = self.at.max(hour);
                let new = Use {
                    name: name.clone(),
                    first: hour,
                    last: hour,
                    days: 1,
                    weight,
                    most: events,
                    today: events,
                    sum: events,
                    guarded: guard,
                };
                self.uses.insert(i, new);
                true
            }
        }
    }

    /// Forgets what did not come for long, and the least used beyond the bound.
    fn prune(&mut self, kept: usize, hour: u32, memory_hours: u32, lost: &mut impl FnMut(Str)) {
        let mut all = std::mem::take(&mut self.uses);
        let mut gone = Vec::new();
        all.retain(|u| {
            let stays = u.last.saturating_add(memory_hours) >= hour;
            if !stays {
                gone.push(u.clone());
            }
            stays
        });
        if all.len() > kept {
            // Seen longest ago first, of equals the one of fewer days, then the greater name.
            let mut order: Vec<usize> = (0..all.len()).collect();
            order.sort_unstable_by_key(|&i| (all[i].last, all[i].days, std::cmp::Reverse(all[i].name.clone())));
            order.truncate(all.len() - kept);
            order.sort_unstable();
            for i in order.into_iter().rev() {
                gone.push(all.remove(i));
            }
        }
        self.uses = all;
        for u in gone {
            self.total = (self.total(hour) - decayed(u.weight, hour.saturating_sub(u.last))).max(0.0);
            self.at = self.at.max(hour);
            lost(u.name);
        }
    }
}

/// A sign that was too weak for a finding of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeakSignal {
    /// The hour.
    pub hour: u32,
    /// What it may be a part of.
    pub tactic: Tactic,
    /// The key that was used.
    pub access_key_id: Str,
    /// Where from.
    pub network: Str,
    /// The API.
    pub api: Str,
    /// The bucket, of a call on objects.
    pub bucket: Str,
    /// What it was worth, in bits.
    pub bits: f32,
}

/// Weak signals are kept so long: what attack sequences are joined from (GuardDuty user guide, "Extended Threat
/// Detection": within 24 hours).
const WEAK_HOURS: u32 = 24;
/// Weak signals that are kept of a principal, the strongest.
const WEAK: usize = 16;

/// What is usual for a principal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApiProfile {
    /// The first hour with calls.
    pub first_hour: u32,
    /// The latest hour that was folded in.
    pub last_hour: u32,
    /// Days with calls.
    pub days: u16,
    /// Hours with calls.
    pub hours: u32,
    /// The latest hour that raised a finding; 0 for none.
    pub raised: u32,
    /// Who it is held against.
    pub peers: Str,
    /// `userIdentity.type`.
    pub kind: Str,
    /// The friendly name.
    pub user_name: Str,
    /// By [`Dim::ALL`].
    pub habits: [Habit; 10],
    /// What was odd in the last 24 hours.
    pub weak: Vec<WeakSignal>,
}

impl profiles::Profile for ApiProfile {
    const NAME: &'static str = "principal";
    const BEFORE: &'static str = "principal before";
    const VERSION: u16 = 1;

    fn weight(&self) -> usize {
        let values: usize = self.habits.iter().map(|h| h.uses.len()).sum();
        1024 + 64 * values + 160 * self.weak.len()
    }

    fn last_hour(&self) -> u32 {
        self.last_hour
    }
}

impl ApiProfile {
    /// The habit of a kind.
    pub fn habit(&self, dim: Dim) -> &Habit {
        &self.habits[dim as usize]
    }

    /// Whether the principal is known well enough to be held against itself.
    pub fn is_mature(&self, hour: u32) -> bool {
        // The design's figures: three days, and 50 events; hours with calls here, since events are not counted.
        hour.saturating_sub(self.first_hour) >= 72 && self.days >= 3 && self.hours >= 12
    }

    /// New values in an hour with calls, over the last week: how often the principal takes something up.
    pub fn novelty(&self, dim: Dim, hour: u32) -> f64 {
        const WEEK: u32 = 7 * 24;
        let taken_up = |u: &&Use| u.first.saturating_add(WEEK) > hour && u.first.saturating_add(1) < hour;
        let new = self.habit(dim).uses.iter().filter(taken_up).count();
        let age = hour.saturating_sub(self.first_hour).max(1);
        let hours = f64::from(self.hours) * (f64::from(WEEK) / f64::from(age)).min(1.0);
        new as f64 / hours.max(1.0)
    }

    /// What is left of the budget for this principal: after a finding, and the day that its cause goes on, a tenth
    /// for a month (the design's one finding per principal and month; what is ten times as rare is never held back).
    pub fn share(&self, hour: u32) -> f64 {
        const MONTH: u32 = 30 * 24;
        let since = hour.saturating_sub(self.raised);
        if self.raised > 0 && (24..MONTH).contains(&since) { 0.1 } else { 1.0 }
    }

    /// Folds an hour in. `news` takes what is new (true) or forgotten (false): kind and value.
    pub fn learn(&mut self, sights: &[Sight<'_>], hour: u32, memory_hours: u32, mut news: impl FnMut(Dim, Str, bool)) {
        let new_day = self.hours == 0 || self.last_hour / 24 != hour / 24;
        if self.hours == 0 {
            self.first_hour = hour;
        }
        self.hours = self.hours.saturating_add(1);
        self.days = self.days.saturating_add(u16::from(new_day));
        self.last_hour = hour;
        // A finding that goes on is the first one.
        if sights.iter().any(|s| s.fired) && !(1..24).contains(&hour.saturating_sub(self.raised)) {
            self.raised = hour;
        }
        for sight in sights {
            for (dim, value, events) in sight.values() {
                if self.habits[dim as usize].note(value, events, dim == Dim::Bucket, hour, sight.fired) {
                    news(dim, value.clone(), true);
                }
            }
        }
        for dim in Dim::ALL {
            let habit = &mut self.habits[dim as usize];
            if new_day || habit.uses.len() > dim.kept() {
                habit.prune(dim.kept(), hour, memory_hours, &mut |name| news(dim, name, false));
            }
        }
    }

    /// Keeps weak signals, the strongest of the last 24 hours.
    pub fn keep_weak(&mut self, hour: u32, new: Vec<WeakSignal>) {
        self.weak.retain(|w| w.hour.saturating_add(WEAK_HOURS) > hour);
        self.weak.extend(new);
        if self.weak.len() > WEAK {
            self.weak.sort_by(|a, b| b.bits.total_cmp(&a.bits).then_with(|| (b.hour, &a.api).cmp(&(a.hour, &b.api))));
            self.weak.truncate(WEAK);
        }
    }
}
