//! How often it is told rightly who opened a connection.

use crate::connections::{Row, connections};
use crate::{Random, Scenario, time};
use picquet_detect::facts::traffic::ContactKey;
use picquet_detect::initiator::{Certainty, Opened};
use picquet_detect::{Fact, Reducer, hour};
use picquet_logs::flow::Verdict;
use picquet_logs::{FlowRecord, ObjectName, Sink};
use picquet_model::EventTime;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

/// Connections, and how many were told rightly, by certainty.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Right and all, for guess, likely and certain.
    pub by_certainty: [(u64, u64); 3],
}

impl Figures {
    /// Adds a verdict.
    pub fn add(&mut self, certainty: Certainty, right: bool) {
        let cell = &mut self.by_certainty[certainty as usize];
        cell.0 += u64::from(right);
        cell.1 += 1;
    }

    /// How many connections.
    pub fn connections(&self) -> u64 {
        self.by_certainty.iter().map(|c| c.1).sum()
    }

    /// The share that was told rightly.
    pub fn right(&self) -> f64 {
        self.by_certainty.iter().map(|c| c.0).sum::<u64>() as f64 / self.connections().max(1) as f64
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} % of {} connections", 100.0 * self.right(), self.connections())?;
        for (name, (right, all)) in ["guess", "likely", "certain"].iter().zip(self.by_certainty) {
            write!(f, "; {name} {right} of {all}")?;
        }
        Ok(())
    }
}

/// Makes connections, takes their shuffled records through the reducer, some hundreds an object, and asks of each
/// connection who opened it.
pub fn measure(seed: u64, count: usize, version: u8, window: u64) -> Figures {
    let (all, rows) = connections(seed, count, 400, window);
    let openings: Vec<Opening> = all
        .iter()
        .map(|c| Opening {
            interface: c.interface,
            client: c.client,
            server: c.server,
            protocol: c.protocol,
            second: (c.start / 1000) as i64,
        })
        .collect();
    judge(seed, &openings, &rows, version, time("2024-05-01T00:00:00Z").as_secs())
}

/// The same of a captured log in the default format, whose request stands before its response: of every exchange that
/// went both ways, with the order of rows hidden. A capture has one interface whatever its rows say.
pub fn captured(log: &str, seed: u64) -> Figures {
    let mut rows: Vec<Row> = log.lines().skip(1).filter_map(captured_row).collect();
    let sides = |r: &Row| (r.src.min(r.dst), r.src.max(r.dst), r.protocol);
    let mut first: HashMap<_, (usize, bool)> = HashMap::new();
    for (n, row) in rows.iter().enumerate() {
        let known = first.entry(sides(row)).or_insert((n, false));
        known.1 |= rows[known.0].src != row.src;
    }
    let openings: Vec<Opening> = first
        .values()
        .filter(|(_, both)| *both)
        .map(|&(n, _)| &rows[n])
        .filter(|r| matches!(r.protocol, 6 | 17))
        .map(|r| Opening { interface: 0, client: r.src, server: r.dst, protocol: r.protocol, second: r.start })
        .collect();
    Random(seed).shuffle(&mut rows);
    judge(seed, &openings, &rows, 2, 0)
}

fn captured_row(line: &str) -> Option<Row> {
    let f: Vec<&str> = line.split(' ').collect();
    let [_, _, _, src, dst, src_port, dst_port, protocol, packets, bytes, start, end, action, ..] = f[..] else {
        return None;
    };
    Some(Row {
        interface: 0,
        src: (src.parse().ok()?, src_port.parse().ok()?),
        dst: (dst.parse().ok()?, dst_port.parse().ok()?),
        protocol: protocol.parse().ok()?,
        packets: packets.parse().ok()?,
        bytes: bytes.parse().ok()?,
        start: start.parse().ok()?,
        end: end.parse().ok()?,
        accepted: action == "ACCEPT",
        flags: 0,
    })
}

/// A connection, and which side opened it.
struct Opening {
    interface: usize,
    client: (IpAddr, u16),
    server: (IpAddr, u16),
    protocol: u8,
    second: i64,
}

/// Asks of each connection who opened it, when the reducer has seen nothing but the rows. Seconds count from `base`.
fn judge(seed: u64, openings: &[Opening], rows: &[Row], version: u8, base: i64) -> Figures {
    let at = |secs: i64| EventTime::from_secs(base + secs).expect("a time");
    let mut reducer = Reducer::new(Scenario::new().env(seed));
    let names: Vec<String> = (0..400).map(|n| format!("eni-{n:017x}")).collect();
    for object in rows.chunks(700) {
        reducer.begin(ObjectName::default());
        for row in object {
            reducer.flow(&record(row, &names[row.interface], version, at(row.start), at(row.end)));
        }
        reducer.end();
    }
    let mut told: HashMap<(usize, u32, ContactKey), Opened> = HashMap::new();
    for (key, fact) in reducer.take_sorted() {
        if let Fact::Traffic(facts) = fact {
            let interface = names.iter().position(|n| *n == key.entity).expect("an interface");
            for (contact, opened) in hour::opened(&facts) {
                told.insert((interface, key.hour, contact.key), opened);
            }
        }
    }
    let mut figures = Figures::default();
    for c in openings {
        let (key, _) = ContactKey::of(c.client, c.server, c.protocol);
        // What the bound of an hour's contacts left out is told by nobody: it counts as wrong.
        let opened = told.get(&(c.interface, at(c.second).hour(), key));
        let right = opened.is_some_and(|o| o.by_client == (key.client == c.client.0 && key.port == c.server.1));
        figures.add(opened.map_or(Certainty::Guess, |o| o.certainty), right);
    }
    figures
}

fn record<'a>(row: &Row, interface: &'a str, version: u8, start: EventTime, end: EventTime) -> FlowRecord<'a> {
    FlowRecord {
        version,
        account_id: crate::ACCOUNT,
        region: None,
        interface_id: interface,
        src: row.src.0,
        dst: row.dst.0,
        src_port: row.src.1,
        dst_port: row.dst.1,
        protocol: row.protocol,
        packets: row.packets,
        bytes: row.bytes,
        start,
        end,
        verdict: Some(if row.accepted { Verdict::Accept } else { Verdict::Reject }),
        vpc_id: None,
        subnet_id: None,
        instance_id: None,
        tcp_flags: (version >= 3).then_some(row.flags),
        interface_src: row.src.0,
        interface_dst: row.dst.0,
        ingress: None,
        src_aws_service: None,
        dst_aws_service: None,
    }
}
