//! Detectors of interfaces' traffic: they share one look at each hour, and one profile of each interface.

use crate::cold::{Cold, Place, Shelf};
use crate::detectors::Meta;
use crate::facts::learned::LearnedFacts;
use crate::facts::signal::Role;
use crate::facts::{Class, Fact, FactKey};
use crate::hour::{HourView, Link};
use crate::judge::{Context, Judge};
use crate::peaks::Peaks;
use crate::profile::{Found, News, Profile, day, remote_hash};
use crate::{Signal, Str, Tuning};
use picquet_model::{Explanation, TypeId};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the past of an interface and its account when an hour is judged. It does not hold the hour.
pub struct Past<'a> {
    /// The interface; `None` in its first hour.
    pub profile: Option<&'a Profile>,
    /// All interfaces of the account.
    pub account: &'a AccountUse,
}

impl Past<'_> {
    /// The profile, once it has learned long enough.
    pub fn mature(&self, hour: u32, cx: &Context<'_>) -> Option<&Profile> {
        self.profile.filter(|p| p.is_mature(hour, cx.env.tuning.learning.days))
    }

    /// Whether the account was learned long enough to stand in for an interface that has few records: as many days,
    /// and several other interfaces.
    pub fn account_is_mature(&self, hour: u32, cx: &Context<'_>) -> bool {
        let days = cx.env.tuning.learning.days;
        let since = day(hour).saturating_sub(self.account.first_day);
        since >= days && self.account.days >= days.div_ceil(2) && self.account.interfaces >= AccountUse::SEVERAL
    }
}

/// What the interfaces of an account do: how many call a port or a host, and what is most.
#[derive(Debug, Default)]
pub struct AccountUse {
    /// By protocol and port.
    pub ports: BTreeMap<(u8, u16), u32>,
    /// By a hash of the address.
    pub remotes: BTreeMap<u32, u32>,
    /// Interfaces.
    pub interfaces: u32,
    /// The sum of `ports`.
    pub port_uses: u64,
    /// Minutes with connections to any port, of all interfaces.
    pub minutes: u64,
    /// The most bytes that any interface sent to one destination in an hour.
    pub most_sent: Peaks,
    /// The first day with records, since the epoch.
    pub first_day: u16,
    /// Days with records.
    pub days: u16,
    last_day: u16,
}

impl AccountUse {
    /// So many interfaces say what is usual for one that is not known well itself.
    pub const SEVERAL: u32 = 10;

    /// Adds what an hour brought.
    fn add(&mut self, news: HourNews) {
        self.interfaces += news.interfaces;
        for (port, interfaces) in news.ports {
            *self.ports.entry(port).or_default() += interfaces;
            self.port_uses += u64::from(interfaces);
        }
        for (remote, interfaces) in news.remotes {
            *self.remotes.entry(remote).or_default() += interfaces;
        }
        if self.remotes.len() > HOSTS {
            // Hosts of one interface are the most by far, and the least shared.
            self.remotes.retain(|_, interfaces| *interfaces > 1);
        }
        if self.remotes.len() > HOSTS {
            self.remotes.clear();
        }
        self.minutes = self.minutes.saturating_add(news.minutes);
        self.most_sent.merge(&news.most_sent);
    }

    /// A day begins, or goes on.
    fn begin(&mut self, today: u16) {
        if self.days == 0 {
            self.first_day = today;
        }
        if self.days == 0 || self.last_day != today {
            self.days = self.days.saturating_add(1);
            self.last_day = today;
        }
    }
}

/// What the interfaces of an account were the first to show in an hour. One sum of all: an hour of a large account has
/// more interfaces than could be held one by one.
#[derive(Debug, Default)]
struct HourNews {
    interfaces: u32,
    ports: BTreeMap<(u8, u16), u32>,
    remotes: BTreeMap<u32, u32>,
    minutes: u64,
    most_sent: Peaks,
}

impl HourNews {
    /// Adds what an interface's hour brought; `new` says whether the interface is. `known` are the account's hosts.
    fn add(&mut self, news: &News, new: bool, known: &BTreeMap<u32, u32>) {
        self.interfaces += u32::from(new);
        for port in &news.ports {
            *self.ports.entry(*port).or_default() += 1;
        }
        for remote in &news.remotes {
            *self.remotes.entry(*remote).or_default() += 1;
        }
        if self.remotes.len() > HOUR_HOSTS {
            self.remotes.retain(|remote, interfaces| *interfaces > 1 || known.contains_key(remote));
            if self.remotes.len() > HOUR_HOSTS / 2 {
                self.remotes.clear();
            }
        }
        self.minutes = self.minutes.saturating_add(news.minutes);
        self.most_sent.merge(&news.most_sent);
    }
}

