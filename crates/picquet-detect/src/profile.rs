//! What is usual for an interface: the baseline of flow detectors.
//!
//! An hour is judged against the profile as it was before, then folded in. Every part is bounded; what goes first when
//! a bound is reached is what was seen least and longest ago. A profile is kept between scans byte for byte.

use crate::facts::signal::Direction;
use crate::hour::{HourView, Link};
use crate::tuning::Spambot;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Ports that an interface is remembered to call.
const PORTS: usize = 192;
/// Hosts that an interface is remembered to call.
const REMOTES: usize = 512;
/// Resolvers that an interface is remembered to ask.
const RESOLVERS: usize = 32;
/// Destinations whose volume is remembered.
const DESTINATIONS: usize = 32;
/// Steps of the volume's histogram, in an octave.
const STEPS: f64 = 4.0;

/// Use of something: the first and the last day, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Days since the epoch.
    pub first: u16,
    /// Days since the epoch.
    pub last: u16,
    /// Minutes or hours with it, by what it is about.
    pub times: u32,
}

/// An interface's profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The first hour with records.
    pub first_hour: u32,
    /// The latest hour that was folded in.
    pub last_hour: u32,
    /// Days with records.
    pub days: u16,
    /// Ports that it called and that answered: protocol, port.
    pub ports: BTreeMap<(u8, u16), Use>,
    /// Hosts that it called, by a hash of the address.
    pub remotes: BTreeMap<u32, Use>,
    /// Whether hosts had to be forgotten: then "never called" cannot be said.
    pub remotes_lost: bool,
    /// Resolvers that it asked: address, port.
    pub resolvers: BTreeMap<(IpAddr, u16), Use>,
    /// The most bytes that it sent to one destination in an hour.
    pub most_sent: u64,
    /// The day of it.
    pub most_sent_day: u16,
    /// Hours by the most bytes sent to one destination, in quarter octaves.
    pub sent: BTreeMap<u8, u32>,
    /// The most bytes in an hour by destination, of the latest hour's large ones.
    pub destinations: BTreeMap<u32, (u64, u16)>,
    /// The most packets in an hour that one remote did not answer.
    pub most_unanswered: u64,
    /// Days on which it called as many mail servers as a spambot.
    pub mail_days: u16,
    /// The latest of them.
    pub mail_day: u16,
    /// The latest day on which it took mail.
    pub mail_server_day: u16,
}

/// Days since the epoch of an hour; a `u16` holds them until the year 2149.
pub fn day(hour: u32) -> u16 {
    u16::try_from(hour / 24).unwrap_or(u16::MAX)
}

/// A short hash of an address.
pub fn remote_hash(ip: IpAddr) -> u32 {
    let h = match ip {
        IpAddr::V4(v4) => crate::hash::stable(&[&v4.octets()]),
        IpAddr::V6(v6) => crate::hash::stable(&[&v6.octets()]),
    };
    (h >> 32) as u32
}

/// What an hour was the first to show: it counts for the account.
#[derive(Debug, Default)]
pub struct News {
    /// Ports that were not called before.
    pub ports: BTreeSet<(u8, u16)>,
    /// Hosts that were not called before.
    pub remotes: BTreeSet<u32>,
}

/// Notes a use; true when another one had to be forgotten for it.
fn note<K: Ord + Copy>(map: &mut BTreeMap<K, Use>, key: K, day: u16, times: u32, cap: usize) -> bool {
    let mut lost = false;
    if !map.contains_key(&key) && map.len() >= cap {
        // Seen least, longest ago, then the greatest key: the same whatever the order of notes.
        let out = map.iter().min_by_key(|(k, u)| (u.last, u.times, std::cmp::Reverse(**k))).map(|(k, _)| *k);
        if let Some(out) = out {
            map.remove(&out);
            lost = true;
        }
    }
    let seen = map.entry(key).or_insert(Use { first: day, last: day, times: 0 });
    seen.last = day;
    seen.times = seen.times.saturating_add(times);
    lost
}

/// The step of the histogram of some bytes.
fn step(bytes: u64) -> u8 {
    // At most 64 octaves of 4 steps.
    (((bytes as f64) + 1.0).log2() * STEPS).floor().clamp(0.0, 255.0) as u8
}

impl Profile {
    /// The version of the written form.
    pub const VERSION: u16 = 1;

    /// Whether enough was learned for anything to be called unusual: so many days since the first record, with
    /// records on half of them at least.
    pub fn is_mature(&self, hour: u32, learning_days: u16) -> bool {
        let since = day(hour).saturating_sub(day(self.first_hour));
        since >= learning_days && self.days >= learning_days.div_ceil(2)
    }

