//! A benign fleet: what servers do all month that looks like something else at times. Deployments, nightly and monthly
//! backups, cron jobs, monitoring of every host, configuration runs over SSH and WinRM, a mail relay, name servers, a
//! crawler, address translation, a database that is down, a load test, one-way telemetry, and the noise of the
//! Internet. All of it begins on the first day or is what operators do on some later one.

use super::network::{End, Load, Network};
use std::net::Ipv4Addr;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// What a host is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Web,
    App,
    Worker,
    Database,
    Cache,
    Windows,
    Builder,
}

/// A fleet that lives hour by hour.
pub struct Fleet {
    /// Its network.
    pub net: Network,
    hosts: Vec<(Ipv4Addr, Role)>,
    gone: Vec<Ipv4Addr>,
    balancers: [Ipv4Addr; 2],
    bastion: Ipv4Addr,
    monitor: Ipv4Addr,
    translator: Ipv4Addr,
    relay: Ipv4Addr,
    resolver: Ipv4Addr,
    crawler: Ipv4Addr,
    manager: Ipv4Addr,
    tunnel: Ipv4Addr,
    customers: u64,
}

impl Fleet {
    /// A fleet of so many hosts, those with a special purpose not counted.
    pub fn new(seed: u64, hosts: usize) -> Self {
        let mut net = Network::new(seed);
        let special: [Ipv4Addr; 10] = std::array::from_fn(|_| net.host());
        let roles = [
            Role::Web,
            Role::App,
            Role::Worker,
            Role::App,
            Role::Web,
            Role::Worker,
            Role::Database,
            Role::App,
            Role::Windows,
            Role::Cache,
            Role::Worker,
            Role::Builder,
        ];
        let hosts = (0..hosts).map(|n| (net.host(), roles[n % roles.len()])).collect();
        let [first, second, bastion, monitor, translator, relay, resolver, crawler, manager, tunnel] = special;
        Self {
            net,
            hosts,
            gone: Vec::new(),
            balancers: [first, second],
            bastion,
            monitor,
            translator,
            relay,
            resolver,
            crawler,
            manager,
            tunnel,
            customers: 0,
        }
    }

    /// How many hosts there are now.
    pub fn size(&self) -> usize {
        self.hosts.len() + 10
    }

    /// The hosts of the usual roles, now.
    pub fn workers(&self) -> Vec<Ipv4Addr> {
        self.hosts.iter().filter(|(_, role)| *role == Role::Worker).map(|(ip, _)| *ip).collect()
    }

    /// One hour, the `n`th of the fleet's life, from `at` on.
    pub fn hour(&mut self, n: i64, at: i64) {
        let (day, hour) = (n / 24, n % 24);
        if hour == 14 && day % 3 == 2 {
            self.deploy(at);
        }
        for place in 0..self.hosts.len() {
            let (ip, role) = self.hosts[place];
            self.anyone(at, ip);
            match role {
                Role::Web => self.web(at, hour, ip),
                Role::App => self.app(at, day, hour, ip),
                Role::Worker => self.worker(at, day, hour, ip),
                Role::Database => self.database(at, day, hour, ip),
                Role::Cache => {}
                Role::Windows => self.windows(at, ip),
                Role::Builder => self.builder(at, hour, ip),
            }
        }
        self.operations(at, hour);
        self.edge(at);
        if (day, hour) == (20, 11) {
            self.load_test(at);
        }
    }

    fn some(&mut self, role: Role) -> Ipv4Addr {
        let of: Vec<Ipv4Addr> = self.hosts.iter().filter(|h| h.1 == role).map(|h| h.0).collect();
        of[self.net.random.below(of.len())]
    }

    fn within(&mut self, at: i64, seconds: i64) -> i64 {
        at + self.net.random.below(seconds as usize) as i64
    }

    /// An address of S3, the same few most of the time.
    fn store(&mut self) -> Ipv4Addr {
        let n = self.net.random.below(60) as u8;
        Ipv4Addr::new(52, 216 + n % 2, n, 10 + n)
    }

