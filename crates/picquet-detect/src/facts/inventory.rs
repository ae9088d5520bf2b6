//! What is known of instances and interfaces, learned from logs or given.

use super::{History, Latest};
use crate::Str;
use picquet_model::EventTime;
use picquet_model::finding::{SecurityGroup, Tag};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// An EC2 instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct InstanceFacts {
    pub instance_type: Option<Latest<Str>>,
    pub image_id: Option<Latest<Str>>,
    pub availability_zone: Option<Latest<Str>>,
    pub platform: Option<Latest<Str>>,
    pub state: Option<Latest<Str>>,
    /// ISO 8601.
    pub launch_time: Option<Latest<Str>>,
    pub profile_arn: Option<Latest<Str>>,
    pub profile_id: Option<Latest<Str>>,
    pub tags: Option<Latest<Vec<Tag>>>,
    pub product_codes: Option<Latest<Vec<(Str, Str)>>>,
    pub outpost_arn: Option<Latest<Str>>,
    /// Where it stands, for instances whose interface is not known.
    pub vpc_id: Option<Latest<Str>>,
    pub subnet_id: Option<Latest<Str>>,
    pub private_ip: Option<Latest<IpAddr>>,
}

impl InstanceFacts {
    /// The latest of each.
    pub fn merge(&mut self, other: Self) {
        Latest::merge(&mut self.instance_type, other.instance_type);
        Latest::merge(&mut self.image_id, other.image_id);
        Latest::merge(&mut self.availability_zone, other.availability_zone);
        Latest::merge(&mut self.platform, other.platform);
        Latest::merge(&mut self.state, other.state);
        Latest::merge(&mut self.launch_time, other.launch_time);
        Latest::merge(&mut self.profile_arn, other.profile_arn);
        Latest::merge(&mut self.profile_id, other.profile_id);
        Latest::merge(&mut self.tags, other.tags);
        Latest::merge(&mut self.product_codes, other.product_codes);
        Latest::merge(&mut self.outpost_arn, other.outpost_arn);
        Latest::merge(&mut self.vpc_id, other.vpc_id);
        Latest::merge(&mut self.subnet_id, other.subnet_id);
        Latest::merge(&mut self.private_ip, other.private_ip);
    }
}

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceFacts {
    /// The instance it was attached to, as calls and inventories say, over time; `None` while detached.
    pub instance: History<Option<Str>>,
    /// The instances that its flow records name, each with its earliest and latest record. Records come by the
    /// million, so that their history must not grow with them.
    pub seen: BTreeMap<Str, (EventTime, EventTime)>,
    /// Its public address, over time; `None` while it had none.
    pub public_ip: History<Option<IpAddr>>,
    /// `vpc-...`.
    pub vpc_id: Option<Latest<Str>>,
    /// `subnet-...`.
    pub subnet_id: Option<Latest<Str>>,
    /// Its primary private address.
    pub private_ip: Option<Latest<IpAddr>>,
    /// Its private DNS name.
    pub private_dns: Option<Latest<Str>>,
    /// Its public DNS name.
    pub public_dns: Option<Latest<Str>>,
    /// Its security groups.
    #[serde(with = "super::as_json")]
    pub groups: Option<Latest<Vec<SecurityGroup>>>,
    /// Private addresses and IPv6 addresses that it is known to have.
    pub addresses: BTreeSet<IpAddr>,
    /// The addresses that stand in every one of its flow records; `None` before the first record. With one
    /// address of its own, what is left is that address.
    pub common: Option<Common>,
    /// Private addresses of its own that flows with public peers showed; the 16 smallest.
    pub facing_public: BTreeSet<IpAddr>,
    /// `nat_gateway`, `interface`, ... where known.
    pub kind: Option<Latest<Str>>,
}

/// The intersection of the address pairs of flow records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Common {
    /// Both addresses of every record so far.
    Pair(IpAddr, IpAddr),
    /// One address is in every record.
    One(IpAddr),
    /// None is.
    None,
}

impl Common {
    /// Of one record. The pair is ordered, so that both directions are the same.
    pub fn of(a: IpAddr, b: IpAddr) -> Self {
        if a == b { Self::One(a) } else { Self::Pair(a.min(b), a.max(b)) }
    }

    /// Whether an address is in it.
    pub fn contains(self, ip: IpAddr) -> bool {
        match self {
            Self::Pair(a, b) => a == ip || b == ip,
            Self::One(a) => a == ip,
            Self::None => false,
        }
    }

