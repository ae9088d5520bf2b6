//! What is usual for an interface: the baseline of flow detectors.
//!
//! An hour is judged against the profile as it was before, then folded in. Every part is bounded; what goes first when
//! a bound is reached is what was seen least and longest ago. A profile is kept between scans byte for byte.

use crate::facts::signal::Direction;
use crate::hour::{HourView, Link};
use crate::peaks::Peaks;
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
/// Hours of the volume's histogram, at most.
const SENT_HOURS: u64 = 180 * 24;
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
    /// The latest day on which hosts had to be forgotten, 0 for none: "never called" cannot be said then.
    pub remotes_lost: u16,
    /// Resolvers that it asked: address, port.
    pub resolvers: BTreeMap<(IpAddr, u16), Use>,
    /// The most bytes that it sent to one destination in an hour.
    pub most_sent: Peaks,
    /// Hours by the most bytes sent to one destination, in quarter octaves.
    pub sent: BTreeMap<u8, u32>,
    /// The most bytes in an hour by destination, of the latest hour's large ones.
    pub destinations: BTreeMap<u32, (u64, u16)>,
    /// The most packets in an hour that one remote did not answer.
    pub most_unanswered: Peaks,
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
    /// Minutes with connections to any port.
    pub minutes: u64,
    /// The most bytes that were sent to one destination.
    pub most_sent: Peaks,
}

/// What a detector found in an hour: it does not become usual at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Unusual volume.
    pub volume: bool,
    /// A flood.
    pub flood: bool,
}

/// Notes uses of a day, some of one key; true when others had to be forgotten for them. `new` takes the keys that were
/// not known.
fn note<K: Ord + Copy>(
    map: &mut BTreeMap<K, Use>,
    mut uses: Vec<(K, u32)>,
    day: u16,
    cap: usize,
    mut new: impl FnMut(K),
) -> bool {
    uses.sort_unstable();
    for of_key in uses.chunk_by(|a, b| a.0 == b.0) {
        let times = of_key.iter().fold(0_u32, |n, (_, times)| n.saturating_add(*times));
        let seen = map.entry(of_key[0].0).or_insert_with(|| {
            new(of_key[0].0);
            Use { first: day, last: day, times: 0 }
        });
        seen.last = day;
        seen.times = seen.times.saturating_add(times);
    }
    let over = map.len().saturating_sub(cap);
    if over == 0 {
        return false;
    }
    // Seen longest ago, least, then the greatest key: the same whatever the order of notes.
    let mut order: Vec<_> = map.iter().map(|(k, u)| (u.last, u.times, std::cmp::Reverse(*k))).collect();
    let (_, first_kept, _) = order.select_nth_unstable(over);
    let first_kept = *first_kept;
    map.retain(|k, u| (u.last, u.times, std::cmp::Reverse(*k)) >= first_kept);
    true
}

/// The step of the histogram of some bytes.
fn step(bytes: u64) -> u8 {
    // At most 64 octaves of 4 steps.
    (((bytes as f64) + 1.0).log2() * STEPS).floor().clamp(0.0, 255.0) as u8
}

impl Profile {
    /// The version of the written form.
    pub const VERSION: u16 = 2;

    /// Whether enough was learned for anything to be called unusual: so many days since the first record, with
    /// records on half of them at least.
    pub fn is_mature(&self, hour: u32, learning_days: u16) -> bool {
        self.is_old(hour, learning_days) && self.days >= learning_days.div_ceil(2)
    }

    /// Whether the first record is so many days ago, on however few of them there were records.
    pub fn is_old(&self, hour: u32, learning_days: u16) -> bool {
        day(hour).saturating_sub(day(self.first_hour)) >= learning_days
    }

    /// What it adds to its account's use when it is recalled.
    pub fn as_news(&self) -> News {
        News {
            ports: self.ports.keys().copied().collect(),
            remotes: self.remotes.keys().copied().collect(),
            minutes: self.ports.values().map(|u| u64::from(u.times)).sum(),
            most_sent: self.most_sent.clone(),
        }
    }

    /// Folds an hour in. `forget` is how many days something is remembered without being seen again.
    pub fn learn(&mut self, view: &HourView<'_>, mail: &Spambot, forget: u16, found: Found) -> News {
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
        let (mut remotes, mut ports, mut resolvers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut mail_servers, mut takes_mail) = (BTreeSet::new(), false);
        for link in &view.links {
            let is_mail = link.protocol == 6 && mail.ports.contains(&link.port);
            if link.direction == Direction::Inbound {
                takes_mail |= is_mail && link.is_answered();
                continue;
            }
            if is_mail {
                mail_servers.insert(link.remote);
            }
            if !link.public {
                continue;
            }
            if link.is_outbound() {
                remotes.push((remote_hash(link.remote), 1));
                if is_exchange(link) {
                    ports.push(((link.protocol, link.port), link.minutes.count_ones()));
                }
            }
            if matches!(link.port, 53 | 853 | 443) && link.is_answered() && is_resolver(link) {
                resolvers.push(((link.remote, link.port), 1));
            }
        }
        if note(&mut self.remotes, remotes, today, REMOTES, |remote| _ = news.remotes.insert(remote)) {
            self.remotes_lost = today;
        }
        news.minutes = ports.iter().map(|(_, minutes)| u64::from(*minutes)).sum();
        note(&mut self.ports, ports, today, PORTS, |port| _ = news.ports.insert(port));
        note(&mut self.resolvers, resolvers, today, RESOLVERS, |_| {});
        news.most_sent = self.learn_volume(view, today, found);
        if mail_servers.len() as u64 >= mail.hosts && self.mail_day != today {
            self.mail_days = self.mail_days.saturating_add(1);
            self.mail_day = today;
        }
        if takes_mail {
            self.mail_server_day = today;
        }
        news
    }