    /// Folds an hour in. `forget` is how many days something is remembered without being seen again.
    pub fn learn(&mut self, view: &HourView<'_>, mail: &Spambot, forget: u16) -> News {
        let mut news = News::default();
        let today = day(view.hour);
        if self.days == 0 {
            self.first_hour = view.hour;
        }
        if self.days == 0 || day(self.last_hour) != today {
            self.days = self.days.saturating_add(1);
            self.forget(today.saturating_sub(forget));
        }
        self.last_hour = view.hour;
        let (mut sent, mut unanswered) = (BTreeMap::<u32, u64>::new(), BTreeMap::<IpAddr, [u64; 2]>::new());
        let (mut mail_servers, mut takes_mail) = (BTreeSet::new(), false);
        for link in &view.links {
            let is_mail = link.protocol == 6 && mail.ports.contains(&link.port);
            if link.public {
                *sent.entry(remote_hash(link.remote)).or_default() += link.out.bytes;
                let sums = unanswered.entry(link.remote).or_default();
                sums[0] = sums[0].saturating_add(link.out.packets);
                sums[1] = sums[1].saturating_add(link.inward.packets);
            }
            if link.direction == Direction::Inbound {
                takes_mail |= is_mail && link.is_answered();
                continue;
            }
            if is_mail {
                mail_servers.insert(link.remote);
            }
            if link.is_outbound() && link.public {
                let remote = remote_hash(link.remote);
                if !self.remotes.contains_key(&remote) {
                    news.remotes.insert(remote);
                }
                self.remotes_lost |= note(&mut self.remotes, remote, today, 1, REMOTES);
                if is_exchange(link) {
                    if !self.ports.contains_key(&(link.protocol, link.port)) {
                        news.ports.insert((link.protocol, link.port));
                    }
                    let minutes = link.contact.minutes.count_ones();
                    note(&mut self.ports, (link.protocol, link.port), today, minutes, PORTS);
                }
            }
            if link.public && matches!(link.port, 53 | 853 | 443) && link.is_answered() && is_resolver(link) {
                note(&mut self.resolvers, (link.remote, link.port), today, 1, RESOLVERS);
            }
        }
        let most = sent.values().copied().max().unwrap_or(0);
        *self.sent.entry(step(most)).or_default() += 1;
        if most > self.most_sent {
            (self.most_sent, self.most_sent_day) = (most, today);
        }
        for (to, bytes) in sent.into_iter().filter(|(_, b)| *b >= 1 << 20) {
            self.note_destination(to, bytes, today);
        }
        let most = unanswered.values().filter(|[out, back]| out / 20 > *back).map(|[out, _]| *out).max().unwrap_or(0);
        self.most_unanswered = self.most_unanswered.max(most);
        if mail_servers.len() as u64 >= mail.hosts && self.mail_day != today {
            self.mail_days = self.mail_days.saturating_add(1);
            self.mail_day = today;
        }
        if takes_mail {
            self.mail_server_day = today;
        }
        news
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        let uses = self.ports.len() + self.remotes.len() + self.resolvers.len() + self.destinations.len();
        512 + 32 * uses + 8 * self.sent.len()
    }

    fn note_destination(&mut self, to: u32, bytes: u64, today: u16) {
        if !self.destinations.contains_key(&to) && self.destinations.len() >= DESTINATIONS {
            let out = self.destinations.iter().min_by_key(|(k, (b, d))| (*d, *b, **k)).map(|(k, _)| *k);
            out.map(|k| self.destinations.remove(&k));
        }
        let known = self.destinations.entry(to).or_default();
        *known = (known.0.max(bytes), today);
    }

    fn forget(&mut self, before: u16) {
        self.ports.retain(|_, u| u.last >= before);
        self.remotes.retain(|_, u| u.last >= before);
        self.resolvers.retain(|_, u| u.last >= before);
        self.destinations.retain(|_, (_, d)| *d >= before);
    }

    /// The median of the hourly bytes, and how far some bytes are from it: in standard deviations of the logarithm,
    /// estimated by the median of deviations (Rousseeuw and Croux, 1993), at least a quarter.
    pub fn deviation(&self, bytes: u64) -> (u64, f64) {
        let ln = |step: u8| f64::from(step) / STEPS * std::f64::consts::LN_2;
        let all: Vec<(f64, u32)> = self.sent.iter().map(|(s, n)| (ln(*s), *n)).collect();
        let median = weighted_median(all.clone());
        let mad = weighted_median(all.into_iter().map(|(x, n)| ((x - median).abs(), n)).collect());
        let spread = (1.4826 * mad).max(0.25);
        ((median.exp() - 1.0).max(0.0) as u64, (((bytes as f64) + 1.0).ln() - median) / spread)
    }
}

