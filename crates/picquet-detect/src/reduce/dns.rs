//! DNS queries to facts.

use super::Reducer;
use crate::detectors::{metadata_dns_rebind, threat_list};
use crate::facts::key::KeyRef;
use crate::facts::{Class, Fact, InstanceFacts, Latest};
use crate::{Str, hash};
use picquet_logs::DnsRecord;
use picquet_model::EventTime;
use std::net::IpAddr;

/// How many instances of one object are remembered.
const INSTANCES: usize = 1 << 16;

/// The latest query of an instance.
pub(super) struct Asked {
    account: Str,
    region: Str,
    time: EventTime,
    hash: u64,
    ip: IpAddr,
    vpc_id: Str,
}

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
        self.queries.add((account, region), record, &self.env.tuning.dns_exfiltration, &mut self.facts);
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

    /// `srcids` names the instance behind an address. The latest query of the object counts, so that how records
    /// are spread over objects does not show.
    fn instance_address(&mut self, account: &str, region: &str, instance: &str, ip: IpAddr, record: &DnsRecord<'_>) {
        let vpc_id = record.vpc_id.as_ref();
        if let Some(known) = self.instances.get_mut(instance)
            && known.account == account
            && known.region == region
        {
            if known.ip == ip && known.vpc_id == vpc_id {
                known.time = known.time.max(record.time);
            } else if known.time <= record.time {
                let hash = address_hash(ip, vpc_id);
                if (known.time, known.hash) < (record.time, hash) {
                    (known.time, known.hash, known.ip, known.vpc_id) = (record.time, hash, ip, vpc_id.into());
                }
            }
            return;
        }
        if self.instances.len() >= INSTANCES || self.instances.contains_key(instance) {
            self.flush_instances();
        }
        let asked = Asked {
            account: account.into(),
            region: region.into(),
            time: record.time,
            hash: address_hash(ip, vpc_id),
            ip,
            vpc_id: vpc_id.into(),
        };
        self.instances.insert(instance.into(), asked);
    }

    /// Turns what queries told of instances into facts.
    pub(super) fn flush_instances(&mut self) {
        for (instance, a) in self.instances.drain() {
            let key =
                KeyRef { account: &a.account, hour: 0, class: Class::Instance, region: &a.region, entity: &instance };
            let fact = InstanceFacts {
                private_ip: Some(Latest::new(a.time, a.hash, a.ip)),
                vpc_id: (!a.vpc_id.is_empty()).then(|| Latest::new(a.time, a.hash, a.vpc_id)),
                ..InstanceFacts::default()
            };
            self.facts.merge(key, Fact::Instance(fact));
        }
    }
}

fn address_hash(ip: IpAddr, vpc_id: &str) -> u64 {
    hash::stable(&[ip.to_string().as_bytes(), vpc_id.as_bytes()])
}

fn first<const N: usize>(candidates: [&str; N]) -> Option<&str> {
    candidates.into_iter().find(|c| !c.is_empty())
}
