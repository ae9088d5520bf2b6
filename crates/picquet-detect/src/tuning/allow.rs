//! What a type is not raised for: `allow` in the settings of a type.

use crate::facts::signal::Detail;
use crate::{Inventory, Signal, Str, Tuning};
use picquet_model::TypeId;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// One entry: whichever of a finding's sides it names, the finding is not raised.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed {
    /// The remote address is in the network.
    Network(Network),
    /// The domain is this one or below it.
    Domain(String),
    /// The instance.
    Instance(String),
    /// The instance has a tag: key, value.
    Tag(String, String),
}

/// A network: its first address, and how many bits of it count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpAddr, u8);

impl Network {
    /// Of "203.0.113.0/24" or one address; `None` of what does not begin with an address.
    pub fn parse(text: &str) -> Option<Result<Self, &'static str>> {
        let (ip, bits) = text.split_once('/').map_or((text, None), |(ip, bits)| (ip, Some(bits)));
        let ip = ip.parse::<IpAddr>().ok()?;
        let all = width(ip);
        let Some(bits) = bits.map_or(Some(all), |b| b.parse().ok()).filter(|b| *b <= all) else {
            return Some(Err("the length of a network is from 0 to 32, to 128 for IPv6"));
        };
        Some(match host_bits(ip, bits) {
            0 => Ok(Self(ip, bits)),
            _ => Err("the network has bits set beyond its length"),
        })
    }

    /// Whether an address is in it.
    pub fn contains(&self, ip: IpAddr) -> bool {
        within(ip, self.0, self.1)
    }
}

impl Allowed {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(tag) = text.strip_prefix("tag:") {
            return match tag.split_once('=') {
                Some((key, value)) if !key.is_empty() => Ok(Self::Tag(key.into(), value.into())),
                _ => Err("a tag is written tag:Key=Value"),
            };
        }
        if let Some(network) = Network::parse(text) {
            return network.map(Self::Network);
        }
        if text.starts_with("i-") && text[2..].bytes().all(|b| b.is_ascii_hexdigit()) && text.len() > 2 {
            return Ok(Self::Instance(text.into()));
        }
        let domain = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        // A name that ends in a number is a mistyped address.
        let is_name = domain.contains('.') && domain.split('.').all(label);
        if is_name && !domain.rsplit('.').next().is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit())) {
            return Ok(Self::Domain(domain));
        }
        Err("neither a network, a domain, an instance (i-...) nor a tag (tag:Key=Value)")
    }
}

fn width(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

/// The bits beyond a length.
fn host_bits(ip: IpAddr, bits: u8) -> u128 {
    let (value, rest) = match ip {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32 - u32::from(bits.min(32))),
        IpAddr::V6(v6) => (v6.to_bits(), 128 - u32::from(bits.min(128))),
    };
    value & 1u128.checked_shl(rest).map_or(u128::MAX, |top| top - 1)
}

