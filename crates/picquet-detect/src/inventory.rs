//! The instances and interfaces of one account, to look up while judging.

use crate::cold::{Cold, Place, Shelf};
use crate::dns::DomainBook;
use crate::facts::signal::DnsDetail;
use crate::facts::{Fact, FactKey, InstanceFacts, InterfaceFacts, Latest};
use crate::hash::stable;
use crate::{Class, Str};
use picquet_model::EventTime;
use picquet_model::finding::{IamInstanceProfile, InstanceDetails, NetworkInterface, PrivateIpAddress, ProductCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::IpAddr;

/// What is known of one account's resources. It is packed: there may be more of them than memory has room for.
#[derive(Debug, Default)]
pub struct Inventory {
    instances: Shelf,
    interfaces: Shelf,
    /// Places of interfaces by instance, and of instances and interfaces by private address, each by a hash; made by
    /// [`Self::index`]. Interfaces without an instance are in none of them: nobody asks for those.
    of_instance: Vec<(u32, Place)>,
    instance_by_address: Vec<(u32, Place)>,
    interface_by_address: Vec<(u32, Place)>,
    /// Public addresses that the account's interfaces had, and those that it was given.
    public: Vec<IpAddr>,
    domains: DomainBook,
}

fn hash(region: &str, of: &[u8]) -> u32 {
    stable(&[region.as_bytes(), of]) as u32
}

fn address_hash(region: &str, ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(ip) => hash(region, &ip.octets()),
        IpAddr::V6(ip) => hash(region, &ip.octets()),
    }
}

/// Places of a hash.
fn with(index: &[(u32, Place)], hash: u32) -> impl Iterator<Item = Place> {
    let from = index.partition_point(|(h, _)| *h < hash);
    index.iter().skip(from).take_while(move |(h, _)| *h == hash).map(|(_, place)| *place)
}

/// The facts of an id.
fn known<T: DeserializeOwned>(shelf: &Shelf, region: &str, id: &str) -> Option<T> {
    shelf.get(region, id, |packed| postcard::from_bytes(packed).ok()).flatten()
}

fn merge<T: Clone + DeserializeOwned + Serialize>(shelf: &mut Shelf, key: &FactKey, fact: &T, merge: fn(&mut T, T)) {
    let packed = match known::<T>(shelf, &key.region, &key.entity) {
        Some(mut known) => {
            merge(&mut known, fact.clone());
            postcard::to_stdvec(&known)
        }
        None => postcard::to_stdvec(fact),
    };
    // Facts are written and read in the same way when they are spilled.
    if let Ok(packed) = packed {
        shelf.put(&key.region, &key.entity, &packed);
    }
}

/// What lies at a place: region, id, facts.
fn read<T: DeserializeOwned>(shelf: &Shelf, place: Place) -> Option<(Str, Str, T)> {
    let fact = |region: &Str, id: &str, packed: &[u8]| {
        postcard::from_bytes(packed).ok().map(|fact| (region.clone(), Str::from(id), fact))
    };
    shelf.at(place, fact).flatten()
}

impl Inventory {
    /// An empty one, whose facts are kept with what else is known of the account.
    pub fn new(cold: &Cold) -> Self {
        Self { instances: Shelf::new(cold), interfaces: Shelf::new(cold), ..Self::default() }
    }

    /// Takes a reference fact.
    pub fn add(&mut self, key: &FactKey, fact: &Fact) {
        match fact {
            Fact::Instance(f) => merge(&mut self.instances, key, &**f, InstanceFacts::merge),
            Fact::Interface(f) => merge(&mut self.interfaces, key, &**f, InterfaceFacts::merge),
            Fact::Domains(_) => self.domains.add(key, fact),
            _ => {}
        }
    }

    /// The registered domains that the account asked for.
    pub fn domains(&self) -> &DomainBook {
        &self.domains
    }

    /// Makes the look-ups, after all reference facts were added.
    pub fn index(&mut self) {
        for place in self.interfaces.places() {
            let Some((region, _, f)) = read::<InterfaceFacts>(&self.interfaces, place) else { continue };
            self.public.extend(f.public_ip.values().flatten());
            let instances = f.instances();
            if instances.is_empty() {
                continue;
            }
            self.of_instance.extend(instances.into_iter().map(|id| (hash(&region, id.as_bytes()), place)));
            let addresses = f.addresses.iter().copied().chain(f.private_ip.as_ref().map(|l| l.value));
            self.interface_by_address.extend(addresses.map(|ip| (address_hash(&region, ip), place)));
        }
        for place in self.instances.places() {
            let Some((region, _, f)) = read::<InstanceFacts>(&self.instances, place) else { continue };
            self.instance_by_address.extend(f.private_ip.map(|ip| (address_hash(&region, ip.value), place)));
        }
        for index in [&mut self.of_instance, &mut self.instance_by_address, &mut self.interface_by_address] {
            index.sort_unstable();
            index.dedup();
            index.shrink_to_fit();
        }
        self.public.sort_unstable();
        self.public.dedup();
        self.public.shrink_to_fit();
    }

