//! What holds for every list format.

use picquet_intel::{Category, Intel, ListFormat};
use std::net::IpAddr;

/// Reads the bytes as a feed, a customer's list and a trusted list, and looks everything up that could be there.
pub fn check(data: &[u8], format: ListFormat) {
    let mut builder = Intel::builder();
    let report = builder.feed_as(Category::C2, "feed", data, format);
    assert_eq!(report.entries, report.ips + report.cidrs + report.domains + report.keys);
    builder.feed_as(Category::CompromisedKey, "keys", data, format);
    builder.threat_list_as("own", data, format);
    builder.threat_list("detected", data);
    let listed = builder.build();
    look_up(&listed, data);
    // What is on a trusted list and on no other is on none.
    let mut builder = Intel::builder();
    builder.trusted_list_as("trusted", data, format);
    let trusted = builder.build();
    assert!(!trusted.has_ips() && !trusted.has_domains());
    look_up(&trusted, data);
}

fn look_up(intel: &Intel, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '#' | '<' | '>' | '/')).take(64) {
        if let Ok(ip) = word.parse::<IpAddr>()
            && let Some(hits) = intel.ip(ip)
        {
            assert!(!intel.is_trusted_ip(ip));
            assert!(intel.hits(hits).count() > 0);
        }
        if let Some(hits) = intel.domain(word) {
            assert!(!intel.is_trusted_domain(word));
            assert!(intel.hits(hits).count() > 0);
        }
        let _ = intel.access_key(word);
    }
}
