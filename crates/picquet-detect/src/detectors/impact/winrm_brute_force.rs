//! Password guessing over Windows Remote Management.

use crate::Tuning;
use crate::detectors::Meta;
use crate::detectors::guessing::{Guessing, Service, decides};
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "winrm-brute-force",
    types: &["Impact:EC2/WinRMBruteForce"],
    source: Source::Flow,
    detects: "Many short connections of one client to the ports of WinRM of an instance, as guessing passwords makes them.",
    decides: decides!("log-in"),
    benign: "Configuration management that runs many short commands on one host.",
};

/// The judge, with the configured thresholds.
pub fn new(tuning: &Tuning) -> Guessing {
    Guessing::new(Service { meta: &META, ports: &[5985, 5986], params: tuning.winrm_brute_force.clone() })
}
