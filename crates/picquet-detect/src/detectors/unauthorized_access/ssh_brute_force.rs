//! Password guessing over SSH.

use crate::Tuning;
use crate::detectors::Meta;
use crate::detectors::guessing::{Guessing, Service, decides};
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "ssh-brute-force",
    types: &["UnauthorizedAccess:EC2/SSHBruteForce"],
    source: Source::Flow,
    detects: "Many short connections of one client to port 22 of an instance, as guessing passwords makes them.",
    decides: decides!("key exchange"),
    benign: "Monitoring that logs in every few seconds from the internet; a broken deployment job.",
};

/// The judge, with the configured thresholds.
pub fn new(tuning: &Tuning) -> Guessing {
    Guessing::new(Service { meta: &META, ports: &[22], params: tuning.ssh_brute_force.clone() })
}
