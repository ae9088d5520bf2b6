//! The addresses of AWS.

use crate::unpack::gunzip;
use ipnet::IpNet;
use serde::Deserialize;
use std::net::IpAddr;

/// What is known of an address of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwsRange<'a> {
    /// `us-east-1`, `GLOBAL`; `None` with the bundled snapshot, which has prefixes only.
    pub region: Option<&'a str>,
    /// `EC2`, `S3`, `AMAZON`, ...
    pub service: Option<&'a str>,
}

/// Prefixes of AWS, of which the longest that holds an address counts.
#[derive(Debug, Default)]
pub struct AwsRanges {
    /// Sorted by first address, and shorter prefixes before the longer ones inside them.
    v4: Vec<Prefix<u32>>,
    v6: Vec<Prefix<u128>>,
}

#[derive(Debug)]
struct Prefix<T> {
    first: T,
    last: T,
    /// The narrowest prefix before this one that holds it.
    parent: Option<u32>,
    region: Option<Box<str>>,
    service: Option<Box<str>>,
}

/// The document of `https://ip-ranges.amazonaws.com/ip-ranges.json` (VPC user guide, "AWS IP address ranges").
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    prefixes: Vec<Entry>,
    #[serde(default)]
    ipv6_prefixes: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(alias = "ip_prefix", alias = "ipv6_prefix")]
    prefix: IpNet,
    region: Option<String>,
    service: Option<String>,
}

impl AwsRanges {
    /// From AWS's own document.
    ///
    /// # Errors
    /// One line that says what is wrong with it.
    pub fn from_ip_ranges_json(json: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(json).map_err(|e| format!("no ip-ranges.json: {e}"))?;
        if document.prefixes.is_empty() && document.ipv6_prefixes.is_empty() {
            return Err("it holds no prefixes".into());
        }
        let entries = document.prefixes.into_iter().chain(document.ipv6_prefixes);
        Ok(Self::new(entries.map(|e| (e.prefix, e.region, e.service))))
    }

    /// The snapshot that is compiled in (NOTICE says of which date).
    pub fn bundled() -> Self {
        let text = gunzip(include_bytes!("../data/aws_ranges.txt.gz"));
        let text = String::from_utf8_lossy(&text);
        Self::new(text.lines().filter_map(|l| Some((l.parse().ok()?, None, None))))
    }

    fn new(entries: impl Iterator<Item = (IpNet, Option<String>, Option<String>)>) -> Self {
        let mut ranges = Self::default();
        let short = |t: Option<String>| t.map(String::into_boxed_str);
        for (net, region, service) in entries {
            let (region, service) = (short(region), short(service));
            match net {
                IpNet::V4(n) => {
                    let (first, last) = (n.network().to_bits(), n.broadcast().to_bits());
                    ranges.v4.push(Prefix { first, last, parent: None, region, service });
                }
                IpNet::V6(n) => {
                    let (first, last) = (n.network().to_bits(), n.broadcast().to_bits());
                    ranges.v6.push(Prefix { first, last, parent: None, region, service });
                }
            }
        }
        nest(&mut ranges.v4);
        nest(&mut ranges.v6);
        ranges
    }

    /// What is known of an address; `None` when it is not AWS's.
    pub fn lookup(&self, ip: IpAddr) -> Option<AwsRange<'_>> {
        match ip {
            IpAddr::V4(v4) => find(&self.v4, v4.to_bits()),
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => find(&self.v4, v4.to_bits()),
                None => find(&self.v6, v6.to_bits()),
            },
        }
    }

    /// Whether an address is AWS's.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.lookup(ip).is_some()
    }
}

/// Sorts, and links each prefix to the one around it. Of equal prefixes the more specific service comes last:
/// AWS lists every prefix under `AMAZON` as well.
fn nest<T: Copy + Ord>(prefixes: &mut [Prefix<T>]) {
    prefixes.sort_by(|a, b| {
        let general = |p: &Prefix<T>| p.service.as_deref() != Some("AMAZON");
        (a.first, std::cmp::Reverse(a.last), general(a), &a.service).cmp(&(
            b.first,
            std::cmp::Reverse(b.last),
            general(b),
            &b.service,
        ))
    });
    let mut open: Vec<u32> = Vec::new();
    for i in 0..prefixes.len() {
        while open.last().is_some_and(|&p| prefixes[p as usize].last < prefixes[i].first) {
            open.pop();
        }
        prefixes[i].parent = open.last().copied();
        // AWS has some 10,000 prefixes; a document with 2^32 of them would not be read in memory.
        open.push(i as u32);
    }
}

fn find<T: Copy + Ord>(prefixes: &[Prefix<T>], ip: T) -> Option<AwsRange<'_>> {
    let mut at = prefixes.partition_point(|p| p.first <= ip).checked_sub(1)?;
    loop {
        let p = &prefixes[at];
        if p.last >= ip {
            return Some(AwsRange { region: p.region.as_deref(), service: p.service.as_deref() });
        }
        at = p.parent? as usize;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_and_most_specific_prefix_counts() {
        let json = br#"{"syncToken":"1","createDate":"x","prefixes":[
            {"ip_prefix":"3.80.0.0/12","region":"us-east-1","service":"AMAZON","network_border_group":"us-east-1"},
            {"ip_prefix":"3.80.0.0/12","region":"us-east-1","service":"EC2","network_border_group":"us-east-1"},
            {"ip_prefix":"3.81.0.0/16","region":"us-east-1","service":"S3","network_border_group":"us-east-1"}],
            "ipv6_prefixes":[{"ipv6_prefix":"2600:1f00::/24","region":"eu-west-1","service":"EC2","network_border_group":"x"}]}"#;
        let r = AwsRanges::from_ip_ranges_json(json).unwrap();
        let service = |ip: &str| r.lookup(ip.parse().unwrap()).and_then(|a| a.service);
        assert_eq!(service("3.80.0.1"), Some("EC2"));
        assert_eq!(service("3.81.2.3"), Some("S3"));
        assert_eq!(service("3.82.0.1"), Some("EC2"));
        assert_eq!(service("3.96.0.1"), None);
        assert_eq!(service("2600:1f00::1"), Some("EC2"));
        assert!(AwsRanges::from_ip_ranges_json(b"[]").is_err());
    }

    #[test]
    fn the_bundled_snapshot_knows_aws_from_others() {
        let r = AwsRanges::bundled();
        for (ip, want) in [("52.216.1.1", true), ("3.80.1.1", true), ("8.8.8.8", false), ("81.2.69.142", false)] {
            assert_eq!(r.contains(ip.parse().unwrap()), want, "{ip}");
        }
    }
}
