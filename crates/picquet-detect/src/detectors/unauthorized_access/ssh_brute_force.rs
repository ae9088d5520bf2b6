//! Password guessing over SSH.

use crate::detectors::{Meta, raised};
use crate::facts::signal::{Detail, Direction, NetworkDetail, Role};
use crate::facts::{AttemptFacts, Class, Fact, FactKey};
use crate::judge::{Context, Judge};
use crate::net::is_public;
use crate::tuning::BruteForce;
use crate::{Signal, Str, Tuning};
use picquet_model::{EventTime, Explanation, Source};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "ssh-brute-force",
    types: &["UnauthorizedAccess:EC2/SSHBruteForce"],
    source: Source::Flow,
    detects: "Many short connections of one client to port 22 of an instance, as guessing passwords makes them.",
    decides: "Connections count that were let through and answered, with the packets of a key exchange but too few \
              bytes for a session. A finding is raised when one client reaches the attempts per hour, or per 24 \
              hours, that the settings give; clients inside the network need ten times as many.",
    benign: "Monitoring that logs in every few seconds from the internet; a broken deployment job.",
};

/// The judge. Its baseline is the attempts of the last 24 hours of each client and server.
pub struct SshBruteForce {
    params: BruteForce,
    recent: BTreeMap<(Str, Str), VecDeque<(u32, AttemptFacts)>>,
    hour: u32,
}

impl SshBruteForce {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning) -> Self {
        Self { params: tuning.ssh_brute_force.clone(), recent: BTreeMap::new(), hour: 0 }
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

impl Judge for SshBruteForce {
    fn class(&self) -> Class {
        Class::Attempts
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let (Fact::Attempts(f), Some(finding_type)) = (fact, raised(cx.env, META.types[0])) else { return };
        if key.hour != self.hour {
            self.hour = key.hour;
            self.recent.retain(|_, seen| seen.back().is_some_and(|(hour, _)| hour + 24 > key.hour));
        }
        if !self.fits(f) {
            return;
        }
        let mut parts = key.parts();
        let (Some(interface), Some(client), Some(server)) =
            (parts.next(), address(parts.next()), address(parts.next()))
        else {
            return;
        };
        if !is_target(key, interface, client, server, cx) {
            return;
        }
        let seen = self.recent.entry((key.region.clone(), key.entity.clone())).or_default();
        while seen.front().is_some_and(|(hour, _)| hour + 24 <= key.hour) {
            seen.pop_front();
        }
        let before: u64 = seen.iter().map(|(_, f)| f.attempts.records).sum();
        let (per_hour, per_day) = match is_public(client) {
            true => (self.params.attempts_per_hour, self.params.attempts_per_day),
            false => (self.params.private_attempts_per_hour, self.params.private_attempts_per_day),
        };
        let day = before + f.attempts.records;
        let already = before >= per_day || seen.iter().any(|(_, f)| f.attempts.records >= per_hour);
        if f.attempts.records >= per_hour || day >= per_day || already {
            // Earlier hours that did not suffice by themselves belong to it, once.
            let earlier: Vec<&AttemptFacts> = if already { Vec::new() } else { seen.iter().map(|(_, f)| f).collect() };
            let count = f.attempts.records + earlier.iter().map(|f| f.attempts.records).sum::<u64>();
            let first = earlier.iter().map(|f| f.first).fold(f.first, EventTime::min);
            let minutes = f.minutes.count_ones();
            let instance = cx.inventory.instance_of(&key.region, interface, f.latest.0);
            let explanation = Explanation::new(format!(
                "{client} made {} short connections to port 22 within an hour, {day} within 24 hours, as password guessing does.",
                f.attempts.records
            ))
            .compare("connections in the hour", f.attempts.records, format!("{per_hour} or more"))
            .compare("connections in 24 hours", day, format!("{per_day} or more"))
            .observe("mean bytes sent per connection", f.attempts.bytes / f.attempts.records.max(1))
            .observe("minutes of the hour with attempts", minutes);
            out.push(Signal {
                finding_type,
                detector: META.name.into(),
                role: Role::Target,
                severity_tenths: 20,
                account: key.account.clone(),
                region: key.region.clone(),
                global: false,
                key: vec![instance.unwrap_or_else(|| Str::from(interface))],
                count,
                first,
                last: f.last,
                hash: f.latest.1,
                detail: Detail::Network(NetworkDetail {
                    interface_id: interface.into(),
                    local_ip: server,
                    local_port: 22,
                    remote_ip: client,
                    remote_port: f.latest.2,
                    protocol: 6,
                    direction: Direction::Inbound,
                    blocked: false,
                }),
                lists: BTreeSet::new(),
                apis: BTreeMap::new(),
                extra: BTreeMap::new(),
                explanation,
            });
        }
        seen.push_back((key.hour, f.clone()));
    }
}

fn address(text: Option<&str>) -> Option<IpAddr> {
    text?.parse().ok()
}

/// Whether the server is the interface's own: where the logs do not tell, a public client and a private server
/// do.
fn is_target(key: &FactKey, interface: &str, client: IpAddr, server: IpAddr, cx: &Context<'_>) -> bool {
    let known = cx.inventory.interface(&key.region, interface);
    match (known.and_then(|i| i.owns(server)), known.and_then(|i| i.owns(client))) {
        (Some(true), _) => true,
        (_, Some(true)) => false,
        _ => is_public(client) && !is_public(server),
    }
}