    /// What every host does: names, time, the agent's reports.
    fn anyone(&mut self, at: i64, ip: Ipv4Addr) {
        let when = self.within(at, HOUR);
        self.net.udp(when, ip, self.resolver, 53, Load { sent: (1, 72), got: (1, 140), lasts: 1 });
        if self.net.random.below(6) == 0 {
            let server = Network::world(900_000 + self.net.random.below(4000) as u64);
            self.net.udp(when, ip, server, 123, Load { sent: (1, 76), got: (1, 76), lasts: 1 });
        }
        let load = Load::short(&mut self.net.random);
        self.net.tcp(when, ip, Ipv4Addr::new(52, 94, 5, 20), 443, load);
        // Telemetry to the monitor goes one way.
        let metrics = Load { sent: (3000, 3000 * 180), got: (0, 0), lasts: 590 };
        self.net.udp(at, ip, self.monitor, 8125, metrics);
    }

    /// A server of the web tier: customers come, the balancers look whether it lives.
    fn web(&mut self, at: i64, hour: i64, ip: Ipv4Addr) {
        for _ in 0..4 + (hour % 24 - 12).abs() / 4 {
            self.customers += 1;
            let customer = Network::world(self.customers % 3000);
            let (when, load) = (self.within(at, HOUR), Load::short(&mut self.net.random));
            let balancer = self.balancers[self.net.random.below(2)];
            self.net.tcp(when, customer, balancer, 443, load);
            self.net.tcp(when, balancer, ip, 8080, load);
        }
        let (when, app, load) = (self.within(at, HOUR), self.some(Role::App), Load::short(&mut self.net.random));
        self.net.tcp(when, ip, app, 50_051, load);
    }

    fn app(&mut self, at: i64, day: i64, hour: i64, ip: Ipv4Addr) {
        let database = self.hosts.iter().find(|h| h.1 == Role::Database).map(|h| h.0);
        let Some(database) = database else { return };
        if (day, hour) == (9, 16) {
            // The database is down for ten minutes, and everybody tries every five seconds.
            for n in 0..120 {
                let port = self.net.port();
                let load = Load { sent: (1, 60), got: (0, 0), lasts: 1 };
                self.net.opens(at + n * 5, 6, (ip, port), (database, 5432), load, End::Silent);
            }
        }
        let (when, load) = (self.within(at, HOUR), Load::short(&mut self.net.random));
        self.net.tcp(when, ip, database, 5432, load);
        let cache = self.some(Role::Cache);
        let (when, load) = (self.within(at, HOUR), Load::short(&mut self.net.random));
        self.net.tcp(when, ip, cache, 6379, load);
        // A partner's service on a port of its own, from the first day.
        if self.net.random.below(3) == 0 {
            let (when, load) = (self.within(at, HOUR), Load::short(&mut self.net.random));
            self.net.tcp(when, ip, Network::world(77), 8443, load);
        }
        // Addresses of a deployment that nobody took out of a configuration.
        if let Some(old) = self.gone.last().copied()
            && day % 3 == 2
        {
            for n in 0..8 {
                let port = self.net.port();
                let load = Load { sent: (3, 180), got: (0, 0), lasts: 3 };
                self.net.opens(at + n * 400, 6, (ip, port), (old, 8080), load, End::Silent);
            }
        }
        // A new version of the database's pool listens beside the old one.
        if day >= 15 {
            let (when, load) = (self.within(at, HOUR), Load::short(&mut self.net.random));
            self.net.tcp(when, ip, database, 6432, load);
        }
    }

    fn worker(&mut self, at: i64, day: i64, hour: i64, ip: Ipv4Addr) {
        let store = self.store();
        let bytes = 1 << (20 + self.net.random.below(7));
        let when = self.within(at, HOUR / 2);
        if self.net.random.below(2) == 0 {
            self.net.tcp(when, ip, store, 443, Load::upload(bytes, 60));
        } else {
            self.net.tcp(when, ip, store, 443, Load::download(bytes, 60));
        }
        // A job of some of them every day, and its big brother once a week.
        if hour == 4 {
            let partner = Network::world(500 + u64::from(ip.octets()[3] % 5));
            let gigabytes = if day % 7 == 6 { 12 } else { 2 };
            self.net.tcp(when, ip, partner, 443, Load::download(gigabytes << 30, 1500));
            self.net.tcp(when, ip, partner, 443, Load::upload((gigabytes << 30) / 8, 900));
        }
    }

