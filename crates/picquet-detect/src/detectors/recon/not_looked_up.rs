//! Web hosts that are called without having been looked up: the second piece of evidence that a first contact gives.
//!
//! A client asks for a name before it calls a host; what makes up addresses, or goes through a list of them, does not
//! (Whyte, Kranakis and van Oorschot, "DNS-based Detection of Scanning Worms in an Enterprise Network", NDSS 2005). An
//! instance whose own lookups can be seen in the flow logs, since it asks another resolver than the VPC's, can make no
//! more first contacts than lookups, but for names that it knows from before. What it asks the VPC's resolver is in no
//! flow log (VPC user guide, "Flow log limitations"): of an instance without lookups in sight nothing is concluded.

use crate::hour::{HourView, Link};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The port of DNS (RFC 1035, 4.2).
const DNS: u16 = 53;

/// An address of version 4 by its /16: one service has many addresses, and those of one network fail together. Version 6
/// is left out: where an instance cannot reach it, every host with both fails once.
type Network = [u8; 2];

fn network(link: &Link) -> Option<Network> {
    match link.remote {
        IpAddr::V4(ip) => Some([ip.octets()[0], ip.octets()[1]]),
        IpAddr::V6(_) => None,
    }
}

/// First contacts of an hour on one port, by networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Networks of which no host answered.
    pub failed: u64,
    /// The others.
    pub reached: u64,
    /// Names that were looked up, at most: queries that were answered.
    pub lookups: u64,
}

impl Evidence {
    /// Of the attempts on one port; none where lookups cannot be seen, or not all contacts are kept.
    pub fn of<'a>(view: &HourView<'_>, attempts: impl Iterator<Item = &'a Link> + Clone) -> Option<Self> {
        let lookups = lookups(view)?;
        let networks = |answered: bool| -> BTreeSet<Network> {
            attempts.clone().filter(|l| l.is_answered() == answered).filter_map(network).collect()
        };
        let reached = networks(true);
        let failed = networks(false).difference(&reached).count() as u64;
        Some(Self { failed, reached: reached.len() as u64, lookups })
    }

    /// Networks that were called.
    pub const fn called(&self) -> u64 {
        self.failed + self.reached
    }

    /// Networks that no lookup was for.
    pub const fn not_looked_up(&self) -> u64 {
        self.called().saturating_sub(self.lookups)
    }

    /// How far what speaks for a scanner outnumbers what speaks for a client: each network fails or is reached, and was
    /// looked up or not.
    pub const fn excess(&self) -> i64 {
        let looked_up = self.called() - self.not_looked_up();
        (self.failed + self.not_looked_up()) as i64 - (self.reached + looked_up) as i64
    }

    /// Whether it is a scan. Lookups alone do not tell: an instance may ask the VPC's resolver as well, so that what
    /// fails must be more than the fifth that fails for clients.
    pub const fn is_scan(&self, networks: u64, excess: u64) -> bool {
        self.called() >= networks && 3 * self.failed >= self.called() && self.excess() >= excess as i64
    }
}

/// Queries to resolvers that answered; none when there are no such, or contacts are missing.
fn lookups(view: &HourView<'_>) -> Option<u64> {
    let asked = view.links.iter().filter(|l| l.port == DNS && l.is_outbound() && l.inward.packets > 0);
    let queries: u64 = asked.map(|l| l.out.packets).sum();
    (queries > 0 && view.share >= 1.0).then_some(queries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_looks_up_what_it_calls_is_none() {
        let of = |failed, reached, lookups| Evidence { failed, reached, lookups };
        // Half of what it calls is gone, and it asked for all of it.
        assert_eq!(of(20, 20, 60).excess(), -40);
        // It asked for nothing in sight, and reaches what it calls.
        assert!(!of(4, 36, 1).is_scan(20, 10));
        assert!(of(15, 15, 2).is_scan(20, 10) && !of(9, 9, 1).is_scan(20, 10));
        assert_eq!(of(15, 15, 2).not_looked_up(), 28);
    }
}