/// A detector over the hours of interfaces.
pub trait TrafficDetector {
    /// Judges an interface's hour.
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>);
    /// An hour begins: what is too old for it is forgotten.
    fn begin(&mut self, hour: u32) {
        let _ = hour;
    }
}

/// Hosts that are counted for an account.
const HOSTS: usize = 1 << 18;
/// Hosts that are counted in an hour of it, before those go that one interface alone called.
const HOUR_HOSTS: usize = 4 * HOSTS;

/// The judge of all traffic detectors.
pub struct TrafficJudge {
    detectors: Vec<Box<dyn TrafficDetector>>,
    /// Of the interfaces that were seen last. The others are packed; one that is in both is as it is here.
    profiles: BTreeMap<(Str, Str), Profile>,
    /// The sum of their weights, and how much it may be.
    weight: usize,
    most: usize,
    packed: Shelf,
    /// What an earlier scan learned, and what it knew when it began, as they were written: see [`Self::rewind`].
    after: Shelf,
    before: Shelf,
    cold: Cold,
    /// The hour from which on the scan learned that learned last.
    from: u32,
    begun: bool,
    account: AccountUse,
    /// New uses of the hour that is being judged; they count for the account from the next hour on.
    pending: HourNews,
    hour: u32,
    id: Str,
}

impl TrafficJudge {
    /// The name under which profiles are kept.
    const NAME: &'static str = "interface";
    /// The name of profiles as they were when the latest scan began.
    const BEFORE: &'static str = "interface before";

    /// With the configured thresholds.
    pub fn new(tuning: &Tuning, cold: &Cold) -> Self {
        Self {
            detectors: super::traffic_detectors(tuning),
            profiles: BTreeMap::new(),
            weight: 0,
            most: cold.unpacked_bytes(),
            packed: Shelf::new(cold),
            after: Shelf::new(cold),
            before: Shelf::new(cold),
            cold: cold.clone(),
            from: u32::MAX,
            begun: false,
            account: AccountUse::default(),
            pending: HourNews::default(),
            hour: 0,
            id: Str::default(),
        }
    }

    fn begin(&mut self, hour: u32) {
        if hour == self.hour {
            return;
        }
        self.hour = hour;
        self.detectors.iter_mut().for_each(|d| d.begin(hour));
        self.account.add(std::mem::take(&mut self.pending));
        self.account.begin(day(hour));
    }

    /// The first fact of the account: what was learned before is chosen.
    ///
    /// The same logs, scanned again with the baseline that was learned from them, are to give the same findings: what
    /// they show is no news only to what comes later. So a baseline holds the profiles of the scan that learned last
    /// both as they were when it began and when it ended. A scan that begins where that one began to learn, or before,
    /// has all that it learned in its own logs, and begins with the former. One that begins later begins with the
    /// latter: hours that it shares with that one are judged again, but what they show is known and not learned twice.
    fn rewind(&mut self, hour: u32) {
        if self.begun {
            return;
        }
        self.begun = true;
        if hour > self.from {
            self.before = std::mem::replace(&mut self.after, Shelf::new(&self.cold));
        }
        let mut known: Option<u32> = None;
        for place in self.before.places() {
            let Some((at, learned)) = learned_at(&self.before, place) else { continue };
            let Ok((_, profile)) = postcard::from_bytes::<(u32, Profile)>(&learned.state) else { continue };
            known = known.max(Some(profile.last_hour));
            let first = day(profile.first_hour);
            self.account.first_day = if self.account.days == 0 { first } else { self.account.first_day.min(first) };
            // On other days others may have had records: it was as many at least.
            self.account.days = self.account.days.max(profile.days);
            self.account.last_day = self.account.last_day.max(day(profile.last_hour));
            self.pending.add(&profile.as_news(), true, &self.account.remotes);
            self.hold(at, profile);
        }
        self.from = known.map_or(hour, |known| hour.max(known.saturating_add(1)));
        // What was recalled counts from the first hour on.
        self.hour = u32::MAX;
    }

