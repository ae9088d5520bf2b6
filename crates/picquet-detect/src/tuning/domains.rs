//! Thresholds of domains that are worth a second look.

use serde::{Deserialize, Serialize};

/// Thresholds of domains whose name alone speaks against them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SuspiciousDomain {
    /// Of so many benign client-days one may have a name as odd, all names counted that were new to the account by the
    /// client within 24 hours.
    pub client_days: u64,
    /// Hours since the account's first query for a domain after which it is no longer new.
    pub new_hours: u32,
    /// Clients that ask for a domain, at most: more share a reason.
    pub max_clients: u64,
}

impl Default for SuspiciousDomain {
    /// One false finding in a thousand host-days is what is allowed to all behaviour together; most days of most clients
    /// have no new domain at all.
    fn default() -> Self {
        Self { client_days: 1_000, new_hours: 24, max_clients: 2 }
    }
}

/// Thresholds of domains whose addresses change over many networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FastFlux {
    /// The score, of what each address and each network adds.
    pub score: f64,
    /// What an address adds.
    pub per_address: f64,
    /// What a network adds.
    pub per_network: f64,
    /// Countries that the addresses are in, at least.
    pub countries: u64,
    /// How many times the addresses of one answer there are in all, at least: they change.
    pub answers: u64,
    /// Clients that ask for the domain, at most.
    pub max_clients: u64,
}

impl Default for FastFlux {
    /// The score and its weights are those of Holz, Gorecki, Rieck and Freiling, "Measuring and Detecting Fast-Flux
    /// Service Networks" (NDSS 2008), fitted on labelled domains. The countries are ours: content networks answer with
    /// what is near.
    fn default() -> Self {
        Self { score: 142.38, per_address: 1.32, per_network: 18.54, countries: 4, answers: 2, max_clients: 5 }
    }
}
