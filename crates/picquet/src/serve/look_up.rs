//! What is known of an address, a name or an access key: the lists that it is on, and where an address is.

use picquet_detect::Env;
use picquet_intel::HitSet;
use serde_json::{Value, json};
use std::net::IpAddr;

/// All that is known of one value, as JSON.
pub fn told(env: &Env, value: &str) -> Value {
    let value = value.trim();
    if let Ok(ip) = value.parse::<IpAddr>() {
        let remote = env.remote(ip);
        let mut told = of_lists(env, value, "ip", env.intel.ip(ip), env.intel.is_trusted_ip(ip));
        told["remote"] = serde_json::to_value(remote).unwrap_or_default();
        return told;
    }
    if is_access_key(value) {
        return of_lists(env, value, "access-key", env.intel.access_key(value), false);
    }
    let name = value.trim_end_matches('.').to_ascii_lowercase();
    // A trusted name has no hits: which lists it is on all the same is not told.
    of_lists(env, value, "domain", env.intel.domain(&name), env.intel.is_trusted_domain(&name))
}

/// AWS's prefixes of long-term and temporary keys (IAM user guide, "Unique identifiers").
fn is_access_key(value: &str) -> bool {
    (value.starts_with("AKIA") || value.starts_with("ASIA"))
        && value.len() >= 16
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn of_lists(env: &Env, value: &str, kind: &str, found: Option<HitSet>, trusted: bool) -> Value {
    let hits = found.into_iter().flat_map(|set| env.intel.hits(set));
    let hits = hits.map(|hit| {
        json!({ "list": hit.list, "category": hit.category.to_string(), "threat": hit.threat, "port": hit.port,
                "entry": hit.indicator })
    });
    json!({ "value": value, "kind": kind, "trusted": trusted, "hits": hits.collect::<Vec<_>>() })
}
