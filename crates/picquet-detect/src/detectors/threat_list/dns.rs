//! DNS queries for listed names.

use super::{list_match, named};
use crate::detectors::{Meta, default_severity};
use crate::facts::bounded;
use crate::facts::signal::{Detail, DnsDetail, ListMatch, Role};
use crate::reduce::{FactMap, RawSignal};
use crate::{Env, Str, hash};
use picquet_intel::HitSet;
use picquet_intel::{Surface, finding_type};
use picquet_logs::DnsRecord;
use picquet_model::{Explanation, Source, TypeId};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "threat-list-dns",
    types: &[
        "Backdoor:EC2/C&CActivity.B!DNS",
        "CryptoCurrency:EC2/BitcoinTool.B!DNS",
        "Impact:EC2/AbusedDomainRequest.Reputation",
        "Impact:EC2/BitcoinDomainRequest.Reputation",
        "Impact:EC2/MaliciousDomainRequest.Custom",
        "Impact:EC2/MaliciousDomainRequest.Reputation",
        "Impact:EC2/SuspiciousDomainRequest.Reputation",
        "Trojan:EC2/BlackholeTraffic!DNS",
        "Trojan:EC2/DGADomainRequest.C!DNS",
        "Trojan:EC2/DriveBySourceTraffic!DNS",
        "Trojan:EC2/DropPoint!DNS",
        "Trojan:EC2/PhishingDomainRequest!DNS",
    ],
    source: Source::Dns,
    detects: "Queries of an instance for a name that a threat list carries.",
    decides: "The name and its parents are looked up in all lists and the most specific listed name counts; trusted \
              lists win. The question alone counts, whatever was answered.",
    benign: "Mail filters, security tools and researchers resolve bad names on purpose. Put such names on a trusted list.",
};

/// Looks at a query for a listed name.
pub(crate) fn inspect(account: &str, region: &str, record: &DnsRecord<'_>, hits: HitSet, env: &Env, out: &mut FactMap) {
    // By type: the lists, and the listed name that all of a host's queries for it are one finding of.
    let mut found: BTreeMap<TypeId, (BTreeSet<ListMatch>, Str)> = BTreeMap::new();
    for hit in env.intel.hits(hits) {
        if let Some(t) = finding_type(hit.category, Surface::Dns).filter(|t| env.tuning.raises(*t)) {
            let entry = found.entry(t).or_insert_with(|| (BTreeSet::new(), bounded(&hit.indicator)));
            entry.0.insert(list_match(&hit));
        }
    }
    let who = source_key(record);
    for (finding_type, (lists, indicator)) in found {
        let role = if finding_type.row().role == "ACTOR" { Role::Actor } else { Role::Target };
        let reason =
            format!("The instance asked for {}, which is on the list {}.", bounded(&name(record)), named(&lists));
        let raw = RawSignal {
            account,
            region,
            finding_type,
            detector: META.name,
            role,
            severity_tenths: default_severity(finding_type),
            global: false,
            key: &[&who, &indicator],
            time: record.time,
            hash: query_hash(record),
            api: None,
            lists,
        };
        out.signal(raw, || {
            let why = Explanation::new(reason)
                .observe("query", format!("{} {}", record.query_type, bounded(&name(record))))
                .observe("listed name", &indicator)
                .observe("response", &record.rcode);
            (Detail::Dns(detail(record)), why, BTreeMap::new())
        });
    }
}

/// The name in lower case, without the trailing dot.
pub(crate) fn name(record: &DnsRecord<'_>) -> String {
    record.name.trim_end_matches('.').to_ascii_lowercase()
}

/// Who asked, as far as the record says: the instance, else its address in the VPC.
pub(crate) fn source_key(record: &DnsRecord<'_>) -> Str {
    match (&record.instance_id, record.src) {
        (Some(id), _) => bounded(id),
        (None, Some(ip)) => Str::from(format!("{}/{ip}", bounded(&record.vpc_id))),
        (None, None) => bounded(&record.vpc_id),
    }
}

/// Tells queries of one moment apart.
pub(crate) fn query_hash(record: &DnsRecord<'_>) -> u64 {
    hash::stable(&[
        record.name.as_bytes(),
        record.query_type.as_bytes(),
        record.rcode.as_bytes(),
        source_key(record).as_bytes(),
        record.src.map(|ip| ip.to_string()).unwrap_or_default().as_bytes(),
        record.transport.as_bytes(),
        record.firewall_action.as_deref().unwrap_or_default().as_bytes(),
        record.answers.map_or(&[][..], |a| a.bytes()),
    ])
}

/// What a finding needs of a query.
pub(crate) fn detail(record: &DnsRecord<'_>) -> DnsDetail {
    DnsDetail {
        domain: bounded(&name(record)),
        transport: bounded(if record.transport.is_empty() { "UDP" } else { &record.transport }),
        blocked: record.firewall_action.as_deref() == Some("BLOCK"),
        vpc_id: bounded(&record.vpc_id),
        source: record.src,
        instance_id: record.instance_id.as_deref().map(bounded),
    }
}
