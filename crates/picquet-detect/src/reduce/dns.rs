//! DNS queries to facts.

use super::Reducer;
use crate::detectors::{metadata_dns_rebind, threat_list};
use crate::facts::key::KeyRef;
use crate::facts::{Class, Fact, InstanceFacts, Latest};
use crate::hash;
use picquet_logs::DnsRecord;

impl Reducer {
    pub(super) fn reduce_query(&mut self, record: &DnsRecord<'_>) {
        let account = [record.account_id.as_ref(), self.name.account.as_deref().unwrap_or_default()]
            .into_iter()
            .find(|a| !a.is_empty())
            .map(str::to_owned);
        let Some(account) = account else {
            self.unattributed += 1;
            return;
        };
        let region = [record.region.as_ref(), self.name.region.as_deref().unwrap_or_default()]
            .into_iter()
            .find(|r| !r.is_empty())
            .unwrap_or(&self.env.default_region)
            .to_owned();
        self.seen(&account, &region, record.time);
        if let (Some(instance), Some(ip)) = (record.instance_id.as_deref(), record.src) {
            self.instance_address(&account, &region, instance, ip, record);
        }
        if !self.env.covers(record.time) {
            return;
        }
        if self.env.intel.has_domains()
            && let Some(hits) = self.env.intel.domain(&record.name)
        {
            threat_list::dns::inspect(&account, &region, record, hits, &self.env, &mut self.facts);
        }
        metadata_dns_rebind::inspect(&account, &region, record, &self.env, &mut self.facts);
    }

    /// `srcids` names the instance behind an address.
    fn instance_address(
        &mut self,
        account: &str,
        region: &str,
        instance: &str,
        ip: std::net::IpAddr,
        record: &DnsRecord<'_>,
    ) {
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
