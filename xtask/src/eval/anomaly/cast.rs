//! Who plays: a victim for each case, and principals that use the same interfaces for good reasons.

use super::history::{DAYS, LAST, START};
use super::log::{Habit, Log};
use super::recording::{Recording, Stage};
use anyhow::{Context, Result, ensure};
use picquet_testkit::Random;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Cases of a technique, once easy and once hard. With eleven techniques: 220 of each.
const CASES: usize = 20;
/// Helpers of a technique in an account, users and roles: "several".
const HELPERS: (usize, usize) = (3, 2);
/// The share of working days on which a helper uses a technique's interfaces: three a week.
const BUSY: f64 = 0.6;
/// A victim has called at least so often, on so many days.
const USUAL: (usize, usize) = (50, 7);

/// Prefixes of companies that rent servers; each case has an address of its own.
const HOSTING: [&str; 16] = [
    "159.65", "167.99", "134.209", "45.33", "172.104", "51.38", "54.36", "145.239", "95.216", "116.202", "65.108",
    "45.76", "146.70", "173.249", "188.166", "176.9",
];

/// A recording on a victim.
pub struct Case {
    /// The recording's place.
    pub technique: usize,
    /// The victim.
    pub victim: u32,
    /// Whether the attacker's address and agent are kept.
    pub easy: bool,
    /// Whether others of the account use the same interfaces, in the history that we made.
    pub peers: bool,
    /// Whether the victim itself used one of them before.
    pub known: bool,
    /// When it begins.
    pub at: i64,
    /// The scan in which it is: one case of an account in each.
    pub scan: usize,
    /// What a call of the victim looks like.
    pub habit: Habit,
    /// The attacker's address.
    pub address: String,
}

impl Case {
    /// Its records.
    pub fn records(&self, recordings: &[Recording], log: &Log) -> Result<Vec<Value>> {
        let attacker = self.easy.then(|| self.address.clone());
        let account = &log.principals[self.victim as usize].account;
        let mut random = Random(self.at as u64 ^ u64::from(self.victim) << 32 ^ u64::from(self.easy));
        recordings[self.technique].play(&self.habit, account, &Stage { at: self.at, attacker }, &mut random)
    }
}

/// Somebody who uses a technique's interfaces week after week.
pub struct Helper {
    technique: usize,
    who: u32,
}

/// Everybody.
pub struct Cast {
    /// The cases: the easy and the hard one of a pair are on one victim at one time.
    pub cases: Vec<Case>,
    /// The helpers.
    pub helpers: Vec<Helper>,
}

