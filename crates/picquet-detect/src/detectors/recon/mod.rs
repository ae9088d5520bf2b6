//! Looking around before an attack.

pub mod port_probe;
pub mod portscan;