    fn database(&mut self, at: i64, day: i64, hour: i64, ip: Ipv4Addr) {
        if hour == 2 {
            let store = self.store();
            // The nightly copy grows; in the middle of the month everything is copied.
            let bytes = ((6u64 << 30) + (day as u64) * (100 << 20)) * if day % 30 == 15 { 4 } else { 1 };
            self.net.tcp(at + 300, ip, store, 443, Load::upload(bytes, 2400));
        }
        let other = self.some(Role::Database);
        if other != ip {
            let when = self.within(at, HOUR / 4);
            self.net.tcp(when, ip, other, 5432, Load::upload(40 << 20, 1800));
        }
    }

    fn windows(&mut self, at: i64, ip: Ipv4Addr) {
        for _ in 0..2 {
            let when = self.within(at, HOUR);
            let load = Load { sent: (30, 9000), got: (28, 14_000), lasts: 4 };
            self.net.tcp(when, self.manager, ip, 5985, load);
        }
        if self.net.random.below(10) == 0 {
            let when = self.within(at, HOUR);
            let load = Load { sent: (4000, 900_000), got: (6000, 5 << 20), lasts: 1300 };
            self.net.tcp(when, self.bastion, ip, 3389, load);
        }
        let when = self.within(at, HOUR);
        let port = 49_664 + self.net.random.below(8) as u16;
        let load = Load::short(&mut self.net.random);
        self.net.tcp(when, ip, self.manager, port, load);
    }

    /// A build machine: sources over SSH, packages, images.
    fn builder(&mut self, at: i64, hour: i64, ip: Ipv4Addr) {
        if !(7..20).contains(&hour) {
            return;
        }
        for n in 0..self.net.random.below(9) as i64 {
            let forge = Network::world(300 + self.net.random.below(3) as u64);
            let packets = 20 + self.net.random.below(400) as u64;
            let load = Load { sent: (packets, packets * 90), got: (packets * 2, packets * 2000), lasts: 6 };
            self.net.tcp(at + n * 390, ip, forge, 22, load);
            let mirror = Network::world(310 + self.net.random.below(20) as u64);
            let bytes = 1 << (18 + self.net.random.below(11));
            self.net.tcp(at + n * 390 + 20, ip, mirror, 443, Load::download(bytes, 40));
        }
        let store = self.store();
        self.net.tcp(at + 1800, ip, store, 443, Load::upload(300 << 20, 60));
    }

    /// What is done to all hosts.
    fn operations(&mut self, at: i64, hour: i64) {
        let all: Vec<Ipv4Addr> = self.hosts.iter().map(|h| h.0).collect();
        for &ip in &all {
            let when = self.within(at, 60);
            let load = Load { sent: (8, 900), got: (40, 52_000), lasts: 1 };
            self.net.tcp(when, self.monitor, ip, 9100, load);
            if hour == 13 {
                // Configuration: some sessions with each host within a few minutes, and hosts that do not answer.
                for n in 0..3 {
                    let packets = 60 + self.net.random.below(400) as u64;
                    let load = Load { sent: (packets, packets * 160), got: (packets, packets * 220), lasts: 20 };
                    self.net.tcp(at + n * 60, self.bastion, ip, 22, load);
                }
            }
        }
        // The monitor does not know yet that these are gone.
        for &old in self.gone.clone().iter().rev().take(6) {
            let port = self.net.port();
            let load = Load { sent: (3, 180), got: (0, 0), lasts: 3 };
            self.net.opens(at, 6, (self.monitor, port), (old, 9100), load, End::Silent);
            if hour == 13 {
                for _ in 0..4 {
                    let port = self.net.port();
                    self.net.opens(at + 20, 6, (self.bastion, port), (old, 22), load, End::Silent);
                }
            }
        }
    }

