//! Password guessing over SSH.

use crate::Tuning;
use crate::detectors::Meta;
use crate::detectors::guessing::{Guessing, Service};
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "ssh-brute-force",
    types: &["UnauthorizedAccess:EC2/SSHBruteForce"],
    source: Source::Flow,
    detects: "Many short connections of one client to port 22 of an instance, as guessing passwords makes them.",
    decides: "Connections count that were let through and answered, with the packets of a key exchange but too few \
              bytes for a session. A finding is raised when one client reaches the attempts per hour, or per 24 \
              hours, that the settings give; clients inside the network, and instances that are the client, need ten \
              times as many or more. An instance that guesses at others is the actor, of high severity.",
    benign: "Monitoring that logs in every few seconds from the internet; a broken deployment job.",
};

/// The judge, with the configured thresholds.
pub fn new(tuning: &Tuning) -> Guessing {
    Guessing::new(Service { meta: &META, ports: &[22], params: tuning.ssh_brute_force.clone() })
}
