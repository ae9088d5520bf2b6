//! What an account has asked for before: registered domains with their first hours and clients.

use crate::facts::dns::{CLIENT_SHARD, DomainFacts, Known, shard};
use crate::{Class, Fact, FactKey, Str};
use std::collections::BTreeMap;

/// The registered domains and the clients of one account. It is complete before anything is judged, so every answer
/// is about a given hour: what came later does not count.
#[derive(Debug, Default)]
pub struct DomainBook {
    shards: BTreeMap<Str, DomainFacts>,
    /// The first hours of all clients, ascending.
    clients: Vec<u32>,
}

impl DomainBook {
    /// Takes a reference fact.
    pub fn add(&mut self, key: &FactKey, fact: &Fact) {
        let (Class::Domains, Fact::Domains(f)) = (key.class, fact) else { return };
        if key.entity == CLIENT_SHARD {
            self.clients.extend(f.0.iter().map(|(_, known)| known.asked));
            self.clients.sort_unstable();
        } else {
            self.shards.entry(key.entity.clone()).or_default().merge(f.clone());
        }
    }

    /// What is known of a registered domain.
    pub fn domain(&self, hash: u64) -> Option<&Known> {
        self.shards.get(shard(hash))?.0.get(hash)
    }

    /// Whether a domain that is not in the book was never asked for. Where a shard is full, it cannot be told.
    pub fn is_complete(&self, hash: u64) -> bool {
        self.shards.get(shard(hash)).is_none_or(|s| !s.0.is_full())
    }

    /// How many clients had asked for anything by an hour, that hour included.
    pub fn clients_by(&self, hour: u32) -> usize {
        self.clients.partition_point(|first| *first <= hour)
    }
}
