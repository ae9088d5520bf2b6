//! What an account has asked for before: registered domains with their first hours and clients.

use crate::facts::dns::{CLIENT_SHARD, DomainFacts, Known, shard};
use crate::{Class, Fact, FactKey, Str};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The registered domains and the clients of one account. It is complete before anything is judged, so every answer
/// is about a given hour: what came later does not count.
#[derive(Debug, Default)]
pub struct DomainBook {
    shards: BTreeMap<Str, DomainFacts>,
    /// The first hours of all clients, ascending.
    clients: Vec<u32>,
    /// By client, when it was the first of the account to ask for a domain and when that existed: the hours, ascending.
    news: OnceLock<BTreeMap<u32, Vec<(u32, u32)>>>,
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

    /// The first hour in which any client asked for anything.
    pub fn since(&self) -> Option<u32> {
        self.clients.first().copied()
    }

    /// How many domains that exist a client was the first of the account to ask for, in the hours from one to another.
    /// Clients are known by the short part of their hash.
    pub fn news_of(&self, client: u32, hours: std::ops::RangeInclusive<u32>) -> usize {
        let news = self.news.get_or_init(|| {
            let mut news: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
            for (_, known) in self.shards.values().flat_map(|shard| shard.0.iter()) {
                if let (Some((asked, client)), Some(existed)) = (known.clients.first(), known.existed) {
                    news.entry(*client).or_default().push((*asked, existed));
                }
            }
            news.values_mut().for_each(|hours| hours.sort_unstable());
            news
        });
        let all = news.get(&client).map(Vec::as_slice).unwrap_or_default();
        let (from, to) = (
            all.partition_point(|(asked, _)| asked < hours.start()),
            all.partition_point(|(asked, _)| asked <= hours.end()),
        );
        all.get(from..to).unwrap_or_default().iter().filter(|(_, existed)| existed <= hours.end()).count()
    }

    /// How many clients had asked for anything by an hour, that hour included.
    pub fn clients_by(&self, hour: u32) -> usize {
        self.clients.partition_point(|first| *first <= hour)
    }
}
