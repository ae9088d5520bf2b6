//! Password guessing over the Remote Desktop Protocol.

use crate::Tuning;
use crate::detectors::Meta;
use crate::detectors::guessing::{Guessing, Service};
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "rdp-brute-force",
    types: &["UnauthorizedAccess:EC2/RDPBruteForce"],
    source: Source::Flow,
    detects: "Many short connections of one client to port 3389 of an instance, as guessing passwords makes them.",
    decides: "Connections count that were let through and answered, with the packets of a log-in but too few \
              bytes for a session. A finding is raised when one client reaches the attempts per hour, or per 24 \
              hours, that the settings give; clients inside the network, and instances that are the client, need ten \
              times as many or more. An instance that guesses at others is the actor, of high severity.",
    benign: "A monitor that opens desktops from the internet; a client that reconnects without end.",
};

/// The judge, with the configured thresholds.
pub fn new(tuning: &Tuning) -> Guessing {
    Guessing::new(Service { meta: &META, ports: &[3389], params: tuning.rdp_brute_force.clone() })
}
