//! Attacks as they look in flow logs: those that AWS's own findings tester makes, with its volumes (awslabs,
//! amazon-guardduty-tester), and those of the types that it leaves out.

use super::network::{End, Load, Network};
use std::net::Ipv4Addr;

type Make = fn(&mut Network, Cast, i64);

/// Who takes part.
#[derive(Clone, Copy)]
pub struct Cast {
    /// The host that does it, or that it is done to.
    pub own: Ipv4Addr,
    /// Another host of the VPC.
    pub peer: Ipv4Addr,
    /// A host of the Internet.
    pub remote: Ipv4Addr,
}

/// One attack and what must be found of it: types and roles, nothing else.
pub struct Replay {
    /// What is done.
    pub name: &'static str,
    /// Its findings.
    pub expected: &'static [(&'static str, &'static str)],
    /// Another finding of the actor that is as true.
    pub also: Option<&'static str>,
    make: Make,
}

impl Replay {
    /// The records of the attack, from a moment on.
    pub fn play(&self, net: &mut Network, cast: Cast, at: i64) {
        (self.make)(net, cast, at);
    }
}

const ACTOR: &str = "ACTOR";
const TARGET: &str = "TARGET";
const SSH: &str = "UnauthorizedAccess:EC2/SSHBruteForce";
const RDP: &str = "UnauthorizedAccess:EC2/RDPBruteForce";
const WINRM: &str = "Impact:EC2/WinRMBruteForce";
/// A host that speaks to the Internet on a port that it never used does that as well.
const PORT: &str = "Behavior:EC2/NetworkPortUnusual";
const SCAN: &[(&str, &str)] = &[("Recon:EC2/Portscan", ACTOR)];

