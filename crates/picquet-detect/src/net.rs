//! Classes of addresses and names of ports.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address can be reached over the internet, by the IANA special-purpose registries. The
/// documentation ranges count as public, so that exercises written with them work.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    !(a == 0
        || a == 10
        || a == 127
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 198 && (b == 18 || b == 19)))
}

/// Global unicast is 2000::/3.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    ip.segments()[0] & 0xe000 == 0x2000
}

/// The service that is usually behind a port, as GuardDuty names it (`portName`).
pub const fn port_name(port: u16) -> &'static str {
    match port {
        20 => "FTP data",
        21 => "FTP",
        22 => "SSH",
        23 => "Telnet",
        25 => "SMTP",
        53 => "DNS",
        80 => "HTTP",
        110 => "POP3",
        123 => "NTP",
        135 => "RPC",
        139 => "NetBIOS",
        143 => "IMAP",
        389 => "LDAP",
        443 => "HTTPS",
        445 => "SMB",
        465 => "SMTPS",
        587 => "Submission",
        636 => "LDAPS",
        853 => "DNS over TLS",
        993 => "IMAPS",
        995 => "POP3S",
        1433 => "SQL Server",
        1521 => "Oracle",
        2049 => "NFS",
        2375 | 2376 => "Docker",
        3306 => "MySQL",
        3389 => "RDP",
        5060 | 5061 => "SIP",
        5432 => "PostgreSQL",
        5900 => "VNC",
        5985 | 5986 => "WinRM",
        6379 => "Redis",
        8080 => "HTTP alternate",
        8443 => "HTTPS alternate",
        9001 | 9030 => "Tor",
        9200 | 9300 => "Elasticsearch",
        11211 => "Memcached",
        27017 => "MongoDB",
        _ => "Unknown",
    }
}

/// The bytes of a TCP segment that has neither options nor content, as the reset of a closed port is (RFC 9293, section
/// 3.10.7.1): two headers of 20 bytes, of 40 and 20 with IPv6.
pub fn bare_segment(ip: IpAddr) -> u64 {
    if ip.is_ipv4() { 40 } else { 60 }
}

/// How much a port looks like a service's: 3 for well-known ports, 2 for those with a name here, 1 for other
/// registered ones, 0 for the ephemeral ports that clients call from (32768 and up on Linux; RFC 6335).
#[inline]
pub fn server_likeness(port: u16) -> u8 {
    match port {
        0 => 0,
        1..=1023 => 3,
        32_768.. => 0,
        _ if NAMED[usize::from(port / 64)] >> (port % 64) & 1 == 1 => 2,
        _ => 1,
    }
}

/// A bit for each port below 32768 that has a name: asked for every record.
static NAMED: [u64; 512] = {
    let mut named = [0; 512];
    let mut port = 0;
    while port < 32_768 {
        // "Unknown" is the only name that begins so.
        let name = port_name(port).as_bytes();
        if name[0] != b'U' || name[1] != b'n' {
            named[(port / 64) as usize] |= 1 << (port % 64);
        }
        port += 1;
    }
    named
};

/// The name of an IP protocol, as findings write it.
pub fn protocol_name(protocol: u8) -> String {
    match protocol {
        1 => "ICMP".into(),
        2 => "IGMP".into(),
        6 => "TCP".into(),
        17 => "UDP".into(),
        47 => "GRE".into(),
        50 => "ESP".into(),
        58 => "ICMPv6".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_ports_look_like_services() {
        for port in 1024..32_768 {
            assert_eq!(server_likeness(port) == 2, port_name(port) != "Unknown", "{port}");
        }
        assert_eq!([0, 1, 1023, 32_768, u16::MAX].map(server_likeness), [0, 3, 3, 0, 0]);
    }

    #[test]
    fn public_and_private() {
        for (ip, want) in [
            ("8.8.8.8", true),
            ("10.0.0.1", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("100.64.0.1", false),
            ("169.254.169.254", false),
            ("203.0.113.9", true),
            ("224.0.0.1", false),
            ("2001:db8::1", true),
            ("fd00::1", false),
            ("fe80::1", false),
            ("::ffff:10.0.0.1", false),
        ] {
            assert_eq!(is_public(ip.parse().unwrap()), want, "{ip}");
        }
    }
}
