//! Password guessing over Windows Remote Management.

use crate::Tuning;
use crate::detectors::Meta;
use crate::detectors::guessing::{Guessing, Service};
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "winrm-brute-force",
    types: &["Impact:EC2/WinRMBruteForce"],
    source: Source::Flow,
    detects: "Many short connections of one client to the ports of WinRM of an instance, as guessing passwords makes them.",
    decides: "Connections count that were let through and answered, with the packets of a log-in but too few \
              bytes for a session. A finding is raised when one client reaches the attempts per hour, or per 24 \
              hours, that the settings give; clients inside the network, and instances that are the client, need ten \
              times as many or more. An instance that guesses at others is the actor, of high severity.",
    benign: "Configuration management that runs many short commands on one host.",
};

/// The judge, with the configured thresholds.
pub fn new(tuning: &Tuning) -> Guessing {
    Guessing::new(Service { meta: &META, ports: &[5985, 5986], params: tuning.winrm_brute_force.clone() })
}
