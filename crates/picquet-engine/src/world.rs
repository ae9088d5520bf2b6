//! What is known of an account when its hours are judged.

use picquet_detect::cold::{Cold, Memory};
use picquet_detect::facts::AccountFacts;
use picquet_detect::judge::Context;
use picquet_detect::spellings::Spellings;
use picquet_detect::tuning::AllowLists;
use picquet_detect::{Env, Fact, FactKey, Inventory, Str};
use picquet_model::EventTime;
use std::collections::BTreeSet;

/// It is complete before anything is judged, and does not change from then on.
pub(crate) struct World {
    pub(crate) id: Str,
    pub(crate) account: AccountFacts,
    pub(crate) inventory: Inventory,
    spellings: Spellings,
    pub(crate) allowed: AllowLists,
    pub(crate) cold: Cold,
}

impl World {
    pub(crate) fn new(id: Str, env: &Env, memory: &Memory) -> Self {
        let cold = Cold::new(memory);
        Self {
            id,
            account: AccountFacts { regions: BTreeSet::new(), first: EventTime::MAX, last: EventTime::MIN },
            inventory: Inventory::new(&cold),
            spellings: Spellings::new(&cold),
            // Settings that were read from a file were checked then.
            allowed: AllowLists::new(&env.tuning).unwrap_or_default(),
            cold,
        }
    }

    /// Takes a reference fact, or gives it back: then it is for a judge.
    pub(crate) fn learn(&mut self, key: FactKey, fact: Fact) -> Option<(FactKey, Fact)> {
        match fact {
            Fact::Account(f) => self.account.merge(f),
            Fact::Instance(_) | Fact::Interface(_) | Fact::Domains(_) => self.inventory.add(&key, &fact),
            Fact::Spelling(f) => self.spellings.put(&key.entity, &f),
            fact => return Some((key, fact)),
        }
        None
    }

    pub(crate) fn context<'a>(&'a self, env: &'a Env) -> Context<'a> {
        Context { env, inventory: &self.inventory, account: &self.account, spellings: &self.spellings }
    }
}
