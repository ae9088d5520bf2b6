//! The client of DNS facts, as findings tell of it.

use crate::facts::Latest;
use crate::facts::dns::Client;
use crate::facts::signal::DnsDetail;
use crate::judge::Context;
use crate::{FactKey, Str};

/// What a finding says of the client of DNS facts, and what the finding is keyed by: the instance, where it is known.
pub fn client(
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
    picquet_model::EventTime::from_secs(i64::from(hour) * 3600).map(|t| t.to_string()).unwrap_or_default()
}
