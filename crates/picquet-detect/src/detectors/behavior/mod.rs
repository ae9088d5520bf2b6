//! What an instance never did before.

pub mod network_port_unusual;
pub mod traffic_volume_unusual;
