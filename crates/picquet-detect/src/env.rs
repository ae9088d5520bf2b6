//! What detectors look things up in.

use crate::Tuning;
use picquet_intel::{AwsRanges, Geo, Intel};
use picquet_model::EventTime;
use picquet_model::finding::RemoteIpDetails;
use std::net::IpAddr;
use std::sync::Arc;

/// Lists, address data and settings: everything that is the same for the whole run.
#[derive(Clone)]
pub struct Env {
    /// Threat and trusted lists.
    pub intel: Arc<Intel>,
    /// Country, city and network of addresses.
    pub geo: Arc<Geo>,
    /// Addresses of AWS.
    pub aws: Arc<AwsRanges>,
    /// Switches and thresholds.
    pub tuning: Arc<Tuning>,
    /// Seed of all hash maps.
    pub seed: u64,
    /// The region of records that name none and whose object's key names none: flow logs before version 4.
    pub default_region: crate::Str,
    /// The account of such records.
    pub default_account: crate::Str,
    /// Only activity between these moments raises signals; what the logs tell of the world counts all the same.
    pub window: Option<(EventTime, EventTime)>,
}

impl Env {
    /// Whether activity of a moment is looked for.
    pub fn covers(&self, time: EventTime) -> bool {
        self.window.is_none_or(|(since, until)| since <= time && time <= until)
    }

    /// A remote address with what is known of it.
    pub fn remote(&self, ip: IpAddr) -> RemoteIpDetails {
        self.geo.lookup(ip).remote_ip_details(ip)
    }
}
