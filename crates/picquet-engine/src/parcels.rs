//! The first half of judging: collects what is known of an account, judges what is judged soon, and hands the rest on.
//!
//! Most of the judging is the profiles of entities: [`APART`]. Two threads share the work when one of them reads facts
//! and is the first half, and the other is the second ([`crate::judge_parcels`]). On one thread both halves do the
//! same, so that the findings are.

use crate::runs::RunError;
use crate::signals::Signals;
use crate::world::World;
use picquet_detect::chain::SessionChains;
use picquet_detect::cold::Memory;
use picquet_detect::judge::{Judge, immediate};
use picquet_detect::{Class, Env, Fact, FactKey, Str, detectors};
use std::collections::VecDeque;
use std::sync::Arc;

/// What the second half judges.
const APART: [Class; 3] = [Class::Api, Class::Traffic, Class::DnsClient];

/// What the first half hands to the second. Parcels come account by account, in the order of keys.
pub struct Parcel(pub(crate) Content);

pub(crate) enum Content {
    /// An account begins: what is known of it, and who judges in the second half.
    Open(Arc<World>, Vec<Box<dyn Judge>>),
    /// For the baseline, before the account begins.
    Keep(FactKey, Fact),
    /// To be judged.
    Judge(FactKey, Fact),
    /// The account ends: all that its first half came to.
    Close(Box<Closed>),
}

/// What the first half came to.
pub(crate) struct Closed {
    pub(crate) judges: Vec<Box<dyn Judge>>,
    pub(crate) chains: SessionChains,
    pub(crate) signals: Signals,
}

impl Parcel {
    /// About how many bytes wait with it to be judged, or to be freed.
    pub fn weight(&self) -> usize {
        match &self.0 {
            Content::Judge(_, fact) | Content::Keep(_, fact) => fact.weight(),
            Content::Open(..) => 0,
            // All that is known of an account, now that the account has ended.
            Content::Close(_) => 1 << 20,
        }
    }
}

/// The parcels of facts that are sorted by key; see [`parcels`].
pub struct Parcels<'e, I> {
    facts: I,
    env: &'e Env,
    memory: &'e Memory,
    keeps: bool,
    account: Option<Account>,
    ready: VecDeque<Parcel>,
}

/// Judges the first half of facts that are sorted by key. `keeps` is whether a baseline will be kept.
pub fn parcels<'e, I>(facts: I, env: &'e Env, memory: &'e Memory, keeps: bool) -> Parcels<'e, I>
where
    I: Iterator<Item = Result<(FactKey, Fact), RunError>>,
{
    Parcels { facts, env, memory, keeps, account: None, ready: VecDeque::new() }
}

impl<I: Iterator<Item = Result<(FactKey, Fact), RunError>>> Iterator for Parcels<'_, I> {
    type Item = Result<Parcel, RunError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(parcel) = self.ready.pop_front() {
                return Some(Ok(parcel));
            }
            let Some(fact) = self.facts.next() else {
                self.account.take()?.close(self.env, &mut self.ready);
                continue;
            };
            match fact {
                Ok((key, fact)) => self.take(key, fact),
                Err(e) => return Some(Err(e)),
            }
        }
    }
}

impl<I> Parcels<'_, I> {
    fn take(&mut self, key: FactKey, fact: Fact) {
        if self.account.as_ref().is_some_and(|a| *a.id() != key.account)
            && let Some(done) = self.account.take()
        {
            done.close(self.env, &mut self.ready);
        }
        if self.keeps && key.class.is_kept() {
            self.ready.push_back(Parcel(Content::Keep(key.clone(), fact.clone())));
        }
        let account = self.account.take().unwrap_or_else(|| Account::new(key.account.clone(), self.env, self.memory));
        self.account = Some(match account {
            Account::Learning(mut learning) if key.class.is_reference() => {
                learning.take(key, fact);
                Account::Learning(learning)
            }
            account => {
                let mut judging = account.judging(self.env, &mut self.ready);
                judging.take(key, fact, self.env, &mut self.ready);
                Account::Judging(judging)
            }
        });
    }
}

/// One account while its facts go by.
enum Account {
    Learning(Box<Learning>),
    Judging(Box<Judging>),
}

impl Account {
    fn new(id: Str, env: &Env, memory: &Memory) -> Self {
        let world = World::new(id, env, memory);
        let (apart, judges) =
            detectors::judges(&env.tuning, &world.cold).into_iter().partition(|j| APART.contains(&j.class()));
        Self::Learning(Box::new(Learning { world, held: Vec::new(), judges, apart }))
    }

    fn id(&self) -> &Str {
        match self {
            Self::Learning(learning) => &learning.world.id,
            Self::Judging(judging) => &judging.world.id,
        }
    }

    fn judging(self, env: &Env, ready: &mut VecDeque<Parcel>) -> Box<Judging> {
        match self {
            Self::Learning(learning) => Box::new(learning.open(env, ready)),
            Self::Judging(judging) => judging,
        }
    }

    fn close(self, env: &Env, ready: &mut VecDeque<Parcel>) {
        let Judging { judges, chains, signals, .. } = *self.judging(env, ready);
        ready.push_back(Parcel(Content::Close(Box::new(Closed { judges, chains, signals }))));
    }
}

/// While the reference facts come, which are first.
struct Learning {
    world: World,
    /// Those that are judged themselves, once all of them are there.
    held: Vec<(FactKey, Fact)>,
    judges: Vec<Box<dyn Judge>>,
    apart: Vec<Box<dyn Judge>>,
}

impl Learning {
    fn take(&mut self, key: FactKey, fact: Fact) {
        match fact {
            Fact::Learned(f) => self.judges.iter_mut().chain(&mut self.apart).for_each(|j| j.recall(&key, &f)),
            fact => self.held.extend(self.world.learn(key, fact)),
        }
    }

    fn open(mut self, env: &Env, ready: &mut VecDeque<Parcel>) -> Judging {
        self.world.inventory.index();
        let world = Arc::new(self.world);
        ready.push_back(Parcel(Content::Open(world.clone(), self.apart)));
        let chains = SessionChains::new(&world.cold);
        let mut judging = Judging { world, judges: self.judges, chains, signals: Signals::default() };
        for (key, fact) in self.held {
            judging.take(key, fact, env, ready);
        }
        judging
    }
}

/// While the hours come.
struct Judging {
    world: Arc<World>,
    judges: Vec<Box<dyn Judge>>,
    chains: SessionChains,
    signals: Signals,
}

impl Judging {
    fn take(&mut self, key: FactKey, fact: Fact, env: &Env, ready: &mut VecDeque<Parcel>) {
        if APART.contains(&key.class) {
            ready.push_back(Parcel(Content::Judge(key, fact)));
            return;
        }
        match &fact {
            Fact::Sessions(sessions) => self.chains.add(sessions),
            Fact::Signal(signal) => {
                let signal = immediate(&key, signal, &self.world.context(env));
                self.signals.add(vec![signal], &self.world, env);
            }
            fact => self.signals.judge(&mut self.judges, &key, fact, &self.world, env),
        }
    }
}
