//! Who opened the connections of a contact, and how sure that is.

use crate::facts::traffic::{Contact, ContactKey};
use crate::net::server_likeness;
use std::net::IpAddr;

/// How sure a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Ports that say nothing.
    Guess,
    /// Ports, times or what else is known of the ports.
    Likely,
    /// TCP flags.
    Certain,
}

/// Who opened the connections of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whether it was the side that the contact's key calls the client.
    pub by_client: bool,
    /// How sure.
    pub certainty: Certainty,
}

/// How often a port must come back to be a service's (Slips and the like use 8 to 10).
const OFTEN: u32 = 8;

/// Decides from a merged contact. `times` says how often a port of an address was seen where ports alone do not tell.
///
/// In this order: a SYN without ACK comes from the side that opens and a SYN-ACK from the other (AWS, "Flow log
/// records", tcp-flags). A well-known port against an ephemeral one is a service's. A port that many other ports call
/// is a service's, whether those are of one address or of many. The direction whose first record began earlier by a
/// second or more opened. A side that alone sent anything opened. What is left is the rule of ports by which the key
/// was made.
pub fn opened(key: &ContactKey, contact: &Contact, times: impl Fn(IpAddr, u16) -> u32) -> Opened {
    let (to, from) = (&contact.to, &contact.from);
    let client = u64::from(to.syn) + u64::from(from.syn_ack);
    let server = u64::from(from.syn) + u64::from(to.syn_ack);
    if client != server {
        return Opened { by_client: client > server, certainty: Certainty::Certain };
    }
    let likely = |by_client| Opened { by_client, certainty: Certainty::Likely };
    let (low, high) = contact.other_port;
    let (service, other) = (server_likeness(key.port), server_likeness(high).max(server_likeness(low)));
    if key.port == 0 {
        // Without ports: the first to speak, the only one to speak.
        return match (to.is_used(), from.is_used()) {
            (true, true) if to.first == from.first => Opened { by_client: true, certainty: Certainty::Guess },
            (true, true) => likely(to.first < from.first),
            (used, _) => likely(used),
        };
    }
    if service >= 2 && other == 0 {
        return likely(true);
    }
    let many_others = low < high;
    if many_others && service > other {
        return likely(true);
    }
    if !many_others && high != key.port {
        let (server, client) = (times(key.server, key.port), times(key.client, high));
        let busier = |a: u32, b: u32| (a >= OFTEN && b < OFTEN) || (a > 2 && a / 3 >= b);
        match (busier(server, client), busier(client, server)) {
            (true, false) => return likely(true),
            (false, true) => return likely(false),
            _ => {}
        }
    }
    if many_others {
        return likely(true);
    }
    match (to.is_used(), from.is_used()) {
        (true, true) if to.first != from.first => likely(to.first < from.first),
        (true, true) if service > other => likely(true),
        (true, true) => Opened { by_client: true, certainty: Certainty::Guess },
        // A record alone: an attempt without an answer, or the rest of a connection of another hour.
        (true, false) if service >= other => likely(true),
        (true, false) => Opened { by_client: true, certainty: Certainty::Guess },
        (false, _) => Opened { by_client: service > other, certainty: Certainty::Guess },
    }
}
