//! Switches and thresholds: the `--config` file.

mod allow;
mod anomaly;
mod credentials;
mod domains;
mod flow;

pub use allow::{AllowLists, Network};
pub use anomaly::{ApiAnomaly, Sensitivity};
pub use credentials::{CredentialExfiltration, DormantKey, ImpossibleTravel, OwnNetworks};
pub use domains::{FastFlux, SuspiciousDomain};
pub use flow::{
    DenialOfService, Learning, NetworkPortUnusual, PeriodicBeacon, PortScan, Spambot, TrafficVolumeUnusual,
    UnusualResolver,
};

use picquet_model::{Severity, TypeId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All settings. Unknown keys are refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tuning {
    /// Settings of the detection as a whole.
    pub detection: Detection,
    /// Thresholds of log-in guessing over SSH.
    pub ssh_brute_force: BruteForce,
    /// Thresholds of port probes.
    pub port_probe: PortProbe,
    /// Thresholds of Tor relaying.
    pub tor_relay: TorRelay,
    /// Thresholds of log-in guessing over RDP.
    pub rdp_brute_force: BruteForce,
    /// Thresholds of log-in guessing over WinRM.
    pub winrm_brute_force: BruteForce,
    /// How baselines of interfaces are learned.
    pub learning: Learning,
    /// Thresholds of scans.
    pub port_scan: PortScan,
    /// Thresholds of floods.
    pub denial_of_service: DenialOfService,
    /// Thresholds of sending spam.
    pub spambot: Spambot,
    /// Thresholds of unusual ports.
    pub network_port_unusual: NetworkPortUnusual,
    /// Thresholds of unusual volume.
    pub traffic_volume_unusual: TrafficVolumeUnusual,
    /// Thresholds of unusual resolvers.
    pub unusual_resolver: UnusualResolver,
    /// Thresholds of beacons.
    pub periodic_beacon: PeriodicBeacon,
    /// Thresholds of data sent out in DNS queries.
    pub dns_exfiltration: DnsExfiltration,
    /// Thresholds of made-up domains.
    pub generated_domains: GeneratedDomains,
    /// Thresholds of new domains with odd names.
    pub suspicious_domain: SuspiciousDomain,
    /// Thresholds of domains whose addresses change over many networks.
    pub fast_flux: FastFlux,
    /// What is usual for credentials of instances, functions and tasks.
    pub credential_exfiltration: CredentialExfiltration,
    /// Thresholds of sign-ins from distant places.
    pub impossible_travel: ImpossibleTravel,
    /// Thresholds of keys that are used after a long sleep.
    pub dormant_key: DormantKey,
    /// Thresholds of unusual API activity.
    pub api_anomaly: ApiAnomaly,
    /// Switches by finding type.
    pub types: BTreeMap<String, TypeTuning>,
}

/// Settings of the detection as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Detection {
    /// Raise finding types that GuardDuty has retired as well.
    pub retired_types: bool,
    /// Look at S3 data events: threat lists, and what is usual for an identity and a bucket.
    pub s3_data_events: bool,
    /// Learn what is usual for identities: anomalies of API calls and of S3 data events, stolen credentials, sign-ins
    /// from too far apart, sleeping keys, session chains. Two fifths of what a scan of CloudTrail takes.
    pub api_behavior: bool,
}

impl Default for Detection {
    fn default() -> Self {
        Self { retired_types: false, s3_data_events: true, api_behavior: true }
    }
}

/// Thresholds of log-in guessing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BruteForce {
    /// Attempts of one public client on one server within an hour that raise a finding.
    pub attempts_per_hour: u64,
    /// The same within 24 hours, for slow guessing.
    pub attempts_per_day: u64,
    /// Attempts of one private client within an hour: monitoring and deployment log in often.
    pub private_attempts_per_hour: u64,
    /// The same within 24 hours.
    pub private_attempts_per_day: u64,
    /// Packets that a client sends in an attempt, at least: a port scan sends one to three.
    pub min_packets: u64,
    /// Bytes that a client sends in an attempt, at most: more is a session.
    pub max_bytes: u64,
    /// Bytes that the server answers per attempt, at least: a refused connection answers 40.
    pub min_reply_bytes: u64,
}

