//! Thresholds of what is found about credentials.

use super::Network;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What is usual for credentials that AWS issued to instances, functions and tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CredentialExfiltration {
    /// Exits of your own networks, such as those of a data centre or a proxy ("203.0.113.0/24").
    pub exits: Vec<String>,
    /// VPC endpoints of your own that the logs do not show to be so ("vpce-0123456789abcdef0").
    pub endpoints: Vec<String>,
    /// Other accounts of yours: use by way of their endpoints is of medium severity.
    pub affiliated_accounts: Vec<String>,
    /// An address outside AWS is an exit of your own once it was used on so many days ...
    pub learn_days: u16,
    /// ... by so many instances, functions or tasks that did not call from elsewhere in between.
    pub learn_holders: u16,
    /// So many that share an address for those days are no thief's: an exit that is used beside another one.
    pub crowd: u16,
    /// A new origin is looked at for so many hours before it is decided on, since others may come to share it: an
    /// instance's credentials are valid for six hours. A scan has the later hours at hand.
    pub wait_hours: u32,
    /// After so many hours in which an instance called from its new address in AWS alone, it has moved.
    pub moved_hours: u32,
    /// What was reported on so many days is usual, and no longer reported.
    pub usual_days: u16,
}

impl Default for CredentialExfiltration {
    /// An address is learned as the design of this detector says: two instances, three days. Instance credentials are
    /// valid for about six hours (EC2 user guide, "Retrieve security credentials from instance metadata"). GuardDuty
    /// stops reporting what goes on, after a time that it does not state; it is said to learn for 7 to 14 days.
    fn default() -> Self {
        Self {
            exits: Vec::new(),
            endpoints: Vec::new(),
            affiliated_accounts: Vec::new(),
            learn_days: 3,
            learn_holders: 2,
            crowd: 4,
            wait_hours: 6,
            moved_hours: 48,
            usual_days: 14,
        }
    }
}

/// Thresholds of sign-ins from distant places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImpossibleTravel {
    /// Kilometres between two sign-ins, at least.
    pub min_km: u32,
    /// Kilometres an hour that the journey would take, at least.
    pub min_km_per_hour: u32,
    /// A place is usual for a user who signed in from there on so many days.
    pub usual_days: u16,
    /// So many failed sign-ins shortly before a successful one are told with it ...
    pub failures: u32,
    /// ... within so many minutes.
    pub failure_minutes: u16,
}

impl Default for ImpossibleTravel {
    /// An airliner flies at some 900 km/h; 500 km and 1,000 km/h are also the defaults of Datadog's cloud SIEM for
    /// impossible travel. Five failures in a quarter of an hour are our choice.
    fn default() -> Self {
        Self { min_km: 500, min_km_per_hour: 1000, usual_days: 3, failures: 5, failure_minutes: 15 }
    }
}

/// Thresholds of keys that are used after a long sleep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DormantKey {
    /// Days without use.
    pub days: u16,
    /// Days for which a key's last use is remembered.
    pub memory_days: u16,
}

impl Default for DormantKey {
    /// AWS's own control flags credentials that were unused for 90 days (Security Hub, IAM.8).
    fn default() -> Self {
        Self { days: 90, memory_days: 800 }
    }
}

/// What the settings name as one's own.
#[derive(Clone, Debug, Default)]
pub struct OwnNetworks(Vec<Network>);

impl OwnNetworks {
    /// Of settings.
    ///
    /// # Errors
    /// Names the entry that is no network.
    pub fn new(settings: &CredentialExfiltration) -> Result<Self, String> {
        let network = |text: &String| {
            let parsed = Network::parse(text).unwrap_or(Err("no network"));
            parsed.map_err(|why| format!("[credential_exfiltration]: exits = \"{}\": {why}", text.escape_debug()))
        };
        settings.exits.iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address is in one of them.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(ip))
    }
}
