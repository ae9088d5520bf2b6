//! Malware at work, seen in what a host asks for.

pub mod dns_exfiltration;
pub mod generated_domains;
mod usual;