impl Default for BruteForce {
    /// The tester of AWS makes at least 420 attempts; a source with 20 connections to port 22 a day is called
    /// a guesser in the labels of the public captures that the thresholds were held against.
    fn default() -> Self {
        Self {
            attempts_per_hour: 20,
            attempts_per_day: 40,
            private_attempts_per_hour: 200,
            private_attempts_per_day: 1200,
            min_packets: 5,
            max_bytes: 16_384,
            min_reply_bytes: 300,
        }
    }
}

/// Thresholds of port probes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortProbe {
    /// Ports that are never called unprotected: they are meant to be open.
    pub ignored_ports: Vec<u16>,
    /// Ports whose probe is of high severity.
    pub high_severity_ports: Vec<u16>,
    /// Ports of EMR's web interfaces.
    pub emr_ports: Vec<u16>,
}

impl Default for PortProbe {
    /// 80 and 443 are never reported and 9200 and 9300 are severe (GuardDuty user guide,
    /// Recon:EC2/PortProbeUnprotectedPort). EMR's ports: EMR management guide, "View web interfaces hosted
    /// on Amazon EMR clusters".
    fn default() -> Self {
        Self {
            ignored_ports: vec![80, 443],
            high_severity_ports: vec![9200, 9300],
            emr_ports: vec![8042, 8088, 8188, 8888, 8889, 8890, 9864, 9870, 16010, 18080, 19888, 20888, 50070, 50075],
        }
    }
}

/// Thresholds of Tor relaying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TorRelay {
    /// Distinct Tor nodes within 24 hours that connect to the instance, and as many that it connects to. Relays
    /// keep connections to many others; a client talks to a few guards and nobody calls it.
    pub min_nodes_each_way: u64,
}

impl Default for TorRelay {
    fn default() -> Self {
        Self { min_nodes_each_way: 3 }
    }
}

/// Thresholds of data sent out in DNS queries. *Information* is the octets of distinct subdomains, each times
/// min(1, H / 4) with H the entropy of its octets in bits (ibHH, arXiv 2307.02614).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DnsExfiltration {
    /// Octets before the registered domain, without dots, from which a name is looked at.
    pub min_name_octets: u16,
    /// The same for queries of types that carry data: TXT, NULL, KEY. Eight or more.
    pub min_data_octets: u16,
    /// Octets of information of one client below one registered domain within an hour.
    pub information_per_hour: u64,
    /// Octets of information per minute of that hour in which there were queries at all: a burst, and not what gathers.
    pub information_per_minute: u64,
    /// Distinct subdomains in that hour.
    pub distinct_per_hour: u64,
    /// Their mean length in octets.
    pub mean_octets_per_hour: u64,
    /// Octets of information within 24 hours, for slow tunnels.
    pub information_per_day: u64,
    /// Distinct subdomains within 24 hours.
    pub distinct_per_day: u64,
    /// Names that are shorter in the mean could be ids and hashes, of 32 or 40 octets; they take ...
    pub short_mean_octets: u64,
    /// ... so many times the information.
    pub short_factor: u64,
    /// Octets of TXT, NULL, CNAME, MX and KEY answers to one client below one domain within an hour: a tunnel's other
    /// direction.
    pub answers_per_hour: u64,
    /// Octets of such answers per query.
    pub mean_answer_octets: u64,
    /// Of 100 queries, how many must be for subdomains that are distinct: data hardly repeats itself.
    pub distinct_percent: u64,
    /// Domains count as the account's own habit once so many of 100 clients have asked for them ...
    pub habit_clients_percent: u64,
    /// ... and at least so many clients ...
    pub habit_min_clients: u64,
    /// ... since so many days.
    pub habit_days: u32,
}

