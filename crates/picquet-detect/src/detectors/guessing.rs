//! Password guessing over the network, whatever the service: judged by the attempts of a client on a server.

use crate::detectors::window::{self, Hour, Noted, Windows};
use crate::detectors::{Meta, raised};
use crate::facts::signal::{Detail, Direction, NetworkDetail, Role};
use crate::facts::{AttemptFacts, Class, Fact, FactKey, LearnedFacts};
use crate::judge::{Context, Judge};
use crate::net::is_public;
use crate::tuning::BruteForce;
use crate::{Signal, Str};
use picquet_model::{EventTime, Explanation};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// How every service is judged; `$login` is what a connection must be large enough for.
macro_rules! decides {
    ($login:literal) => {
        concat!(
            "Connections count that were let through and answered, with the packets of a ",
            $login,
            " but too few bytes for a session. A finding is raised when one client reaches the attempts per hour, or per \
             24 hours, that the settings give; clients inside the network, and instances that are the client, need ten \
             times as many or more. An instance that guesses at others is the actor, of high severity."
        )
    };
}

pub(crate) use decides;

/// What one judge looks for.
#[derive(Clone)]
pub struct Service {
    /// The detector.
    pub meta: &'static Meta,
    /// The ports of the service.
    pub ports: &'static [u16],
    /// The thresholds.
    pub params: BruteForce,
}

/// Clients and servers whose attempts are remembered, of an account.
const PAIRS: usize = 1 << 17;

/// The attempts of an hour.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Attempts {
    count: u64,
    first: EventTime,
}

/// The judge. Its baseline is the attempts of the last 24 hours of each client and server.
pub struct Guessing {
    meta: &'static Meta,
    ports: &'static [u16],
    params: BruteForce,
    recent: Windows<Attempts>,
}

impl Guessing {
    /// Of a service.
    pub fn new(service: Service) -> Self {
        let Service { meta, ports, params } = service;
        Self { meta, ports, params, recent: Windows::new(meta.name, 1) }
    }

    /// Whether the hour's connections look like attempts: by their means, since a fact holds sums.
    fn fits(&self, f: &AttemptFacts) -> bool {
        let (n, answers) = (f.attempts.records, f.replies.records);
        n > 0
            && answers > 0
            && f.attempts.packets >= n * self.params.min_packets
            && f.attempts.bytes <= n.saturating_mul(self.params.max_bytes)
            && f.replies.bytes >= answers * self.params.min_reply_bytes
    }
}

impl Judge for Guessing {
    fn class(&self) -> Class {
        Class::Attempts
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let (Fact::Attempts(f), Some(finding_type)) = (fact, raised(cx.env, self.meta.types[0])) else { return };
        self.recent.begin(key);
        if !self.fits(f) {
            return;
        }
        let mut parts = key.parts();
        let (Some(interface), Some(client), Some(server)) =
            (parts.next(), address(parts.next()), address(parts.next()))
        else {
            return;
        };
        let Some(port) = parts.next().and_then(|p| p.parse().ok()).filter(|p| self.ports.contains(p)) else { return };
        let Some(role) = role(key, interface, client, server, cx) else { return };
        let remote = if role == Role::Target { client } else { server };
        if cx.env.intel.is_trusted_ip(remote) {
            return;
        }
        self.recent.make_room(PAIRS);
        let at = (key.region.clone(), key.entity.clone());
        let mut seen = self.recent.take(&at);
        let before: u64 = seen.iter().map(|h| h.seen().count).sum();
        // What an instance does itself is often automation: polling a code host, deploying to a fleet.
        let (per_hour, per_day) = match role == Role::Target && is_public(client) {
            true => (self.params.attempts_per_hour, self.params.attempts_per_day),
            false => (self.params.private_attempts_per_hour, self.params.private_attempts_per_day),
        };
        let day = before + f.attempts.records;
        let already = before >= per_day || seen.iter().any(|h| h.seen().count >= per_hour);
        let guessing = f.attempts.records >= per_hour || day >= per_day || already;
        if guessing {
            let (count, first) = window::count(&mut seen, (f.attempts.records, f.first), |a| (a.count, a.first));
            let minutes = f.minutes.count_ones();
            let instance = cx.inventory.instance_of(&key.region, interface, f.latest.0);
            let explanation = Explanation::new(format!(
                "{client} made {} short connections to port {port} of {server} within an hour, {day} within 24 hours, as password guessing does.",
                f.attempts.records
            ))
            .compare("connections in the hour", f.attempts.records, format!("{per_hour} or more"))
            .compare("connections in 24 hours", day, format!("{per_day} or more"))
            .observe("mean bytes sent per connection", f.attempts.bytes / f.attempts.records.max(1))
            .observe("minutes of the hour with attempts", minutes);
            out.push(Signal {
                finding_type,
                detector: self.meta.name.into(),
                role,
                severity_tenths: if role == Role::Target { 20 } else { 80 },
                account: key.account.clone(),
                region: key.region.clone(),
                global: false,
                key: vec![instance.unwrap_or_else(|| Str::from(interface))],
                count,
                first,
                last: f.last,
                hash: f.latest.1,
                detail: Detail::Network(match role {
                    Role::Target => connection(interface, (server, port), (client, f.latest.2), Direction::Inbound),
                    Role::Actor => connection(interface, (client, f.latest.2), (server, port), Direction::Outbound),
                }),
                lists: BTreeSet::new(),
                apis: BTreeMap::new(),
                extra: BTreeMap::new(),
                explanation,
            });
        }
        let attempts = Attempts { count: f.attempts.records, first: f.first };
        seen.push_back(Hour { hour: key.hour, noted: Noted { counted: guessing, seen: attempts } });
        self.recent.put(at, seen);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        self.recent.learned(out);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.recent.recall(key, learned);
    }
}

fn address(text: Option<&str>) -> Option<IpAddr> {
    text?.parse().ok()
}

/// Whether the interface's instance is the server or the client: where the logs do not tell which address is its
/// own, the private one of a private and a public address is. `None` where even that does not tell.
fn role(key: &FactKey, interface: &str, client: IpAddr, server: IpAddr, cx: &Context<'_>) -> Option<Role> {
    let known = cx.inventory.interface(&key.region, interface);
    match (known.as_ref().and_then(|i| i.owns(server)), known.as_ref().and_then(|i| i.owns(client))) {
        (Some(true), _) => Some(Role::Target),
        (_, Some(true)) => Some(Role::Actor),
        _ => match (is_public(client), is_public(server)) {
            (true, false) => Some(Role::Target),
            (false, true) => Some(Role::Actor),
            _ => None,
        },
    }
}

fn connection(interface: &str, local: (IpAddr, u16), remote: (IpAddr, u16), direction: Direction) -> NetworkDetail {
    NetworkDetail {
        interface_id: interface.into(),
        local_ip: local.0,
        local_port: local.1,
        remote_ip: remote.0,
        remote_port: remote.1,
        protocol: 6,
        direction,
        blocked: false,
    }
}
