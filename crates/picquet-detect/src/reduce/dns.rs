//! DNS queries to facts.

use super::Reducer;
use crate::detectors::{metadata_dns_rebind, threat_list};
use picquet_logs::DnsRecord;

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
        let listed = self.queries.add((account, region), record, &self.env, &mut self.facts);
        if !self.env.covers(record.time) {
            return;
        }
        if listed && let Some(hits) = self.env.intel.domain(&record.name) {
            threat_list::dns::inspect(account, region, record, hits, &self.env, &mut self.facts);
        }
        metadata_dns_rebind::inspect(account, region, record, &self.env, &mut self.facts);
    }
}

fn first<const N: usize>(candidates: [&str; N]) -> Option<&str> {
    candidates.into_iter().find(|c| !c.is_empty())
}
