//! What findings of DNS facts have in common: the client, and all that is not the judge's own.

use super::{Meta, default_severity};
use crate::dns::name::domain_hash;
use crate::facts::Latest;
use crate::facts::dns::Client;
use crate::facts::signal::{Detail, DnsDetail, Role};
use crate::judge::Context;
use crate::{FactKey, Signal, Str};
use picquet_model::{EventTime, Explanation, TypeId};
use std::collections::{BTreeMap, BTreeSet};

/// A finding about what a client asked for, before it is known what the judge says.
pub struct Report<'a> {
    /// The fact that it is about.
    pub key: &'a FactKey,
    /// The client, as the key names it.
    pub who: &'a str,
    /// The latest query's client.
    pub client: Option<&'a Latest<Client>>,
    /// The detector.
    pub meta: &'static Meta,
    /// The type.
    pub finding_type: TypeId,
    /// The domain that is shown.
    pub domain: Str,
    /// Whether each domain is a finding of its own.
    pub by_domain: bool,
    /// How many queries.
    pub count: u64,
    /// The earliest of them.
    pub first: EventTime,
    /// The latest of them.
    pub last: EventTime,
}

impl Report<'_> {
    /// The signal.
    pub fn signal(self, cx: &Context<'_>, explanation: Explanation) -> Signal {
        let (subject, detail) = client(self.key, self.who, self.client, self.domain.clone(), cx);
        let mut key = vec![subject];
        key.extend(self.by_domain.then(|| self.domain.clone()));
        Signal {
            finding_type: self.finding_type,
            detector: self.meta.name.into(),
            role: Role::Actor,
            severity_tenths: default_severity(self.finding_type),
            account: self.key.account.clone(),
            region: self.key.region.clone(),
            global: false,
            key,
            count: self.count,
            first: self.first,
            last: self.last,
            hash: domain_hash(&self.domain),
            detail: Detail::Dns(detail),
            lists: BTreeSet::new(),
            apis: BTreeMap::new(),
            extra: BTreeMap::new(),
            explanation,
        }
    }
}

/// What a finding says of the client of DNS facts, and what the finding is keyed by: the instance, where it is known.
fn client(
    key: &FactKey,
    who: &str,
    client: Option<&Latest<Client>>,
    domain: Str,
    cx: &Context<'_>,
) -> (Str, DnsDetail) {
    let mut detail = DnsDetail {
        domain,
        transport: "UDP".into(),
        blocked: false,
        vpc_id: Str::default(),
        source: None,
        instance_id: None,
    };
    if let Some(latest) = client {
        let c = &latest.value;
        if !c.transport.is_empty() {
            detail.transport = c.transport.clone();
        }
        detail.blocked = c.blocked;
        detail.vpc_id = c.vpc_id.clone();
        detail.source = c.source;
        detail.instance_id = c.instance_id.clone();
        detail.instance_id = cx.inventory.instance_of_query(&key.region, &detail, latest.time);
    }
    (detail.instance_id.clone().unwrap_or_else(|| who.into()), detail)
}

/// An hour of a fact's key, as text.
pub fn hour_text(hour: u32) -> String {
    EventTime::from_secs(i64::from(hour) * 3600).map(|t| t.to_string()).unwrap_or_default()
}