    /// Folds in how much an hour sent to each host, and how much of that was not answered.
    fn learn_volume(&mut self, view: &HourView<'_>, today: u16, found: Found) -> Peaks {
        let mut hosts: Vec<(IpAddr, &Link)> =
            view.links.iter().filter(|l| l.public && l.out.is_used()).map(|l| (l.remote, l)).collect();
        hosts.sort_unstable_by_key(|(remote, _)| *remote);
        let (mut most, mut most_unanswered) = (0, 0);
        for links in hosts.chunk_by(|a, b| a.0 == b.0) {
            let sum = |of: fn(&Link) -> u64| links.iter().fold(0_u64, |n, (_, l)| n.saturating_add(of(l)));
            let (bytes, packets, back) =
                (sum(|l| l.out.bytes), sum(|l| l.of_all(l.out.packets)), sum(|l| l.of_all(l.inward.packets)));
            most = most.max(bytes);
            if packets / 20 > back {
                most_unanswered = most_unanswered.max(packets);
            }
            if bytes >= 1 << 20 {
                self.note_destination(remote_hash(links[0].0), bytes, today);
            }
        }
        *self.sent.entry(step(most)).or_default() += 1;
        self.most_sent.note(today, most, found.volume);
        self.most_unanswered.note(today, most_unanswered, found.flood);
        let mut peaks = Peaks::default();
        peaks.note(today, most, found.volume);
        peaks
    }

    /// Hours with records, of late.
    pub fn hours(&self) -> u64 {
        self.sent.values().map(|n| u64::from(*n)).sum()
    }

    /// A rough size in memory, in bytes: maps are of nodes with room for eleven entries.
    pub fn weight(&self) -> usize {
        let nodes = |len: usize, of: usize| len.div_ceil(8) * 12 * of;
        let used = size_of::<Use>();
        size_of::<Self>()
            + nodes(self.ports.len(), used + 4)
            + nodes(self.remotes.len(), used + 4)
            + nodes(self.resolvers.len(), used + size_of::<(IpAddr, u16)>())
            + nodes(self.destinations.len(), 24)
            + nodes(self.sent.len(), 5)
            + nodes(self.most_sent.len(), 12)
            + nodes(self.most_unanswered.len(), 12)
            // The key, and what the allocator adds.
            + 96
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
        self.most_sent.forget(before);
        self.most_unanswered.forget(before);
        if self.mail_day < before {
            self.mail_days = 0;
        }
        if self.remotes_lost < before {
            self.remotes_lost = 0;
        }
        // As many hours as half a year has: the older half fades, so that the median follows.
        if self.hours() > SENT_HOURS {
            self.sent.retain(|_, n| {
                *n /= 2;
                *n > 0
            });
        }
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

    fn peaks() -> impl Strategy<Value = Peaks> {
        proptest::collection::vec(any::<(u16, u64, bool)>(), 0..40).prop_map(|all| {
            let mut peaks = Peaks::default();
            all.into_iter().for_each(|(day, value, found)| peaks.note(day, value, found));
            peaks
        })
    }

    fn profile() -> impl Strategy<Value = Profile> {
        let known = (
            btree_map(any::<(u8, u16)>(), used(), 0..PORTS),
            btree_map(any::<u32>(), used(), 0..REMOTES),
            btree_map(any::<(IpAddr, u16)>(), used(), 0..RESOLVERS),
            btree_map(any::<u8>(), any::<u32>(), 0..64),
            btree_map(any::<u32>(), any::<(u64, u16)>(), 0..DESTINATIONS),
            peaks(),
            peaks(),
        );
        (known, any::<(u32, u32, u16, u16)>(), any::<[u16; 3]>()).prop_map(|(known, n, mail)| {
            let (ports, remotes, resolvers, sent, destinations, most_sent, most_unanswered) = known;
            let (first_hour, last_hour, days, remotes_lost) = n;
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
        let mut peaks = Peaks::default();
        for n in 0..99 {
            peaks.note(u16::MAX - n, u64::MAX, n % 2 == 0);
        }
        let full = Profile {
            first_hour: u32::MAX,
            last_hour: u32::MAX,
            days: u16::MAX,
            ports: (0..PORTS).map(|n| ((255, port(n)), used)).collect(),
            remotes: (0..REMOTES).map(|n| (most(n), used)).collect(),
            remotes_lost: u16::MAX,
            resolvers: (0..RESOLVERS)
                .map(|n| ((IpAddr::from((u128::MAX - n as u128).to_be_bytes()), u16::MAX), used))
                .collect(),
            most_sent: peaks.clone(),
            sent: (0..=255).map(|step| (step, u32::MAX)).collect(),
            destinations: (0..DESTINATIONS).map(|n| (most(n), (u64::MAX, u16::MAX))).collect(),
            most_unanswered: peaks,
            mail_days: u16::MAX,
            mail_day: u16::MAX,
            mail_server_day: u16::MAX,
        };
        assert!(postcard::to_stdvec(&full).unwrap().len() <= 16 << 10);
    }

    #[test]
    fn what_was_seen_least_and_longest_ago_goes_first() {
        let mut map = BTreeMap::new();
        let mut new = Vec::new();
        for (day, uses) in [(4, vec![(2u32, 4), (3, 2), (2, 5)]), (5, vec![(1, 9)]), (6, vec![(1, 1), (4, 1)])] {
            let lost = note(&mut map, uses, day, 3, |key| new.push(key));
            assert_eq!(lost, day == 6);
        }
        assert_eq!(map[&2].times, 9);
        assert_eq!(map.into_keys().collect::<Vec<_>>(), [1, 2, 4]);
        assert_eq!(new, [2, 3, 1, 4]);
    }
}
