//! Addresses that are not publicly routable. Lists count only for those that are.
//!
//! Source: IANA IPv4 and IPv6 Special-Purpose Address Registries. The documentation blocks (192.0.2.0/24,
//! 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32) are let through on purpose: no real traffic has them, and the
//! examples and tests of everyone do.

use std::net::{Ipv4Addr, Ipv6Addr};

/// IPv4 blocks as (first, last), sorted and disjoint.
pub(crate) const V4: [(u32, u32); 11] = [
    block4([0, 0, 0, 0], 8),
    block4([10, 0, 0, 0], 8),
    block4([100, 64, 0, 0], 10),
    block4([127, 0, 0, 0], 8),
    block4([169, 254, 0, 0], 16),
    block4([172, 16, 0, 0], 12),
    block4([192, 0, 0, 0], 24),
    block4([192, 88, 99, 0], 24),
    block4([192, 168, 0, 0], 16),
    block4([198, 18, 0, 0], 15),
    // Multicast and what was reserved, to the broadcast address.
    block4([224, 0, 0, 0], 3),
];

/// IPv6 blocks as (first, last), sorted and disjoint: all but 2000::/3, and in it the special ones.
pub(crate) const V6: [(u128, u128); 5] = [
    (0, (0x2000_u128 << 112) - 1),
    // Teredo, benchmarking, ORCHID and their like.
    block6([0x2001, 0, 0, 0], 23),
    // 6to4.
    block6([0x2002, 0, 0, 0], 16),
    block6([0x3fff, 0, 0, 0], 20),
    (0x4000_u128 << 112, u128::MAX),
];

const fn block4(start: [u8; 4], len: u32) -> (u32, u32) {
    let start = u32::from_be_bytes(start);
    (start, start | (u32::MAX >> len))
}

const fn block6(start: [u16; 4], len: u32) -> (u128, u128) {
    let [a, b, c, d] = start;
    let start = ((a as u128) << 112) | ((b as u128) << 96) | ((c as u128) << 80) | ((d as u128) << 64);
    (start, start | (u128::MAX >> len))
}

/// Whether a block lies wholly inside one that is not publicly routable.
pub(crate) fn is_private_v4(first: Ipv4Addr, last: Ipv4Addr) -> bool {
    V4.iter().any(|(low, high)| *low <= first.to_bits() && last.to_bits() <= *high)
}

/// The same for IPv6.
pub(crate) fn is_private_v6(first: Ipv6Addr, last: Ipv6Addr) -> bool {
    V6.iter().any(|(low, high)| *low <= first.to_bits() && last.to_bits() <= *high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_sorted_and_disjoint() {
        assert!(V4.windows(2).all(|pair| pair[0].1 < pair[1].0));
        assert!(V6.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn private_and_special_addresses_are_known() {
        let v4 = |text: &str| text.parse().map(|ip| is_private_v4(ip, ip)).unwrap();
        for ip in ["10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "100.64.0.1", "224.0.0.1"] {
            assert!(v4(ip), "{ip}");
        }
        for ip in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "203.0.113.1", "1.1.1.1", "223.255.255.255"] {
            assert!(!v4(ip), "{ip}");
        }
        let v6 = |text: &str| text.parse().map(|ip| is_private_v6(ip, ip)).unwrap();
        for ip in ["::1", "fe80::1", "fd00::1", "ff02::1", "2002::1", "2001::1", "64:ff9b::1"] {
            assert!(v6(ip), "{ip}");
        }
        for ip in ["2600:1f18::1", "2001:db8::1", "2a0b:f4c2::1"] {
            assert!(!v6(ip), "{ip}");
        }
    }
}
