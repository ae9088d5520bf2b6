//! Access keys that are used after a long sleep.

use crate::cold::Cold;
use crate::detectors::{Meta, default_severity, raised};
use crate::facts::credentials::Use;
use crate::facts::signal::{Detail, Role};
use crate::facts::{Class, Fact, FactKey, LearnedFacts};
use crate::judge::{Context, Judge};
use crate::ledger::{Entry, Ledger};
use crate::tuning::DormantKey as Settings;
use crate::{Signal, Tuning};
use picquet_model::{EventTime, Explanation, Source};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "dormant-key",
    types: &["Custom:IAMUser/DormantKeyUsed"],
    source: Source::Cloudtrail,
    detects: "A long-term access key that is used again after months in which it was not.",
    decides: "For each long-term key the latest day with a call is remembered, over scans with a baseline; the first call after \
              90 days without any is reported. Calls that AWS services make with the key do not count.",
    benign: "Yearly jobs; keys that were kept for an emergency.",
};

const HOURS: u32 = 24;
const NAME: &str = "keys";
const VERSION: u16 = 1;

/// What is known of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    /// The first hours of the first and of the last day with use.
    hours: (u32, u32),
    /// On how many days it was used.
    days: u16,
}

impl Entry for Key {
    fn span(&self) -> (u32, u32) {
        self.hours
    }
}

/// The judge.
pub struct DormantKey {
    settings: Settings,
    known: Ledger,
}

impl DormantKey {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning, cold: &Cold) -> Self {
        Self { settings: tuning.dormant_key.clone(), known: Ledger::new(NAME, VERSION, cold) }
    }

    fn signal(&self, key: &FactKey, known: &Key, calls: &Use, cx: &Context<'_>) -> Option<Signal> {
        let finding_type = raised(cx.env, META.types[0])?;
        let asleep = key.hour.saturating_sub(known.hours.1) / HOURS;
        let last = EventTime::from_secs(i64::from(known.hours.1) * 3600).unwrap_or(calls.first);
        let last: String = last.to_string().chars().take(10).collect();
        let why = Explanation::new(format!(
            "Access key {} was used for the first time in {asleep} days; before that it was last used on {last}.",
            key.entity
        ))
        .compare("days without use", asleep, format!("{} or more", self.settings.days))
        .observe("days with use before", known.days);
        Some(Signal {
            finding_type,
            detector: META.name.into(),
            role: Role::Target,
            severity_tenths: default_severity(finding_type),
            account: key.account.clone(),
            region: key.region.clone(),
            global: false,
            key: vec![key.entity.clone()],
            // The call that wakes it.
            count: 1,
            first: calls.first,
            last: calls.first,
            hash: calls.earliest.hash,
            detail: Detail::Api(cx.spellings.event(&calls.earliest)?),
            lists: BTreeSet::new(),
            apis: BTreeMap::new(),
            extra: BTreeMap::new(),
            explanation: why,
        })
    }
}

impl Judge for DormantKey {
    fn class(&self) -> Class {
        Class::Keys
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Fact::Credentials(facts) = fact else { return };
        self.known.begin(&key.account, key.hour);
        let new = Key { hours: (key.hour, key.hour), ..Key::default() };
        let mut known: Key = self.known.get(&key.entity).unwrap_or(new);
        for (_, calls) in &facts.uses {
            let asleep = key.hour.saturating_sub(known.hours.1);
            // On the day that it wakes, the first region by name tells: of the others it is awake.
            if known.days > 0 && asleep >= HOURS * u32::from(self.settings.days) {
                out.extend(self.signal(key, &known, calls, cx));
            }
            known.days = known.days.saturating_add(u16::from(known.days == 0 || key.hour > known.hours.1));
            known.hours.1 = known.hours.1.max(key.hour);
        }
        self.known.put(&key.entity, &known);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.known.recall(key, learned);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        // A sleep has to be remembered for longer than it lasts.
        self.known.learned(HOURS * u32::from(self.settings.memory_days), out);
    }
}