    /// Holds a profile unpacked; those that were seen longest ago are packed when it is one too many.
    fn hold(&mut self, at: (Str, Str), profile: Profile) {
        self.weight += profile.weight();
        self.profiles.insert(at, profile);
        if self.weight <= self.most {
            return;
        }
        let mut oldest: Vec<(u32, &(Str, Str))> =
            self.profiles.iter().map(|(at, profile)| (profile.last_hour, at)).collect();
        oldest.sort_unstable();
        oldest.truncate(oldest.len().div_ceil(4));
        let oldest: Vec<(Str, Str)> = oldest.into_iter().map(|(_, at)| at.clone()).collect();
        for at in oldest {
            let Some(gone) = self.profiles.remove(&at) else { continue };
            self.weight = self.weight.saturating_sub(gone.weight());
            // Numbers and short maps can always be written.
            if let Ok(packed) = postcard::to_stdvec(&gone) {
                self.packed.put(&at.0, &at.1, &packed);
            }
        }
    }

    /// A profile that is packed.
    fn unpack(&self, at: &(Str, Str)) -> Option<Profile> {
        self.packed.get(&at.0, &at.1, |packed| postcard::from_bytes(packed).ok()).flatten()
    }
}

/// What an earlier scan learned of an interface.
fn learned_at(shelf: &Shelf, place: Place) -> Option<((Str, Str), LearnedFacts)> {
    let read = |region: &Str, interface: &str, packed: &[u8]| {
        let learned = postcard::from_bytes(packed).ok()?;
        Some(((region.clone(), interface.into()), learned))
    };
    shelf.at(place, read).flatten()
}

impl Judge for TrafficJudge {
    fn class(&self) -> Class {
        Class::Traffic
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Fact::Traffic(facts) = fact else { return };
        self.rewind(key.hour);
        self.begin(key.hour);
        let interface = cx.inventory.interface(&key.region, &key.entity);
        let mut view = HourView::new(key, facts, interface.as_ref());
        view.links.retain(|l| !cx.env.intel.is_trusted_ip(l.remote));
        let at = (key.region.clone(), key.entity.clone());
        let known = out.len();
        // It is held again when the hour is over.
        let profile = self.profiles.remove(&at);
        self.weight = self.weight.saturating_sub(profile.as_ref().map_or(0, Profile::weight));
        let profile = profile.or_else(|| self.unpack(&at));
        {
            let past = Past { profile: profile.as_ref(), account: &self.account };
            self.detectors.iter_mut().for_each(|d| d.hour(&view, &past, cx, out));
        }
        let found = |meta: &Meta| out[known..].iter().any(|signal| signal.detector == meta.name);
        let found = Found {
            volume: found(&super::behavior::traffic_volume_unusual::META),
            flood: found(&super::backdoor::denial_of_service::META),
        };
        if self.id.is_empty() {
            self.id.clone_from(&key.account);
        }
        let new = profile.is_none();
        let mut profile = profile.unwrap_or_default();
        // An hour that an earlier scan learned is judged again but not learned twice.
        if new || profile.last_hour < key.hour {
            let tuning = &cx.env.tuning;
            let news = profile.learn(&view, &tuning.spambot, tuning.learning.memory_days, found);
            self.pending.add(&news, new, &self.account.remotes);
        }
        self.hold(at, profile);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let separator = crate::facts::key::SEPARATOR;
        let mut write = |name: &str, (region, interface): &(Str, Str), hour, state| {
            let entity = format!("{name}{separator}{interface}").into();
            let key =
                FactKey { account: self.id.clone(), hour: 0, class: Class::Learned, region: region.clone(), entity };
            out(key, LearnedFacts { hour, version: Profile::VERSION, state });
        };
        for place in self.before.places() {
            let Some((at, before)) = learned_at(&self.before, place) else { continue };
            write(Self::BEFORE, &at, before.hour, before.state);
        }
        // What this scan saw less of than the earlier one stays as that one learned it.
        let longer = |at: &(Str, Str), hour: u32| {
            let after = self.after.get(&at.0, &at.1, |packed| postcard::from_bytes::<LearnedFacts>(packed).ok());
            after.flatten().is_some_and(|after| after.hour > hour)
        };
        let mut latest = |at: &(Str, Str), profile: &Profile| {
            if longer(at, profile.last_hour) {
                return;
            }
            // Numbers and short maps can always be written.
            let Ok(state) = postcard::to_stdvec(&(self.from, profile)) else { return };
            write(Self::NAME, at, profile.last_hour, state);
        };
        self.profiles.iter().for_each(|(at, profile)| latest(at, profile));
        for place in self.packed.places() {
            let packed = self.packed.at(place, |region, interface, packed| {
                let at = (region.clone(), interface.into());
                let stale = self.profiles.contains_key(&at);
                (!stale).then(|| postcard::from_bytes::<Profile>(packed).ok()).flatten().map(|profile| (at, profile))
            });
            if let Some((at, profile)) = packed.flatten() {
                latest(&at, &profile);
            }
        }
        let last = |at: &(Str, Str)| match self.profiles.get(at) {
            Some(profile) => Some(profile.last_hour),
            None => self.unpack(at).map(|profile| profile.last_hour),
        };
        for place in self.after.places() {
            let Some((at, after)) = learned_at(&self.after, place) else { continue };
            if last(&at).is_none_or(|hour| hour < after.hour) {
                write(Self::NAME, &at, after.hour, after.state);
            }
        }
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        let mut parts = key.parts();
        let (Some(name), Some(interface)) = (parts.next(), parts.next()) else { return };
        if learned.version != Profile::VERSION {
            return;
        }
        let into = match name {
            Self::NAME => &mut self.after,
            Self::BEFORE => &mut self.before,
            _ => return,
        };
        // Numbers and bytes can always be written.
        if let Ok(packed) = postcard::to_stdvec(learned) {
            into.put(&key.region, interface, &packed);
        }
        self.id.clone_from(&key.account);
        if name == Self::NAME
            && let Ok((from, _)) = postcard::take_from_bytes::<u32>(&learned.state)
        {
            self.from = self.from.min(from);
        }
    }
}