    /// Whether a public address is, or was, the account's own.
    pub fn owns_public(&self, ip: IpAddr) -> bool {
        self.public.binary_search(&ip).is_ok()
    }

    /// The region that an instance is in: the given one, where it is known there.
    pub fn region_of(&self, region: &str, instance: &str) -> Option<Str> {
        let is = |of: &str| self.instance(of, instance).is_some() || !self.interfaces_of(of, instance).is_empty();
        if is(region) {
            return Some(region.into());
        }
        let mut others: Vec<&Str> = self.instances.regions().iter().chain(self.interfaces.regions()).collect();
        others.sort_unstable();
        others.dedup();
        others.into_iter().find(|of| is(of)).cloned()
    }

    /// An interface.
    pub fn interface(&self, region: &str, eni: &str) -> Option<InterfaceFacts> {
        known(&self.interfaces, region, eni)
    }

    /// An instance.
    pub fn instance(&self, region: &str, id: &str) -> Option<InstanceFacts> {
        known(&self.instances, region, id)
    }

    /// The instances with a private address.
    fn instances_at(&self, region: &str, ip: IpAddr) -> impl Iterator<Item = (Str, InstanceFacts)> {
        with(&self.instance_by_address, address_hash(region, ip))
            .filter_map(|place| read::<InstanceFacts>(&self.instances, place))
            .filter(move |(of, _, f)| of == region && f.private_ip.as_ref().is_some_and(|l| l.value == ip))
            .map(|(_, id, f)| (id, f))
    }

    /// The interfaces with a private address, of those that belonged to an instance.
    fn interfaces_at(&self, region: &str, ip: IpAddr) -> impl Iterator<Item = InterfaceFacts> {
        with(&self.interface_by_address, address_hash(region, ip))
            .filter_map(|place| read::<InterfaceFacts>(&self.interfaces, place))
            .filter(move |(of, _, f)| {
                let has = f.addresses.contains(&ip) || f.private_ip.as_ref().is_some_and(|l| l.value == ip);
                of == region && has
            })
            .map(|(.., f)| f)
    }

    /// The interfaces that belonged to an instance, by id.
    fn interfaces_of(&self, region: &str, instance: &str) -> Vec<Str> {
        let mut all: Vec<Str> = with(&self.of_instance, hash(region, instance.as_bytes()))
            .filter_map(|place| read::<InterfaceFacts>(&self.interfaces, place))
            .filter(|(of, _, f)| of == region && f.instances().iter().any(|id| *id == instance))
            .map(|(_, eni, _)| eni)
            .collect();
        all.sort_unstable();
        all
    }

    /// The instance that an interface belonged to.
    pub fn instance_of(&self, region: &str, eni: &str, time: EventTime) -> Option<Str> {
        let f = self.interface(region, eni)?;
        f.instance_at(time).cloned().or_else(|| {
            // Without an attachment on record the address may tell, where exactly one instance has it.
            let own = f.private_ip.as_ref().map(|l| l.value).or(match f.common {
                Some(crate::facts::inventory::Common::One(ip)) => Some(ip),
                _ => None,
            })?;
            self.instance_with(region, own, f.vpc_id.as_ref())
        })
    }