    /// What meets the Internet.
    fn edge(&mut self, at: i64) {
        for _ in 0..12 {
            // Mail to whoever is written to; some servers are gone.
            let server = Network::world(20_000 + self.net.random.below(4000) as u64);
            let when = self.within(at, HOUR);
            let (port, dead) = (self.net.port(), self.net.random.below(12) == 0);
            let load = Load { sent: (20, 14_000), got: (18, 2600), lasts: 5 };
            let end = if dead { End::Silent } else { End::Answered };
            self.net.opens(when, 6, (self.relay, port), (server, 25), load, end);
        }
        for _ in 0..20 {
            let server = [Ipv4Addr::new(1, 1, 1, 1), Ipv4Addr::new(8, 8, 8, 8)][self.net.random.below(2)];
            let when = self.within(at, HOUR);
            self.net.udp(when, self.resolver, server, 53, Load { sent: (2, 150), got: (2, 420), lasts: 2 });
        }
        for _ in 0..40 {
            // The crawler asks whole lists of sites, many of which are gone.
            let site = Network::world(100_000 + self.net.random.below(60_000) as u64);
            let (when, port) = (self.within(at, HOUR), self.net.port());
            let end =
                [End::Answered, End::Answered, End::Answered, End::Answered, End::Answered, End::Silent, End::Closed]
                    [self.net.random.below(7)];
            let load = Load { lasts: 2, ..Load::short(&mut self.net.random) };
            let to = if self.net.random.below(5) == 0 { 80 } else { 443 };
            self.net.opens(when, 6, (self.crawler, port), (site, to), load, end);
        }
        for _ in 0..20 {
            // Behind the translator are people: any service, any place.
            let place = Network::world(40_000 + self.net.random.below(9000) as u64);
            let when = self.within(at, HOUR);
            let port = [443, 443, 443, 443, 80, 8080, 993, 5222, 5228, 3478][self.net.random.below(10)];
            let load = Load::download(1 << (12 + self.net.random.below(14)), 30);
            self.net.tcp(when, self.translator, place, port, load);
        }
        let peer = Network::world(4242);
        let load = Load { sent: (40_000, 30 << 20), got: (38_000, 26 << 20), lasts: HOUR - 1 };
        self.net.opens(at, 50, (self.tunnel, 0), (peer, 0), load, End::Answered);
        for target in [self.balancers[0], self.balancers[1], self.bastion, self.relay] {
            for _ in 0..8 {
                let prober = Network::world(200_000 + self.net.random.below(3000) as u64);
                let (when, from) = (self.within(at, HOUR), self.net.port());
                let port = [22, 23, 80, 445, 1433, 3306, 3389, 5060, 5900, 6379, 8080, 8545][self.net.random.below(12)];
                let load = Load { sent: (1 + self.net.random.below(3) as u64, 60), got: (0, 0), lasts: 1 };
                self.net.opens(when, 6, (prober, from), (target, port), load, End::Refused);
            }
        }
    }

    /// New hosts take the place of some old ones, and fetch their images.
    fn deploy(&mut self, at: i64) {
        for _ in 0..self.hosts.len() / 12 {
            let place = self.net.random.below(self.hosts.len());
            if !matches!(self.hosts[place].1, Role::Web | Role::App) {
                continue;
            }
            self.gone.push(self.hosts[place].0);
            let ip = self.net.host();
            self.hosts[place].0 = ip;
            for n in 0..6 {
                let store = self.store();
                self.net.tcp(at + n * 9, ip, store, 443, Load::download(400 << 20, 20));
            }
        }
    }

    /// Thousands of short requests in ten minutes, all answered.
    fn load_test(&mut self, at: i64) {
        let from = self.some(Role::Worker);
        for n in 0..3000 {
            let load = Load { sent: (8, 1200), got: (9, 6000), lasts: 1 };
            self.net.tcp(at + n / 5, from, self.balancers[0], 443, load);
        }
    }
}

/// The first second of the day on which fleets begin: 2024-05-01.
pub const START: i64 = 1_714_521_600;

/// Lets a fleet live for so many days from its first one on.
pub fn live(
    fleet: &mut Fleet,
    days: i64,
    mut after_hour: impl FnMut(&mut Fleet, i64) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for n in 0..days * DAY / HOUR {
        fleet.hour(n, START + n * HOUR);
        after_hour(fleet, n)?;
    }
    Ok(())
}
