//! Thresholds of what is found in flow logs by counting and by comparing.
//!
//! The tester that AWS publishes for GuardDuty gives upper bounds: what it does must be found. Where no public figure
//! exists the default is our choice, held against recorded and generated traffic by `cargo xtask eval`.

use serde::{Deserialize, Serialize};

/// How baselines of interfaces are learned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Learning {
    /// Days since the first record of an interface before anything is called unusual for it; on half of them it must
    /// have records.
    pub days: u16,
    /// Days after which what did not come again is forgotten.
    pub memory_days: u16,
}

impl Default for Learning {
    /// GuardDuty is said to learn for 7 to 14 days (AWS FAQ, as repeated by third parties), and keeps 90.
    fn default() -> Self {
        Self { days: 7, memory_days: 90 }
    }
}

/// Thresholds of scans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortScan {
    /// Ports of one host that are tried within an hour.
    pub ports: u64,
    /// Hosts on one port that are tried within an hour.
    pub hosts: u64,
    /// Hosts on ports 80 and 443: the addresses of one blocked service change often.
    pub web_hosts: u64,
    /// Networks (/16 of IPv4) on ports 80 or 443 that are tried within an hour, a third of them in vain, by an instance
    /// that looked up fewer names than that.
    pub web_networks: u64,
    /// By how many the attempts that fail outnumber those that succeed.
    pub excess_failures: u64,
    /// Ports of one host, or hosts on one port, that fail within 24 hours.
    pub slow_distinct: u64,
    /// Per cent of attempts that fail in a slow scan.
    pub slow_failed_percent: u64,
}

impl Default for PortScan {
    /// The sequential test of Jung et al. ("Fast Portscan Detection Using Sequential Hypothesis Testing", 2004) with
    /// 80 % of benign and 20 % of a scanner's first contacts successful weighs each by ln 4; odds of 0.99 to one in
    /// a million are reached by ten failures more than successes. The tester of AWS tries 1,000 ports of one host.
    fn default() -> Self {
        Self {
            ports: 30,
            hosts: 30,
            web_hosts: 90,
            web_networks: 20,
            excess_failures: 10,
            slow_distinct: 200,
            slow_failed_percent: 90,
        }
    }
}

/// Thresholds of floods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DenialOfService {
    /// Packets to one public address within an hour.
    pub packets: u64,
    /// Packets a second, over the minutes in which the flood went on.
    pub packets_per_second: u64,
    /// Packets that come back, in per cent of those sent, at most.
    pub reply_percent: u64,
    /// How many times the most unanswered packets of any earlier hour.
    pub times_usual: u64,
    /// UDP to these ports is a flood of a TCP service.
    pub tcp_ports: Vec<u16>,
}

impl Default for DenialOfService {
    /// The tester of AWS sends 400,000 packets, of which an hour that begins in between leaves 200,000; over a record
    /// window of ten minutes that is 333 a second. It sends them to port 80 and expects the plain UDP type, so that
    /// 80 is no TCP port here. Nor is 443, which QUIC uses over UDP.
    fn default() -> Self {
        Self {
            packets: 200_000,
            packets_per_second: 333,
            reply_percent: 5,
            times_usual: 5,
            tcp_ports: vec![
                20, 21, 22, 23, 25, 110, 143, 465, 587, 993, 995, 1433, 1521, 3306, 3389, 5432, 5900, 6379, 8080, 8443,
                9200, 27017,
            ],
        }
    }
}

/// Thresholds of sending spam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spambot {
    /// Ports of mail servers.
    pub ports: Vec<u16>,
    /// Mail servers that are called within an hour.
    pub hosts: u64,
    /// Days on which an interface called so many mail servers before it is a mail sender.
    pub sender_days: u16,
}

impl Default for Spambot {
    /// GuardDuty looks at port 25; 465 and 587 take mail of clients (RFC 8314).
    fn default() -> Self {
        Self { ports: vec![25, 465, 587], hosts: 20, sender_days: 3 }
    }
}

/// Thresholds of unusual ports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkPortUnusual {
    /// The probability of the port, at most, given what the interface and the account used before.
    pub probability: f64,
    /// Minutes in which connections to the port began, at least.
    pub minutes: u32,
    /// Ports whose unusual use is of high severity.
    pub high_severity_ports: Vec<u16>,
}

impl Default for NetworkPortUnusual {
    /// 389 and 1389 are severe (GuardDuty user guide, Behavior:EC2/NetworkPortUnusual).
    fn default() -> Self {
        Self { probability: 1e-4, minutes: 3, high_severity_ports: vec![389, 1389] }
    }
}

/// Thresholds of unusual volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrafficVolumeUnusual {
    /// Bytes sent to one destination within an hour, at least.
    pub bytes: u64,
    /// How many times the most that the interface ever sent to one destination within an hour.
    pub times_most: u64,
    /// How far from the median, in robust standard deviations of the logarithm.
    pub deviation: f64,
}

impl Default for TrafficVolumeUnusual {
    /// Slips calls 500 MB an exfiltration; half of it, far from what is usual here.
    fn default() -> Self {
        Self { bytes: 250_000_000, times_most: 3, deviation: 6.0 }
    }
}

/// Thresholds of unusual resolvers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UnusualResolver {
    /// Exchanges with the resolver within an hour, at least.
    pub exchanges: u64,
}

impl Default for UnusualResolver {
    fn default() -> Self {
        Self { exchanges: 10 }
    }
}

/// Thresholds of beacons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeriodicBeacon {
    /// The score from 0 to 1, at least.
    pub score: f64,
    /// Connections, at least.
    pub connections: u32,
    /// Hours in which they were seen, at least.
    pub hours: u32,
    /// Interfaces of the account that talk to the host, at most.
    pub hosts: u32,
}

impl Default for PeriodicBeacon {
    /// RITA wants 6 hours and four connections and scores interval, size and duration; its scores from 0.9 on are
    /// its highest class. A host that others of the account talk to as well is no rare one.
    fn default() -> Self {
        Self { score: 0.9, connections: 24, hours: 6, hosts: 1 }
    }
}