/// A finding about an interface's traffic, before it is known what the detector says.
pub(crate) struct Report<'a, 'v> {
    /// The hour.
    pub view: &'a HourView<'v>,
    /// The detector.
    pub meta: &'static Meta,
    /// The type.
    pub finding_type: TypeId,
    /// Severity, in tenths.
    pub severity_tenths: u8,
    /// The contacts that it is about; the latest one is shown.
    pub links: Vec<Link>,
    /// How often.
    pub count: u64,
}

impl Report<'_, '_> {
    /// The contact that is shown: the latest.
    pub fn latest(&self) -> Option<&Link> {
        self.links.iter().max_by_key(|l| (l.latest, l.hash))
    }

    /// The signal.
    pub fn signal(self, cx: &Context<'_>, extra: BTreeMap<String, String>, explanation: Explanation) -> Option<Signal> {
        let latest = *self.latest()?;
        let view = self.view;
        let explanation = if view.share < 1.0 {
            let kept = format!("{:.0} %", 100.0 * view.share);
            explanation.observe("share of the hour's contacts that was kept, from which counts are estimated", kept)
        } else {
            explanation
        };
        let first = self.links.iter().map(|l| l.first()).min().unwrap_or(0);
        let last = view.moment(latest.latest.0);
        let instance = cx.inventory.instance_of(view.region, view.interface, last);
        Some(Signal {
            finding_type: self.finding_type,
            detector: self.meta.name.into(),
            role: Role::Actor,
            severity_tenths: self.severity_tenths,
            account: view.account.clone(),
            region: view.region.clone(),
            global: false,
            key: vec![instance.unwrap_or_else(|| view.interface.clone())],
            count: self.count,
            first: view.moment(first),
            last,
            hash: latest.hash,
            detail: latest.detail(view.interface),
            lists: BTreeSet::new(),
            apis: BTreeMap::new(),
            extra,
            explanation,
        })
    }
}

/// `inBytes` and `outBytes` of contacts, as GuardDuty's network findings carry them.
pub(crate) fn byte_counts(links: &[Link]) -> BTreeMap<String, String> {
    let text = |of: fn(&Link) -> u64| total(links, of).to_string();
    BTreeMap::from([("inBytes".into(), text(|l| l.inward.bytes)), ("outBytes".into(), text(|l| l.out.bytes))])
}

/// The sum of something over contacts.
pub(crate) fn total(links: &[Link], of: impl Fn(&Link) -> u64) -> u64 {
    links.iter().map(of).fold(0, u64::saturating_add)
}

/// Whether the account's other interfaces call a host: how many do.
pub(crate) fn callers(past: &Past<'_>, link: &Link) -> u32 {
    past.account.remotes.get(&remote_hash(link.remote)).copied().unwrap_or(0)
}
