//! From where an instance's, function's or task's credentials are used as a rule, and who shares an address.

use crate::event::IssuedKind;
use crate::facts::credentials::{Origin, Use};
use crate::ledger::Entry;
use crate::{Str, hash};
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Hours of a day.
const DAY: u32 = 24;

fn key_hash(key: &str) -> u32 {
    hash::stable(&[key.as_bytes()]) as u32
}

/// One origin of a holder's calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// From where.
    pub origin: Origin,
    /// The hour of the first call.
    pub first: u32,
    /// The latest call.
    pub last: EventTime,
    /// On how many days.
    pub days: u16,
    /// Whether a finding was raised for it.
    pub reported: bool,
}

/// What is known of an instance, a function or a task: the holder of credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The hours of its first and last call.
    pub hours: (u32, u32),
    /// Calls from usual origins.
    pub calls: u64,
    /// Hashes of the access keys that signed the latest of them.
    pub keys: Vec<u32>,
    /// By first use.
    pub origins: Vec<Known>,
}

impl Entry for Holder {
    fn span(&self) -> (u32, u32) {
        self.hours
    }
}

impl Holder {
    /// How many origins are remembered, those that were used last.
    const ORIGINS: usize = 16;

    /// A holder that calls for the first time.
    pub fn new(hour: u32) -> Self {
        Self { hours: (hour, hour), calls: 0, keys: Vec::new(), origins: Vec::new() }
    }

    /// Takes calls of an hour from a usual origin.
    pub fn own(&mut self, calls: &Use) {
        self.calls = self.calls.saturating_add(calls.events.len());
        self.keys = calls.keys.iter().map(|key| key_hash(key)).collect();
    }

    /// Whether calls are signed with a key of the holder's latest own calls.
    pub fn has_key_of(&self, calls: &Use) -> bool {
        calls.keys.iter().any(|key| self.keys.contains(&key_hash(key)))
    }

    /// How often it calls, in the mean.
    pub fn calls_per_hour(&self) -> f64 {
        let hours = self.hours.1.saturating_sub(self.hours.0).max(1);
        self.calls as f64 / f64::from(hours)
    }

    /// An origin of its calls.
    pub fn known(&self, origin: &Origin) -> Option<&Known> {
        self.origins.iter().find(|k| k.origin == *origin)
    }

    /// Whether it calls from elsewhere: not from a VPC endpoint only.
    pub fn has_public(&self) -> bool {
        self.origins.iter().any(|k| !k.reported && !matches!(k.origin, Origin::Endpoint(..)))
    }

    /// Its usual origin that was used last.
    pub fn usual(&self) -> Option<&Known> {
        self.origins.iter().filter(|k| !k.reported).max_by_key(|k| (k.last, &k.origin))
    }

    /// Notes an origin's calls.
    pub fn note(&mut self, origin: &Origin, first: EventTime, last: EventTime, reported: bool) {
        self.hours.1 = self.hours.1.max(last.hour());
        match self.origins.iter_mut().find(|k| k.origin == *origin) {
            Some(known) => {
                known.days += u16::from(first.hour() / DAY > known.last.hour() / DAY);
                known.last = known.last.max(last);
                known.reported = reported;
            }
            None => {
                let first = first.hour();
                self.origins.push(Known { origin: origin.clone(), first, last, days: 1, reported });
            }
        }
        if self.origins.len() > Self::ORIGINS {
            let oldest = (0..self.origins.len()).min_by_key(|&i| self.origins.get(i).map(|k| (k.last, &k.origin)));
            oldest.map(|i| self.origins.remove(i));
        }
    }
}

/// An address or endpoint that holders' calls come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The hours of the first and last call.
    pub hours: (u32, u32),
    /// On how many days.
    pub days: u16,
    /// Hashes of the holders; the 64 smallest.
    pub holders: Vec<u32>,
    /// Whether it is one's own: no holder's calls from it are reported.
    pub own: bool,
}

impl Entry for Exit {
    fn span(&self) -> (u32, u32) {
        self.hours
    }
}

impl Exit {
    const HOLDERS: usize = 64;

    /// Notes a holder's calls of an hour; whether that changed anything that matters.
    pub fn note(&mut self, holder: &str, hour: u32) -> bool {
        if self.holders.is_empty() {
            (self.hours, self.days) = ((hour, hour), 1);
        }
        let new_day = hour / DAY > self.hours.1 / DAY;
        self.days += u16::from(new_day);
        self.hours.1 = self.hours.1.max(hour);
        let hash = hash::stable(&[holder.as_bytes()]) as u32;
        match self.holders.binary_search(&hash) {
            Ok(_) => new_day,
            Err(at) if at >= Self::HOLDERS => new_day,
            Err(at) => {
                self.holders.insert(at, hash);
                self.holders.truncate(Self::HOLDERS);
                true
            }
        }
    }
}

/// Calls from an origin that is not known to be the holder's, while it is not decided what they are.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// What the credentials were issued to.
    pub kind: IssuedKind,
    /// The VPC that they were issued in.
    pub vpc: Str,
    /// The span of the calls.
    pub first: EventTime,
    /// The latest call.
    pub last: EventTime,
    /// By region; calls that were reported are not in it.
    pub uses: BTreeMap<Str, Box<Use>>,
    /// The holder's own call before, and from where.
    pub before: Option<(EventTime, Origin)>,
    /// The holder's own calls go on between these calls, within the same hour.
    pub between: bool,
    /// The holder called from a usual origin later than the first of these calls.
    pub after: bool,
    /// Whether they were signed with a key that the holder had used where others are as well, behind a gateway.
    pub out_of_gateway: bool,
    /// Whether a finding was raised.
    pub reported: bool,
}

impl Suspect {
    /// Takes calls of an hour.
    pub fn add(&mut self, region: &str, calls: &Use) {
        self.first = self.first.min(calls.first);
        self.last = self.last.max(calls.last);
        match self.uses.get_mut(region) {
            Some(mine) => mine.merge(calls.clone()),
            None => {
                self.uses.insert(region.into(), Box::new(calls.clone()));
            }
        }
    }

    /// Looks at the holder's own calls of an hour.
    pub fn compare(&mut self, origin: &Origin, own: &Use) {
        if own.first <= self.first {
            // Of an hour it is known in which minutes there were calls, and of the last when it was.
            let time = if own.last <= self.first { own.last } else { last_before(own, self.first) };
            if self.before.as_ref().is_none_or(|(at, _)| *at < time) {
                self.before = Some((time, origin.clone()));
            }
        }
        self.after |= own.last > self.first;
        let hour = own.first.hour();
        let minute = |time: EventTime| match time.hour().cmp(&hour) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => Use::minute(time),
            std::cmp::Ordering::Greater => 1 << 60,
        };
        let (from, to) = (minute(self.first), minute(self.last));
        // The minutes after the first and before the last of the suspicious calls.
        let inner = to.saturating_sub(1) & !(from | from.saturating_sub(1));
        self.between |= own.minutes & inner != 0;
    }
}

/// The last minute with own calls that is not after a moment.
fn last_before(own: &Use, time: EventTime) -> EventTime {
    let until = own.minutes & (Use::minute(time) | (Use::minute(time) - 1));
    let minute = i64::from(63 - until.leading_zeros().min(63));
    let start = time.as_secs() - time.as_secs().rem_euclid(3600);
    EventTime::from_secs(start + 60 * minute).unwrap_or(own.first).max(own.first).min(time)
}
