//! Connections whose initiator is known, as the flow records that AWS would write of them.
//!
//! Hosts of a VPC call services and are called; ports are those of real services, well-known, registered and among
//! the ephemeral ones, and clients use the ephemeral ranges of Linux, Windows and address translators. A connection
//! becomes one record per direction and capture window, cut at the window's edges; flags stand where the packets
//! that carry them fall.

use crate::Random;
use std::net::IpAddr;

/// A connection and who opened it.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The side that opened it.
    pub client: (IpAddr, u16),
    /// The side that was called.
    pub server: (IpAddr, u16),
    /// IANA protocol number.
    pub protocol: u8,
    /// Number of the interface at which it is seen.
    pub interface: usize,
    /// Milliseconds from the start.
    pub start: u64,
}

/// One record.
#[derive(Clone, Debug)]
pub struct Row {
    /// Number of the interface.
    pub interface: usize,
    /// Where from.
    pub src: (IpAddr, u16),
    /// Where to.
    pub dst: (IpAddr, u16),
    /// IANA protocol number.
    pub protocol: u8,
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
    /// Seconds from the start.
    pub start: i64,
    /// Seconds from the start.
    pub end: i64,
    /// Whether it was let through.
    pub accepted: bool,
    /// OR-ed TCP flags.
    pub flags: u8,
}

/// Services: port, protocol, weight. Those from 32768 on are the hard ones: gRPC's usual port, ActiveMQ, Windows RPC.
const SERVICES: [(u16, u8, u32); 22] = [
    (443, 6, 300),
    (80, 6, 60),
    (53, 17, 90),
    (123, 17, 20),
    (22, 6, 25),
    (5432, 6, 50),
    (3306, 6, 40),
    (6379, 6, 50),
    (8080, 6, 60),
    (9092, 6, 30),
    (9200, 6, 20),
    (27017, 6, 20),
    (389, 6, 15),
    (445, 6, 15),
    (5671, 6, 10),
    (30_443, 6, 25),
    (50_051, 6, 30),
    (61_616, 6, 10),
    (49_664, 6, 8),
    (49_669, 6, 8),
    (44_818, 6, 4),
    (51_820, 17, 6),
];

/// Makes connections of a few hours among so many interfaces, and their records in capture windows of a width, in a
/// random order.
pub fn connections(seed: u64, count: usize, interfaces: usize, window: u64) -> (Vec<Connection>, Vec<Row>) {
    let mut random = Random(seed);
    let weight: u32 = SERVICES.iter().map(|s| s.2).sum();
    let own = |n: usize| IpAddr::from([10, 0, (n / 250) as u8, (n % 250 + 4) as u8]);
    let mut all = Vec::with_capacity(count);
    let mut rows = Vec::new();
    for _ in 0..count {
        let interface = random.below(interfaces);
        let mut pick = random.below(weight as usize) as u32;
        let service = SERVICES.iter().find(|s| {
            let hit = pick < s.2;
            pick = pick.saturating_sub(s.2);
            hit
        });
        let &(mut port, mut protocol, _) = service.unwrap_or(&SERVICES[0]);
        let inbound = random.below(100) < 45;
        // A host serves a few ports and calls a few servers of each.
        let other = match (inbound, port) {
            (false, 443 | 80) => IpAddr::from([52, random.below(40) as u8, random.below(8) as u8, 10]),
            (false, _) => own((interface * 7 + random.below(4) + usize::from(port) % 50) % interfaces),
            (true, 443 | 80) => IpAddr::from([81, random.below(250) as u8, random.below(250) as u8, 7]),
            (true, _) => own((interface + 1 + random.below(60)) % interfaces),
        };
        if random.below(200) == 0 {
            // Passive FTP and the like: both ports new each time.
            (port, protocol) = (32_768 + random.below(28_000) as u16, 6);
        }
        let ephemeral = match random.below(10) {
            0..=6 => 32_768 + random.below(28_232) as u16,
            7 | 8 => 49_152 + random.below(16_384) as u16,
            _ if inbound => 1024 + random.below(64_512) as u16,
            _ => 32_768 + random.below(28_232) as u16,
        };
        let (here, there) = (own(interface), other);
        if here == there || ephemeral == port {
            continue;
        }
        let (client, server) = if inbound { (there, here) } else { (here, there) };
        // Within the first 50 minutes of one of four hours, so that what is asked is the hour of the opening.
        let start = random.below(4) as u64 * 3_600_000 + random.below(3_000_000) as u64;
        let connection = Connection { client: (client, ephemeral), server: (server, port), protocol, interface, start };
        rows.extend(records(&connection, window, &mut random));
        all.push(connection);
    }
    random.shuffle(&mut rows);
    (all, rows)
}

/// The records of a connection.
fn records(c: &Connection, window: u64, random: &mut Random) -> Vec<Row> {
    let window = window * 1000;
    // Windows of an interface begin anywhere.
    let phase = (c.interface as u64 * 7919) % window;
    let row = |from_client: bool, start: u64, end: u64, packets: u64, bytes: u64, flags: u8| Row {
        interface: c.interface,
        src: if from_client { c.client } else { c.server },
        dst: if from_client { c.server } else { c.client },
        protocol: c.protocol,
        packets,
        bytes,
        start: (start / 1000) as i64,
        end: (end / 1000) as i64,
        accepted: true,
        flags: if c.protocol == 6 { flags } else { 0 },
    };
    match random.below(100) {
        // Refused, or never answered.
        0..=3 => return vec![Row { accepted: false, ..row(true, c.start, c.start, 1, 60, 2) }],
        4..=6 => return vec![row(true, c.start, c.start + 3000, 3, 180, 2)],
        // A closed port.
        7..=8 if c.protocol == 6 => {
            return vec![row(true, c.start, c.start, 1, 60, 2), row(false, c.start, c.start, 1, 40, 4)];
        }
        _ => {}
    }
    let delay = 1 + random.below(180) as u64;
    let lasts = match random.below(20) {
        0..=13 => 50 + random.below(2_000) as u64,
        14..=17 => 2_000 + random.below(60_000) as u64,
        _ => 60_000 + random.below(500_000) as u64,
    };
    let end = c.start + delay + lasts;
    let mut rows = Vec::new();
    for from_client in [true, false] {
        let begin = if from_client { c.start } else { c.start + delay };
        let mut at = begin;
        while at < end {
            let edge = ((at + phase) / window + 1) * window - phase;
            let until = edge.min(end);
            let mut flags = if at == begin { if from_client { 2 } else { 18 } } else { 0 };
            if until == end {
                flags |= 1;
            }
            let packets = 1 + random.below(12) as u64 + (until - at) / 1000;
            let size = if from_client { 60 + random.below(200) } else { 80 + random.below(900) } as u64;
            rows.push(row(from_client, at, until, packets, packets * size, flags));
            // The first packet of the next window.
            at = edge + random.below(900) as u64;
        }
    }
    rows
}