/// All of them.
pub const ALL: [Replay; 27] = [
    Replay {
        name: "tester: nmap -sT -Pn of a private host, closed ports",
        expected: SCAN,
        also: None,
        make: nmap_closed,
    },
    Replay { name: "tester: the same, ports filtered", expected: SCAN, also: None, make: nmap_filtered },
    Replay {
        name: "tester: 20 rounds of 21 SSH keys",
        expected: &[(SSH, ACTOR), (SSH, TARGET)],
        also: None,
        make: crowbar,
    },
    Replay { name: "tester: 256 RDP passwords", expected: &[(RDP, ACTOR), (RDP, TARGET)], also: None, make: hydra },
    Replay {
        name: "tester: 400,000 UDP datagrams of 256 B to port 80",
        expected: &[("Backdoor:EC2/DenialOfService.Udp", ACTOR)],
        also: None,
        make: |net, cast, at| flood(net, cast, at, 17, 80, 400_000, 284),
    },
    Replay {
        name: "tester: 400,000 UDP datagrams of 64 B to port 53, a new port each",
        expected: &[("Backdoor:EC2/DenialOfService.Dns", ACTOR)],
        also: None,
        make: dns_flood,
    },
    Replay { name: "ports of a public host", expected: SCAN, also: None, make: public_scan },
    Replay { name: "a port every 20 s for six hours", expected: SCAN, also: None, make: slow_scan },
    Replay { name: "port 445 of a private network", expected: SCAN, also: None, make: private_sweep },
    Replay {
        name: "port 445 of 300 public hosts",
        expected: &[("Impact:EC2/PortSweep", ACTOR)],
        also: None,
        make: sweep,
    },
    Replay {
        name: "SSH passwords from the Internet",
        expected: &[(SSH, TARGET)],
        also: None,
        make: |net, c, at| guess(net, at, c.remote, c.own, 22, 300, 4),
    },
    Replay {
        name: "SSH passwords to the Internet",
        expected: &[(SSH, ACTOR)],
        also: Some(PORT),
        make: |net, c, at| guess(net, at, c.own, c.remote, 22, 300, 4),
    },
    Replay {
        name: "RDP passwords from the Internet",
        expected: &[(RDP, TARGET)],
        also: None,
        make: |net, c, at| guess(net, at, c.remote, c.own, 3389, 250, 3),
    },
    Replay {
        name: "RDP passwords to the Internet",
        expected: &[(RDP, ACTOR)],
        also: Some(PORT),
        make: |net, c, at| guess(net, at, c.own, c.remote, 3389, 250, 3),
    },
    Replay {
        name: "WinRM passwords within the VPC",
        expected: &[(WINRM, ACTOR), (WINRM, TARGET)],
        also: None,
        make: |net, c, at| guess(net, at, c.own, c.peer, 5985, 300, 2),
    },
    Replay {
        name: "WinRM passwords from the Internet, TLS",
        expected: &[(WINRM, TARGET)],
        also: None,
        make: |net, c, at| guess(net, at, c.remote, c.own, 5986, 300, 2),
    },
    Replay { name: "mail to 150 servers", expected: &[("Backdoor:EC2/Spambot", ACTOR)], also: Some(PORT), make: spam },
    Replay { name: "SYN flood", expected: &[("Backdoor:EC2/DenialOfService.Tcp", ACTOR)], also: None, make: syn_flood },
    Replay {
        name: "UDP flood to the port of a TCP service",
        expected: &[("Backdoor:EC2/DenialOfService.UdpOnTcpPorts", ACTOR)],
        also: None,
        make: |net, cast, at| flood(net, cast, at, 17, 3306, 600_000, 1200),
    },
    Replay {
        name: "flood of an unusual protocol",
        expected: &[("Backdoor:EC2/DenialOfService.UnusualProtocol", ACTOR)],
        also: None,
        make: |net, cast, at| flood(net, cast, at, 99, 0, 600_000, 400),
    },
    Replay {
        name: "another name server",
        expected: &[("DefenseEvasion:EC2/UnusualDNSResolver", ACTOR)],
        also: Some(PORT),
        make: |net, c, at| exchanges(net, at, 17, (c.own, Ipv4Addr::new(9, 9, 9, 9)), 53, 120, 30),
    },
    Replay {
        name: "names over HTTPS",
        expected: &[("DefenseEvasion:EC2/UnusualDoHActivity", ACTOR)],
        also: None,
        make: |net, c, at| exchanges(net, at, 6, (c.own, Ipv4Addr::new(1, 1, 1, 1)), 443, 60, 50),
    },
    Replay {
        name: "names over TLS",
        expected: &[("DefenseEvasion:EC2/UnusualDoTActivity", ACTOR)],
        also: Some(PORT),
        make: |net, c, at| exchanges(net, at, 6, (c.own, Ipv4Addr::new(9, 9, 9, 9)), 853, 60, 50),
    },
    Replay {
        name: "20 GB to a new host",
        expected: &[("Behavior:EC2/TrafficVolumeUnusual", ACTOR)],
        also: None,
        make: |net, c, at| net.tcp(at, c.own, c.remote, 443, Load::upload(20 << 30, 5400)),
    },
    Replay {
        name: "a port that nobody used",
        expected: &[("Behavior:EC2/NetworkPortUnusual", ACTOR)],
        also: None,
        make: |net, c, at| exchanges(net, at, 6, (c.own, c.remote), 4444, 40, 170),
    },
    Replay {
        name: "a beacon on a usual port",
        expected: &[("Custom:EC2/PeriodicBeacon", ACTOR)],
        also: None,
        make: |net, c, at| exchanges(net, at, 6, (c.own, c.remote), 443, 288, 300),
    },
    Replay {
        name: "control: 30 answered requests",
        expected: &[],
        also: None,
        make: |net, c, at| {
            for n in 0..30 {
                let load = Load::short(&mut net.random);
                let pause = net.random.below(170) as i64;
                net.tcp(at + n * 200 + pause, c.own, c.remote, 443, load);
            }
        },
    },
];

/// nmap asks the thousand most usual ports; here they are any.
fn ports(net: &mut Network, count: usize, highest: usize) -> Vec<u16> {
    let mut all = std::collections::BTreeSet::new();
    while all.len() < count {
        all.insert(1 + net.random.below(highest) as u16);
    }
    all.into_iter().collect()
}

fn nmap_closed(net: &mut Network, cast: Cast, at: i64) {
    for (n, port) in ports(net, 1000, 10_000).into_iter().enumerate() {
        let from = (cast.own, net.port());
        let open = Load { sent: (4, 216), got: (2, 112), lasts: 1 };
        let end = if n % 250 == 7 { End::Answered } else { End::Closed };
        net.opens(at + n as i64 / 400, 6, from, (cast.peer, port), open, end);
    }
}

fn nmap_filtered(net: &mut Network, cast: Cast, at: i64) {
    for (n, port) in ports(net, 1000, 10_000).into_iter().enumerate() {
        let from = (cast.own, net.port());
        net.opens(
            at + n as i64 / 10,
            6,
            from,
            (cast.peer, port),
            Load { sent: (2, 120), got: (0, 0), lasts: 2 },
            End::Refused,
        );
    }
}

fn public_scan(net: &mut Network, cast: Cast, at: i64) {
    for (n, port) in ports(net, 500, 10_000).into_iter().enumerate() {
        let from = (cast.own, net.port());
        let end = if n % 40 == 0 { End::Closed } else { End::Silent };
        net.opens(at + n as i64 / 5, 6, from, (cast.remote, port), Load { sent: (1, 44), got: (0, 0), lasts: 1 }, end);
    }
}

