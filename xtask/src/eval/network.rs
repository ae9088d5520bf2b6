//! Hosts of a made-up VPC and what passes between them and the world: connections become the records of every
//! interface that sees them, cut at capture windows.

use super::flow_log::{Host, flags};
use picquet_testkit::Random;
use picquet_testkit::connections::Row;
use std::collections::HashMap;
use std::net::Ipv4Addr;

/// The width of a capture window in seconds: AWS's default.
const WINDOW: i64 = 600;

/// How an opening ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is answered.
    Answered,
    /// There is no answer: the target is gone, or a firewall drops it without a record here.
    Silent,
    /// The port is closed.
    Closed,
    /// The target's security group refuses it.
    Refused,
}

/// What passes: packets and bytes of the client and of the server, and for how many seconds.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The client's packets and bytes.
    pub sent: (u64, u64),
    /// The server's.
    pub got: (u64, u64),
    /// Seconds.
    pub lasts: i64,
}

impl Load {
    /// A short exchange.
    pub fn short(random: &mut Random) -> Self {
        let (sent, got) = (5 + random.below(20) as u64, 5 + random.below(24) as u64);
        Self { sent: (sent, sent * 140), got: (got, got * 420), lasts: 1 + random.below(8) as i64 }
    }

    /// So many bytes to the server.
    pub fn upload(bytes: u64, lasts: i64) -> Self {
        let packets = bytes / 1400 + 8;
        Self { sent: (packets, bytes), got: (packets / 3 + 5, (packets / 3 + 5) * 52), lasts }
    }

    /// So many bytes from the server.
    pub fn download(bytes: u64, lasts: i64) -> Self {
        let up = Self::upload(bytes, lasts);
        Self { sent: up.got, got: up.sent, lasts }
    }
}

/// The VPC: its hosts and what their interfaces saw.
pub struct Network {
    /// All hosts that ever were.
    pub hosts: Vec<Host>,
    /// What interfaces saw and nobody wrote yet.
    pub rows: Vec<Row>,
    /// For ports and sizes.
    pub random: Random,
    by_ip: HashMap<Ipv4Addr, usize>,
}

impl Network {
    /// Without hosts.
    pub fn new(seed: u64) -> Self {
        Self { hosts: Vec::new(), rows: Vec::new(), random: Random(seed), by_ip: HashMap::new() }
    }

    /// A new host with an address that no other ever had.
    pub fn host(&mut self) -> Ipv4Addr {
        let number = self.hosts.len();
        let ip = Ipv4Addr::new(10, 20, (number / 240) as u8, (number % 240 + 10) as u8);
        self.hosts.push(Host { number, ip });
        self.by_ip.insert(ip, number);
        ip
    }

    /// An address of the Internet, the same for the same number.
    pub fn world(number: u64) -> Ipv4Addr {
        let n = Random(number ^ 0x5eed).number();
        // Blocks that belong to no cloud and no special use.
        let first = [5, 31, 62, 78, 80, 91, 109, 151, 176, 178, 185, 193, 194, 195, 212, 213, 217][n as usize % 17];
        Ipv4Addr::new(first, (n >> 8) as u8, (n >> 16) as u8, (n >> 24) as u8 | 1)
    }

    /// A TCP connection from a new port.
    pub fn tcp(&mut self, at: i64, from: Ipv4Addr, to: Ipv4Addr, port: u16, load: Load) {
        let from_port = self.port();
        self.opens(at, 6, (from, from_port), (to, port), load, End::Answered);
    }

    /// An exchange over UDP from a new port.
    pub fn udp(&mut self, at: i64, from: Ipv4Addr, to: Ipv4Addr, port: u16, load: Load) {
        let from_port = self.port();
        self.opens(at, 17, (from, from_port), (to, port), load, End::Answered);
    }

    /// A port that a client takes.
    pub fn port(&mut self) -> u16 {
        32_768 + self.random.below(28_232) as u16
    }

    /// Something from one port to another, and what comes back.
    pub fn opens(&mut self, at: i64, protocol: u8, from: (Ipv4Addr, u16), to: (Ipv4Addr, u16), load: Load, end: End) {
        for (place, here) in [(self.by_ip.get(&from.0).copied(), true), (self.by_ip.get(&to.0).copied(), false)] {
            let Some(interface) = place else { continue };
            let mut row =
                |src: (Ipv4Addr, u16), dst: (Ipv4Addr, u16), (packets, bytes): (u64, u64), accepted, first, last| {
                    let rows = &mut self.rows;
                    cut(at, load.lasts, packets, bytes, |start, stop, packets, bytes, is_first, is_last| {
                        let flags = (if is_first { first } else { 0 }) | (if is_last { last } else { 0 });
                        rows.push(Row {
                            interface,
                            src: (src.0.into(), src.1),
                            dst: (dst.0.into(), dst.1),
                            protocol,
                            packets,
                            bytes,
                            start,
                            end: stop,
                            accepted,
                            flags,
                        });
                    });
                };
            match end {
                End::Answered => {
                    row(from, to, load.sent, true, flags::SYN, flags::FIN);
                    if load.got.0 > 0 {
                        row(to, from, load.got, true, flags::SYN_ACK, flags::FIN);
                    }
                }
                End::Silent => row(from, to, load.sent, true, flags::SYN, 0),
                End::Closed => {
                    row(from, to, (1, 60), true, flags::SYN, 0);
                    row(to, from, (1, 40), true, flags::RST, 0);
                }
                // The group is that of the target: the one who asks sees no refusal.
                End::Refused => row(from, to, load.sent, here, flags::SYN, 0),
            }
        }
    }
}

/// Cuts what passes in some seconds at the edges of windows, evenly.
fn cut(at: i64, lasts: i64, packets: u64, bytes: u64, mut part: impl FnMut(i64, i64, u64, u64, bool, bool)) {
    let end = at + lasts.max(1);
    let (mut start, mut left) = (at, (packets, bytes));
    while start < end {
        let stop = ((start / WINDOW + 1) * WINDOW).min(end);
        let share = |n: u64| n * (stop - start) as u64 / (end - start).max(1) as u64;
        let mine = if stop == end { left } else { (share(left.0).max(1).min(left.0), share(left.1).min(left.1)) };
        if mine.0 > 0 {
            part(start, stop, mine.0, mine.1, start == at, stop == end);
        }
        left = (left.0 - mine.0, left.1 - mine.1);
        start = stop;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_adds_up() {
        let mut parts = Vec::new();
        cut(1000, 2000, 1001, 70_000, |a, b, p, n, first, last| parts.push((a, b, p, n, first, last)));
        assert_eq!((parts.len(), parts[0].0, parts[0].1, parts[3].1), (4, 1000, 1200, 3000));
        assert_eq!(parts.iter().map(|p| p.2).sum::<u64>(), 1001);
        assert_eq!(parts.iter().map(|p| p.3).sum::<u64>(), 70_000);
        assert!(parts[0].4 && !parts[0].5 && parts[3].5 && !parts[3].4);
    }

    #[test]
    fn both_ends_see_what_passes_between_them() {
        let mut net = Network::new(1);
        let (a, b) = (net.host(), net.host());
        let load = Load { sent: (5, 500), got: (4, 400), lasts: 3 };
        net.tcp(0, a, b, 443, load);
        assert_eq!(net.rows.len(), 4);
        net.rows.clear();
        net.opens(0, 6, (a, 40_000), (b, 22), load, End::Refused);
        let seen: Vec<_> = net.rows.iter().map(|r| (r.interface, r.accepted)).collect();
        assert_eq!(seen, [(0, true), (1, false)]);
    }
}
