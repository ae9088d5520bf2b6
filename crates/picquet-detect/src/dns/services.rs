//! Zones whose names look like data by design: reputation look-ups, telemetry, the clouds' own names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// One suffix a line; `#` begins a comment. Facts of common knowledge, gathered for Picquet.
static ZONES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../data/dns-services.txt")
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|zone| !zone.is_empty())
        .collect()
});

/// Whether a name is in such a zone.
pub fn holds(name: &str) -> bool {
    let mut rest = Some(name);
    while let Some(zone) = rest {
        if ZONES.contains(zone) {
            return true;
        }
        rest = zone.split_once('.').map(|(_, parent)| parent);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_hold_what_is_below_them() {
        assert!(holds("ec2.us-east-1.amazonaws.com"));
        assert!(holds("amazonaws.com"));
        assert!(!holds("notamazonaws.com"));
        assert!(!holds("www.mcafee.com"), "only the look-up zone is listed");
        assert!(holds("a.b.avqs.mcafee.com"));
    }

    #[test]
    fn zones_are_names_in_lower_case() {
        assert!(ZONES.len() > 80);
        for zone in ZONES.iter() {
            assert!(zone.contains('.') && !zone.starts_with('.') && !zone.ends_with('.'), "{zone}");
            assert_eq!(*zone, zone.to_ascii_lowercase());
        }
    }
}
