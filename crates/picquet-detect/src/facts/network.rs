//! Facts of flows: traffic with listed peers, and log-in attempts.

use picquet_model::EventTime;
use serde::{Deserialize, Serialize};

/// Traffic of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Flow records.
    pub records: u64,
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Traffic {
    /// Adds one record.
    #[inline]
    pub fn add(&mut self, packets: u64, bytes: u64) {
        self.records += 1;
        self.packets = self.packets.saturating_add(packets);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Sums.
    pub fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.packets = self.packets.saturating_add(other.packets);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// Traffic of an interface with one listed peer on one service port in one hour. The key holds interface,
/// both addresses, who opened the connection, protocol and service port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerFacts {
    /// From the interface to the peer, let through.
    pub out: Traffic,
    /// From the peer to the interface, let through.
    pub inward: Traffic,
    /// Refused, either way.
    pub refused: Traffic,
    /// A SYN-ACK or a later flag was seen from the side that was called.
    pub answered: bool,
    /// The earliest record.
    pub first: EventTime,
    /// The latest record.
    pub last: EventTime,
    /// Time, hash and client port of the latest record.
    pub latest: (EventTime, u64, u16),
}

impl PeerFacts {
    /// Sums, span, latest.
    pub fn merge(&mut self, other: Self) {
        self.out.merge(other.out);
        self.inward.merge(other.inward);
        self.refused.merge(other.refused);
        self.answered |= other.answered;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.latest = self.latest.max(other.latest);
    }
}

/// Short TCP connections from one client to one server's log-in port, seen at one interface in one hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptFacts {
    /// Client to server: connections that look like an attempt.
    pub attempts: Traffic,
    /// Client to server: everything else.
    pub other: Traffic,
    /// Server to client, all of it.
    pub replies: Traffic,
    /// The minutes of the hour in which an attempt began, one bit each.
    pub minutes: u64,
    /// The earliest attempt.
    pub first: EventTime,
    /// The latest attempt.
    pub last: EventTime,
    /// Time, hash and client port of the latest attempt.
    pub latest: (EventTime, u64, u16),
}

impl AttemptFacts {
    /// Sums, span, union, latest.
    pub fn merge(&mut self, other: Self) {
        self.attempts.merge(other.attempts);
        self.other.merge(other.other);
        self.replies.merge(other.replies);
        self.minutes |= other.minutes;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.latest = self.latest.max(other.latest);
    }
}
