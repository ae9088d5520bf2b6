//! One entry of a list, as text, to what it stands for.

use crate::domain;
use crate::report::Cause;
use crate::routable;
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The shortest IPv4 prefix that an entry may have: the largest blocks ever allocated to one holder.
pub const MIN_PREFIX_V4: u8 = 8;

/// The shortest IPv6 prefix that an entry may have: a registry's holding is /12, a large provider's /19 or longer.
pub const MIN_PREFIX_V6: u8 = 16;

/// What an entry stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indicator<'a> {
    V4(Ipv4Net, Option<u16>),
    V6(Ipv6Net, Option<u16>),
    Domain(&'a str, Scope),
    Key(&'a str),
}

/// How a name was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// `example.com`
    Plain,
    /// `*.example.com`
    Wildcard,
    /// `=example.com`: a feed's entry that is not to cover its subdomains.
    Exact,
}

/// Reads an entry: an address, `address:port`, a block, a name (plain, `*.` or `=`), or an access key id.
pub(crate) fn read(text: &str) -> Result<Indicator<'_>, Cause> {
    let text = text.trim();
    // Nothing that can be listed is longer than a name and its `*.`; this bounds what follows.
    if text.is_empty() || text.len() > domain::MAX_NAME + 3 {
        return Err(Cause::NotAnIndicator);
    }
    let first = text.as_bytes()[0];
    if (first.is_ascii_digit() || first == b'[' || text.bytes().any(|byte| byte == b':'))
        && let Some(found) = address(text)
    {
        return found;
    }
    if is_access_key(text) {
        return Ok(Indicator::Key(text));
    }
    name(text)
}

fn address(text: &str) -> Option<Result<Indicator<'_>, Cause>> {
    if let Some((ip, length)) = text.split_once('/') {
        let ip: IpAddr = ip.trim().parse().ok()?;
        let length: u8 = length.trim().parse().ok()?;
        return Some(block(ip, length));
    }
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(single(ip, None));
    }
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return Some(if socket.port() == 0 { Err(Cause::BadPort) } else { single(socket.ip(), Some(socket.port())) });
    }
    let (ip, _) = text.rsplit_once(':')?;
    ip.parse::<Ipv4Addr>().is_ok().then_some(Err(Cause::BadPort))
}

fn single(ip: IpAddr, port: Option<u16>) -> Result<Indicator<'static>, Cause> {
    match ip.to_canonical() {
        IpAddr::V4(ip) if routable::is_private_v4(ip, ip) => Err(Cause::NotRoutable),
        IpAddr::V6(ip) if routable::is_private_v6(ip, ip) => Err(Cause::NotRoutable),
        IpAddr::V4(ip) => Ok(Indicator::V4(Ipv4Net::from(ip), port)),
        IpAddr::V6(ip) => Ok(Indicator::V6(Ipv6Net::from(ip), port)),
    }
}

/// A block; host bits are cleared.
pub(crate) fn block(ip: IpAddr, length: u8) -> Result<Indicator<'static>, Cause> {
    match ip {
        IpAddr::V4(ip) => {
            let net = Ipv4Net::new(ip, length).map_err(|_| Cause::NotAnIndicator)?.trunc();
            if length < MIN_PREFIX_V4 {
                return Err(Cause::TooBroad);
            }
            if routable::is_private_v4(net.network(), net.broadcast()) {
                return Err(Cause::NotRoutable);
            }
            Ok(Indicator::V4(net, None))
        }
        IpAddr::V6(ip) => {
            let net = Ipv6Net::new(ip, length).map_err(|_| Cause::NotAnIndicator)?.trunc();
            if length < MIN_PREFIX_V6 {
                return Err(Cause::TooBroad);
            }
            if routable::is_private_v6(net.network(), net.broadcast()) {
                return Err(Cause::NotRoutable);
            }
            Ok(Indicator::V6(net, None))
        }
    }
}

/// `AKIA` (long-lived) or `ASIA` (temporary) and 16 capital letters and digits (IAM user guide, "IAM identifiers").
pub(crate) fn is_access_key(text: &str) -> bool {
    text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn name(text: &str) -> Result<Indicator<'_>, Cause> {
    let (rest, scope) = match text.strip_prefix("*.") {
        Some(rest) => (rest, Scope::Wildcard),
        None => match text.strip_prefix('=') {
            Some(rest) => (rest, Scope::Exact),
            None => (text, Scope::Plain),
        },
    };
    let bare = rest.strip_suffix('.').unwrap_or(rest);
    let single_wild = scope == Scope::Wildcard && !bare.contains('.');
    if single_wild && !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Cause::PublicSuffix);
    }
    if !domain::is_listable(bare) {
        return Err(Cause::NotAnIndicator);
    }
    if scope == Scope::Wildcard && domain::is_public_suffix(&domain::normalise(bare)) {
        return Err(Cause::PublicSuffix);
    }
    Ok(Indicator::Domain(bare, scope))
}

/// The blocks that an inclusive range takes. Both ends of one family and in order, or nothing.
pub(crate) fn range(first: IpAddr, last: IpAddr) -> Option<Vec<(IpAddr, u8)>> {
    match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) if a <= b => {
            Some(ipnet::Ipv4Subnets::new(a, b, 0).map(|net| (IpAddr::V4(net.network()), net.prefix_len())).collect())
        }
        (IpAddr::V6(a), IpAddr::V6(b)) if a <= b => {
            Some(ipnet::Ipv6Subnets::new(a, b, 0).map(|net| (IpAddr::V6(net.network()), net.prefix_len())).collect())
        }
        _ => None,
    }
}
