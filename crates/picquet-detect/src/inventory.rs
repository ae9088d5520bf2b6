//! The instances and interfaces of one account, to look up while judging.

use crate::dns::DomainBook;
use crate::facts::signal::DnsDetail;
use crate::facts::{Fact, FactKey, InstanceFacts, InterfaceFacts, Latest};
use crate::{Class, Str};
use picquet_model::EventTime;
use picquet_model::finding::{IamInstanceProfile, InstanceDetails, NetworkInterface, PrivateIpAddress, ProductCode};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What is known of one account's resources.
#[derive(Debug, Default)]
pub struct Inventory {
    instances: BTreeMap<(Str, Str), InstanceFacts>,
    interfaces: BTreeMap<(Str, Str), InterfaceFacts>,
    /// Interfaces by instance, and instances and interfaces by private address; made by [`Self::index`].
    of_instance: BTreeMap<(Str, Str), Vec<Str>>,
    by_address: BTreeMap<(Str, IpAddr), Vec<Owner>>,
    domains: DomainBook,
}

#[derive(Debug, Clone)]
enum Owner {
    Instance(Str),
    Interface(Str),
}

impl Inventory {
    /// Takes a reference fact.
    pub fn add(&mut self, key: &FactKey, fact: &Fact) {
        let at = (key.region.clone(), key.entity.clone());
        match fact {
            Fact::Instance(f) => {
                self.instances.entry(at).or_default().merge((**f).clone());
            }
            Fact::Interface(f) => {
                self.interfaces.entry(at).or_default().merge((**f).clone());
            }
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
        for ((region, eni), f) in &self.interfaces {
            for instance in f.instances() {
                let all = self.of_instance.entry((region.clone(), instance.clone())).or_default();
                if !all.contains(eni) {
                    all.push(eni.clone());
                }
            }
            let addresses = f.addresses.iter().copied().chain(f.private_ip.as_ref().map(|l| l.value));
            for ip in addresses.collect::<std::collections::BTreeSet<_>>() {
                self.by_address.entry((region.clone(), ip)).or_default().push(Owner::Interface(eni.clone()));
            }
        }
        for ((region, id), f) in &self.instances {
            if let Some(ip) = &f.private_ip {
                self.by_address.entry((region.clone(), ip.value)).or_default().push(Owner::Instance(id.clone()));
            }
        }
    }

    /// An interface.
    pub fn interface(&self, region: &str, eni: &str) -> Option<&InterfaceFacts> {
        self.interfaces.get(&(Str::from(region), Str::from(eni)))
    }

    /// An instance.
    pub fn instance(&self, region: &str, id: &str) -> Option<&InstanceFacts> {
        self.instances.get(&(Str::from(region), Str::from(id)))
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
        let owners = self.by_address.get(&(Str::from(region), ip))?;
        let mut found = owners.iter().filter_map(|o| match o {
            Owner::Instance(id) => {
                let f = self.instance(region, id)?;
                let fits = match (vpc, &f.vpc_id) {
                    (Some(a), Some(b)) => a.value == b.value,
                    _ => true,
                };
                fits.then(|| id.clone())
            }
            Owner::Interface(_) => None,
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The instance that made a query: as the log says, else by its address.
    pub fn instance_of_query(&self, region: &str, query: &DnsDetail, time: EventTime) -> Option<Str> {
        if let Some(id) = &query.instance_id {
            return Some(id.clone());
        }
        let ip = query.source?;
        let owners = self.by_address.get(&(Str::from(region), ip))?;
        let mut found: Vec<Str> = owners
            .iter()
            .filter_map(|o| match o {
                Owner::Instance(id) => {
                    let vpc = self.instance(region, id)?.vpc_id.as_ref();
                    vpc.is_none_or(|v| query.vpc_id.is_empty() || v.value == query.vpc_id).then(|| id.clone())
                }
                Owner::Interface(eni) => {
                    let f = self.interface(region, eni)?;
                    let fits = f.vpc_id.as_ref().is_none_or(|v| query.vpc_id.is_empty() || v.value == query.vpc_id);
                    if fits { f.instance_at(time).cloned() } else { None }
                }
            })
            .collect();
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
            for other in self.of_instance.get(&(Str::from(region), Str::from(id))).into_iter().flatten() {
                let still = self.interface(region, other).and_then(|f| f.instance_at(time)).is_some_and(|i| i == id);
                if still && !enis.contains(other) {
                    enis.push(other.clone());
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
