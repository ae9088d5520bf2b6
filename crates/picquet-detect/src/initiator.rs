//! Who opened the connections of a contact, and how sure that is.

use crate::facts::traffic::{Contact, ContactKey};
use crate::net::{bare_segment, server_likeness};
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

/// Which direction of a contact holds nothing but refusals.
enum Refused {
    /// That to the service port.
    To,
    /// That from the service port.
    From,
    /// Both look like it.
    Either,
}

/// Looks for attempts at closed ports: as many packets either way, one side's without anything but their headers, as a
/// reset is, the other's no larger than a SYN with its options.
fn refusals(key: &ContactKey, contact: &Contact) -> Option<Refused> {
    let (to, from) = (&contact.to, &contact.from);
    if key.protocol != 6 || to.packets == 0 || to.packets != from.packets {
        return None;
    }
    // A TCP header has up to 40 octets of options, and a SYN of today's systems 20.
    let bare = bare_segment(key.server);
    let (least, most) = (bare * to.packets, (bare + 20) * to.packets);
    match (to.bytes == least, from.bytes == least) {
        (true, true) => Some(Refused::Either),
        (true, false) if from.bytes <= most && from.bytes > least => Some(Refused::To),
        (false, true) if to.bytes <= most && to.bytes > least => Some(Refused::From),
        _ => None,
    }
}

/// Decides from a merged contact. `times` says how often a port of an address was seen where ports alone do not tell.
///
/// In this order: a SYN without ACK comes from the side that opens and a SYN-ACK from the other (AWS, "Flow log
/// records", tcp-flags). A well-known port against an ephemeral one is a service's. Of attempts that
/// closed ports refused, the larger packets opened. A port that many other ports call is a service's, whether those are of one address or of many. The direction whose first record began earlier by a
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
    match refusals(key, contact) {
        Some(Refused::To) => return likely(false),
        Some(Refused::From) => return likely(true),
        // Stacks put options into a SYN; scanners that make their own packets do not, and keep to one port.
        Some(Refused::Either) if many_others => return likely(false),
        _ => {}
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::traffic::Way;

    /// A contact of `n` exchanges of single packets, from one or several ports to 54321 here.
    fn attempts(n: u64, sizes: (u64, u64), other_port: (u16, u16)) -> Opened {
        let way = |size| Way { packets: n, bytes: n * size, records: n as u32, first: 7, ..Way::default() };
        let contact = Contact { to: way(sizes.0), from: way(sizes.1), other_port, ..Contact::default() };
        let ip = |n| IpAddr::from([198, 51, 100, n]);
        let key = ContactKey { client: ip(1), server: ip(2), port: 54_321, protocol: 6 };
        opened(&key, &contact, |_, _| 0)
    }

    #[test]
    fn a_closed_port_answers_with_less_than_it_was_asked() {
        let likely = |by_client| Opened { by_client, certainty: Certainty::Likely };
        for syn in [44, 52, 60] {
            assert_eq!(attempts(1, (syn, 40), (60_000, 60_000)), likely(true));
            assert_eq!(attempts(1, (40, syn), (60_000, 60_000)), likely(false));
            assert_eq!(attempts(5, (syn, 40), (55_000, 60_000)), likely(true), "a client that tries again");
            assert_eq!(attempts(5, (40, syn), (55_000, 60_000)), likely(false), "a scanner with one port");
        }
        assert_eq!(attempts(5, (40, 40), (55_000, 60_000)), likely(false), "a scanner whose packets are its own");
        assert_eq!(attempts(1, (40, 40), (60_000, 60_000)).certainty, Certainty::Guess);
        assert_eq!(attempts(1, (1400, 40), (60_000, 60_000)).certainty, Certainty::Guess, "data and its receipt");
    }
}