fn weighted_median(mut all: Vec<(f64, u32)>) -> f64 {
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = all.iter().map(|(_, n)| u64::from(*n)).sum::<u64>() / 2;
    let mut seen = 0;
    for (x, n) in &all {
        seen += u64::from(*n);
        if seen > half {
            return *x;
        }
    }
    0.0
}

/// Whether both sides had their say: more than a handshake.
pub fn is_exchange(link: &Link) -> bool {
    link.is_answered() && link.out.packets >= 3 && link.inward.packets >= 3
}

/// Whether the other side answers names: port 53 and 853 say so, 443 only of known servers.
fn is_resolver(link: &Link) -> bool {
    link.port != 443 || crate::resolvers::doh(link.remote).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    fn used() -> impl Strategy<Value = Use> {
        any::<(u16, u16, u32)>().prop_map(|(first, last, times)| Use { first, last, times })
    }

    fn profile() -> impl Strategy<Value = Profile> {
        let known = (
            btree_map(any::<(u8, u16)>(), used(), 0..PORTS),
            btree_map(any::<u32>(), used(), 0..REMOTES),
            btree_map(any::<(IpAddr, u16)>(), used(), 0..RESOLVERS),
            btree_map(any::<u8>(), any::<u32>(), 0..64),
            btree_map(any::<u32>(), any::<(u64, u16)>(), 0..DESTINATIONS),
        );
        (known, any::<(u32, u32, u16, bool, u64, u16, u64)>(), any::<[u16; 3]>()).prop_map(|(known, n, mail)| {
            let (ports, remotes, resolvers, sent, destinations) = known;
            let (first_hour, last_hour, days, remotes_lost, most_sent, most_sent_day, most_unanswered) = n;
            let [mail_days, mail_day, mail_server_day] = mail;
            Profile {
                first_hour,
                last_hour,
                days,
                ports,
                remotes,
                remotes_lost,
                resolvers,
                most_sent,
                most_sent_day,
                sent,
                destinations,
                most_unanswered,
                mail_days,
                mail_day,
                mail_server_day,
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_profile_is_read_as_it_was_written_and_written_as_it_was_read(profile in profile()) {
            let written = postcard::to_stdvec(&profile).unwrap();
            let read: Profile = postcard::from_bytes(&written).unwrap();
            prop_assert_eq!(&read, &profile);
            prop_assert_eq!(postcard::to_stdvec(&read).unwrap(), written);
        }
    }

    /// A quiet instance's has far less: here every part is at its bound with the numbers that take most.
    #[test]
    fn the_fullest_profile_has_no_more_than_16_kib() {
        let used = Use { first: u16::MAX, last: u16::MAX, times: u32::MAX };
        let most = |n: usize| u32::MAX - n as u32;
        let port = |n: usize| u16::MAX - n as u16;
        let full = Profile {
            first_hour: u32::MAX,
            last_hour: u32::MAX,
            days: u16::MAX,
            ports: (0..PORTS).map(|n| ((255, port(n)), used)).collect(),
            remotes: (0..REMOTES).map(|n| (most(n), used)).collect(),
            remotes_lost: true,
            resolvers: (0..RESOLVERS)
                .map(|n| ((IpAddr::from((u128::MAX - n as u128).to_be_bytes()), u16::MAX), used))
                .collect(),
            most_sent: u64::MAX,
            most_sent_day: u16::MAX,
            sent: (0..=255).map(|step| (step, u32::MAX)).collect(),
            destinations: (0..DESTINATIONS).map(|n| (most(n), (u64::MAX, u16::MAX))).collect(),
            most_unanswered: u64::MAX,
            mail_days: u16::MAX,
            mail_day: u16::MAX,
            mail_server_day: u16::MAX,
        };
        assert!(postcard::to_stdvec(&full).unwrap().len() <= 16 << 10);
    }

    #[test]
    fn what_was_seen_least_and_longest_ago_goes_first() {
        let mut map = BTreeMap::new();
        for (key, day, times) in [(1u32, 5, 9), (2, 4, 9), (3, 4, 2), (4, 6, 1)] {
            note(&mut map, key, day, times, 3);
        }
        assert_eq!(map.into_keys().collect::<Vec<_>>(), [1, 2, 4]);
    }
}