impl Cast {
    /// Draws from a history.
    pub fn draw(log: &Log, recordings: &[Recording], seed: u32) -> Result<Self> {
        let mut random = Random(0xa1_0000 + u64::from(seed));
        let mut pools = pools(log, &mut random);
        let accounts: Vec<String> =
            pools.keys().map(|(account, _)| account.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let used = used(log);
        let has_peers = |technique: usize, account: usize| (technique + account).is_multiple_of(2);
        let mut helpers = Vec::new();
        for technique in 0..recordings.len() {
            for (n, account) in accounts.iter().enumerate().filter(|(n, _)| has_peers(technique, *n)) {
                for (is_role, count) in [(false, HELPERS.0), (true, HELPERS.1)] {
                    let pool = pools.get_mut(&(account.clone(), is_role)).context("an account has users and roles")?;
                    ensure!(pool.len() > count, "account {n} has too few principals");
                    helpers.extend(pool.drain(..count).map(|who| Helper { technique, who }));
                }
            }
        }
        let mut cases = Vec::new();
        let mut next = BTreeMap::<(usize, bool), usize>::new();
        for (technique, recording) in recordings.iter().enumerate() {
            for n in 0..CASES {
                let (account, round) = (n % accounts.len(), n / accounts.len());
                let is_role = (round + technique) % 2 == 1;
                let pool = &pools[&(accounts[account].clone(), is_role)];
                let place = next.entry((account, is_role)).or_default();
                let victim = pool[*place % pool.len()];
                *place += 1;
                let habit = habit(log, victim, &mut random).context("a victim has habits")?;
                let hour = habit.time.rem_euclid(86_400) / 3600;
                // No recording lasts a minute, so that a case is within an hour.
                let at = LAST + hour * 3600 + 120 + random.below(3300) as i64;
                let known = recording.apis.iter().any(|api| used.contains(&(victim, log.apis.find(api).unwrap_or(0))));
                for easy in [true, false] {
                    let scan = ((technique * CASES + n) / accounts.len()) * 2 + usize::from(!easy);
                    cases.push(Case {
                        technique,
                        victim,
                        easy,
                        peers: has_peers(technique, account),
                        known,
                        at,
                        scan,
                        habit: habit.clone(),
                        address: address(cases.len()),
                    });
                }
            }
        }
        Ok(Self { cases, helpers })
    }

    /// What the helpers call, from the first day to that of the attacks.
    pub fn routine(&self, log: &Log, recordings: &[Recording], seed: u32) -> Result<Vec<Value>> {
        let mut random = Random(0xa2_0000 + u64::from(seed));
        let mut records = Vec::new();
        for helper in &self.helpers {
            let recording = &recordings[helper.technique];
            let account = &log.principals[helper.who as usize].account;
            for day in 0..=i64::from(DAYS) {
                // The first day is a Sunday.
                if matches!(day % 7, 0 | 6) || random.share() > BUSY {
                    continue;
                }
                let habit = habit(log, helper.who, &mut random).context("a helper has habits")?;
                let hour = habit.time.rem_euclid(86_400) / 3600;
                let mut at = START + day * 86_400 + hour * 3600 + random.below(2400) as i64;
                for n in recording.kinds() {
                    for _ in 0..=random.below(2) {
                        records.push(recording.routine(n, &habit, account, at, &mut random)?);
                        at += random.range(3, 90) as i64;
                    }
                }
            }
        }
        Ok(records)
    }
}

/// Those who can be victims or helpers, in a random order, by account and kind.
fn pools(log: &Log, random: &mut Random) -> BTreeMap<(String, bool), Vec<u32>> {
    let mut calls = vec![(0, BTreeSet::new()); log.principals.len()];
    for event in log.events.iter().filter(|e| e.time < LAST) {
        let (count, days) = &mut calls[event.principal as usize];
        *count += 1;
        days.insert(event.time.div_euclid(86_400));
    }
    let mut pools = BTreeMap::<_, Vec<u32>>::new();
    for (n, principal) in log.principals.iter().enumerate() {
        if calls[n].0 >= USUAL.0 && calls[n].1.len() >= USUAL.1 {
            pools.entry((principal.account.clone(), principal.is_role)).or_default().push(n as u32);
        }
    }
    pools.values_mut().for_each(|pool| random.shuffle(pool));
    pools
}

fn used(log: &Log) -> BTreeSet<(u32, u32)> {
    log.events.iter().filter(|e| e.time < LAST).map(|e| (e.principal, e.api)).collect()
}

/// One of the ways in which a principal calls; not a console sign-in, which has no key.
fn habit(log: &Log, who: u32, random: &mut Random) -> Option<Habit> {
    let all: Vec<_> = log.habits[who as usize].values().filter(|h| h.identity["accessKeyId"] != "").collect();
    (!all.is_empty()).then(|| (*random.pick(&all)).clone())
}

fn address(case: usize) -> String {
    let (prefix, n) = (HOSTING[case % HOSTING.len()], case / HOSTING.len());
    format!("{prefix}.{}.{}", 16 + n * 5 % 110, 10 + case % 230)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_an_address() {
        let all: BTreeSet<_> = (0..600).map(address).collect();
        assert_eq!(all.len(), 600);
        assert!(all.iter().all(|a| a.parse::<std::net::Ipv4Addr>().is_ok()));
    }
}