/// Whether an address is in a network.
fn within(ip: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (ip, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            (a.to_bits() ^ b.to_bits()).checked_shr(32 - u32::from(bits)).unwrap_or(0) == 0
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            (a.to_bits() ^ b.to_bits()).checked_shr(128 - u32::from(bits)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// The entries of all types.
#[derive(Clone, Debug, Default)]
pub struct AllowLists(BTreeMap<TypeId, Vec<Allowed>>);

impl AllowLists {
    /// Of settings.
    ///
    /// # Errors
    /// Names the type and the entry that cannot be read.
    pub fn new(tuning: &Tuning) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        for (name, of_type) in tuning.types.iter().filter(|(_, t)| !t.allow.is_empty()) {
            let entry = |text: &String| {
                Allowed::parse(text)
                    .map_err(|why| format!("[types.\"{name}\"]: allow = \"{}\": {why}", text.escape_debug()))
            };
            let entries: Vec<Allowed> = of_type.allow.iter().map(entry).collect::<Result<_, _>>()?;
            if let Some(finding_type) = TypeId::of(name) {
                all.insert(finding_type, entries);
            }
        }
        Ok(Self(all))
    }

    /// Whether a signal is about something that is allowed for its type.
    pub fn allow(&self, signal: &Signal, inventory: &Inventory) -> bool {
        let Some(entries) = self.0.get(&signal.finding_type) else { return false };
        let (addresses, domain) = remote(&signal.detail);
        let instance = instance(signal, inventory);
        let has_tag = |key: &str, value: &str| {
            let known = instance.as_deref().and_then(|id| inventory.instance(&signal.region, id));
            let tags = known.and_then(|f| f.tags).map(|l| l.value).unwrap_or_default();
            tags.iter().any(|t| t.key == key && t.value == value)
        };
        let below = |name: &str| {
            let at = domain.map(|d| d.strip_suffix('.').unwrap_or(d));
            let rest = at.and_then(|d| d.strip_suffix(name));
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        entries.iter().any(|entry| match entry {
            Allowed::Network(net) => !addresses.is_empty() && addresses.iter().all(|ip| net.contains(*ip)),
            Allowed::Domain(name) => below(name),
            Allowed::Instance(id) => instance.as_deref() == Some(id),
            Allowed::Tag(key, value) => has_tag(key, value),
        })
    }
}

/// The remote addresses of what happened, and the domain: of a query, or of the service that called.
fn remote(detail: &Detail) -> (Vec<IpAddr>, Option<&str>) {
    match detail {
        Detail::Network(d) => (vec![d.remote_ip], None),
        Detail::Probe { probes, .. } => (probes.iter().map(|p| p.remote_ip).collect(), None),
        Detail::Dns(d) => (Vec::new(), Some(&d.domain)),
        Detail::Api(d) => match d.source.parse() {
            Ok(ip) => (vec![ip], None),
            Err(_) => (Vec::new(), Some(&d.source)),
        },
    }
}

fn instance(signal: &Signal, inventory: &Inventory) -> Option<Str> {
    match &signal.detail {
        Detail::Network(d) => inventory.instance_of(&signal.region, &d.interface_id, signal.last),
        Detail::Probe { interface_id, .. } => inventory.instance_of(&signal.region, interface_id, signal.last),
        Detail::Dns(d) => d.instance_id.clone(),
        Detail::Api(d) => crate::event::instance_session(&d.principal_id).map(Str::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_told_apart() {
        let parse = |text| Allowed::parse(text).unwrap();
        let ip = |text: &str| text.parse().unwrap();
        assert_eq!(parse("203.0.113.0/24"), Allowed::Network(Network(ip("203.0.113.0"), 24)));
        assert_eq!(parse("2001:db8::1"), Allowed::Network(Network(ip("2001:db8::1"), 128)));
        assert_eq!(parse("Example.COM."), Allowed::Domain("example.com".into()));
        assert_eq!(parse("i-0123456789abcdef0"), Allowed::Instance("i-0123456789abcdef0".into()));
        assert_eq!(parse("tag:Role=scanner=1"), Allowed::Tag("Role".into(), "scanner=1".into()));
        for wrong in
            ["", "tag:", "tag:=x", "10.0.0.0/33", "10.0.0.1/8", "10.0.0", "10.0.0.256", "-", "i-xyz", "a b.c", "/8"]
        {
            assert!(Allowed::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        let ip = |text: &str| text.parse().unwrap();
        for (address, net, bits, holds) in [
            ("10.1.2.3", "10.0.0.0", 8, true),
            ("11.1.2.3", "10.0.0.0", 8, false),
            ("11.1.2.3", "0.0.0.0", 0, true),
            ("10.0.0.1", "10.0.0.1", 32, true),
            ("10.0.0.2", "10.0.0.1", 32, false),
            ("2001:db8::9", "2001:db8::", 32, true),
            ("2001:db9::9", "2001:db8::", 32, false),
            ("2001:db9::9", "::", 0, true),
            ("::1", "0.0.0.0", 0, false),
        ] {
            assert_eq!(within(ip(address), ip(net), bits), holds, "{address} {net}/{bits}");
        }
    }
}
