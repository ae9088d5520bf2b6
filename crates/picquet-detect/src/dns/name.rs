//! What a queried name is worth a look for.
//!
//! Everything here is a function of the name alone, never of other records, so that it cannot matter how records are
//! spread over objects.

use super::services;
use crate::facts::dns::Weighed;
use crate::hash;
use std::sync::LazyLock;

/// The longest name that is looked at: 255 octets (RFC 1035), each of which a log may write as `\ooo`.
pub const MAX_NAME: usize = 1020;

/// The least octets before a registered domain that are weighed.
pub const SHORTEST: usize = 8;

/// What a name may tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: private, reverse, without a registered domain, or in a zone whose names look like data by design.
    Plain,
    /// A registered domain, or one short label below it: what malware asks for that makes up domains.
    Bare,
    /// A name below a registered domain.
    Below,
    /// A long name below a registered domain, which could carry data.
    Long,
}

/// A name that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What it may tell.
    pub kind: Kind,
    /// Where the registered domain begins.
    pub registrable: u16,
    /// The hash of the registered domain.
    pub domain: u64,
    /// The hash of what is before it; only where that has [`SHORTEST`] octets or more.
    pub subdomain: u64,
    /// What that weighs; only where that has [`SHORTEST`] octets or more.
    pub weighed: Weighed,
}

impl Look {
    const PLAIN: Self = Self {
        kind: Kind::Plain,
        registrable: 0,
        domain: 0,
        subdomain: 0,
        weighed: Weighed { bytes: 0, information: 0 },
    };
}

/// The longest label before a registered domain that still makes it a bare one: `www`, `mail`, `api`.
const SHORT_LABEL: usize = 8;

/// Looks at a name in lower case without its final dot. `long` is the number of octets before the registered domain,
/// without dots, from which a name is a long one.
pub fn look(name: &str, long: u16) -> Look {
    if name.len() > MAX_NAME || !name.contains('.') || name.ends_with(".arpa") {
        return Look::PLAIN;
    }
    let Some(domain) = picquet_intel::known_registrable_domain(name) else { return Look::PLAIN };
    if services::holds(name) {
        return Look::PLAIN;
    }
    let registrable = name.len() - domain.len();
    let before = name.get(..registrable).unwrap_or_default().trim_end_matches('.');
    let mut look = Look {
        kind: Kind::Below,
        // Within MAX_NAME.
        registrable: registrable as u16,
        domain: domain_hash(domain),
        ..Look::PLAIN
    };
    if before.len() <= SHORT_LABEL && !before.contains('.') {
        look.kind = Kind::Bare;
    }
    if before.len() >= SHORTEST {
        let weighed = weigh(before);
        if usize::from(weighed.bytes) >= SHORTEST {
            look.subdomain = hash::stable(&[before.as_bytes()]);
            look.weighed = weighed;
        }
        if weighed.bytes >= long {
            look.kind = Kind::Long;
        }
    }
    look
}

/// The hash by which facts know a registered domain.
pub fn domain_hash(domain: &str) -> u64 {
    hash::stable(&[domain.as_bytes()])
}

/// n log2 n in 1/4096 bits.
static N_LOG_N: LazyLock<[u32; 257]> = LazyLock::new(|| {
    std::array::from_fn(|n| if n < 2 { 0 } else { (n as f64 * (n as f64).log2() * 4096.0).round() as u32 })
});

/// The octets of a subdomain without dots, and the same times min(1, H / 4), where H is their Shannon entropy in bits
/// (the weight of ibHH, arXiv 2307.02614). Words and counters weigh less than packed data. Integers throughout, so
/// that every machine gets the same.
pub fn weigh(subdomain: &str) -> Weighed {
    let mut counts = [0u16; 256];
    let mut total = 0u16;
    let bytes = subdomain.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        let octet = match byte {
            b'.' => continue,
            b'\\' => match bytes.get(at..at + 3) {
                // Octal, as Route 53 writes an octet that is not printing.
                Some([a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7']) => {
                    at += 3;
                    ((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0')
                }
                _ => byte,
            },
            _ => byte,
        };
        if total < 256
            && let Some(count) = counts.get_mut(usize::from(octet))
        {
            *count += 1;
            total += 1;
        }
    }
    let bits = |n: u16| N_LOG_N.get(usize::from(n)).copied().unwrap_or_default();
    let spent: u32 = counts.iter().map(|&n| bits(n)).sum();
    // H times the length, in 1/4096 bits; a quarter of that is the weight.
    let information = (bits(total).saturating_sub(spent) / (4 * 4096)).min(u32::from(total));
    Weighed { bytes: total, information: information as u16 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> Kind {
        look(name, 16).kind
    }

    #[test]
    fn kinds() {
        for (name, want) in [
            ("localhost", Kind::Plain),
            ("ip-10-0-0-7.ec2.internal", Kind::Plain),
            ("printer.corp.lan", Kind::Plain),
            ("4.3.2.10.in-addr.arpa", Kind::Plain),
            ("monitoring.eu-central-1.amazonaws.com", Kind::Plain),
            ("com", Kind::Plain),
            ("example.com", Kind::Bare),
            ("www.example.co.uk", Kind::Bare),
            ("abc.user.github.io", Kind::Bare),
            ("events.collector.example.com", Kind::Below),
            ("4.3.2.10.zen.example.org", Kind::Below),
            ("5f3c9a7be0d14427.example.org", Kind::Long),
            ("5f3c9a7b.e0d14427.example.org", Kind::Long),
        ] {
            assert_eq!(kind(name), want, "{name}");
        }
        assert_eq!(kind(&"a.".repeat(600)), Kind::Plain);
    }

    #[test]
    fn weights() {
        let w = |s| (weigh(s).bytes, weigh(s).information);
        assert_eq!(w("aaaaaaaaaaaaaaaa"), (16, 0));
        assert_eq!(w("0123456789abcdef"), (16, 16), "4 bits each");
        assert_eq!(w("01010101.01010101"), (16, 4), "1 bit each");
        assert_eq!(w("abcdefghijklmnopqrstuvwxyz234567"), (32, 32), "never more than its length");
        assert_eq!(w(r"\000\001\002\003"), (4, 2));
        assert_eq!(w(r"\999"), (4, 0), "no octet, but four characters");
        assert_eq!(weigh(&"ab".repeat(400)).bytes, 256, "bounded");
    }

    #[test]
    fn the_registered_domain_is_where_it_says() {
        let name = "0123456789abcdef.t.example.co.uk";
        let look = look(name, 16);
        assert_eq!(&name[usize::from(look.registrable)..], "example.co.uk");
        assert_eq!(look.domain, domain_hash("example.co.uk"));
    }
}
