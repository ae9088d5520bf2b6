//! Public resolvers of names, and who runs them.
//!
//! Our own compilation of addresses that are widely known to be public resolvers; it is neither complete nor checked
//! against the operators' pages. A resolver that is missing is found by its port all the same, only DNS over HTTPS is
//! not: `DOH` holds those that are known for it.

use std::net::IpAddr;

/// Network, its length, operator.
type Entry = ([u8; 4], u8, &'static str);

const DOH: [Entry; 24] = [
    ([8, 8, 8, 8], 32, "GOOGLE"),
    ([8, 8, 4, 4], 32, "GOOGLE"),
    ([1, 1, 1, 0], 29, "CLOUDFLARE"),
    ([1, 0, 0, 0], 29, "CLOUDFLARE"),
    ([9, 9, 9, 0], 28, "QUAD9"),
    ([149, 112, 112, 0], 24, "QUAD9"),
    ([208, 67, 220, 0], 24, "OPENDNS"),
    ([208, 67, 222, 0], 24, "OPENDNS"),
    ([146, 112, 41, 0], 29, "OPENDNS"),
    ([94, 140, 14, 0], 24, "ADGUARD"),
    ([94, 140, 15, 0], 24, "ADGUARD"),
    ([185, 228, 168, 0], 24, "CLEANBROWSING"),
    ([185, 228, 169, 0], 24, "CLEANBROWSING"),
    ([76, 76, 2, 0], 24, "CONTROL D"),
    ([76, 76, 10, 0], 24, "CONTROL D"),
    ([45, 90, 28, 0], 22, "NEXTDNS"),
    ([86, 54, 11, 0], 24, "DNS4EU"),
    ([194, 242, 2, 0], 24, "MULLVAD"),
    ([185, 222, 222, 222], 32, "DNS.SB"),
    ([45, 11, 45, 11], 32, "DNS.SB"),
    ([223, 5, 5, 5], 32, "ALIDNS"),
    ([223, 6, 6, 6], 32, "ALIDNS"),
    ([1, 12, 12, 12], 32, "DNSPOD"),
    ([120, 53, 53, 53], 32, "DNSPOD"),
];

const PLAIN: [Entry; 8] = [
    ([77, 88, 8, 0], 24, "YANDEX"),
    ([8, 26, 56, 26], 32, "COMODO"),
    ([8, 20, 247, 20], 32, "COMODO"),
    ([64, 6, 64, 6], 32, "VERISIGN"),
    ([64, 6, 65, 6], 32, "VERISIGN"),
    ([4, 2, 2, 0], 29, "LEVEL3"),
    ([119, 29, 29, 29], 32, "DNSPOD"),
    ([84, 200, 69, 80], 32, "DNS.WATCH"),
];

fn find(entries: &[Entry], ip: IpAddr) -> Option<&'static str> {
    let IpAddr::V4(v4) = ip else { return None };
    let ip = v4.to_bits();
    let holds = |(net, bits, _): &&Entry| {
        (ip ^ u32::from_be_bytes(*net)) < 1u64.checked_shl(32 - u32::from(*bits)).unwrap_or(1) as u32
    };
    entries.iter().filter(|(net, ..)| net[0] == v4.octets()[0]).find(holds).map(|(.., name)| *name)
}

/// Who runs DNS over HTTPS at an address.
pub fn doh(ip: IpAddr) -> Option<&'static str> {
    find(&DOH, ip)
}

/// Who runs a public resolver at an address.
pub fn operator(ip: IpAddr) -> Option<&'static str> {
    find(&DOH, ip).or_else(|| find(&PLAIN, ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks() {
        let of = |ip: &str| operator(ip.parse().unwrap());
        assert_eq!((of("8.8.8.8"), of("8.8.8.9"), of("8.8.4.4")), (Some("GOOGLE"), None, Some("GOOGLE")));
        assert_eq!((of("1.1.1.2"), of("1.1.1.9"), of("45.90.30.1")), (Some("CLOUDFLARE"), None, Some("NEXTDNS")));
        assert_eq!((of("77.88.8.8"), doh("77.88.8.8".parse().unwrap())), (Some("YANDEX"), None));
    }
}
