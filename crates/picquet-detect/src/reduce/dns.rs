//! DNS queries to facts.

use super::Reducer;
use crate::detectors::{metadata_dns_rebind, threat_list};
use crate::facts::key::KeyRef;
use crate::facts::{Class, Fact, InstanceFacts, Latest};
use crate::hash;
use picquet_logs::DnsRecord;
use std::net::IpAddr;

/// How many instances of one object are remembered.
const INSTANCES: usize = 1 << 16;

impl Reducer {
    pub(super) fn reduce_query(&mut self, record: &DnsRecord<'_>) {
        // The name is taken out so that its parts may be borrowed while facts change.
        let name = std::mem::take(&mut self.name);
        let default_region = self.env.default_region.clone();
        let account = first([record.account_id.as_ref(), name.account.as_deref().unwrap_or_default()]);
        let region =
            first([record.region.as_ref(), name.region.as_deref().unwrap_or_default()]).unwrap_or(&default_region);
        match account {
            Some(account) => self.query(account, region, record),
            None => self.unattributed += 1,
        }
        self.name = name;
    }

    fn query(&mut self, account: &str, region: &str, record: &DnsRecord<'_>) {
        self.seen(account, region, record.time);
        if let (Some(instance), Some(ip)) = (record.instance_id.as_deref(), record.src) {
            self.instance_address(account, region, instance, ip, record);
        }
        if !self.env.covers(record.time) {
            return;
        }
        if self.env.intel.has_domains()
            && let Some(hits) = self.env.intel.domain(&record.name)
        {
            threat_list::dns::inspect(account, region, record, hits, &self.env, &mut self.facts);
        }
        metadata_dns_rebind::inspect(account, region, record, &self.env, &mut self.facts);
    }

    /// `srcids` names the instance behind an address: noted once per object, and again when it changes.
    fn instance_address(&mut self, account: &str, region: &str, instance: &str, ip: IpAddr, record: &DnsRecord<'_>) {
        match self.instances.get_mut(instance) {
            Some(known) if *known == ip => return,
            Some(known) => *known = ip,
            None => {
                if self.instances.len() >= INSTANCES {
                    self.instances.clear();
                }
                self.instances.insert(instance.into(), ip);
            }
        }
        let key = KeyRef { account, hour: 0, class: Class::Instance, region, entity: instance };
        let hash = hash::stable(&[ip.to_string().as_bytes(), record.vpc_id.as_bytes()]);
        let fact = InstanceFacts {
            private_ip: Some(Latest::new(record.time, hash, ip)),
            vpc_id: (!record.vpc_id.is_empty()).then(|| Latest::new(record.time, hash, record.vpc_id.as_ref().into())),
            ..InstanceFacts::default()
        };
        self.facts.merge(key, Fact::Instance(fact));
    }
}

fn first<const N: usize>(candidates: [&str; N]) -> Option<&str> {
    candidates.into_iter().find(|c| !c.is_empty())
}
