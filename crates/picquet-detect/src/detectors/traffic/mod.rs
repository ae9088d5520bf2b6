//! Detectors of interfaces' traffic: they share one look at each hour, and one profile of each interface.

use crate::cold::Cold;
use crate::detectors::Meta;
use crate::facts::learned::LearnedFacts;
use crate::facts::signal::Role;
use crate::facts::{Class, Fact, FactKey};
use crate::hour::{HourView, Link};
use crate::judge::{Context, Judge};
use crate::peaks::Peaks;
use crate::profile::{Found, News, Profile, day, remote_hash};
use crate::profiles::{self, Profiles};
use crate::{Signal, Tuning};
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
pub trait TrafficDetector: Send {
    /// Judges an interface's hour.
    fn hour(&mut self, view: &HourView<'_>, past: &Past<'_>, cx: &Context<'_>, out: &mut Vec<Signal>);
    /// An hour begins: what is too old for it is forgotten.
    fn begin(&mut self, account: &str, hour: u32) {
        let _ = (account, hour);
    }
    /// What it remembers at the end of a scan whose last hour is given, for a later one to begin with.
    fn learned(&self, hour: u32, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        let _ = (hour, out);
    }
    /// Takes what it remembered in an earlier scan, before the first hour.
    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        let _ = (key, learned);
    }
}

/// Hosts that are counted for an account.
const HOSTS: usize = 1 << 18;
/// Hosts that are counted in an hour of it, before those go that one interface alone called.
const HOUR_HOSTS: usize = 4 * HOSTS;

/// The judge of all traffic detectors.
pub struct TrafficJudge {
    detectors: Vec<Box<dyn TrafficDetector>>,
    profiles: Profiles<Profile>,
    account: AccountUse,
    /// New uses of the hour that is being judged; they count for the account from the next hour on.
    pending: HourNews,
    hour: Option<u32>,
}

impl profiles::Profile for Profile {
    const NAME: &'static str = "interface";
    const BEFORE: &'static str = "interface before";
    const VERSION: u16 = Self::VERSION;

    fn weight(&self) -> usize {
        self.weight()
    }

    fn last_hour(&self) -> u32 {
        self.last_hour
    }
}

impl TrafficJudge {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning, cold: &Cold) -> Self {
        Self {
            detectors: super::traffic_detectors(tuning),
            profiles: Profiles::new(cold, cold.unpacked_bytes()),
            account: AccountUse::default(),
            pending: HourNews::default(),
            hour: None,
        }
    }

    fn begin(&mut self, account: &str, hour: u32) {
        if self.hour == Some(hour) {
            return;
        }
        self.hour = Some(hour);
        self.detectors.iter_mut().for_each(|d| d.begin(account, hour));
        self.account.add(std::mem::take(&mut self.pending));
        self.account.begin(day(hour));
    }

    /// The first fact of the account: what was learned before counts from the first hour on.
    fn rewind(&mut self, key: &FactKey) {
        let Self { account, pending, .. } = self;
        self.profiles.begin(key, |_, profile| {
            let first = day(profile.first_hour);
            account.first_day = if account.days == 0 { first } else { account.first_day.min(first) };
            // On other days others may have had records: it was as many at least.
            account.days = account.days.max(profile.days);
            account.last_day = account.last_day.max(day(profile.last_hour));
            pending.add(&profile.as_news(), true, &account.remotes);
        });
    }
}

impl Judge for TrafficJudge {
    fn class(&self) -> Class {
        Class::Traffic
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Fact::Traffic(facts) = fact else { return };
        self.rewind(key);
        self.begin(&key.account, key.hour);
        let interface = cx.inventory.interface(&key.region, &key.entity);
        let mut view = HourView::new(key, facts, interface.as_ref());
        view.links.retain(|l| !cx.env.intel.is_trusted_ip(l.remote));
        let at = (key.region.clone(), key.entity.clone());
        let known = out.len();
        // It is held again when the hour is over.
        let profile = self.profiles.take(&at);
        {
            let past = Past { profile: profile.as_ref(), account: &self.account };
            self.detectors.iter_mut().for_each(|d| d.hour(&view, &past, cx, out));
        }
        let found = |meta: &Meta| out[known..].iter().any(|signal| signal.detector == meta.name);
        let found = Found {
            volume: found(&super::behavior::traffic_volume_unusual::META),
            flood: found(&super::backdoor::denial_of_service::META),
        };
        let new = profile.is_none();
        let mut profile = profile.unwrap_or_default();
        // An hour that an earlier scan learned is judged again but not learned twice.
        if new || profile.last_hour < key.hour {
            let tuning = &cx.env.tuning;
            let news = profile.learn(&view, &tuning.spambot, tuning.learning.memory_days, found);
            self.pending.add(&news, new, &self.account.remotes);
        }
        self.profiles.hold(at, profile);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        self.profiles.learned(out);
        self.detectors.iter().for_each(|d| d.learned(self.hour.unwrap_or_default(), out));
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.profiles.recall(key, learned);
        self.detectors.iter_mut().for_each(|d| d.recall(key, learned));
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
