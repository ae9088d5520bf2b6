//! Looking around before an attack.

mod not_looked_up;
pub mod port_probe;
pub mod portscan;
