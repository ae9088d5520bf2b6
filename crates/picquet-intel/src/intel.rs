//! The matcher: threat lists, with what is trusted taken out.

use crate::addresses::{V4, V6};
use crate::builder::IntelBuilder;
use crate::category::Category;
use crate::hits::{Hit, HitSet, NO_THREAT, Place, Record, Sets};
use crate::keys::Keys;
use crate::names::Names;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One list that the matcher was built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListInfo {
    /// The name that findings show.
    pub name: String,
    /// What it lists; `None` for a trusted list.
    pub category: Option<Category>,
    /// Entries that count.
    pub entries: usize,
    /// Entries that do not.
    pub rejected: usize,
    /// Where a bundled list comes from.
    pub bundled: Option<Bundled>,
}

/// Where a bundled list comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// Project and commit.
    pub origin: String,
    /// When its data was taken, `YYYY-MM-DD` or `YYYY-MM`.
    pub date: String,
    /// The licence's SPDX identifier.
    pub licence: String,
}

/// Compiled threat and trusted lists. Looking up allocates nothing and takes no lock.
#[derive(Clone, Debug, Default)]
pub struct Intel {
    pub(crate) v4: V4,
    pub(crate) v6: V6,
    pub(crate) names: Names,
    pub(crate) keys: Keys,
    pub(crate) trusted_v4: V4,
    pub(crate) trusted_v6: V6,
    pub(crate) trusted_names: Names,
    /// What addresses and keys match.
    pub(crate) sets: Sets,
    /// What names match.
    pub(crate) name_sets: Sets,
    pub(crate) threats: Vec<String>,
    pub(crate) lists: Vec<ListInfo>,
}

impl Intel {
    /// An empty builder.
    pub fn builder() -> IntelBuilder {
        IntelBuilder::new()
    }

    /// A matcher that knows nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The lists that have this address. An address that is trusted or not publicly routable is in none. IPv4 inside
    /// IPv6 (`::ffff:a.b.c.d`) counts as IPv4.
    #[inline]
    pub fn ip(&self, ip: IpAddr) -> Option<HitSet> {
        match ip {
            IpAddr::V4(ip) => self.v4.find(ip.to_bits()).map(|index| HitSet::new(Place::V4(index))),
            IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
                Some(ip) => self.v4.find(ip.to_bits()).map(|index| HitSet::new(Place::V4(index))),
                None => self.v6.find(ip.to_bits()).map(|index| HitSet::new(Place::V6(index))),
            },
        }
    }

    /// The lists that have this name, in any case and with or without its final dot. A trusted name is in none.
    #[inline]
    pub fn domain(&self, name: &str) -> Option<HitSet> {
        let place = self.names.find(name)?;
        if self.is_trusted_domain(name) { None } else { Some(HitSet::new(place)) }
    }

    /// The lists that have this access key id.
    #[inline]
    pub fn access_key(&self, id: &str) -> Option<HitSet> {
        self.keys.find(id).map(|index| HitSet::new(Place::Key(index)))
    }

    /// Whether any address is listed.
    pub fn has_ips(&self) -> bool {
        !self.v4.is_empty() || !self.v6.is_empty()
    }

    /// Whether any name is listed.
    pub fn has_domains(&self) -> bool {
        !self.names.is_empty()
    }

    /// Whether any access key id is listed.
    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether a trusted list has this address.
    pub fn is_trusted_ip(&self, ip: IpAddr) -> bool {
        match ip.to_canonical() {
            IpAddr::V4(ip) => self.trusted_v4.find(ip.to_bits()).is_some(),
            IpAddr::V6(ip) => self.trusted_v6.find(ip.to_bits()).is_some(),
        }
    }

    /// Whether a trusted list has this name, by itself or under a `*.`.
    pub fn is_trusted_domain(&self, name: &str) -> bool {
        self.trusted_names.find(name).is_some()
    }

    /// What is behind a match, in the order in which the lists were added.
    pub fn hits(&self, set: HitSet) -> impl Iterator<Item = Hit<'_>> + '_ {
        let place = set.place();
        let records = match place {
            Place::V4(index) => self.v4.range(index).map(|range| self.sets.get(range.set)),
            Place::V6(index) => self.v6.range(index).map(|range| self.sets.get(range.set)),
            Place::Name(_) | Place::Below(_) => self.names.set(place).map(|set| self.name_sets.get(set)),
            Place::Key(index) => Some(self.sets.get(self.keys.set(index))),
        };
        let records = records.unwrap_or_default();
        records.iter().filter_map(move |record| self.hit(place, record))
    }

    /// The lists, in the order in which they were added.
    pub fn lists(&self) -> &[ListInfo] {
        &self.lists
    }

    fn hit(&self, place: Place, record: &Record) -> Option<Hit<'_>> {
        let list = self.lists.get(usize::from(record.list))?;
        Some(Hit {
            category: list.category?,
            list: &list.name,
            threat: (record.threat != NO_THREAT)
                .then(|| self.threats.get(record.threat as usize))
                .flatten()
                .map(|t| &**t),
            port: (record.port != 0).then_some(record.port),
            indicator: self.indicator(place, record)?,
        })
    }

    /// The entry behind a record: the part of the place that its prefix covers.
    fn indicator(&self, place: Place, record: &Record) -> Option<Cow<'_, str>> {
        match place {
            Place::V4(index) => {
                let first = self.v4.range(index)?.first;
                let start = first & u32::MAX.checked_shl(32 - u32::from(record.depth)).unwrap_or(0);
                Some(block(Ipv4Addr::from_bits(start).into(), record.depth, 32))
            }
            Place::V6(index) => {
                let first = self.v6.range(index)?.first;
                let start = first & u128::MAX.checked_shl(128 - u32::from(record.depth)).unwrap_or(0);
                Some(block(Ipv6Addr::from_bits(start).into(), record.depth, 128))
            }
            Place::Name(node) | Place::Below(node) => {
                let name = last_labels(self.names.name(node)?, record.depth);
                Some(if record.wildcard { format!("*.{name}").into() } else { name.into() })
            }
            Place::Key(index) => self.keys.id(index).map(Cow::from),
        }
    }
}

fn block(start: IpAddr, prefix: u8, bits: u8) -> Cow<'static, str> {
    if prefix == bits { start.to_string().into() } else { format!("{start}/{prefix}").into() }
}

fn last_labels(name: &str, count: u8) -> &str {
    let Some(before) = usize::from(count).checked_sub(1) else { return name };
    match memchr::memrchr_iter(b'.', name.as_bytes()).nth(before) {
        Some(dot) => &name[dot + 1..],
        None => name,
    }
}
