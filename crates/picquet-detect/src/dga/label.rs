//! Which part of a name an algorithm would have chosen, and names that no algorithm chose.

use crate::hash;
use picquet_intel::domain::{MAX_LABEL, MAX_NAME};

/// The part of a name that is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// What somebody registers: the public suffix, or a dynamic-DNS zone, and one label.
    pub registrable: &'a str,
    /// The label left of the suffix.
    pub label: &'a str,
    /// The public suffix or the dynamic-DNS zone.
    pub suffix: &'a str,
}

/// Why a name is not scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Empty, too long, or with an empty label.
    Malformed,
    /// One label: a name of the local network, or a browser's probe for a resolver that lies.
    SingleLabel,
    /// `in-addr.arpa`, `ip6.arpa` and the rest of `arpa`.
    Reverse,
    /// No top-level domain of the Internet: `.internal`, `.local`, `.lan`, a company's own.
    Internal,
    /// A customer's name below a provider's zone, which the provider chose: CDN, cloud, hosting.
    Hosting,
    /// An internationalised label: what the model knows of letters says nothing of Punycode.
    Idn,
    /// A public suffix or a dynamic-DNS zone itself.
    Suffix,
}

/// Top-level domains outside the Public Suffix List that botnets ask alternative roots for: Namecoin's (Necurs) and
/// Emercoin's (BazarLoader), by the MITRE ATT&CK descriptions of T1568.002 examples.
const ALTERNATIVE: [&str; 2] = ["bit", "bazar"];

/// Splits a *normalised* name (lower case, no final dot). `dynamic` tells dynamic-DNS zones by [`zone_hash`].
pub fn target<'a>(name: &'a str, dynamic: impl Fn(u64) -> bool) -> Result<Target<'a>, Skip> {
    if name.is_empty() || name.len() > MAX_NAME || name.split('.').any(|l| l.is_empty() || l.len() > MAX_LABEL) {
        return Err(Skip::Malformed);
    }
    let Some((_, top)) = name.rsplit_once('.') else { return Err(Skip::SingleLabel) };
    if top == "arpa" {
        return Err(Skip::Reverse);
    }
    let suffix = if ALTERNATIVE.contains(&top) {
        top
    } else {
        let Some(suffix) = psl::suffix(name.as_bytes()).filter(psl::Suffix::is_known) else {
            return Err(Skip::Internal);
        };
        let private = suffix.typ() == Some(psl::Type::Private);
        let suffix = &name[name.len() - suffix.as_bytes().len().min(name.len())..];
        if private && !dynamic(zone_hash(suffix)) {
            return Err(Skip::Hosting);
        }
        suffix
    };
    let mut found = below(name, suffix).ok_or(Skip::Suffix)?;
    if dynamic(zone_hash(found.registrable)) {
        found = below(name, found.registrable).ok_or(Skip::Suffix)?;
    }
    if found.label.starts_with("xn--") { Err(Skip::Idn) } else { Ok(found) }
}

/// The label of a name left of a suffix of it.
fn below<'a>(name: &'a str, suffix: &'a str) -> Option<Target<'a>> {
    let rest = name.strip_suffix(suffix)?.strip_suffix('.')?;
    let at = rest.rfind('.').map_or(0, |dot| dot + 1);
    Some(Target { registrable: &name[at..], label: &rest[at..], suffix })
}

/// What a dynamic-DNS zone is known by.
pub fn zone_hash(zone: &str) -> u64 {
    hash::stable(&[zone.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Result<(&str, &str, &str), Skip> {
        let zones = ["ddns.net", "3utilities.com"].map(zone_hash);
        target(name, |h| zones.contains(&h)).map(|t| (t.registrable, t.label, t.suffix))
    }

    #[test]
    fn takes_the_label_that_was_registered() {
        assert_eq!(of("www.example.co.uk"), Ok(("example.co.uk", "example", "co.uk")));
        assert_eq!(of("x.q8sj.ddns.net"), Ok(("q8sj.ddns.net", "q8sj", "ddns.net")));
        assert_eq!(of("x.q8sj.3utilities.com"), Ok(("q8sj.3utilities.com", "q8sj", "3utilities.com")));
        assert_eq!(of("abc.bazar"), Ok(("abc.bazar", "abc", "bazar")));
    }

    #[test]
    fn leaves_out_what_nobody_registers() {
        assert_eq!(of("qwhzvkrjtp"), Err(Skip::SingleLabel));
        assert_eq!(of("4.3.2.1.in-addr.arpa"), Err(Skip::Reverse));
        assert_eq!(of("1.0.ip6.arpa"), Err(Skip::Reverse));
        assert_eq!(of("ip-10-0-0-1.eu-west-1.compute.internal"), Err(Skip::Internal));
        assert_eq!(of("printer.local"), Err(Skip::Internal));
        assert_eq!(of("d111111abcdef8.cloudfront.net"), Err(Skip::Hosting));
        assert_eq!(of("xn--80ak6aa92e.com"), Err(Skip::Idn));
        assert_eq!(of("co.uk"), Err(Skip::Suffix));
        assert_eq!(of("ddns.net"), Err(Skip::Suffix));
        assert_eq!(of("a..com"), Err(Skip::Malformed));
        assert_eq!(of(""), Err(Skip::Malformed));
    }
}