fn slow_scan(net: &mut Network, cast: Cast, at: i64) {
    for (n, port) in ports(net, 1080, 20_000).into_iter().enumerate() {
        let from = (cast.own, net.port());
        let load = Load { sent: (1, 44), got: (0, 0), lasts: 1 };
        net.opens(at + n as i64 * 20, 6, from, (cast.remote, port), load, End::Silent);
    }
}

fn private_sweep(net: &mut Network, cast: Cast, at: i64) {
    for n in 1..=250u8 {
        let from = (cast.own, net.port());
        let load = Load { sent: (2, 104), got: (0, 0), lasts: 2 };
        net.opens(at + i64::from(n) / 4, 6, from, (Ipv4Addr::new(10, 77, 3, n), 445), load, End::Silent);
    }
}

fn sweep(net: &mut Network, cast: Cast, at: i64) {
    for n in 0..300 {
        let (from, to) = ((cast.own, net.port()), Network::world(700_000 + n));
        let end = if n % 20 == 0 { End::Closed } else { End::Silent };
        net.opens(at + n as i64 / 4, 6, from, (to, 445), Load { sent: (2, 104), got: (0, 0), lasts: 2 }, end);
    }
}

/// crowbar: a connection for each key.
fn crowbar(net: &mut Network, cast: Cast, at: i64) {
    guess(net, at, cast.own, cast.peer, 22, 420, 1);
}

/// hydra, four at a time.
fn hydra(net: &mut Network, cast: Cast, at: i64) {
    guess(net, at, cast.own, cast.peer, 3389, 256, 1);
}

/// Short sessions of nearly the same size, `every` so many seconds.
fn guess(net: &mut Network, at: i64, from: Ipv4Addr, to: Ipv4Addr, port: u16, count: i64, every: i64) {
    for n in 0..count {
        let (more, less) = (net.random.below(3) as u64, net.random.below(3) as u64);
        let load = Load { sent: (12 + more, 1800 + 60 * more), got: (14 + less, 2400 + 70 * less), lasts: 3 };
        net.tcp(at + n * every, from, to, port, load);
    }
}

/// From one port, in twenty seconds.
fn flood(net: &mut Network, cast: Cast, at: i64, protocol: u8, port: u16, packets: u64, size: u64) {
    let from = (cast.own, if protocol == 17 { net.port() } else { 0 });
    let load = Load { sent: (packets, packets * size), got: (0, 0), lasts: 20 };
    net.opens(at, protocol, from, (cast.remote, port), load, End::Silent);
}

/// A new socket for each datagram: all ephemeral ports, each some times.
fn dns_flood(net: &mut Network, cast: Cast, at: i64) {
    for n in 0..28_231u64 {
        let packets = 14 + u64::from(n < 4766);
        let from = (cast.own, 32_768 + n as u16);
        let load = Load { sent: (packets, packets * 92), got: (0, 0), lasts: 60 };
        net.opens(at, 17, from, (cast.remote, 53), load, End::Silent);
    }
}

fn syn_flood(net: &mut Network, cast: Cast, at: i64) {
    for n in 0..20_000u64 {
        let from = (cast.own, 1024 + (n * 3 % 60_000) as u16);
        let load = Load { sent: (30, 30 * 60), got: (0, 0), lasts: 60 };
        net.opens(at, 6, from, (cast.remote, 443), load, End::Silent);
    }
}

fn spam(net: &mut Network, cast: Cast, at: i64) {
    for n in 0..150 {
        let load = Load { sent: (18, 4200), got: (16, 2100), lasts: 6 };
        net.tcp(at + n * 12, cast.own, Network::world(800_000 + n as u64), 25, load);
    }
}

/// Exchanges of about the same size, `every` so many seconds.
fn exchanges(
    net: &mut Network,
    at: i64,
    protocol: u8,
    (from, to): (Ipv4Addr, Ipv4Addr),
    port: u16,
    count: i64,
    every: i64,
) {
    for n in 0..count {
        let more = net.random.below(3) as u64;
        let load = if protocol == 17 {
            Load { sent: (1, 70 + more), got: (1, 190 + more), lasts: 1 }
        } else {
            Load { sent: (9, 1180 + more * 20), got: (8, 3210 + more * 30), lasts: 2 }
        };
        let (shift, port_here) = (net.random.below(5) as i64, net.port());
        net.opens(at + n * every + shift, protocol, (from, port_here), (to, port), load, End::Answered);
    }
}