    /// The instance with a private address in a VPC, where exactly one is known.
    fn instance_with(&self, region: &str, ip: IpAddr, vpc: Option<&Latest<Str>>) -> Option<Str> {
        let fits = |f: &InstanceFacts| match (vpc, &f.vpc_id) {
            (Some(a), Some(b)) => a.value == b.value,
            _ => true,
        };
        let mut found = self.instances_at(region, ip).filter(|(_, f)| fits(f)).map(|(id, _)| id);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The instance that made a query: as the log says, else by its address.
    pub fn instance_of_query(&self, region: &str, query: &DnsDetail, time: EventTime) -> Option<Str> {
        if let Some(id) = &query.instance_id {
            return Some(id.clone());
        }
        let ip = query.source?;
        let fits = |vpc: Option<&Latest<Str>>| vpc.is_none_or(|v| query.vpc_id.is_empty() || v.value == query.vpc_id);
        let instances = self.instances_at(region, ip).filter(|(_, f)| fits(f.vpc_id.as_ref())).map(|(id, _)| id);
        let interfaces = self.interfaces_at(region, ip).filter(|f| fits(f.vpc_id.as_ref()));
        let mut found: Vec<Str> = instances.chain(interfaces.filter_map(|f| f.instance_at(time).cloned())).collect();
        found.sort();
        found.dedup();
        match found.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// What a finding says of an instance, with nothing invented: what is not known is left out.
    pub fn details(&self, region: &str, instance: Option<&str>, eni: Option<&str>, time: EventTime) -> InstanceDetails {
        let mut d = InstanceDetails { instance_id: instance.map(str::to_owned), ..InstanceDetails::default() };
        if let Some(f) = instance.and_then(|id| self.instance(region, id)) {
            let text = |l: &Option<Latest<Str>>| l.as_ref().map(|l| l.value.to_string()).filter(|t| !t.is_empty());
            d.instance_type = text(&f.instance_type);
            d.image_id = text(&f.image_id);
            d.availability_zone = text(&f.availability_zone);
            d.platform = text(&f.platform);
            d.instance_state = text(&f.state);
            d.launch_time = text(&f.launch_time);
            d.outpost_arn = text(&f.outpost_arn);
            let (arn, id) = (text(&f.profile_arn), text(&f.profile_id));
            d.iam_instance_profile = (arn.is_some() || id.is_some()).then_some(IamInstanceProfile { arn, id });
            d.tags = f.tags.as_ref().map(|l| l.value.clone()).unwrap_or_default();
            d.product_codes = f
                .product_codes
                .iter()
                .flat_map(|l| &l.value)
                .map(|(code, kind)| ProductCode { code: Some(code.to_string()), product_type: Some(kind.to_string()) })
                .collect();
        }
        let mut enis: Vec<Str> = eni.map(Str::from).into_iter().collect();
        if let Some(id) = instance {
            for other in self.interfaces_of(region, id) {
                let still =
                    self.interface(region, &other).is_some_and(|f| f.instance_at(time).is_some_and(|i| i == id));
                if still && !enis.contains(&other) {
                    enis.push(other);
                }
            }
        }
        d.network_interfaces = enis.iter().map(|eni| self.network_interface(region, eni, time)).collect();
        if d.network_interfaces.is_empty()
            && let Some(f) = instance.and_then(|id| self.instance(region, id))
            && (f.private_ip.is_some() || f.vpc_id.is_some())
        {
            d.network_interfaces.push(NetworkInterface {
                private_ip_address: f
                    .private_ip
                    .as_ref()
                    .map(|l| l.value)
                    .filter(IpAddr::is_ipv4)
                    .map(|ip| ip.to_string()),
                ipv6_addresses: f
                    .private_ip
                    .as_ref()
                    .map(|l| l.value)
                    .filter(IpAddr::is_ipv6)
                    .map(|ip| ip.to_string())
                    .into_iter()
                    .collect(),
                vpc_id: f.vpc_id.as_ref().map(|l| l.value.to_string()),
                subnet_id: f.subnet_id.as_ref().map(|l| l.value.to_string()),
                ..NetworkInterface::default()
            });
        }
        d
    }

    fn network_interface(&self, region: &str, eni: &str, time: EventTime) -> NetworkInterface {
        let mut n = NetworkInterface { network_interface_id: Some(eni.to_owned()), ..NetworkInterface::default() };
        let Some(f) = self.interface(region, eni) else { return n };
        let text = |l: &Option<Latest<Str>>| l.as_ref().map(|l| l.value.to_string()).filter(|t| !t.is_empty());
        n.vpc_id = text(&f.vpc_id);
        n.subnet_id = text(&f.subnet_id);
        n.private_dns_name = text(&f.private_dns);
        n.public_dns_name = text(&f.public_dns);
        let own = f.private_ip.as_ref().map(|l| l.value).or(match f.common {
            Some(crate::facts::inventory::Common::One(ip)) => Some(ip),
            _ => f.facing_public.first().copied(),
        });
        match own {
            Some(IpAddr::V6(ip)) if !f.addresses.contains(&IpAddr::V6(ip)) => n.ipv6_addresses.push(ip.to_string()),
            Some(IpAddr::V4(ip)) => n.private_ip_address = Some(ip.to_string()),
            _ => {}
        }
        n.public_ip = f.public_ip.at(time).and_then(|ip| *ip).map(|ip| ip.to_string());
        n.security_groups = f.groups.as_ref().map(|l| l.value.clone()).unwrap_or_default();
        for ip in &f.addresses {
            if ip.is_ipv6() {
                n.ipv6_addresses.push(ip.to_string());
            } else {
                let primary = own == Some(*ip);
                n.private_ip_addresses.push(PrivateIpAddress {
                    private_ip_address: Some(ip.to_string()),
                    private_dns_name: if primary { n.private_dns_name.clone() } else { None },
                });
            }
        }
        n
    }
}

/// Whether facts of a class go into an inventory.
pub fn holds(class: Class) -> bool {
    matches!(class, Class::Instance | Class::Interface | Class::Domains)
}
