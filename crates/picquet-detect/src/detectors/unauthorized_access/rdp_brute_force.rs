//! Password guessing over the Remote Desktop Protocol.

use crate::Tuning;
use crate::detectors::Meta;
use crate::detectors::guessing::{Guessing, Service, decides};
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "rdp-brute-force",
    types: &["UnauthorizedAccess:EC2/RDPBruteForce"],
    source: Source::Flow,
    detects: "Many short connections of one client to port 3389 of an instance, as guessing passwords makes them.",
    decides: decides!("log-in"),
    benign: "A monitor that opens desktops from the internet; a client that reconnects without end.",
};

/// The judge, with the configured thresholds.
pub fn new(tuning: &Tuning) -> Guessing {
    Guessing::new(Service { meta: &META, ports: &[3389], params: tuning.rdp_brute_force.clone() })
}