impl Default for DnsExfiltration {
    /// The tester of AWS asks for 914 distinct names of 113 to 229 characters: 108 KB. At 1 byte a second, 84 KiB
    /// a day leave as 95 KiB of names or more. Shorter names than 16 octets are hardly ever data: the shortest packet
    /// of dnscat2 is 18.
    fn default() -> Self {
        Self {
            min_name_octets: 16,
            min_data_octets: 8,
            information_per_hour: 8192,
            information_per_minute: 820,
            distinct_per_hour: 50,
            mean_octets_per_hour: 20,
            information_per_day: 65_536,
            distinct_per_day: 100,
            short_mean_octets: 48,
            short_factor: 2,
            answers_per_hour: 65_536,
            mean_answer_octets: 80,
            distinct_percent: 20,
            habit_clients_percent: 10,
            habit_min_clients: 3,
            habit_days: 7,
        }
    }
}

/// Thresholds of made-up domains. *Evidence* is the sum of what each name is worth: its log-odds of being generated,
/// less `bias`, within the limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeneratedDomains {
    /// Evidence of one client within 24 hours that raises a finding, in thousandths.
    pub evidence: i64,
    /// What is taken from each name's log-odds, in thousandths: the mean of a benign name has to be below zero.
    pub bias: i64,
    /// The least that a name is worth, in thousandths: a known name does not excuse many generated ones.
    pub least: i64,
    /// The most that a name is worth, in thousandths: one odd name is none too many.
    pub most: i64,
    /// What each name adds where all have one length, in thousandths; less where they have a few, nothing from seven.
    pub same_length: i64,
    /// Distinct registered domains that do not exist, at least, beside those that are allowed.
    pub min_names: u64,
    /// Evidence for names made of words, or of the same parts, that raises a finding, in thousandths.
    pub words_evidence: i64,
    /// The same as `min_names` for names made of words.
    pub words_min_names: u64,
    /// Domains that need not exist, in a thousand that do: dead links and dead senders.
    pub allowed_per_thousand: u64,
    /// Of 100 registered domains that are new to the account by this client, how many must not exist.
    pub missing_percent: u64,
    /// A name that the account has asked for longer than so many hours is known, and says nothing.
    pub known_after_hours: u32,
    /// A name that more than so many clients ask for is a shared fault, and says nothing.
    pub max_clients: u64,
}

impl Default for GeneratedDomains {
    /// From the simulation of `cargo xtask train dga`, whose result is in the model card. The allowance: of popular
    /// names asked one after the other, 0.4 % and 0.6 % did not exist in the two public captures of such look-ups
    /// (DNS-Tunnel-Datasets, `normal`); three times the larger.
    fn default() -> Self {
        Self {
            evidence: 7_500,
            bias: 0,
            least: -1_000,
            most: 3_000,
            same_length: 1_000,
            min_names: 4,
            words_evidence: 3_000,
            words_min_names: 20,
            allowed_per_thousand: 20,
            missing_percent: 10,
            known_after_hours: 24,
            max_clients: 5,
        }
    }
}

/// Switches of one finding type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TypeTuning {
    /// Whether it is raised.
    pub enabled: bool,
    /// Another severity, 1.0 to 10.0.
    pub severity: Option<f64>,
    /// What it is not raised for: networks of the remote address ("203.0.113.0/24"), domains with all below them,
    /// instances ("i-0123456789abcdef0") and tags of instances ("tag:Role=scanner").
    pub allow: Vec<String>,
}

impl Default for TypeTuning {
    fn default() -> Self {
        Self { enabled: true, severity: None, allow: Vec::new() }
    }
}

