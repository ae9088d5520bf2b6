//! Access by those who should have none.

pub mod credential_exfiltration;
pub mod impossible_travel;
pub mod metadata_dns_rebind;
pub mod rdp_brute_force;
pub mod ssh_brute_force;
pub mod tor_relay;
