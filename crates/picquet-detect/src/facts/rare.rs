//! Facts of domains that are worth a second look: their name is odd, or their answers are.

use super::Latest;
use super::bottom::{BottomK, Element};
use super::dns::{Client, SHOWN, Shown, merge_client};
use picquet_model::EventTime;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// How many addresses are kept: those with the smallest hashes, which says nothing of what they are.
pub const ADDRESSES: usize = 64;

/// An address that a name was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered(pub Ipv4Addr);

impl Element for Answered {
    fn merge(&mut self, other: Self) {
        // Addresses that share a hash would have to be looked for; the smaller one stays.
        self.0 = self.0.min(other.0);
    }
}

/// What one client asked for below one registered domain in one hour, of queries whose name is odd or whose answer is
/// spread over many networks. The key holds both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RareFacts {
    /// Queries that were answered.
    pub queries: u64,
    /// Names to show.
    pub shown: BottomK<Shown, SHOWN>,
    /// Public addresses of spread answers, those of AWS left out.
    pub addresses: BottomK<Answered, ADDRESSES>,
    /// The most of them in one answer.
    pub largest: u16,
    /// The earliest query.
    pub first: EventTime,
    /// The latest query.
    pub last: EventTime,
    /// The latest query's client.
    pub client: Option<Latest<Client>>,
}

impl RareFacts {
    /// Of nothing yet: the first query sets the span.
    pub fn new(first: EventTime) -> Self {
        Self {
            queries: 0,
            shown: BottomK::default(),
            addresses: BottomK::default(),
            largest: 0,
            first,
            last: first,
            client: None,
        }
    }

    /// Sums, unions, span, latest.
    pub fn merge(&mut self, other: Self) {
        self.queries = self.queries.saturating_add(other.queries);
        self.shown.merge(other.shown);
        self.addresses.merge(other.addresses);
        self.largest = self.largest.max(other.largest);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        merge_client(&mut self.client, other.client);
    }

    /// A rough size in memory, in bytes.
    pub fn weight(&self) -> usize {
        256 + 96 * self.shown.len() + 32 * self.addresses.len()
    }
}