impl Tuning {
    /// Settings in which another differs that act on logs while they are read, and not on what was kept of them.
    pub fn differs_in_reading(&self, other: &Self) -> Vec<String> {
        let (mine, its) = (&self.dns_exfiltration, &other.dns_exfiltration);
        let differ = [
            ("detection.s3_data_events", self.detection.s3_data_events != other.detection.s3_data_events),
            ("detection.api_behavior", !self.detection.api_behavior && other.detection.api_behavior),
            ("detection.retired_types", !self.detection.retired_types && other.detection.retired_types),
            ("dns_exfiltration.min_name_octets", mine.min_name_octets != its.min_name_octets),
            ("dns_exfiltration.min_data_octets", mine.min_data_octets != its.min_data_octets),
        ];
        let names = differ.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned());
        // What one record raises was not kept while its type was off.
        let off = self.types.iter().filter(|(_, t)| !t.enabled).map(|(name, _)| name);
        let on = off.filter(|name| other.types.get(*name).is_none_or(|t| t.enabled));
        names.chain(on.map(|name| format!("types.\"{name}\".enabled"))).collect()
    }

    /// Reads the TOML of a configuration file.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let tuning: Self = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        for (name, t) in &tuning.types {
            if TypeId::of(name).is_none() {
                return Err(format!("[types.\"{name}\"]: no such finding type{}", nearest(name)));
            }
            if t.severity.is_some_and(|s| !(1.0..=10.0).contains(&s)) {
                return Err(format!("[types.\"{name}\"]: severity must be from 1.0 to 10.0"));
            }
        }
        AllowLists::new(&tuning)?;
        OwnNetworks::new(&tuning.credential_exfiltration)?;
        Ok(tuning)
    }

    /// Whether a type is raised at all.
    pub fn raises(&self, finding_type: TypeId) -> bool {
        use picquet_model::catalogue::Status;
        let row = finding_type.row();
        let switched = self.types.get(&row.name).is_none_or(|t| t.enabled);
        switched
            && (self.detection.api_behavior || !is_behavior(row))
            && (row.status == Status::Active || self.detection.retired_types)
    }

    /// The severity of a type, in tenths, that stands instead of the detector's.
    pub fn severity_tenths(&self, finding_type: TypeId) -> Option<u8> {
        self.types.get(finding_type.name()).and_then(|t| t.severity).map(tenths)
    }
}

/// Whether a type is raised only with [`Detection::api_behavior`].
pub fn is_behavior(row: &picquet_model::catalogue::FindingType) -> bool {
    const DETECTORS: [&str; 6] =
        ["api-anomaly", "credential-exfiltration", "dormant-key", "first-call", "impossible-travel", "s3-anomaly"];
    DETECTORS.contains(&row.detector.as_str())
}

/// A severity in tenths.
pub fn tenths(severity: f64) -> u8 {
    // 10.0 to 100.0 after the clamp: fits.
    (severity.clamp(Severity::Low.floor(), 10.0) * 10.0).round() as u8
}

/// ", did you mean ...?" with the catalogue's nearest name, where one is near.
pub fn nearest(name: &str) -> String {
    let best = picquet_model::catalogue::all()
        .iter()
        .map(|row| (distance(name, &row.name), &row.name))
        .min()
        .filter(|(d, _)| *d <= name.len() / 2);
    best.map_or_else(String::new, |(_, found)| format!("; did you mean '{found}'?"))
}

/// Levenshtein's distance over bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_settings_and_names_mistakes() {
        let t = Tuning::from_toml("[types.\"Policy:IAMUser/RootCredentialUsage\"]\nenabled = false\n[ssh_brute_force]\nattempts_per_hour = 5\n").unwrap();
        assert!(!t.raises(TypeId::of("Policy:IAMUser/RootCredentialUsage").unwrap()));
        assert_eq!(t.ssh_brute_force.attempts_per_hour, 5);
        assert_eq!(t.ssh_brute_force.attempts_per_day, BruteForce::default().attempts_per_day);
        let e = Tuning::from_toml("[ssh_brute_forse]\n").unwrap_err();
        assert!(e.contains("ssh_brute_forse") && e.contains("ssh_brute_force"), "{e}");
        let e = Tuning::from_toml("[types.\"Policy:IAMUser/RootCredentialUse\"]\n").unwrap_err();
        assert!(e.contains("RootCredentialUsage"), "{e}");
        let e =
            Tuning::from_toml("[types.\"Recon:EC2/Portscan\"]\nallow = [\"10.0.0.0/8\", \"10.0.0\"]\n").unwrap_err();
        assert!(e.starts_with("[types.\"Recon:EC2/Portscan\"]: allow = \"10.0.0\": neither a network"), "{e}");
        assert_eq!(e.lines().count(), 1);
    }

    #[test]
    fn the_defaults_are_what_an_empty_file_gives() {
        assert_eq!(Tuning::from_toml("").unwrap(), Tuning::default());
    }
}
