//! How often it is told rightly who opened a connection.

use crate::connections::{Row, connections};
use crate::{Scenario, time};
use picquet_detect::facts::traffic::ContactKey;
use picquet_detect::initiator::{Certainty, Opened};
use picquet_detect::{Fact, Reducer, hour};
use picquet_logs::flow::Verdict;
use picquet_logs::{FlowRecord, ObjectName, Sink};
use picquet_model::EventTime;
use std::collections::HashMap;
use std::fmt;

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
    let base = time("2024-05-01T00:00:00Z").as_secs();
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
    for (key, fact) in reducer.facts().take_sorted() {
        if let Fact::Traffic(facts) = fact {
            let interface = names.iter().position(|n| *n == key.entity).expect("an interface");
            for (contact, opened) in hour::opened(&facts) {
                told.insert((interface, key.hour, contact.key), opened);
            }
        }
    }
    let mut figures = Figures::default();
    for c in &all {
        let (key, _) = ContactKey::of(c.client, c.server, c.protocol);
        let opened = told[&(c.interface, at((c.start / 1000) as i64).hour(), key)];
        let right = opened.by_client == (key.client == c.client.0 && key.port == c.server.1);
        figures.add(opened.certainty, right);
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