    /// Intersection.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::One(a), o) | (o, Self::One(a)) => {
                if o.contains(a) {
                    Self::One(a)
                } else {
                    Self::None
                }
            }
            (Self::Pair(a, b), o @ Self::Pair(..)) => match (o.contains(a), o.contains(b)) {
                (true, true) => self,
                (true, false) => Self::One(a),
                (false, true) => Self::One(b),
                (false, false) => Self::None,
            },
        }
    }
}

impl InterfaceFacts {
    /// How many addresses of an interface are remembered. An interface may have 50 IPv4 addresses
    /// (EC2 user guide, "Maximum IP addresses per network interface").
    const ADDRESSES: usize = 64;
    const FACING: usize = 16;
    /// How many instances of an interface's flow records are remembered, the smallest ids.
    const SEEN: usize = 64;

    /// The latest of each, unions, intersections.
    pub fn merge(&mut self, other: Self) {
        self.instance.merge(other.instance);
        for (instance, span) in other.seen {
            self.see(instance, span);
        }
        self.public_ip.merge(other.public_ip);
        Latest::merge(&mut self.vpc_id, other.vpc_id);
        Latest::merge(&mut self.subnet_id, other.subnet_id);
        Latest::merge(&mut self.private_ip, other.private_ip);
        Latest::merge(&mut self.private_dns, other.private_dns);
        Latest::merge(&mut self.public_dns, other.public_dns);
        Latest::merge(&mut self.groups, other.groups);
        Latest::merge(&mut self.kind, other.kind);
        self.addresses.extend(other.addresses);
        while self.addresses.len() > Self::ADDRESSES {
            self.addresses.pop_last();
        }
        self.common = match (self.common, other.common) {
            (Some(a), Some(b)) => Some(a.and(b)),
            (a, b) => a.or(b),
        };
        self.facing_public.extend(other.facing_public);
        while self.facing_public.len() > Self::FACING {
            self.facing_public.pop_last();
        }
    }

    /// Whether an address is the interface's own; `None` where it cannot be told.
    pub fn owns(&self, ip: IpAddr) -> Option<bool> {
        if !self.addresses.is_empty() {
            return Some(self.addresses.contains(&ip));
        }
        match self.common {
            Some(Common::One(own)) => Some(own == ip),
            _ if !self.facing_public.is_empty() => Some(self.facing_public.contains(&ip)),
            _ => None,
        }
    }

    /// Notes the instance of flow records and their span.
    pub fn see(&mut self, instance: Str, (first, last): (EventTime, EventTime)) {
        self.seen
            .entry(instance)
            .and_modify(|(a, b)| (*a, *b) = ((*a).min(first), (*b).max(last)))
            .or_insert((first, last));
        while self.seen.len() > Self::SEEN {
            self.seen.pop_last();
        }
    }

    /// The instance at a moment: the one whose flow records span it (of several, the one that came last), else what
    /// was last said by then, else what is said first afterwards.
    pub fn instance_at(&self, time: EventTime) -> Option<&Str> {
        let spans = || self.seen.iter().map(|(id, &(first, last))| (first, last, id));
        if let Some((.., id)) = spans().filter(|(first, last, _)| *first <= time && time <= *last).max() {
            return Some(id);
        }
        let before = spans().filter(|(_, last, _)| *last < time).map(|(_, last, id)| (last, id)).max();
        let after = spans().filter(|(first, ..)| *first > time).map(|(first, _, id)| (first, id)).min();
        match (self.instance.by(time), before) {
            (Some((at, said)), Some((last, _))) if at >= last => return said.as_ref(),
            (_, Some((_, id))) => return Some(id),
            (Some((_, said)), None) => return said.as_ref(),
            (None, None) => {}
        }
        match (self.instance.after(time), after) {
            (Some((at, said)), Some((first, _))) if at < first => said.as_ref(),
            (_, Some((_, id))) => Some(id),
            (Some((_, said)), None) => said.as_ref(),
            (None, None) => None,
        }
    }

    /// Every instance that it belonged to.
    pub fn instances(&self) -> BTreeSet<&Str> {
        self.instance.values().flatten().chain(self.seen.keys()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_intersection_of_pairs_finds_the_own_address() {
        let ip = |s: &str| s.parse::<IpAddr>().unwrap();
        let (own, a, b) = (ip("10.0.0.1"), ip("10.0.0.2"), ip("10.0.0.3"));
        let ab = Common::of(own, a).and(Common::of(b, own));
        assert_eq!(ab, Common::One(own));
        assert_eq!(ab.and(Common::of(a, b)), Common::None);
        assert_eq!(Common::of(own, a).and(Common::of(a, own)), Common::of(own, a));
    }
}
